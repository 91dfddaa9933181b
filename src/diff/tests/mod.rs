//! Differences between small schemas, told in a line each.

mod renames;

use jiff::civil::date;

use super::*;
use crate::compile::{SourceFile, compile};
use crate::sql::{Expr, Ident};
use crate::syntax::Config;

fn catalog(specs: &str) -> Catalog {
    let file = SourceFile {
        path: "a.yaml".into(),
        text: specs.into(),
    };
    let compiled = compile(&[(0, &file)], &Config::default(), date(2024, 2, 10));
    assert!(
        !compiled.diagnostics.has_errors(),
        "{:?}",
        compiled.diagnostics
    );
    compiled.catalog
}

/// The changes, each as a verb and an object.
fn changes(from: &str, to: &str, prune: bool) -> Vec<String> {
    let (from, to) = (catalog(from), catalog(to));
    let former = Former::new(&from, &to);
    let difference = diff(&former, &to, Options { prune });
    difference.changes.iter().map(told).collect()
}

fn told(change: &Change<'_>) -> String {
    match change {
        Change::Drop(object) => format!("drop {object}"),
        Change::Rename(Rename::Table { from, to } | Rename::EnumType { from, to }) => {
            format!("rename {from} to {to}")
        }
        Change::Rename(
            Rename::Column { table, from, to }
            | Rename::Constraint { table, from, to }
            | Rename::Index {
                relation: table,
                from,
                to,
            },
        ) => format!("rename {from} to {to} of {table}"),
        Change::AddColumn { table, column } => format!("add {table}.{}", column.name),
        Change::AlterColumn { table, next, .. } => format!("alter {table}.{}", next.name),
        Change::AddEnumLabel { label, place, .. } => format!("add {label} {place:?}"),
        Change::Comment { on, text } => format!("comment on {on}: {text:?}"),
        Change::CreatePartition { name, .. } | Change::CreateTable { name, .. } => {
            format!("create {name}")
        }
        Change::CreateIndex { name, .. } => format!("create {name}"),
        Change::ReplaceIndex { name, .. }
        | Change::ReplaceConstraint { name, .. }
        | Change::ReplaceTrigger { name, .. } => format!("replace {name}"),
        Change::ReplaceView { name, .. }
        | Change::ReplaceMaterializedView { name, .. }
        | Change::ReplaceEnumType { name, .. } => format!("replace {name}"),
        other => {
            let text = format!("{other:?}");
            text.split([' ', '(']).next().unwrap_or_default().to_owned()
        }
    }
}

const TASK: &str = "entity: Task\nfields: {title: text!, done: boolean = false}\n";

#[test]
fn nothing_differs_from_itself() {
    assert_eq!(changes(TASK, TASK, true), Vec::<String>::new());
}

#[test]
fn what_only_the_old_one_has_is_kept_and_told_unless_it_is_to_go() {
    let from = "entity: Task\nfields: {title: text!, done: boolean = false, due: date}\nindexes: [{columns: [due]}]\n";
    assert_eq!(changes(from, TASK, false), Vec::<String>::new());
    assert_eq!(
        changes(from, TASK, true),
        [
            "drop column public.tasks.due",
            "drop index idx_tasks_due on public.tasks"
        ]
    );
    let (from, to) = (catalog(from), catalog(TASK));
    let former = Former::new(&from, &to);
    let kept = diff(&former, &to, Options::default()).kept;
    let kept: Vec<_> = kept.iter().map(ToString::to_string).collect();
    assert_eq!(
        kept,
        [
            "column public.tasks.due",
            "index idx_tasks_due on public.tasks"
        ]
    );
}

#[test]
fn each_part_of_a_column_counts() {
    for changed in [
        "title: text",
        "title: varchar(80)!",
        "title: {type: text!, default: x}",
    ] {
        let to = format!("entity: Task\nfields: {{{changed}, done: boolean = false}}\n");
        assert_eq!(
            changes(TASK, &to, false),
            ["alter public.tasks.title"],
            "{changed}"
        );
    }
}

#[test]
fn the_order_of_columns_does_not() {
    let to = "entity: Task\nfields: {done: boolean = false, title: text!}\n";
    assert_eq!(changes(TASK, to, true), Vec::<String>::new());
}

#[test]
fn comments_come_change_and_go() {
    let with = |comment: &str| {
        format!(
            "entity: Task\ndescription: {comment}\nfields: {{title: text!, done: boolean = false}}\n"
        )
    };
    let on = "comment on table public.tasks";
    assert_eq!(
        changes(TASK, &with("One"), false),
        [format!("{on}: Some(\"One\")")]
    );
    assert_eq!(
        changes(&with("One"), &with("Two"), false),
        [format!("{on}: Some(\"Two\")")]
    );
    assert_eq!(changes(&with("One"), TASK, false), [format!("{on}: None")]);
}

#[test]
fn labels_are_added_where_the_others_stay_in_order() {
    let with = |labels: &str| {
        format!("entity: Task\nfields: {{state: {{type: 'enum({labels})', native: true}}}}\n")
    };
    assert_eq!(
        changes(&with("b, d"), &with("a, b, c, d, e"), false),
        ["add a Before(\"b\")", "add c Before(\"d\")", "add e Last"]
    );
    for other in ["d, b", "b", "b, x"] {
        assert_eq!(
            changes(&with("b, d"), &with(other), false),
            ["replace public.tasks_state"],
            "{other}"
        );
    }
}

const LOG: &str = "entity: Log\nfields: {at: timestamptz!}\n\
                   partitioning: {strategy: RANGE, column: at, intervals: monthly, start: 2024-01-01, premake: 1}\n";

#[test]
fn partitions_by_range_come_and_go_by_themselves() {
    let mut from = catalog(LOG);
    let to = catalog(LOG);
    let name = |name: &str| QualifiedName::new("public", name);
    let mut made_later = to.tables[&name("logs_2024_03")].clone();
    let bound = |from: &str, to: &str| crate::catalog::Partition {
        of: name("logs"),
        bound: crate::catalog::Bound::Range {
            from: from.into(),
            to: to.into(),
        },
    };
    made_later.partition = Some(bound("2026-01-01 00:00:00+00", "2026-02-01 00:00:00+00"));
    from.tables.insert(name("logs_2026_01"), made_later.clone());
    from.tables.remove(&name("logs_2024_02"));
    {
        let former = Former::new(&from, &to);
        let difference = diff(&former, &to, Options { prune: true });
        let told: Vec<_> = difference.changes.iter().map(told).collect();
        assert_eq!(told, ["create public.logs_2024_02"]);
        assert_eq!(difference.kept, []);
    }
    // Another partition has all of its rows.
    made_later.partition = Some(bound("2024-02-01 00:00:00+00", "2024-03-01 00:00:00+00"));
    from.tables.insert(name("february"), made_later.clone());
    {
        let former = Former::new(&from, &to);
        let difference = diff(&former, &to, Options { prune: true });
        assert_eq!(difference.changes, []);
        assert_eq!(difference.unchanged, []);
    }
    // Another partition has some of them.
    made_later.partition = Some(bound("2024-02-10 00:00:00+00", "2024-03-01 00:00:00+00"));
    from.tables.insert(name("february"), made_later);
    let former = Former::new(&from, &to);
    let difference = diff(&former, &to, Options::default());
    let why: Vec<_> = difference.unchanged.iter().map(|u| u.why).collect();
    assert_eq!(why, [Why::Overlaps(&name("february"))]);
}

#[test]
fn a_bound_that_is_not_that_of_the_specs_is_told() {
    let (mut from, to) = (catalog(LOG), catalog(LOG));
    let name = QualifiedName::new("public", "logs_2024_02");
    if let Some(partition) = &mut from.tables.get_mut(&name).unwrap().partition {
        partition.bound = crate::catalog::Bound::Default;
    }
    let former = Former::new(&from, &to);
    let difference = diff(&former, &to, Options::default());
    let why: Vec<_> = difference.unchanged.iter().map(|u| u.why).collect();
    assert_eq!(why, [Why::BoundContradicts]);
}

#[test]
fn a_partition_of_a_longer_period_has_the_rows_of_a_shorter_one() {
    let of = |step: u32| {
        format!(
            "entity: Log\nfields: {{n: bigint!}}\npartitioning: {{strategy: RANGE, column: n, start: 0, intervals: {step}, premake: 3}}\n"
        )
    };
    // Both have logs_0 and logs_1000; logs_500 and logs_1500 are within these.
    let (from, to) = (catalog(&of(1000)), catalog(&of(500)));
    let (changes, unchanged) = difference(&from, &to);
    assert_eq!(changes, ["SetPartitionPolicy"]);
    assert_eq!(unchanged, 0);
    // Of longer periods no partition can be made while shorter ones are there.
    let (changes, unchanged) = difference(&to, &from);
    assert_eq!(
        changes,
        [
            "create public.logs_2000",
            "create public.logs_3000",
            "SetPartitionPolicy"
        ]
    );
    assert_eq!(unchanged, 2);
}

#[test]
fn a_default_partition_does_not_become_one_of_a_list_under_its_name() {
    let specs = "entity: Log\nfields: {region: text!}\npartitioning: {strategy: LIST, column: region, intervals: [north], default: false}\n";
    let (mut from, to) = (catalog(specs), catalog(specs));
    let name = QualifiedName::new("public", "logs_north");
    if let Some(partition) = &mut from.tables.get_mut(&name).unwrap().partition {
        partition.bound = crate::catalog::Bound::Default;
    }
    assert_eq!(difference(&from, &to), (Vec::new(), 1));
}

#[test]
fn a_view_that_changes_its_sort_makes_room_first() {
    let with = |refresh: &str| {
        format!(
            "{TASK}projections:\n  - {{name: titles, includes: [{{Task: [id, title]}}]{refresh}}}\n"
        )
    };
    let changes = changes(
        &with(""),
        &with(", refresh: {materialized: true, on: [create]}"),
        false,
    );
    assert!(
        changes.contains(&"drop view public.titles".to_owned()),
        "{changes:?}"
    );
    assert!(
        changes.contains(&"CreateMaterializedView".to_owned()),
        "{changes:?}"
    );
}

#[test]
fn what_specs_cannot_say_stays_as_it_is() {
    let (mut from, to) = (catalog(TASK), catalog(TASK));
    let table = from
        .tables
        .get_mut(&QualifiedName::new("public", "tasks"))
        .unwrap();
    table
        .storage_parameters
        .insert("fillfactor".into(), "70".into());
    table.row_security = crate::catalog::RowSecurity::Enabled;
    let former = Former::new(&from, &to);
    assert_eq!(
        diff(&former, &to, Options { prune: true }),
        Difference::default()
    );
    // Two live databases can say it of each other, and it is not passed over.
    let former = Former::new(&to, &from);
    let difference = diff(&former, &from, Options::default());
    let why: Vec<_> = difference.unchanged.iter().map(|u| u.why).collect();
    assert_eq!(why, [Why::NotExpressible]);
}

/// The changes, and what stays as it is though it differs.
fn difference(from: &Catalog, to: &Catalog) -> (Vec<String>, usize) {
    let former = Former::new(from, to);
    let difference = diff(&former, to, Options { prune: true });
    let told = difference.changes.iter().map(told).collect();
    (told, difference.unchanged.len())
}

#[test]
fn each_part_of_a_trigger_counts() {
    type Change = fn(&mut crate::catalog::Trigger);
    let parts: [(&str, Change); 14] = [
        ("timing", |t| {
            t.timing = crate::catalog::TriggerTiming::Before;
        }),
        ("events", |t| t.events.clear()),
        ("columns", |t| t.columns.push(Ident::new("title"))),
        ("for_each_row", |t| t.for_each_row = !t.for_each_row),
        ("constraint", |t| t.constraint = !t.constraint),
        ("deferrable", |t| t.deferrable = !t.deferrable),
        ("initially_deferred", |t| {
            t.initially_deferred = !t.initially_deferred;
        }),
        ("referenced", |t| t.referenced = Some(t.function.clone())),
        ("old_table", |t| t.old_table = Some(Ident::new("gone"))),
        ("new_table", |t| t.new_table = Some(Ident::new("come"))),
        ("condition", |t| {
            t.condition = Some(Expr::column(&Ident::new("title")));
        }),
        ("function", |t| t.function.name = Ident::new("another")),
        ("arguments", |t| t.arguments.push("another".into())),
        ("enabled", |t| {
            t.enabled = crate::catalog::TriggerState::Always;
        }),
    ];
    let specs = format!(
        "{TASK}projections:\n  - {{name: titles, includes: [{{Task: [id, title]}}], refresh: {{materialized: true, on: [create]}}}}\n"
    );
    let (from, mut to) = (catalog(&specs), catalog(&specs));
    let tasks = QualifiedName::new("public", "tasks");
    let (name, trigger) = to.tables[&tasks]
        .triggers
        .iter()
        .next()
        .map(|(n, t)| (n.clone(), t.clone()))
        .unwrap();
    for (part, change) in parts {
        let mut other = trigger.clone();
        change(&mut other);
        to.tables
            .get_mut(&tasks)
            .unwrap()
            .triggers
            .insert(name.clone(), other);
        let former = Former::new(&from, &to);
        let told: Vec<_> = diff(&former, &to, Options::default())
            .changes
            .iter()
            .map(told)
            .collect();
        assert_eq!(told, [format!("replace {name}")], "{part}");
    }
}

#[test]
fn what_a_server_has_comes_with_its_comments_and_its_owner() {
    let to = serde_json::json!({
        "schemas": {}, "extensions": {}, "enums": {}, "tables": {}, "views": {},
        "functions": {"s.f": {
            "routine": {"definition": {"arguments": "integer", "text": "one"}},
            "comment": "Of one",
            "overloads": {"text": {"definition": {"arguments": "text", "text": "two"}, "comment": "Of two"}},
        }},
        "sequences": {"s.n": {
            "type": {"name": "int8"},
            "owned_by": {"table": "s.t", "column": "n"},
            "comment": "Of n",
        }},
    });
    let (from, to) = (
        Catalog::default(),
        serde_json::from_value::<Catalog>(to).unwrap(),
    );
    let (changes, _) = difference(&from, &to);
    assert_eq!(
        changes,
        [
            "CreateSequence",
            "comment on sequence s.n: Some(\"Of n\")",
            "SetSequenceOwner",
            "CreateFunction",
            "comment on function s.f(integer): Some(\"Of one\")",
            "CreateOverload",
            "comment on function s.f(text): Some(\"Of two\")",
        ]
    );
}
