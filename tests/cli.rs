//! The program as a user runs it: exit codes, and what goes where.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a helper that fails fails its test"
)]

use std::path::Path;
use std::process::{Command, Stdio};

struct Run {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

fn specqlc(folder: &Path, arguments: &[&str]) -> Run {
    let output = Command::new(env!("CARGO_BIN_EXE_specqlc"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    Run {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn init_begins_a_project_once() {
    let folder = tempfile::tempdir().unwrap();
    let first = specqlc(folder.path(), &["init", "shop"]);
    assert_eq!((first.code, first.stdout.as_str()), (Some(0), ""));
    for file in ["specql.yaml", "specs/example.yaml", ".gitattributes"] {
        assert!(folder.path().join("shop").join(file).exists(), "{file}");
    }
    std::fs::remove_file(folder.path().join("shop/specql.yaml")).unwrap();
    let second = specqlc(folder.path(), &["init", "shop"]);
    assert_eq!(second.code, Some(1));
    assert_eq!(
        second.stderr,
        "error: nothing was written: shop/specs/example.yaml, shop/.gitattributes exists already\n"
    );
    assert!(!folder.path().join("shop/specql.yaml").exists());
}

#[test]
fn help_is_data_and_a_wrong_argument_an_error() {
    let here = Path::new(".");
    for arguments in [["--help"].as_slice(), &["build", "--help"], &["--version"]] {
        let run = specqlc(here, arguments);
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
        assert!(!run.stdout.is_empty());
    }
    for arguments in [
        [].as_slice(),
        &["bild"],
        &["build", "--as-of", "2024-02-30"],
        &["-q", "-v", "build"],
        &["explain", "unknown-feild"],
        &["build", "-C", "/nowhere"],
    ] {
        let run = specqlc(here, arguments);
        assert_eq!(
            (run.code, run.stdout.as_str()),
            (Some(1), ""),
            "{arguments:?}"
        );
        assert!(!run.stderr.is_empty());
        assert!(!run.stderr.contains('\x1b'), "no colour into a pipe");
    }
}

#[test]
fn every_command_shows_examples() {
    for command in ["build", "check", "explain", "init", "completions"] {
        let run = specqlc(Path::new("."), &[command, "--help"]);
        assert!(run.stdout.contains("Examples:\n  specqlc"), "{command}");
    }
}

#[test]
fn a_reader_that_leaves_is_no_failure() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_specqlc"))
        .args(["completions", "bash"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn color_is_a_choice() {
    let folder = Path::new(".");
    let run = specqlc(folder, &["--color", "always", "explain", "nothing-such"]);
    assert!(run.stderr.contains('\x1b'), "{}", run.stderr);
    let run = specqlc(folder, &["--color", "never", "explain", "nothing-such"]);
    assert!(!run.stderr.contains('\x1b'));
}
