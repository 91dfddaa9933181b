//! What a build makes is read back from a server as what it was made from, but for the text of expressions, views and
//! functions, which a server writes its own way.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper that fails fails its test; clippy knows it only of functions marked as tests"
)]

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use specqlc::connect::connect;
use specqlc::introspect::{Live, read};
use support::{Cluster, Project, copy_folder, said};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn live(cluster: &Cluster, database: &str) -> Live {
    let mut client = connect(Some(&cluster.url(database)), &|_| None).unwrap();
    read(&mut client).unwrap()
}

/// Every folder with specs that is at hand: the example application, the cases, and those shared with other projects.
fn projects() -> Vec<PathBuf> {
    let mut found = vec![root().to_owned()];
    for folder in [
        "tests/cases",
        "../shared/conformance/build",
        "../shared/fixtures/entities",
    ] {
        let entries = fs::read_dir(root().join(folder));
        let mut folders: Vec<PathBuf> = entries
            .into_iter()
            .flatten()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.is_dir())
            .collect();
        folders.sort();
        found.extend(folders);
    }
    found
}

#[test]
fn a_build_is_read_back() {
    let wanted = std::env::var("CASE").ok();
    let cluster = Cluster::shared();
    let mut failures = Vec::new();
    let mut compared = 0;
    for (number, folder) in projects().iter().enumerate() {
        let name = folder.file_name().unwrap().to_string_lossy();
        if wanted.as_ref().is_some_and(|wanted| *wanted != name) {
            continue;
        }
        match compare(folder, &format!("built_{number}"), &cluster) {
            Ok(true) => compared += 1,
            Ok(false) => println!("not for this server: {name}"),
            Err(why) => failures.push(format!("{}\n{why}", folder.display())),
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
    println!("{compared} projects compared");
    assert!(compared > 0);
}

/// `false`: it needs a newer server.
fn compare(folder: &Path, database: &str, cluster: &Cluster) -> Result<bool, String> {
    let project = Project::empty();
    let specs = folder.join("specs");
    let specs = if specs.is_dir() { &specs } else { folder };
    copy_folder(specs, &project.path().join("specs"));
    if let Ok(settings) = fs::read(folder.join("specql.yaml")) {
        project.write("specql.yaml", &settings);
    }
    let arguments = fs::read_to_string(folder.join("args")).unwrap_or_default();
    let output = project
        .specqlc()
        .arg("build")
        .args(arguments.split_whitespace())
        .output()
        .unwrap();
    if !output.status.success() {
        return Err(said(&output));
    }
    let snapshot: Value = serde_json::from_str(&project.read("generated/snapshot.json")).unwrap();
    if snapshot["postgres"].as_u64() > Some(cluster.major().into()) {
        return Ok(false);
    }
    cluster.psql("postgres", &format!("CREATE DATABASE {database}"))?;
    let schema = project.path().join("generated/schema.sql");
    cluster.psql_file(database, &schema, &["-1"])?;
    let live = live(cluster, database);
    let found = blank(serde_json::to_value(&live.catalog).unwrap());
    let expected = blank(snapshot["catalog"].clone());
    if found != expected {
        return Err(difference(&expected, &found));
    }
    let unmanaged: Vec<_> = live.unmanaged.iter().map(ToString::to_string).collect();
    if unmanaged
        .iter()
        .any(|object| !object.starts_with("privileges "))
    {
        return Err(format!("{unmanaged:?}"));
    }
    cluster.psql("postgres", &format!("DROP DATABASE {database}"))?;
    Ok(true)
}

/// A catalog without the text of expressions, queries and functions, and without what only a server notes.
fn blank(value: Value) -> Value {
    match value {
        Value::Object(map) => map
            .into_iter()
            .filter(|(key, _)| key != "needs")
            .map(|(key, value)| {
                let blanked = match key.as_str() {
                    "default" | "condition" | "predicate" | "expression" if value.is_string() => {
                        json!("…")
                    }
                    "routine" | "query" => json!("…"),
                    _ => blank(value),
                };
                (key, blanked)
            })
            .collect(),
        Value::Array(items) => items.into_iter().map(blank).collect(),
        other => other,
    }
}

fn difference(expected: &Value, found: &Value) -> String {
    let sorted = |value: &Value| {
        let mut value = value.clone();
        value.sort_all_objects();
        serde_json::to_string_pretty(&value).unwrap()
    };
    let (expected, found) = (sorted(expected), sorted(found));
    similar::TextDiff::from_lines(&expected, &found)
        .unified_diff()
        .header("built", "read back")
        .to_string()
}
