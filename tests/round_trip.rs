//! A database that is read, written as a script and made again is the same database: its dump says so.
//!
//! `tests/introspect/*.sql` are the databases (`objects-18.sql` needs a server of that version), and with them the public
//! schemas in `../shared/fixtures/schemas` where those are at hand.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper that fails fails its test; clippy knows it only of functions marked as tests"
)]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use specqlc::catalog::Catalog;
use specqlc::connect::connect;
use specqlc::diff::Former;
use specqlc::introspect::{Live, read};
use specqlc::plan::build;
use specqlc::render::render;
use support::Cluster;

fn schemas(major: u32) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for folder in ["tests/introspect", "../shared/fixtures/schemas"] {
        let entries = fs::read_dir(root.join(folder));
        let files = entries.into_iter().flatten().map(|e| e.unwrap().path());
        found.extend(files.filter(|path| path.extension().is_some_and(|e| e == "sql")));
    }
    // What cannot be made again is tested elsewhere.
    found.retain(|path| !path.ends_with("tests/introspect/unmanaged.sql"));
    found.sort();
    found.retain(|path| {
        let stem = path.file_stem().unwrap().to_str().unwrap();
        let needed = stem.rsplit_once('-').and_then(|(_, n)| n.parse().ok());
        needed.is_none_or(|needed: u32| needed <= major)
    });
    found
}

fn live(cluster: &Cluster, database: &str) -> Live {
    let mut client = connect(Some(&cluster.url(database)), &|_| None).unwrap();
    read(&mut client).unwrap()
}

fn script(catalog: &Catalog) -> String {
    let nothing = Catalog::default();
    let nothing = Former::new(&nothing, catalog);
    let plan = build(&nothing, catalog).unwrap();
    let statements = render(&plan.steps).unwrap().join("\n\n");
    // Bodies of functions name what comes after them.
    format!("SET check_function_bodies = off;\n\n{statements}\n")
}

#[test]
fn what_is_read_can_be_made_again() {
    let cluster = Cluster::shared();
    let wanted = std::env::var("CASE").ok();
    let mut failures = Vec::new();
    for (number, path) in schemas(cluster.major()).iter().enumerate() {
        let stem = path.file_stem().unwrap().to_str().unwrap();
        if wanted.as_ref().is_some_and(|wanted| wanted != stem) {
            continue;
        }
        if let Err(why) = round_trip(path, &format!("{number}"), &cluster) {
            failures.push(format!("{}\n{why}", path.display()));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

fn round_trip(path: &Path, number: &str, cluster: &Cluster) -> Result<(), String> {
    let (first, second) = (format!("first_{number}"), format!("second_{number}"));
    cluster.psql("postgres", &format!("CREATE DATABASE {first}"))?;
    cluster.psql("postgres", &format!("CREATE DATABASE {second}"))?;
    cluster.psql_file(&first, path, &[])?;
    let original = live(cluster, &first);
    let script = script(&original.catalog);
    cluster.psql(&second, &script)?;
    let mut expected = entries(&cluster.dump(&first)?);
    let found = entries(&cluster.dump(&second)?);
    // Who owns it, and that it is there at all.
    expected.remove(&("SCHEMA".into(), "public in -; Owner: -".into()));
    let (expected, found) = (text(&expected), text(&found));
    if expected != found {
        let diff = similar::TextDiff::from_lines(&expected, &found);
        let diff = diff.unified_diff().header("first", "second").to_string();
        return Err(diff);
    }
    let again = live(cluster, &second);
    if again.catalog != original.catalog {
        let text = |catalog| serde_json::to_string_pretty(catalog).unwrap();
        let (one, other) = (text(&original.catalog), text(&again.catalog));
        let diff = similar::TextDiff::from_lines(&one, &other);
        return Err(diff.unified_diff().header("first", "second").to_string());
    }
    Ok(())
}

type Entries = BTreeMap<(String, String), String>;

fn text(entries: &Entries) -> String {
    entries.values().map(String::as_str).collect()
}

/// The entries of a dump by kind and name.
fn entries(dump: &str) -> Entries {
    let mut entries = Entries::new();
    let mut current = None;
    for line in dump.lines() {
        if let Some(head) = line.strip_prefix("-- Name: ") {
            let (name, rest) = head.rsplit_once("; Type: ").unwrap();
            let (kind, schema) = rest.split_once("; Schema: ").unwrap();
            current = Some((kind.to_owned(), format!("{name} in {schema}")));
            entries.insert(current.clone().unwrap(), format!("{line}\n"));
        } else if let Some(entry) = current.as_ref().and_then(|key| entries.get_mut(key)) {
            let setting = line.starts_with("SET ") || line.starts_with("--");
            if !setting && !line.is_empty() && !line.starts_with("\\unrestrict") {
                entry.push_str(&without_implied_name(line));
                entry.push('\n');
            }
        }
    }
    entries
}

/// Since 18 NOT NULL constraints have names: a partition has its parent's or its own, as it was made in its place or attached.
/// No catalog tells the one from the other.
fn without_implied_name(line: &str) -> String {
    let named = line.split_once(" CONSTRAINT ").and_then(|(before, rest)| {
        let (name, after) = rest.split_once(" NOT NULL")?;
        name.ends_with("_not_null")
            .then(|| format!("{before} NOT NULL{after}"))
    });
    named.unwrap_or_else(|| line.to_owned())
}
