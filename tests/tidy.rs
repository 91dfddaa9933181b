//! What `ARCHITECTURE.md` and `CONTRIBUTING.md` ask of the source, where a test can see it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper that fails fails its test; clippy knows it only of functions marked as tests"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms from left to right. A room imports only from those to its left; those on one line do not import each other.
const ROOMS: &[&[&str]] = &[
    &["yaml", "pg", "connect", "interrupt"],
    &["diagnose"],
    &["sql"],
    &["catalog"],
    &["introspect"],
    &["syntax"],
    &["resolve"],
    &["lower"],
    &["compile"],
    &["diff"],
    &["plan"],
    &["render"],
    &["reconcile"],
    &["changeset"],
    &["shadow"],
    &["project", "maintain"],
    &["migrate"],
    &["cli"],
];

/// Longest file of source, in lines.
const LONGEST_FILE: usize = 600;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn below(folder: &str, extension: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

fn short(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().display().to_string()
}

fn rank(room: &str) -> Option<usize> {
    ROOMS.iter().position(|rooms| rooms.contains(&room))
}

/// `src/plan/order.rs` → `plan`, `src/compile.rs` → `compile`.
fn room_of(path: &Path) -> String {
    let path = path.strip_prefix(root().join("src")).unwrap();
    let first = path.components().next().unwrap().as_os_str();
    Path::new(first).with_extension("").display().to_string()
}

/// The rooms that a source names: in `use crate::plan::…`, `use crate::{plan, diff::…}`, `crate::plan::order(…)`.
fn rooms_named(source: &str) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    let code: String = source
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| [line, "\n"])
        .collect();
    for rest in code.split("crate::").skip(1) {
        if let Some(group) = rest.strip_prefix('{') {
            named.extend(heads(group));
        } else {
            named.insert(word(rest).to_owned());
        }
    }
    named
}

/// The first word of each element of a `{…}` group.
fn heads(group: &str) -> Vec<String> {
    let mut depth = 0_usize;
    let mut heads = vec![String::new()];
    for c in group.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => heads.push(String::new()),
            _ if depth == 0 => heads.last_mut().unwrap().push(c),
            _ => {}
        }
    }
    heads
        .iter()
        .map(|head| word(head.trim()).to_owned())
        .collect()
}

fn word(text: &str) -> &str {
    text.split(|c: char| !c.is_alphanumeric() && c != '_')
        .next()
        .unwrap_or("")
}

#[test]
fn names_are_read_from_uses() {
    let source = "use crate::{plan, diff::{a, b}};\n// crate::cli\nuse crate::pg::Version;\nlet x = crate::sql::y();";
    let named: Vec<_> = rooms_named(source).into_iter().collect();
    assert_eq!(named, ["diff", "pg", "plan", "sql"]);
}

#[test]
fn rooms_import_only_to_the_left() {
    let mut wrong = Vec::new();
    for path in below("src", "rs") {
        let room = room_of(&path);
        if ["lib", "main"].contains(&room.as_str()) {
            continue;
        }
        let Some(own) = rank(&room) else {
            wrong.push(format!(
                "{}: the room `{room}` has no place in ROOMS",
                short(&path)
            ));
            continue;
        };
        for named in rooms_named(&fs::read_to_string(&path).unwrap()) {
            if named != room && rank(&named).is_some_and(|other| other >= own) {
                wrong.push(format!(
                    "{}: `{room}` must not know `{named}`",
                    short(&path)
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_room_says_what_it_is() {
    let mut silent: Vec<_> = below("src", "rs")
        .into_iter()
        .filter(|path| path.ends_with("mod.rs") || path.parent() == Some(&root().join("src")))
        .filter(|path| !fs::read_to_string(path).unwrap().starts_with("//! "))
        .map(|path| short(&path))
        .collect();
    silent.sort();
    assert!(silent.is_empty(), "no `//!` head: {silent:?}");
}

#[test]
fn files_are_short() {
    let long: Vec<_> = ["src", "tests", "benches"]
        .into_iter()
        .flat_map(|folder| below(folder, "rs"))
        .map(|path| (fs::read_to_string(&path).unwrap().lines().count(), path))
        .filter(|(lines, _)| *lines > LONGEST_FILE)
        .map(|(lines, path)| format!("{}: {lines} lines", short(&path)))
        .collect();
    assert!(long.is_empty(), "over {LONGEST_FILE} lines: {long:?}");
}

#[test]
fn every_template_is_used() {
    // Where templates are listed is no use of them.
    let code: String = below("src", "rs")
        .iter()
        .filter(|path| !path.ends_with("render/environment.rs"))
        .chain(&below("templates", "j2"))
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    let unused: Vec<_> = below("templates", "j2")
        .into_iter()
        .filter(|path| {
            let name = path
                .strip_prefix(root().join("templates"))
                .unwrap()
                .display()
                .to_string();
            let plain = name.strip_suffix(".sql.j2").unwrap_or(&name);
            !code.contains(&format!("\"{name}\"")) && !code.contains(&format!("\"{plain}\""))
        })
        .map(|path| short(&path))
        .collect();
    assert!(unused.is_empty(), "nobody renders {unused:?}");
}

#[test]
fn every_test_file_of_a_folder_is_a_module() {
    let mut forgotten = Vec::new();
    for path in below("src", "rs").into_iter().chain(below("tests", "rs")) {
        let folder = path.parent().unwrap();
        let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
        if folder == root().join("src")
            || folder == root().join("tests")
            || ["mod", "main"].contains(&stem.as_str())
        {
            continue;
        }
        let declares = |file: &Path| {
            fs::read_to_string(file).is_ok_and(|text| {
                text.contains(&format!("mod {stem};")) || text.contains(&format!("{stem}.rs\""))
            })
        };
        let parents = [
            folder.join("mod.rs"),
            folder.join("main.rs"),
            folder.with_extension("rs"),
        ];
        let siblings = || below(&short(folder), "rs");
        if !parents.iter().any(|file| declares(file))
            && !siblings().iter().any(|file| declares(file))
        {
            forgotten.push(short(&path));
        }
    }
    assert!(forgotten.is_empty(), "no module declares {forgotten:?}");
}

#[test]
fn the_reference_names_every_diagnostic() {
    let reference = fs::read_to_string(root().join("docs/language.md")).unwrap();
    let missing: Vec<_> = specqlc::diagnose::Code::ALL
        .iter()
        .map(|code| code.name())
        .filter(|name| !reference.contains(&format!("`{name}`")))
        .collect();
    assert!(
        missing.is_empty(),
        "docs/language.md does not name {missing:?}"
    );
}

/// The project speaks of itself, not of those who made it or the machines it was made on.
#[test]
fn no_file_names_a_machine() {
    let mut wrong = Vec::new();
    for folder in [
        "src",
        "tests",
        "docs",
        "scripts",
        "specs",
        "templates",
        "benches",
    ] {
        for extension in ["rs", "md", "sh", "yaml", "sql", "j2"] {
            for path in below(folder, extension) {
                let text = fs::read_to_string(&path).unwrap_or_default();
                if !path.ends_with("tests/tidy.rs")
                    && ["/root/", "/home/", "/work/"]
                        .iter()
                        .any(|place| text.contains(place))
                {
                    wrong.push(short(&path));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "a path of one machine: {wrong:?}");
}
