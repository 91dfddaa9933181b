//! Writes the copy with its mutants, and leaves out those with which it does not compile, until it does.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::edit::{self, Mutant};
use crate::{Fallible, ROOMS, copy, find};

/// Given to the copy's `src/lib.rs`.
const SWITCH: &str = r#"
#[doc(hidden)]
pub fn mutant(number: u32) -> bool {
    static AWAKE: std::sync::OnceLock<Option<u32>> = std::sync::OnceLock::new();
    let awake = AWAKE.get_or_init(|| std::env::var("SPECQLC_MUTANT").ok()?.parse().ok());
    *awake == Some(number)
}
"#;

/// Rounds until the copy compiles: errors of a later phase of the compiler come to light when those of earlier ones are gone.
const ROUNDS: usize = 20;

/// A file that has mutants.
struct File {
    path: PathBuf,
    source: String,
    mutants: Vec<(usize, Mutant)>,
}

/// Makes `FOLDER/source` and `FOLDER/mutants.tsv`.
pub fn prepare(root: &Path, folder: &Path) -> Fallible<()> {
    let source = folder.join("source");
    let paths = copy::files(root)?;
    let files = files(root, &paths)?;
    for path in &paths {
        if path == Path::new("Cargo.toml") {
            copy::write(
                &source.join(path),
                &without_lints(&fs::read_to_string(root.join(path))?),
            )?;
        } else if path == Path::new("src/lib.rs") {
            let text = fs::read_to_string(root.join(path))?;
            copy::write(
                &source.join(path),
                &format!("#![allow(warnings)]\n{text}{SWITCH}"),
            )?;
        } else if !files.iter().any(|file| file.path == *path) {
            copy::copy(root, &source, path)?;
        }
    }
    copy::remove_others(&source, &paths)?;
    // What was refused before is left out at once.
    let memory = folder.join("refused.tsv");
    let known: BTreeSet<String> = fs::read_to_string(&memory)
        .unwrap_or_default()
        .lines()
        .map(str::to_owned)
        .collect();
    let refused = compiling(&files, &source, &folder.join("build"), &known)?;
    let (mut good, mut bad) = (String::new(), String::new());
    for (path, number, mutant) in all(&files) {
        let line = line(path, number, mutant);
        let list = if refused.contains(&number) {
            &mut bad
        } else {
            &mut good
        };
        list.push_str(&line);
        list.push('\n');
    }
    copy::write(&memory, &bad)?;
    copy::write(&folder.join("mutants.tsv"), &good)?;
    println!(
        "{} mutants, and {} that do not compile",
        good.lines().count(),
        bad.lines().count()
    );
    Ok(())
}

fn all(files: &[File]) -> impl Iterator<Item = (&Path, usize, &Mutant)> {
    files.iter().flat_map(|file| {
        file.mutants
            .iter()
            .map(|(number, mutant)| (file.path.as_path(), *number, mutant))
    })
}

/// Number, place, what.
fn line(path: &Path, number: usize, mutant: &Mutant) -> String {
    let (line, column) = mutant.place;
    format!(
        "{number}\t{}:{line}:{column}\t{}",
        path.display(),
        mutant.what
    )
}

/// The files of the rooms that have mutants; these are numbered through.
fn files(root: &Path, paths: &BTreeSet<PathBuf>) -> Fallible<Vec<File>> {
    let (mut files, mut next) = (Vec::new(), 1);
    for path in paths {
        let of_room = ROOMS
            .iter()
            .any(|room| path.starts_with(Path::new("src").join(room)));
        let of_tests = path.file_stem().is_some_and(|stem| stem == "tests");
        if !of_room || of_tests || path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let source = fs::read_to_string(root.join(path))?;
        let mutants =
            find::mutants(&source).map_err(|error| format!("{}: {error}", path.display()))?;
        let numbered: Vec<_> = (next..).zip(mutants).collect();
        next += numbered.len();
        files.push(File {
            path: path.clone(),
            source,
            mutants: numbered,
        });
    }
    Ok(files)
}

/// The copy's own warnings are nobody's concern.
fn without_lints(manifest: &str) -> String {
    let mut left_out = false;
    let mut kept = String::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            left_out = line.starts_with("[lints.");
        }
        if !left_out {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    // It lies in the folder of another package.
    kept.push_str("\n[workspace]\n");
    kept
}

/// Writes the files, checks them, and gives the numbers of the mutants that had to be left out.
fn compiling(
    files: &[File],
    source: &Path,
    build: &Path,
    known: &BTreeSet<String>,
) -> Fallible<BTreeSet<usize>> {
    let mut refused: BTreeSet<usize> = all(files)
        .filter(|(path, number, mutant)| known.contains(&line(path, *number, mutant)))
        .map(|(_, number, _)| number)
        .collect();
    for _ in 0..ROUNDS {
        let mut ranges = BTreeMap::new();
        for file in files {
            let kept: Vec<_> = file
                .mutants
                .iter()
                .filter(|(number, _)| !refused.contains(number))
                .map(|(number, mutant)| (*number, mutant))
                .collect();
            let (text, of_file) = edit::with_mutants(&file.source, &kept);
            copy::write(&source.join(&file.path), &text)?;
            ranges.insert(file.path.clone(), of_file);
        }
        let errors = errors(source, build)?;
        if errors.is_empty() {
            return Ok(refused);
        }
        let before = refused.len();
        for error in &errors {
            refused.extend(guilty(error, &ranges));
        }
        println!(
            "{} errors, {} mutants left out",
            errors.len(),
            refused.len()
        );
        if refused.len() == before {
            return Err(format!(
                "no mutant is where this error is: {}",
                errors[0]["rendered"]
            )
            .into());
        }
    }
    Err(format!("does not compile after {ROUNDS} rounds").into())
}

/// What the Rust compiler has against the library.
fn errors(source: &Path, build: &Path) -> Fallible<Vec<Value>> {
    let output = Command::new("cargo")
        .args([
            "check",
            "--locked",
            "--quiet",
            "--lib",
            "--message-format=json",
            "--target-dir",
        ])
        .arg(build)
        .current_dir(source)
        .stderr(Stdio::inherit())
        .output()?;
    let mut errors = Vec::new();
    for line in String::from_utf8(output.stdout)?.lines() {
        let mut message: Value = serde_json::from_str(line)?;
        let message = message["message"].take();
        if message["level"] == "error"
            && message["spans"]
                .as_array()
                .is_some_and(|spans| !spans.is_empty())
        {
            errors.push(message);
        }
    }
    if errors.is_empty() && !output.status.success() {
        return Err("cargo check failed".into());
    }
    Ok(errors)
}

/// The mutant that an error is about: the innermost where it is, else where its notes point.
fn guilty(error: &Value, ranges: &BTreeMap<PathBuf, Vec<(usize, Range<usize>)>>) -> Option<usize> {
    let spans = error["spans"].as_array()?;
    let primary = spans.iter().filter(|span| span["is_primary"] == true);
    let others = spans.iter().filter(|span| span["is_primary"] != true);
    primary.chain(others).find_map(|span| {
        let file = ranges.get(Path::new(span["file_name"].as_str()?))?;
        let at = usize::try_from(span["byte_start"].as_u64()?).ok()?;
        file.iter()
            .filter(|(_, range)| range.contains(&at))
            .min_by_key(|(_, range)| range.len())
            .map(|(number, _)| *number)
    })
}
