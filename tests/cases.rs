//! Every folder of `tests/cases` is a case: a project that must build, load and be what its queries say.
//!
//! | file | what it is |
//! |---|---|
//! | `specs/` | the specs |
//! | `specql.yaml` | optional project file; with `postgres: 18` the case needs a server of that version |
//! | `args` | optional arguments of `build` |
//! | `data.sql` | optional SQL that runs after `schema.sql` was loaded |
//! | `check.sql` | queries: a row that one of them returns is a failure and says what is wrong |
//! | `expect.txt` | the diagnostics, none of them an error; without it there must be none |
//! | `expected/` | files that must stand in `generated/` byte for byte; others may stand there too |
//!
//! `UPDATE_EXPECT=1` rewrites `expect.txt` and the files of `expected/`. `CASE=NAME` runs one case.

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
use std::process::Output;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use support::statements::{parse_error, statements};
use support::{Cluster, Project, copy_folder, files_below, said, update_expectations};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases")
}

fn cases() -> Vec<PathBuf> {
    let mut cases: Vec<_> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    cases.sort();
    cases
}

fn name(case: &Path) -> String {
    case.file_name().unwrap().to_string_lossy().into_owned()
}

#[test]
fn every_case_builds_loads_and_holds() {
    let wanted = std::env::var("CASE").ok();
    let cases: Vec<_> = cases()
        .into_iter()
        .filter(|case| wanted.as_ref().is_none_or(|wanted| *wanted == name(case)))
        .collect();
    assert!(!cases.is_empty(), "no case of that name");
    let cluster = Cluster::shared();
    let next = AtomicUsize::new(0);
    let failures = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    match run(case, &cluster) {
                        Ok(Verdict::Passed) => {}
                        Ok(Verdict::NeedsServer(major)) => {
                            println!("needs PostgreSQL {major}: {}", name(case));
                        }
                        Err(why) => failures
                            .lock()
                            .unwrap()
                            .push(format!("{}: {why}", name(case))),
                    }
                }
            });
        }
    });
    let mut failures = failures.into_inner().unwrap();
    failures.sort();
    assert!(
        failures.is_empty(),
        "{} of {} cases failed\n\n{}",
        failures.len(),
        cases.len(),
        failures.join("\n\n")
    );
}

enum Verdict {
    Passed,
    NeedsServer(u32),
}

fn run(case: &Path, cluster: &Cluster) -> Result<Verdict, String> {
    let project = Project::empty();
    copy_folder(&case.join("specs"), &project.path().join("specs"));
    let settings = fs::read_to_string(case.join("specql.yaml")).ok();
    if let Some(settings) = &settings {
        project.write("specql.yaml", settings.as_bytes());
    }
    diagnostics(case, &project)?;
    build(case, &project)?;
    expected_files(case, &project)?;
    unparsable(&project.read("generated/schema.sql"))?;

    let needed = settings.as_deref().and_then(oldest_server);
    if let Some(needed) = needed.filter(|needed| *needed > cluster.major()) {
        return Ok(Verdict::NeedsServer(needed));
    }
    let database = format!("case_{}", name(case).replace('-', "_"));
    cluster.psql("postgres", &format!("CREATE DATABASE \"{database}\""))?;
    let schema = project.path().join("generated/schema.sql");
    cluster
        .psql_file(&database, &schema, &["-1"])
        .map_err(|error| format!("schema.sql does not load: {error}"))?;
    let data = case.join("data.sql");
    if data.is_file() {
        cluster
            .psql_file(&database, &data, &[])
            .map_err(|error| format!("data.sql: {error}"))?;
    }
    let check = case.join("check.sql");
    if check.is_file() {
        let rows = cluster
            .psql_file(&database, &check, &[])
            .map_err(|error| format!("check.sql: {error}"))?;
        if !rows.trim().is_empty() {
            return Err(format!("check.sql found\n{rows}"));
        }
    }
    cluster.psql("postgres", &format!("DROP DATABASE \"{database}\""))?;
    Ok(Verdict::Passed)
}

fn diagnostics(case: &Path, project: &Project) -> Result<(), String> {
    let output = project.specqlc().arg("check").output().unwrap();
    let found = String::from_utf8_lossy(&output.stderr).into_owned();
    if !output.status.success() {
        return Err(format!("check fails: {}", said(&output)));
    }
    let path = case.join("expect.txt");
    let expected = fs::read_to_string(&path).unwrap_or_default();
    if found == expected {
        return Ok(());
    }
    if update_expectations() {
        if found.is_empty() {
            let _ = fs::remove_file(path);
        } else {
            fs::write(path, found).unwrap();
        }
        return Ok(());
    }
    Err(format!("diagnostics are\n{found}instead of\n{expected}"))
}

/// Builds twice: the second time there is nothing to do.
fn build(case: &Path, project: &Project) -> Result<(), String> {
    let arguments = fs::read_to_string(case.join("args")).unwrap_or_default();
    let arguments: Vec<_> = arguments.split_whitespace().collect();
    let build = |more: &[&str]| -> Output {
        let mut command = project.specqlc();
        command.arg("build").args(more).args(&arguments);
        command.output().unwrap()
    };
    let first = build(&[]);
    if !first.status.success() {
        return Err(format!("build fails: {}", said(&first)));
    }
    let again = build(&["--check"]);
    if !again.status.success() || !again.stdout.is_empty() {
        return Err(format!("a second build differs: {}", said(&again)));
    }
    Ok(())
}

fn expected_files(case: &Path, project: &Project) -> Result<(), String> {
    let folder = case.join("expected");
    for file in files_below(&folder) {
        let path = folder.join(&file);
        let expected = fs::read_to_string(&path).unwrap();
        let actual = project.read(&format!("generated/{}", file.display()));
        if actual == expected {
            continue;
        }
        if update_expectations() {
            fs::write(path, actual).unwrap();
        } else {
            let diff = similar::TextDiff::from_lines(&expected, &actual);
            let diff = diff.unified_diff().header("expected", "actual").to_string();
            return Err(format!("{} differs\n{diff}", file.display()));
        }
    }
    Ok(())
}

/// The second judge of what is rendered.
fn unparsable(script: &str) -> Result<(), String> {
    statements(script)
        .into_iter()
        .find_map(parse_error)
        .map_or(Ok(()), Err)
}

/// `postgres: 18` of a project file.
fn oldest_server(settings: &str) -> Option<u32> {
    settings
        .lines()
        .find_map(|line| line.strip_prefix("postgres:")?.trim().parse().ok())
}

#[test]
fn no_case_is_forgotten_or_misshapen() {
    let known = [
        "specs",
        "specql.yaml",
        "args",
        "data.sql",
        "check.sql",
        "expect.txt",
        "expected",
    ];
    let mut wrong = Vec::new();
    for case in cases() {
        let name = name(&case);
        if !case.is_dir()
            || !name
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        {
            wrong.push(format!("{name}: not a folder with a kebab-case name"));
            continue;
        }
        let specs = files_below(&case.join("specs"));
        if !specs
            .iter()
            .any(|file| file.extension().is_some_and(|e| e == "yaml" || e == "yml"))
        {
            wrong.push(format!("{name}: no specs"));
        }
        if !["check.sql", "expect.txt", "expected"]
            .iter()
            .any(|file| case.join(file).exists())
        {
            wrong.push(format!("{name}: nothing is expected of it"));
        }
        for entry in fs::read_dir(&case).unwrap() {
            let entry = entry.unwrap();
            let file = entry.file_name().to_string_lossy().into_owned();
            if !known.contains(&file.as_str()) {
                wrong.push(format!("{name}/{file}: no part of a case"));
            }
            if entry.metadata().unwrap().is_file()
                && fs::read_to_string(entry.path()).unwrap().trim().is_empty()
            {
                wrong.push(format!("{name}/{file}: empty"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
