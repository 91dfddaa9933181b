//! Every `.yaml` file of `tests/errors` is a spec that is refused or warned of: what `specqlc check` says of it stands
//! in the `.txt` beside it, word for word. `UPDATE_EXPECT=1` rewrites them; then read them as a newcomer would.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper that fails fails its test; clippy knows it only of functions marked as tests"
)]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use specqlc::diagnose::Code;
use support::{Project, files_below, said, update_expectations};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/errors")
}

fn with_extension(extension: &str) -> Vec<PathBuf> {
    files_below(&folder())
        .into_iter()
        .filter(|file| file.extension().is_some_and(|found| found == extension))
        .collect()
}

#[test]
fn every_case_says_what_is_written_beside_it() {
    let mut wrong = Vec::new();
    // Those of the folder `syntax` are read by a test of that room.
    for case in with_extension("yaml")
        .iter()
        .filter(|file| !file.starts_with("syntax"))
    {
        let project = Project::empty();
        let file = case.file_name().unwrap().to_string_lossy();
        project.write(
            &format!("specs/{file}"),
            &fs::read(folder().join(case)).unwrap(),
        );
        let output = project.specqlc().arg("check").output().unwrap();
        let found = String::from_utf8_lossy(&output.stderr).into_owned();
        let has_errors = found.lines().any(|line| line.starts_with("error["));
        if found.is_empty()
            || !output.stdout.is_empty()
            || output.status.code() != Some(i32::from(has_errors))
        {
            wrong.push(format!("{}: {}", case.display(), said(&output)));
            continue;
        }
        let path = folder().join(case).with_extension("txt");
        let expected = fs::read_to_string(&path).unwrap_or_default();
        if found == expected {
            continue;
        }
        if update_expectations() {
            fs::write(path, found).unwrap();
        } else {
            let diff = similar::TextDiff::from_lines(&expected, &found);
            let diff = diff.unified_diff().header("expected", "found").to_string();
            wrong.push(format!("{}\n{diff}", case.display()));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} cases differ\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn there_are_enough_cases_and_none_is_forgotten() {
    let mut forgotten = Vec::new();
    for text in with_extension("txt") {
        let spec = folder().join(&text).with_extension("yaml");
        if !spec.exists() && !spec.with_extension("yml").exists() {
            forgotten.push(text.display().to_string());
        }
    }
    for spec in with_extension("yaml") {
        if !folder().join(&spec).with_extension("txt").exists() {
            forgotten.push(spec.display().to_string());
        }
    }
    assert!(forgotten.is_empty(), "one of two is missing: {forgotten:?}");
    assert!(with_extension("yaml").len() >= 40, "cases are missing");
}

#[test]
fn every_diagnostic_has_a_case() {
    let mut shown = BTreeSet::new();
    for text in with_extension("txt") {
        for line in fs::read_to_string(folder().join(text)).unwrap().lines() {
            let name = line.split_once('[').and_then(|(severity, rest)| {
                let known = ["error", "warning", "note"].contains(&severity);
                rest.split_once("]: ").filter(|_| known)
            });
            if let Some((name, _)) = name {
                shown.insert(name.to_owned());
            }
        }
    }
    let missing: Vec<_> = Code::ALL
        .iter()
        .map(|code| code.name())
        .filter(|name| !shown.contains(*name))
        .collect();
    assert!(
        missing.is_empty(),
        "no case of tests/errors shows {missing:?}"
    );
}
