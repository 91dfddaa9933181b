//! The copy of the package: all that git knows of or would take in. What is equal already is not touched, so that cargo builds
//! only what is new.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Fallible;

/// The files of the package, relative to its root.
pub fn files(root: &Path) -> Fallible<BTreeSet<PathBuf>> {
    let listed = Command::new("git")
        .args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ])
        .current_dir(root)
        .output()?;
    if !listed.status.success() {
        return Err(String::from_utf8_lossy(&listed.stderr).into());
    }
    Ok(String::from_utf8(listed.stdout)?
        .split_terminator('\0')
        .map(PathBuf::from)
        .filter(|path| root.join(path).is_file())
        .collect())
}

/// Copies one file, with its permissions.
pub fn copy(root: &Path, copy: &Path, path: &Path) -> Fallible<()> {
    let (from, to) = (root.join(path), copy.join(path));
    let bytes = fs::read(&from)?;
    if fs::read(&to).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    folder_of(&to)?;
    fs::copy(from, to)?;
    Ok(())
}

/// Writes one file, unless it says the same already.
pub fn write(to: &Path, text: &str) -> Fallible<()> {
    if fs::read_to_string(to).is_ok_and(|there| there == text) {
        return Ok(());
    }
    folder_of(to)?;
    fs::write(to, text)?;
    Ok(())
}

fn folder_of(file: &Path) -> Fallible<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    Ok(())
}

/// Removes what an earlier copy had and the package no longer has.
pub fn remove_others(copy: &Path, kept: &BTreeSet<PathBuf>) -> Fallible<()> {
    let mut folders = vec![copy.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            let short = path.strip_prefix(copy)?;
            // Links to programs that tests run; see `scripts/mutants`.
            if short == Path::new("target") {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if !kept.contains(short) {
                fs::remove_file(&path)?;
            }
        }
    }
    Ok(())
}
