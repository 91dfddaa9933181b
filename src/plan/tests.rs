//! The order of steps, for small catalogs.

use serde_json::{Value, json};

use super::*;

fn foreign_key(column: &str, references: &str) -> Value {
    json!({"kind": {"foreign_key": {
        "columns": [column], "references": references, "referenced_columns": ["id"],
        "on_delete": "no_action", "on_update": "no_action",
    }}})
}

fn table(references: &[&str]) -> Value {
    let keys: serde_json::Map<_, _> = references
        .iter()
        .map(|name| (format!("{name}_fkey"), foreign_key("id", name)))
        .collect();
    let mut constraints = keys;
    constraints.insert(
        "pkey".into(),
        json!({"kind": {"primary_key": {"columns": ["id"]}}}),
    );
    json!({"columns": [{"name": "id", "type": {"name": "int4"}}], "constraints": constraints})
}

fn view(reads: &str) -> Value {
    json!({"query": {
        "columns": [{"expression": "x.id", "name": "id"}],
        "from": {"table": {"name": reads, "alias": "x"}},
    }})
}

#[allow(clippy::needless_pass_by_value, reason = "called with json!")]
fn catalog(tables: Value, views: Value) -> Catalog {
    serde_json::from_value(json!({
        "schemas": {}, "extensions": {}, "enums": {}, "functions": {},
        "tables": tables, "views": views,
    }))
    .unwrap()
}

/// The objects of all steps in order.
fn order(catalog: &Catalog) -> Vec<String> {
    let nothing = Catalog::default();
    let nothing = Former::new(&nothing, catalog);
    build(&nothing, catalog)
        .unwrap()
        .steps
        .iter()
        .map(|step| step.object.to_string())
        .collect()
}

#[test]
fn a_table_comes_after_what_it_refers_to_and_else_by_name() {
    let tables = json!({
        "s.a": table(&["s.z"]), "s.b": table(&[]), "s.y": table(&["s.y"]), "s.z": table(&["s.y"]),
    });
    assert_eq!(
        order(&catalog(tables, json!({}))),
        ["table s.b", "table s.y", "table s.z", "table s.a"]
    );
}

#[test]
fn in_a_cycle_only_forward_references_wait() {
    let tables = json!({
        "s.a": table(&["s.b"]), "s.b": table(&["s.c"]), "s.c": table(&["s.a"]), "s.d": table(&["s.a"]),
    });
    let waiting = order(&catalog(tables, json!({})));
    assert_eq!(
        waiting,
        [
            "table s.a",
            "table s.b",
            "table s.c",
            "table s.d",
            "constraint \"s.b_fkey\" of s.a",
            "constraint \"s.c_fkey\" of s.b",
        ]
    );
}

#[test]
fn a_partition_comes_after_its_parent_whatever_its_name() {
    let partition = |of: &str| json!({"partition": {"of": of, "bound": "default"}});
    let tables = json!({
        "s.a": partition("s.m"), "s.m": partition("s.z"), "s.z": table(&[]), "s.y": table(&["s.a"]),
    });
    let catalog = catalog(tables, json!({}));
    assert_eq!(
        order(&catalog),
        ["table s.z", "table s.m", "table s.a", "table s.y"]
    );
    let nothing = Catalog::default();
    let nothing = Former::new(&nothing, &catalog);
    let steps = build(&nothing, &catalog).unwrap().steps;
    let owners: Vec<_> = steps
        .iter()
        .map(|step| step.owner.unwrap().to_string())
        .collect();
    assert_eq!(owners, ["s.z", "s.z", "s.z", "s.y"]);
}

#[test]
fn a_partition_that_its_own_parent_refers_to() {
    let mut parent = table(&["s.a"]);
    parent["partition_key"] = json!({"strategy": "range", "columns": ["id"]});
    let part = json!({"partition": {"of": "s.z", "bound": "default"}});
    let tables = json!({"s.a": part, "s.z": parent});
    assert_eq!(
        order(&catalog(tables, json!({}))),
        ["table s.z", "table s.a", "constraint \"s.a_fkey\" of s.z"]
    );
}

#[test]
fn a_view_comes_after_what_it_reads() {
    let views = json!({"s.a": view("s.b"), "s.b": view("s.c"), "s.c": view("s.t")});
    assert_eq!(
        order(&catalog(json!({"s.t": table(&[])}), views)),
        ["table s.t", "view s.c", "view s.b", "view s.a"]
    );
}

#[test]
fn views_that_read_each_other_are_an_error() {
    let views = json!({"s.a": view("s.b"), "s.b": view("s.a"), "s.c": view("s.t")});
    let catalog = catalog(json!({"s.t": table(&[])}), views);
    let nothing = Catalog::default();
    let nothing = Former::new(&nothing, &catalog);
    assert_eq!(
        build(&nothing, &catalog).unwrap_err().to_string(),
        "these objects need one another, so that none can be created first: view s.a, view s.b"
    );
}

#[test]
fn new_views_below_one_that_is_taken_away_come_in_its_transaction() {
    let of = |ty: &str, views: Value| {
        let table = json!({"columns": [{"name": "id", "type": {"name": ty}}]});
        catalog(json!({"s.t": table}), views)
    };
    let from = of("int4", json!({"s.r": view("s.t")}));
    let views = json!({"s.n": view("s.t"), "s.m": view("s.n"), "s.r": view("s.m")});
    let to = of("int8", views);
    let former = Former::new(&from, &to);
    let difference = crate::diff::diff(&former, &to, crate::diff::Options::default());
    let situation = Situation::unknown(crate::pg::Version::V15);
    let plan = plan(&difference, &former, &to, &situation).unwrap();
    let objects = |group: &[Step<'_>]| {
        let mut objects: Vec<_> = group.iter().map(|step| step.object.to_string()).collect();
        // The privileges of what is taken away are noted before, and given again after.
        objects.dedup();
        objects
    };
    let groups: Vec<_> = plan.groups().map(objects).collect();
    assert_eq!(
        groups,
        [[
            "view s.r",
            "column s.t.id",
            "view s.n",
            "view s.m",
            "view s.r"
        ]]
    );
}

#[test]
fn a_chain_of_ten_thousand_tables_is_no_problem() {
    let name = |n: usize| format!("s.t{n:05}");
    let tables: serde_json::Map<_, _> = (0..10_000)
        .map(|n| (name(n), table(&[name((n + 1) % 10_000).as_str()])))
        .collect();
    let steps = order(&catalog(Value::Object(tables), json!({})));
    assert_eq!(steps.len(), 10_000 + 9_999);
}

#[test]
fn a_partition_of_its_own_partition_is_an_error() {
    let part = |of: &str| {
        json!({
            "columns": [{"name": "id", "type": {"name": "int4"}}], "constraints": {},
            "partition": {"of": of, "bound": "default"},
        })
    };
    let tables =
        json!({"s.a": part("s.b"), "s.b": part("s.a"), "s.c": part("s.a"), "s.d": table(&[])});
    let (sound, circle) = (
        catalog(json!({"s.d": table(&[])}), json!({})),
        catalog(tables, json!({})),
    );
    for (from, to) in [(&sound, &circle), (&circle, &sound)] {
        let former = Former::new(from, to);
        let difference = diff(&former, to, crate::diff::Options::default());
        let situation = Situation::unknown(Version::V15);
        let error = plan(&difference, &former, to, &situation).unwrap_err();
        let PlanError::Cycle { objects } = error;
        assert_eq!(objects, ["table s.a", "table s.b", "table s.c"]);
    }
}
