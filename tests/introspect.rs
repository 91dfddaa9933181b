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
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};
use specqlc::connect::connect;
use specqlc::introspect::{IntrospectError, Live, read, read_beside};
use support::{Cluster, Project, copy_folder, said, update_expectations};

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
    let mut expected = blank(snapshot["catalog"].clone());
    // What things were called before is no object.
    expected.as_object_mut().unwrap().remove("renames");
    if found != expected {
        return Err(difference(&expected, &found));
    }
    let unmanaged: Vec<_> = live.unmanaged.iter().map(ToString::to_string).collect();
    if !unmanaged.is_empty() {
        return Err(format!("{unmanaged:?}"));
    }
    cluster.psql("postgres", &format!("DROP DATABASE {database}"))?;
    Ok(true)
}

/// A catalog without the text of expressions, queries and functions.
fn blank(value: Value) -> Value {
    match value {
        Value::Object(map) => map
            .into_iter()
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

const CORPUS: &str = include_str!("introspect/objects.sql");

/// Every kind of object with every clause, as `PostgreSQL` 15 prints its expressions.
#[test]
fn every_clause_is_read() {
    let cluster = Cluster::shared();
    if cluster.major() != 15 {
        return;
    }
    cluster.psql("postgres", "CREATE DATABASE corpus").unwrap();
    cluster.psql("corpus", CORPUS).unwrap();
    let live = live(&cluster, "corpus");
    let found = serde_json::to_string_pretty(&live.catalog).unwrap() + "\n";
    cluster.psql("postgres", "DROP DATABASE corpus").unwrap();
    let path = root().join("tests/support/live.json");
    if update_expectations() {
        fs::write(path, found).unwrap();
        return;
    }
    let expected = fs::read_to_string(path).unwrap();
    let diff = similar::TextDiff::from_lines(&expected, &found);
    assert!(
        expected == found,
        "{}rewrite it with UPDATE_EXPECT=1",
        diff.unified_diff().header("expected", "read")
    );
}

/// What a catalog does not hold is listed, each object once.
#[test]
fn what_is_not_modelled_is_listed() {
    let cluster = Cluster::shared();
    cluster
        .psql("postgres", "CREATE DATABASE unmanaged")
        .unwrap();
    let script = include_str!("introspect/unmanaged.sql");
    cluster.psql("unmanaged", script).unwrap();
    let live = live(&cluster, "unmanaged");
    let found: Vec<String> = live.unmanaged.iter().map(ToString::to_string).collect();
    let found = found.join("\n") + "\n";
    let path = root().join("tests/introspect/unmanaged.txt");
    if update_expectations() {
        fs::write(path, found).unwrap();
        return;
    }
    assert_eq!(found, fs::read_to_string(path).unwrap());
    // Temporary tables are nobody's.
    assert!(
        live.catalog
            .tables
            .keys()
            .all(|t| t.name.as_str() != "gone")
    );
    cluster.psql("postgres", "DROP DATABASE unmanaged").unwrap();
}

/// Whatever the database, the role and the session have set, the same objects read the same; and who may only connect
/// and look at the tables of policies sees as much as a superuser.
#[test]
fn settings_and_rights_make_no_difference() {
    let cluster = Cluster::shared();
    cluster
        .psql(
            "postgres",
            "CREATE DATABASE settings; CREATE ROLE \"a reader\" LOGIN",
        )
        .unwrap();
    cluster.psql("settings", CORPUS).unwrap();
    cluster
        .psql(
            "settings",
            "CREATE SCHEMA specql;
             CREATE TABLE specql.partition_policy (schema_name text, table_name text, level integer, unit text,
                 units bigint, premake integer, starts_at text, retention interval, retention_action text, subpartitions jsonb);
             INSERT INTO specql.partition_policy VALUES ('app', 'events', 0, 'month', 1, 3, NULL, '25 months', 'drop', NULL);
             REVOKE ALL ON DATABASE settings FROM PUBLIC;
             GRANT CONNECT ON DATABASE settings TO \"a reader\";
             GRANT USAGE ON SCHEMA specql TO \"a reader\";
             GRANT SELECT ON specql.partition_policy TO \"a reader\"",
        )
        .unwrap();
    let plain = live(&cluster, "settings");
    cluster
        .psql(
            "settings",
            "ALTER DATABASE settings SET timezone = 'Asia/Tokyo';
             ALTER DATABASE settings SET datestyle = 'German';
             ALTER DATABASE settings SET intervalstyle = 'iso_8601';
             ALTER DATABASE settings SET extra_float_digits = -5;
             ALTER DATABASE settings SET quote_all_identifiers = on;
             ALTER DATABASE settings SET bytea_output = 'escape';
             ALTER DATABASE settings SET search_path = app, public;
             ALTER DATABASE settings SET default_transaction_isolation = 'serializable'",
        )
        .unwrap();
    let url = cluster.url("settings").replace("postgres@", "a%20reader@");
    let mut client = connect(Some(&url), &|_| None).unwrap();
    let by_reader = read(&mut client).unwrap();
    assert_eq!(by_reader, plain);
    let policy = plain.catalog.partition_policies.values().next().unwrap();
    assert_eq!(policy.levels[0].retention.as_deref(), Some("25 months"));
    // The session's own settings come back with the end of the transaction.
    let zone = client.query_one("SHOW timezone", &[]).unwrap();
    assert_eq!(zone.get::<_, &str>(0), "Asia/Tokyo");
    drop(client);
    cluster
        .psql("postgres", "DROP DATABASE settings; DROP ROLE \"a reader\"")
        .unwrap();
}

/// A policy that may not be read is none.
#[test]
fn a_reader_without_rights_is_told_nothing_of_policies() {
    let cluster = Cluster::shared();
    cluster
        .psql(
            "postgres",
            "CREATE DATABASE rights; CREATE ROLE nobody_much LOGIN",
        )
        .unwrap();
    cluster
        .psql(
            "rights",
            "CREATE SCHEMA specql; CREATE TABLE specql.partition_policy (schema_name text)",
        )
        .unwrap();
    let url = cluster.url("rights").replace("postgres@", "nobody_much@");
    let mut client = connect(Some(&url), &|_| None).unwrap();
    let live = read(&mut client).unwrap();
    assert!(live.catalog.partition_policies.is_empty());
    assert_eq!(live.catalog.tables.len(), 1);
    drop(client);
    cluster
        .psql("postgres", "DROP DATABASE rights; DROP ROLE nobody_much")
        .unwrap();
}

/// What comes and goes while the catalogs are read is there or not, or the reader is told to try again.
#[test]
fn a_schema_that_changes_meanwhile() {
    let cluster = Cluster::shared();
    cluster.psql("postgres", "CREATE DATABASE busy").unwrap();
    let url = cluster.url("busy");
    let done = AtomicBool::new(false);
    let (mut read_well, mut told) = (0, 0);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut client = connect(Some(&url), &|_| None).unwrap();
            for _ in 0..150 {
                let made = "CREATE TABLE t (a integer CHECK (a > 0), b text DEFAULT lower('X')) PARTITION BY LIST (a);
                    CREATE TABLE t1 PARTITION OF t FOR VALUES IN (1);
                    CREATE INDEX ON t (lower(b)) WHERE a > 1;
                    CREATE VIEW v AS SELECT a FROM t;
                    CREATE FUNCTION f(a t) RETURNS trigger LANGUAGE sql AS 'SELECT 1'";
                let made = made.replace("f(a t) RETURNS trigger", "f(a t) RETURNS integer");
                client.batch_execute(&made).unwrap();
                client
                    .batch_execute("DROP FUNCTION f; DROP VIEW v; DROP TABLE t")
                    .unwrap();
            }
            done.store(true, Ordering::Relaxed);
        });
        let mut client = connect(Some(&url), &|_| None).unwrap();
        while !done.load(Ordering::Relaxed) {
            match read(&mut client) {
                Ok(_) => read_well += 1,
                Err(IntrospectError::Changed(_)) => told += 1,
                Err(other) => panic!("{other:?}"),
            }
        }
    });
    println!("{read_well} read, {told} told to try again");
    assert!(read_well > 0);
    cluster.psql("postgres", "DROP DATABASE busy").unwrap();
}

/// On two connections is read what one reads: what comes between is in neither half, and one that leads elsewhere, or nowhere, is
/// done without.
#[test]
fn two_connections_read_what_one_reads() {
    let cluster = Cluster::shared();
    for database in ["beside", "elsewhere"] {
        let create = format!("CREATE DATABASE {database}");
        cluster.psql("postgres", &create).unwrap();
    }
    cluster.psql("beside", CORPUS).unwrap();
    let alone = live(&cluster, "beside");
    assert!(
        alone.catalog.tables.len() > 10,
        "{:?}",
        alone.catalog.tables.keys()
    );
    let later = "CREATE TABLE later (id integer PRIMARY KEY); CREATE FUNCTION later() RETURNS integer LANGUAGE sql AS 'SELECT 1'";
    let gone = "DROP FUNCTION later; DROP TABLE later";
    for second in [Some("beside"), Some("elsewhere"), None] {
        let another = || {
            cluster.psql("beside", later).unwrap();
            Some(connect(Some(&cluster.url(second?)), &|_| None).unwrap())
        };
        let mut client = connect(Some(&cluster.url("beside")), &|_| None).unwrap();
        let both = read_beside(&mut client, Some(&another)).unwrap();
        cluster.psql("beside", gone).unwrap();
        // Estimates may have come in between.
        assert_eq!(both.catalog, alone.catalog, "{second:?}");
        assert_eq!(both.unmanaged, alone.unmanaged, "{second:?}");
    }
}

/// The number of queries does not grow with the number of objects, and what they take stays small.
#[test]
fn queries_do_not_multiply() {
    let cluster = Cluster::shared();
    for database in ["few", "many"] {
        cluster
            .psql("postgres", &format!("CREATE DATABASE {database}"))
            .unwrap();
        // The server's own statistics count what a session has run.
        cluster
            .psql(database, "CREATE TABLE one (id integer)")
            .unwrap();
    }
    let tables = "SELECT format(
            'CREATE TABLE t%s (id bigint PRIMARY KEY, a text NOT NULL, b text DEFAULT ''x'', c integer CHECK (c > 0),
                d timestamptz DEFAULT now(), e uuid, f jsonb, g numeric(10, 2), parent bigint REFERENCES t%s);
             CREATE INDEX ON t%1$s (a); CREATE INDEX ON t%1$s (lower(b)); CREATE INDEX ON t%1$s (c) WHERE c > 5;
             CREATE INDEX ON t%1$s (parent, d DESC)',
            n, greatest(n - 1, 1))
        FROM generate_series(1, 1000) AS n
        \\gexec
        ANALYZE";
    cluster.psql("many", tables).unwrap();
    let counted: Vec<(usize, usize)> = ["few", "many"]
        .iter()
        .map(|database| {
            let url = format!("{}&options=-c%20log_statement%3Dall", cluster.url(database));
            let mut client = connect(Some(&url), &|_| None).unwrap();
            // What is fetched in parts is one query.
            let executed = || {
                let log = cluster.log();
                log.matches("execute ").count() - log.matches("execute fetch from").count()
            };
            let before = executed();
            let started = std::time::Instant::now();
            let live = read(&mut client).unwrap();
            println!("{database}: {:?}", started.elapsed());
            let queries = executed() - before;
            (live.catalog.tables.len(), queries)
        })
        .collect();
    println!("tables and queries: {counted:?}");
    assert_eq!((counted[0].0, counted[1].0), (1, 1001));
    assert_eq!(counted[0].1, counted[1].1);
    assert!((15..=30).contains(&counted[0].1), "{counted:?}");
}
