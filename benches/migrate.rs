//! How long `specqlc migrate apply` takes beside `psql -f` of the same files, and `migrate status` when all is applied, measured
//! from outside on the release binary: 200 migrations of 5 statements each.
//!
//!     scripts/bench migrate [15|16|17|18]             prints the table
//!     scripts/bench migrate [15|16|17|18] --enforce   and fails where a target is missed
//!
//! `scripts/bench` starts the server, and names it by PGHOST.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a measurement that cannot go on has failed"
)]

mod measure;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use measure::{Run, Target, judge, machine, median, run};

/// Runs of each kind, in which all take turns at being first; the median counts. What a server takes for the same files varies by
/// a third from run to run, so that seven of them gave shares from 0.93 to 1.29.
const RUNS: usize = 24;
const MIGRATIONS: usize = 200;

/// Of the time of psql, which keeps no ledger and checks nothing.
const TIMES_PSQL: f64 = 1.1;
const STATUS_MILLISECONDS: f64 = 50.0;

fn main() -> ExitCode {
    let project = tempfile::tempdir().unwrap();
    let files = write(project.path());
    println!("{}", machine(RUNS));
    let [mut applied, mut by_psql, mut asked] = [Vec::new(), Vec::new(), Vec::new()];
    // The first round only warms up.
    for round in 0..=RUNS {
        let costs = if round % 2 == 0 {
            let applied = apply(project.path());
            let asked = status(project.path());
            [applied, psql_files(&files), asked]
        } else {
            let by_psql = psql_files(&files);
            [apply(project.path()), by_psql, status(project.path())]
        };
        if round > 0 {
            applied.push(costs[0]);
            by_psql.push(costs[1]);
            asked.push(costs[2]);
        }
    }
    let [applied, by_psql, asked] = [applied, by_psql, asked].map(median);
    for (who, cost) in [
        ("migrate apply", applied),
        ("psql -f of the same files", by_psql),
        ("migrate status", asked),
    ] {
        let (milliseconds, megabytes) = (cost.seconds * 1e3, cost.megabytes);
        println!("{who:<28} {milliseconds:>8.0} ms {megabytes:>6.0} MB");
    }
    let targets = [
        (
            "apply, times psql -f",
            applied.seconds / by_psql.seconds,
            TIMES_PSQL,
        ),
        ("status, ms", asked.seconds * 1e3, STATUS_MILLISECONDS),
    ]
    .map(|(what, value, most)| Target {
        what: what.to_owned(),
        value,
        most,
    });
    let enforced = std::env::args().any(|argument| argument == "--enforce");
    ExitCode::from(u8::from(!judge(&targets) && enforced))
}

/// Writes the migrations as somebody would by hand, and gives their files.
fn write(project: &Path) -> Vec<PathBuf> {
    fs::create_dir_all(project.join("specs")).unwrap();
    fs::write(
        project.join("specs/thing.yaml"),
        "entity: Thing\nfields: {name: text}\n",
    )
    .unwrap();
    (1..=MIGRATIONS)
        .map(|number| {
            let name = format!("step_{number}");
            good(project, &["new", &name, "--data"]);
            let file = format!("{number:04}_{name}.data.sql");
            let path = project.join("generated/migrations").join(&file);
            fs::write(&path, text(number)).unwrap();
            good(project, &["seal", &file]);
            path
        })
        .collect()
}

fn text(number: usize) -> String {
    format!(
        "-- specql:transaction\n\
         CREATE TABLE t{number} (id bigint PRIMARY KEY, name text NOT NULL, at timestamptz DEFAULT now());\n\
         CREATE INDEX t{number}_name ON t{number} (name);\n\
         INSERT INTO t{number} (id, name) SELECT n, 'name ' || n FROM generate_series(1, 100) AS n;\n\
         ALTER TABLE t{number} ADD COLUMN state text NOT NULL DEFAULT 'new';\n\
         COMMENT ON TABLE t{number} IS 'Table {number}';\n"
    )
}

fn apply(project: &Path) -> Run {
    empty("bench_apply");
    good(project, &["apply", "--quiet"])
}

/// Of the database that was applied to last.
fn status(project: &Path) -> Run {
    good(project, &["status"])
}

fn good(project: &Path, arguments: &[&str]) -> Run {
    let (cost, status) = run(Command::new(env!("CARGO_BIN_EXE_specqlc"))
        .arg("migrate")
        .args(arguments)
        .env("PGDATABASE", "bench_apply")
        .env_remove("DATABASE_URL")
        .current_dir(project)
        .stdout(Stdio::null()));
    assert!(status.success(), "migrate {arguments:?} fails");
    cost
}

fn psql_files(files: &[PathBuf]) -> Run {
    empty("bench_psql");
    let mut command = psql("bench_psql");
    // A file is a transaction for both.
    for file in files {
        command
            .args(["-c", "BEGIN", "-f"])
            .arg(file)
            .args(["-c", "COMMIT"]);
    }
    let (cost, status) = run(&mut command);
    assert!(status.success(), "psql fails");
    cost
}

fn empty(database: &str) {
    for sql in ["DROP DATABASE IF EXISTS", "CREATE DATABASE"] {
        let sql = format!("{sql} {database}");
        let status = psql("postgres").args(["-c", &sql]).status();
        assert!(status.unwrap().success(), "{sql} fails");
    }
}

fn psql(database: &str) -> Command {
    let program = std::env::var_os("BENCH_PSQL").map_or_else(|| "psql".into(), PathBuf::from);
    let mut command = Command::new(program);
    command
        .args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", database])
        .env("PGOPTIONS", "-c client_min_messages=warning")
        .stdout(Stdio::null());
    command
}
