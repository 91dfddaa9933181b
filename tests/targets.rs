//! Where a catalog can come from: specs, snapshots, git revisions.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper that fails fails its test"
)]

use std::fs;
use std::path::Path;
use std::process::Command;

use jiff::civil::date;
use serde_json::Value;
use specqlc::pg::Version;
use specqlc::project::{BuildOptions, Described, ProjectOptions, Target, build, describe};

const OLD: &str = "entity: Order\nfields: {total: integer}\n";
const NEW: &str = "entity: Order\nfields: {total: integer, note: text}\n";

fn options(root: &Path) -> ProjectOptions {
    ProjectOptions {
        root: Some(root.to_path_buf()),
        ..ProjectOptions::default()
    }
}

fn specs(root: &Path, text: &str) {
    fs::create_dir_all(root.join("specs")).unwrap();
    fs::write(root.join("specs/order.yaml"), text).unwrap();
}

fn git(root: &Path, arguments: &[&str]) {
    let output = Command::new("git")
        .arg("-C")
        .arg(root)
        .args(["-c", "user.name=a", "-c", "user.email=a@b"])
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
}

fn columns(described: Described) -> usize {
    let state = described.state.unwrap();
    let table = state.catalog.tables.values().next().unwrap();
    table.columns.len()
}

#[test]
fn each_kind_of_target_gives_its_catalog() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("app");
    specs(&root, OLD);
    fs::write(root.join("specql.yaml"), "postgres: 16\n").unwrap();
    git(folder.path(), &["init", "-q", "-b", "main"]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-q", "-m", "old"]);
    let built = build(&BuildOptions {
        project: options(&root),
        as_of: Some(date(2024, 2, 10)),
        check: false,
    });
    assert!(built.unwrap().built.is_some());
    specs(&root, NEW);
    let count =
        |target: &str| columns(describe(&Target::read(target), &options(&root), None).unwrap());
    let snapshot = root.join("generated/snapshot.json");
    assert_eq!(count("git:main"), 2);
    assert_eq!(count("git:HEAD"), 2);
    assert_eq!(count(snapshot.to_str().unwrap()), 2);
    assert_eq!(count(root.to_str().unwrap()), 3);
    assert_eq!(count(root.join("specs").to_str().unwrap()), 3);
    let own = describe(&Target::Project, &options(&root), None).unwrap();
    let state = own.state.as_ref().unwrap();
    assert_eq!(
        (state.as_of, state.postgres),
        (date(2024, 2, 10), Version::V16)
    );
    assert_eq!(columns(own), 3);
}

#[test]
fn what_is_no_target_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    specs(root, OLD);
    let refused = |target: &str| {
        let options = options(root);
        let error = describe(&Target::read(target), &options, None).unwrap_err();
        error.to_string().replace(root.to_str().unwrap(), "ROOT")
    };
    let without = refused("git:main");
    assert!(
        without.starts_with("cannot read the specs of git:main: not a git repository"),
        "{without}"
    );
    git(root, &["init", "-q", "-b", "main"]);
    fs::write(root.join("readme"), "").unwrap();
    git(root, &["add", "readme"]);
    git(root, &["commit", "-q", "-m", "nothing"]);
    assert_eq!(
        refused("git:main"),
        "cannot read the specs of git:main: it has no *.yaml or *.yml file under specs"
    );
    assert_eq!(
        refused("git:nowhere"),
        "cannot read the specs of git:nowhere: Not a valid object name nowhere"
    );
    // No option of git's can be put in the place of a revision.
    assert!(refused("git:--help").contains("--help"));
    let snapshot = root.join("other.json");
    fs::write(&snapshot, r#"{"format": 1, "as_of": "2024-02-10", "postgres": 9, "files": [], "catalog": {"schemas": {}, "extensions": {}, "enums": {}, "functions": {}, "tables": {}, "views": {}}}"#).unwrap();
    assert!(refused(snapshot.to_str().unwrap()).contains("`9` is no version of PostgreSQL"));
    fs::write(&snapshot, r#"{"format": 99}"#).unwrap();
    assert!(refused(snapshot.to_str().unwrap()).contains("which a newer specqlc has written"));
    assert!(refused("nowhere").contains("nowhere is not there"));
}

/// The lists of names and types that the routines of incremental projections go by.
fn keys_of_projections(value: &mut Value, found: &mut Vec<Value>, empty: Option<usize>) {
    match value {
        Value::Array(list) => {
            for value in list {
                keys_of_projections(value, found, empty);
            }
        }
        Value::Object(fields) => {
            let notes = fields.contains_key("notes");
            for (name, value) in fields {
                let is_key = name == "keys" || name == "key_types" || name == "columns" && notes;
                if is_key {
                    if empty == Some(found.len()) {
                        *value = Value::Array(Vec::new());
                    }
                    found.push(value.clone());
                } else {
                    keys_of_projections(value, found, empty);
                }
            }
        }
        _ => {}
    }
}

#[test]
fn a_snapshot_whose_projection_has_lost_its_key_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    specs(
        root,
        "entity: Order
fields: {total: integer}
projections:
  - name: totals
    includes: [{Order: [id, total]}]
    refresh: {materialized: true, mode: incremental}
",
    );
    let built = build(&BuildOptions {
        project: options(root),
        as_of: Some(date(2024, 2, 10)),
        check: false,
    });
    assert!(built.unwrap().built.is_some());
    let path = root.join("generated/snapshot.json");
    let sound: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    let functions = |snapshot: &Value, empty| {
        let (mut snapshot, mut found) = (snapshot.clone(), Vec::new());
        keys_of_projections(&mut snapshot["catalog"]["functions"], &mut found, empty);
        (snapshot, found)
    };
    let (_, lists) = functions(&sound, None);
    assert!(lists.len() > 5, "{lists:?}");
    for number in 0..lists.len() {
        let (spoilt, _) = functions(&sound, Some(number));
        fs::write(&path, serde_json::to_string_pretty(&spoilt).unwrap()).unwrap();
        let target = Target::read(path.to_str().unwrap());
        let error = describe(&target, &options(root), None)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("snapshot.json cannot be read (an incremental projection has a key of at least one column at line "),
            "{error}"
        );
    }
}
