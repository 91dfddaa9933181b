//! What the fuzzer has found worth keeping, replayed: every input of the corpus and every input that ever broke a promise ends
//! without a panic, and soon. `scripts/fuzz` looks for more.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a target that finds a promise broken panics, as the fuzzer wants it"
)]

#[path = "fuzz/src/targets/mod.rs"]
mod targets;

use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Longest time for one input, in a debug build on a busy machine.
const PATIENCE: Duration = Duration::from_secs(10);

/// The inputs of a target, in order.
fn inputs(folder: &str, target: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fuzz")
        .join(folder)
        .join(target);
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut inputs: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    inputs.sort();
    inputs
}

fn replay(target: &str) {
    let (_, run) = targets::ALL
        .iter()
        .find(|(name, _)| *name == target)
        .unwrap();
    let corpus = inputs("corpus", target);
    assert!(corpus.len() > 10, "the corpus of {target} is gone");
    let mut broken = Vec::new();
    for path in corpus.into_iter().chain(inputs("regressions", target)) {
        let bytes = fs::read(&path).unwrap();
        let start = Instant::now();
        let ended = catch_unwind(|| run(&bytes));
        let slow = start.elapsed() > PATIENCE;
        if ended.is_err() || slow {
            broken.push(format!("{} ({:?})", path.display(), start.elapsed()));
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_folder_of_inputs_has_a_target() {
    for folder in ["corpus", "regressions"] {
        for path in inputs(folder, "") {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            assert!(
                targets::ALL.iter().any(|(target, _)| *target == name),
                "no target takes {}",
                path.display()
            );
        }
    }
}

#[test]
fn catalog() {
    replay("catalog");
}

#[test]
fn expression() {
    replay("expression");
}

#[test]
fn migrations() {
    replay("migrations");
}

#[test]
fn snapshot() {
    replay("snapshot");
}

#[test]
fn specs() {
    replay("specs");
}
