//! A catalog with everything in it, as it is written into a snapshot.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a helper that fails fails its test"
)]

use specqlc::catalog::Catalog;

const EVERYTHING: &str = include_str!("support/everything.json");
/// What was read from a server: `tests/introspect.rs` writes it.
const LIVE: &str = include_str!("support/live.json");

#[test]
fn a_catalog_survives_its_snapshot() {
    let catalog: Catalog = serde_json::from_str(EVERYTHING).unwrap();
    let text = serde_json::to_string_pretty(&catalog).unwrap();
    assert_eq!(serde_json::from_str::<Catalog>(&text).unwrap(), catalog);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/everything.json");
        std::fs::write(path, text + "\n").unwrap();
        return;
    }
    assert_eq!(text + "\n", EVERYTHING, "rewrite it with UPDATE_EXPECT=1");
}

#[test]
fn so_does_what_was_read_from_a_server() {
    let catalog: Catalog = serde_json::from_str(LIVE).unwrap();
    let text = serde_json::to_string_pretty(&catalog).unwrap();
    assert!(text + "\n" == LIVE);
}

#[test]
fn an_unknown_key_is_refused_wherever_it_stands() {
    let value: serde_json::Value = serde_json::from_str(EVERYTHING).unwrap();
    let mut refused = 0;
    for pointer in objects(&value, "") {
        let is_map = [
            "",
            "/schemas",
            "/extensions",
            "/enums",
            "/functions",
            "/tables",
            "/views",
            "/partition_policies",
        ]
        .contains(&pointer.as_str())
            && !pointer.is_empty()
            || ["constraints", "indexes", "triggers", "storage_parameters"]
                .iter()
                .any(|name| pointer.ends_with(&format!("/{name}")));
        if is_map || pointer.ends_with("/type") {
            continue;
        }
        let mut broken = value.clone();
        let object = broken
            .pointer_mut(&pointer)
            .unwrap()
            .as_object_mut()
            .unwrap();
        object.insert("surprise".into(), serde_json::Value::Null);
        assert!(
            serde_json::from_value::<Catalog>(broken).is_err(),
            "an unknown key at {pointer} got through"
        );
        refused += 1;
    }
    assert!(refused > 100);
}

fn objects(value: &serde_json::Value, pointer: &str) -> Vec<String> {
    let escape = |key: &str| key.replace('~', "~0").replace('/', "~1");
    match value {
        serde_json::Value::Object(map) => map
            .iter()
            .flat_map(|(key, value)| objects(value, &format!("{pointer}/{}", escape(key))))
            .chain([pointer.to_owned()])
            .collect(),
        serde_json::Value::Array(items) => items
            .iter()
            .enumerate()
            .flat_map(|(index, value)| objects(value, &format!("{pointer}/{index}")))
            .collect(),
        _ => Vec::new(),
    }
}
