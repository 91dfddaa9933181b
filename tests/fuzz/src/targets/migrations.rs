//! A folder of migrations: `specql.sum`, the names of the files, and the files taken apart.

use std::{fs, io};

use specqlc::migrate::{Folder, MigrateError, seal, statements};

use super::folder::{put, scratch};

/// Stands alone on the line before each file but the first, followed by the file's name; the first is `specql.sum`.
const NEXT: &str = "\n===== ";

pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut pieces = text.split(NEXT);
    let sum = pieces.next().unwrap_or_default();
    let files: Vec<(&str, &str)> = pieces
        .map(|piece| piece.split_once('\n').unwrap_or((piece, "")))
        .filter(|(name, _)| is_file_name(name))
        .take(16)
        .collect();
    for (_, text) in &files {
        is_taken_apart(text);
    }
    is_taken_apart(sum);
    let tried = folder(sum, &files);
    assert!(tried.is_ok(), "{tried:?}");
}

fn is_file_name(name: &str) -> bool {
    let name = name.strip_prefix("snapshots/").unwrap_or(name);
    !name.is_empty()
        && name.len() < 100
        && !name.contains(['/', '\0'])
        && name != "."
        && name != ".."
        && name != "snapshots"
}

/// What was taken apart is whole: each piece is one statement, and they follow one another.
fn is_taken_apart(text: &str) {
    let found = statements(text);
    let mut line = 0;
    let mut rest = text;
    for statement in &found {
        assert!(
            statement.line >= line && line <= text.lines().count().max(1),
            "{text:?}"
        );
        line = statement.line;
        let at = rest.find(&statement.text);
        let Some(at) = at else {
            panic!("{:?} is not in {text:?}", statement.text);
        };
        rest = &rest[at + statement.text.len()..];
    }
    for statement in found.iter().take(20) {
        let again = statements(&statement.text);
        assert!(
            again.len() == 1
                && again[0].text == statement.text
                && again[0].tokens == statement.tokens,
            "{text:?}"
        );
    }
}

fn folder(sum: &str, files: &[(&str, &str)]) -> io::Result<()> {
    let out = scratch()?;
    let migrations = out.path().join("migrations");
    fs::create_dir_all(migrations.join("snapshots"))?;
    for (name, text) in files {
        put(&migrations, name, text.as_bytes())?;
    }
    put(&migrations, "specql.sum", sum.as_bytes())?;
    read(out.path());
    // With a chain that holds, what is behind it is reached.
    if let Some(first) = sum.lines().next() {
        put(&migrations, "specql.sum", format!("{first}\n").as_bytes())?;
        let names: Vec<String> = files
            .iter()
            .map(|(name, _)| (*name).to_owned())
            .filter(|name| !name.starts_with('.'))
            .collect();
        if seal(out.path(), &names).is_ok() {
            let opened = Folder::open(out.path());
            assert!(opened.is_ok(), "sealed, and {opened:?}");
            read(out.path());
        }
    }
    Ok(())
}

fn read(out: &std::path::Path) {
    match Folder::open(out) {
        Ok(folder) => {
            let _ = folder.check_snapshots();
            let _ = folder.check_statements();
            let _ = folder.state();
        }
        Err(MigrateError::Folder(problems)) => assert!(
            problems
                .iter()
                .all(|problem| !problem.to_string().is_empty())
        ),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}
