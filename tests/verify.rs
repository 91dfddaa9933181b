//! `specqlc diff --verify`: plans are tried on a copy, and nothing of the copy stays.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper that fails fails its test"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use jiff::civil::date;
use serde_json::Value;
use specqlc::catalog::Catalog;
use specqlc::changeset::{Changeset, Located, Prune, Request, changeset, text};
use specqlc::compile::{SourceFile, compile};
use specqlc::pg::Version;
use specqlc::plan::{LockMode, Situation, Size};
use specqlc::shadow::{Server, ShadowError, verify};
use specqlc::sql::QualifiedName;
use specqlc::syntax::Config;
use support::{Cluster, Project, copy_folder, json, json_schema, said, stderr, stdout};

const OLD: &str = "entity: Order\nfields: {total: integer}\n";
const NEW: &str = "entity: Order\nfields:\n  total: integer!\nconstraints: [{name: positive, type: check, condition: \"total > 0\"}]\nindexes: [{name: idx_total, columns: [total]}]\n";

/// Held by tests that make copies on the server that all of them share.
static COPIES: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    // A test that failed is no reason for another to fail.
    COPIES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A live database that was built from specs, a project with others, and a folder for temporary files.
struct Case {
    cluster: Arc<Cluster>,
    database: String,
    project: Project,
    temporary: tempfile::TempDir,
}

impl Case {
    fn new(name: &str, built: &str, wanted: &str) -> Self {
        let project = Project::of(built);
        let case = Self::built(name, project);
        case.project.write("specs/spec.yaml", wanted.as_bytes());
        case
    }

    /// The change of a folder of `tests/plans`.
    fn of_plan(plan: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/plans")
            .join(plan);
        let project = Project::empty();
        copy_folder(&folder.join("from"), &project.path().join("specs"));
        let case = Self::built(&plan.replace('-', "_"), project);
        fs::remove_dir_all(case.project.path().join("specs")).unwrap();
        copy_folder(&folder.join("to"), &case.project.path().join("specs"));
        case
    }

    fn built(name: &str, project: Project) -> Self {
        let cluster = Cluster::shared();
        let mut build = project.specqlc();
        let output = build
            .args(["build", "--as-of", "2024-02-10"])
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", said(&output));
        let database = format!("live_{name}");
        cluster
            .psql("postgres", &format!("CREATE DATABASE {database}"))
            .unwrap();
        let schema = project.path().join("generated/schema.sql");
        cluster.psql_file(&database, &schema, &[]).unwrap();
        // Where the user who runs servers can go.
        let temporary = tempfile::Builder::new().tempdir_in("/tmp").unwrap();
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o777);
        fs::set_permissions(temporary.path(), open).unwrap();
        Self {
            cluster,
            database,
            project,
            temporary,
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.project.specqlc();
        command
            .arg("diff")
            .args(arguments)
            .env("TMPDIR", self.temporary.path());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Compares the live database with the specs.
    fn diff(&self, arguments: &[&str]) -> Output {
        let mut command = self.command(&["--database-url", &self.cluster.url(&self.database)]);
        command.args(arguments).output().unwrap()
    }

    /// What is in the folder for temporary files.
    fn left_behind(&self) -> Vec<String> {
        let files = fs::read_dir(self.temporary.path()).unwrap();
        files
            .map(|file| file.unwrap().path().display().to_string())
            .collect()
    }

    /// Databases of copies.
    fn copies(&self) -> String {
        let copies = "SELECT datname FROM pg_database WHERE datname LIKE 'specqlc%'";
        self.cluster.psql("postgres", copies).unwrap()
    }

    /// The specs of the snapshot of the last build, with one text put for another.
    fn altered_snapshot(&self, old: &str, new: &str) -> String {
        let mut build = self.project.specqlc();
        let output = build
            .args(["build", "--as-of", "2024-02-10"])
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", said(&output));
        let snapshot = self.project.read("generated/snapshot.json");
        assert!(snapshot.contains(old), "{snapshot}");
        self.project
            .write("altered.json", snapshot.replace(old, new).as_bytes());
        "altered.json".to_owned()
    }
}

#[test]
fn what_is_measured_is_what_was_expected() {
    for plan in [
        "add-indexes",
        "columns",
        "constraints",
        "become-partitioned",
        "projection-changes",
        "rename",
        "search-added",
    ] {
        let case = Case::of_plan(plan);
        let expected = json(&case.diff(&["--as-of", "2024-02-10", "--format", "json"]));
        let output = case.diff(&["--as-of", "2024-02-10", "--format", "json", "--verify"]);
        assert_eq!(output.status.code(), Some(2), "{plan}: {}", said(&output));
        let measured = json(&output);
        assert_eq!(
            json_schema::check(&measured, &json_schema::of_diff()),
            Ok(()),
            "{plan}"
        );
        let server = measured["verified"]["server"].as_str().unwrap();
        assert!(
            server.starts_with(&case.cluster.major().to_string()),
            "{server}"
        );
        assert_eq!(
            measured["verified"]["unexpected"],
            Value::Array(Vec::new()),
            "{plan}"
        );
        let changes = |found: &Value| found["changes"].as_array().unwrap().clone();
        assert_eq!(changes(&measured).len(), changes(&expected).len());
        for (measured, expected) in changes(&measured).iter().zip(changes(&expected)) {
            assert_eq!(measured["measured"], true, "{plan}: {measured}");
            assert_eq!(expected["measured"], false, "{plan}: {expected}");
            assert_eq!(measured["sql"], expected["sql"]);
            let rewrites = measured["rewrites"].as_array();
            let is_table = |name: &Value| name.as_str() == Some("public.orders");
            if rewrites.is_some_and(|names| names.iter().any(is_table)) {
                assert_eq!(expected["duration"], "rewrite", "{plan}: {measured}");
            }
        }
        assert_eq!(case.left_behind(), [""; 0], "{plan}");
    }
}

#[test]
fn the_text_says_so() {
    let case = Case::new("text", OLD, NEW);
    let output = case.diff(&["--verify", "--allow", "may-fail-on-data"]);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    let line = format!("\nverified on PostgreSQL {}.", case.cluster.major());
    assert!(stdout(&output).contains(&line), "{}", stdout(&output));
    let script = case.diff(&["--verify", "--allow", "may-fail-on-data", "--format", "sql"]);
    let first = stdout(&script).lines().next().unwrap();
    assert!(first.starts_with("-- verified on PostgreSQL"), "{first}");
    // It was the copy that changed; and what differs in nothing needs no copy.
    assert_eq!(case.diff(&[]).status.code(), Some(2));
    case.cluster.psql(&case.database, stdout(&script)).unwrap();
    let none = case.diff(&[
        "--verify",
        "--shadow-url",
        "postgresql:///nowhere?host=/nowhere",
    ]);
    assert_eq!(
        (none.status.code(), stdout(&none)),
        (Some(0), ""),
        "{}",
        said(&none)
    );
}

#[test]
fn a_refused_step_is_shown_with_what_the_server_said() {
    let _alone = alone();
    let case = Case::new("refused", OLD, NEW);
    let from = "generated/snapshot.json";
    fs::copy(
        case.project.path().join(from),
        case.project.path().join("old.json"),
    )
    .unwrap();
    let to = case.altered_snapshot("total > 0", "public.nowhere(total)");
    let url = case.cluster.url("postgres");
    for place in [vec![], vec!["--shadow-url", &url]] {
        let mut arguments = vec!["--from", "old.json", "--to", &to, "--verify"];
        arguments.extend(&place);
        let output = case.run(&arguments);
        assert_eq!(
            (output.status.code(), stdout(&output)),
            (Some(1), ""),
            "{}",
            said(&output)
        );
        let error = stderr(&output);
        for part in [
            "the plan fails on a copy of the schema, at create constraint ",
            "function public.nowhere(integer) does not exist",
            "ADD CONSTRAINT",
        ] {
            assert!(error.contains(part), "{part}\n{error}");
        }
        assert_eq!((case.copies().as_str(), case.left_behind().len()), ("", 0));
    }
}

#[test]
fn a_copy_on_another_server_is_dropped() {
    let _alone = alone();
    let case = Case::new("elsewhere", OLD, NEW);
    let url = case.cluster.url("postgres");
    let output = case.diff(&["--verify", "--shadow-url", &url, "--format", "json"]);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert_eq!(json(&output)["changes"][0]["measured"], true);
    assert_eq!((case.copies().as_str(), case.left_behind().len()), ("", 0));

    let live = case.diff(&[
        "--verify",
        "--shadow-url",
        &case.cluster.url(&case.database),
    ]);
    assert_eq!(live.status.code(), Some(1));
    assert!(
        stderr(&live).contains("--shadow-url is the live database itself"),
        "{}",
        said(&live)
    );

    let alone = case.diff(&["--shadow-url", &url]);
    assert_eq!(alone.status.code(), Some(1));
    assert!(stderr(&alone).contains("--verify"), "{}", said(&alone));
}

#[test]
fn a_right_that_is_missing_is_named_and_a_password_never() {
    let case = Case::new("rights", OLD, NEW);
    case.cluster
        .psql("postgres", "CREATE ROLE weak LOGIN PASSWORD 'hunter2'")
        .unwrap();
    let weak = case
        .cluster
        .url("postgres")
        .replace("postgres@", "weak:hunter2@");
    let absent = "postgresql://weak:hunter2@127.0.0.1:1/postgres".to_owned();
    let wrong = "postgresql://weak:hunter2@localhost:nowhere/postgres".to_owned();
    for (url, says) in [
        (weak, "the role weak of --shadow-url may not make databases"),
        (
            absent,
            "the server for the copy: cannot connect to the database",
        ),
        (
            wrong,
            "the server for the copy: the database URL cannot be read",
        ),
    ] {
        let output = case.diff(&["--verify", "-v", "--shadow-url", &url]);
        assert_eq!(output.status.code(), Some(1), "{}", said(&output));
        assert!(stderr(&output).contains(says), "{}", said(&output));
        assert!(!said(&output).contains("hunter2"), "{}", said(&output));
    }
    assert_eq!(case.left_behind(), [""; 0]);
}

#[test]
fn extensions_that_the_server_lacks_are_named() {
    let _alone = alone();
    let case = Case::new("extensions", OLD, NEW);
    let to = case.altered_snapshot("\"extensions\": {}", "\"extensions\": {\"nowhere\": {}}");
    let output = case.run(&["--to", &to, "--from", "specs", "--verify"]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let says = "the server for the copy lacks the extension nowhere;";
    assert!(stderr(&output).contains(says), "{}", said(&output));
    assert_eq!(case.left_behind(), [""; 0]);
}

#[test]
fn programs_that_are_no_server_are_said_to_be_none() {
    let case = Case::new("programs", OLD, NEW);
    let broken = case.temporary.path().join("bin");
    fs::create_dir(&broken).unwrap();
    for name in ["postgres", "initdb", "pg_ctl"] {
        let program = broken.join(name);
        let version = case.cluster.major();
        let script = format!(
            "#!/bin/sh\necho 'postgres (PostgreSQL) {version}.1'\necho broken >&2\nexit 3\n"
        );
        fs::write(&program, script).unwrap();
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(program, open).unwrap();
    }
    let mut command = case.command(&[
        "--database-url",
        &case.cluster.url(&case.database),
        "--verify",
    ]);
    command.env("SPECQLC_PG_BIN", &broken);
    let output = command.output().unwrap();
    fs::remove_dir_all(broken).unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    for part in ["a temporary server cannot be started", "broken"] {
        assert!(stderr(&output).contains(part), "{}", said(&output));
    }
    assert_eq!(case.left_behind(), [""; 0]);
}

#[test]
fn nothing_is_left_behind_by_a_signal() {
    let _alone = alone();
    let case = Case::new("signal", OLD, NEW);
    let url = case.cluster.url("postgres");
    let is_clean = || case.left_behind().is_empty() && case.copies().is_empty();
    for (signal, place) in [
        ("TERM", vec![]),
        ("KILL", vec![]),
        ("TERM", vec!["--shadow-url", url.as_str()]),
        ("INT", vec!["--shadow-url", url.as_str()]),
    ] {
        let live = case.cluster.url(&case.database);
        let mut command = case.command(&["--database-url", &live, "--verify"]);
        command
            .args(&place)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut running = command.spawn().unwrap();
        wait_until(|| !is_clean() || running.try_wait().unwrap().is_some());
        let mut kill = Command::new("kill");
        kill.arg(format!("-{signal}")).arg(running.id().to_string());
        // It may have ended just now.
        kill.stderr(Stdio::null()).status().unwrap();
        running.wait().unwrap();
        wait_until(is_clean);
    }
}

fn wait_until(mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(
            start.elapsed() < Duration::from_mins(1),
            "it does not come to that"
        );
        sleep(Duration::from_millis(5));
    }
}

fn compiled(text: &str) -> Catalog {
    let file = SourceFile {
        text: text.to_owned(),
        path: "a.yaml".to_owned(),
    };
    compile(&[(0, &file)], &Config::default(), date(2024, 2, 10)).catalog
}

/// Plans a change, spoils the plan, and tries it on a copy of a table of 1,000 rows.
fn spoiled(spoil: impl FnOnce(&mut Changeset)) -> Result<Changeset, ShadowError> {
    let _alone = alone();
    let cluster = Cluster::shared();
    let (from, to) = (compiled(OLD), compiled(NEW));
    let orders = Size {
        rows: Some(1000),
        bytes: Some(5 * 8192),
    };
    let situation = Situation {
        version: Version::V15,
        sizes: BTreeMap::from([(QualifiedName::new("public", "orders"), orders)]),
        printed: false,
    };
    let request = Request {
        from: &from,
        to: &to,
        situation: &situation,
        prune: Prune::Nothing,
        schemas: &BTreeSet::new(),
        allow: &BTreeSet::new(),
    };
    let mut changes = changeset(&request, &mut Located::nowhere()).unwrap();
    spoil(&mut changes);
    let server = Server::At {
        url: &cluster.url("postgres"),
        live: &[],
    };
    verify(&server, &|_| None, &request, &mut changes)?;
    Ok(changes)
}

#[test]
fn a_lock_that_was_not_expected_is_said_loudly() {
    let changes = spoiled(|changes| {
        for change in &mut changes.changes {
            change.locks.clear();
        }
    });
    let changes = changes.unwrap();
    let index = changes
        .changes
        .iter()
        .find(|change| change.kind == "index")
        .unwrap();
    assert_eq!(index.lock, Some(LockMode::ShareUpdateExclusive));
    let line = "! UNEXPECTED: create index idx_total on public.orders takes SHARE UPDATE EXCLUSIVE on public.orders, where none was expected\n";
    assert!(text(&changes).contains(line), "{}", text(&changes));
}

#[test]
fn the_copy_has_the_sizes_of_the_original_and_no_rows() {
    let error = spoiled(|changes| {
        let sizes = "DO $$ BEGIN RAISE EXCEPTION '%', (SELECT (reltuples, relpages, (SELECT count(*) FROM public.orders)) \
             FROM pg_class WHERE oid = 'public.orders'::regclass); END $$;";
        changes.changes[0].sql = sizes.to_owned();
    });
    let error = error.unwrap_err().to_string();
    assert!(error.contains("(1000,5,0)"), "{error}");
}

#[test]
fn a_plan_that_leads_elsewhere_fails() {
    let error = spoiled(|changes| {
        changes.changes.retain(|change| change.kind != "index");
    });
    let error = error.unwrap_err().to_string();
    assert!(
        error.contains("still differing:\n  create index idx_total on public.orders"),
        "{error}"
    );
}
