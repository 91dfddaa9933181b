//! How long ten thousand tables take; run with `cargo test --release --test speed -- --ignored --nocapture`.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a helper that fails fails its test"
)]

use std::time::Instant;

use jiff::civil::date;
use specqlc::catalog::Catalog;
use specqlc::diff::{Former, Options, diff};
use specqlc::pg::Version;
use specqlc::plan::{Situation, plan};
use specqlc::project::{Previous, generate, write};
use specqlc::render::render;

/// Tables of eight columns, five indexes, a foreign key to the one before and a CHECK.
fn catalog(tables: usize) -> Catalog {
    let columns: Vec<_> = (0..8)
        .map(|n| serde_json::json!({"name": format!("column_{n}"), "type": {"name": "text"}, "not_null": true, "default": "'x'"}))
        .collect();
    let table = |n: usize| {
        let name = format!("some_table_{n:05}");
        let mut columns = columns.clone();
        columns.insert(0, serde_json::json!({"name": "id", "type": {"name": "uuid"}, "not_null": true, "default": "gen_random_uuid()", "comment": "The key"}));
        columns.push(serde_json::json!({"name": "other_id", "type": {"name": "uuid"}}));
        let indexes: serde_json::Map<_, _> = (0..5)
            .map(|i| (format!("idx_{name}_{i}"), serde_json::json!({"method": "btree", "keys": [{"target": {"column": format!("column_{i}")}}, {"target": {"expression": "lower(column_1)"}, "descending": true, "nulls_first": true}]})))
            .collect();
        let referenced = format!("public.some_table_{:05}", n.saturating_sub(1));
        let table = serde_json::json!({
            "columns": columns,
            "constraints": {
                format!("{name}_pkey"): {"kind": {"primary_key": {"columns": ["id"]}}},
                format!("{name}_check"): {"kind": {"check": {"condition": "column_1 <> column_2"}}},
                format!("{name}_fkey"): {"kind": {"foreign_key": {"columns": ["other_id"], "references": referenced, "referenced_columns": ["id"], "on_delete": "cascade", "on_update": "no_action"}}},
            },
            "indexes": indexes,
        });
        (format!("public.{name}"), table)
    };
    let tables: serde_json::Map<_, _> = (0..tables).map(table).collect();
    serde_json::from_value(serde_json::json!({"schemas": {}, "extensions": {}, "enums": {}, "functions": {}, "tables": tables, "views": {}})).unwrap()
}

#[test]
#[ignore = "a measurement"]
fn ten_thousand_tables() {
    let catalog = catalog(10_000);
    let nothing = Catalog::default();
    for _ in 0..2 {
        let start = Instant::now();
        let former = Former::new(&nothing, &catalog);
        let difference = diff(&former, &catalog, Options::default());
        println!("diff     {:?}", start.elapsed());
        let start = Instant::now();
        let situation = Situation::unknown(Version::V15);
        let steps = plan(&difference, &former, &catalog, &situation)
            .unwrap()
            .steps;
        println!("plan     {:?} ({} steps)", start.elapsed(), steps.len());
        let start = Instant::now();
        let texts = render(&steps).unwrap();
        println!("render   {:?}", start.elapsed());
        let start = Instant::now();
        let length: usize = texts.iter().map(String::len).sum();
        drop(texts);
        println!("dropped  {:?} ({length} bytes)", start.elapsed());
    }
    let folder = tempfile::tempdir().unwrap();
    let as_of = date(2024, 2, 10);
    let start = Instant::now();
    let output = generate(&catalog, Version::V15, as_of).unwrap();
    println!(
        "generate {:?}; snapshot {} bytes",
        start.elapsed(),
        output["snapshot.json"].len()
    );
    let start = Instant::now();
    let written = write(&output, None, folder.path()).unwrap();
    println!(
        "write    {:?} ({} files)",
        start.elapsed(),
        written.written.len()
    );
    let previous = Previous {
        as_of,
        files: output.keys().cloned().collect(),
    };
    let start = Instant::now();
    let written = write(&output, Some(&previous), folder.path()).unwrap();
    println!(
        "again    {:?} ({} unchanged)",
        start.elapsed(),
        written.unchanged
    );
}
