//! Finds the programs of a `PostgreSQL` server.

use std::fs;
use std::path::{Path, PathBuf, absolute};
use std::process::Command;

use super::ShadowError;
use crate::connect::Environment;

/// A folder with `postgres`, `initdb` and `pg_ctl`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Programs {
    pub folder: PathBuf,
    pub major: u32,
}

/// Where distributions put each version in a folder of its own: before and after its number.
const VERSIONED: [(&str, &str, &str); 4] = [
    ("/usr/lib/postgresql", "", "bin"),
    ("/usr", "pgsql-", "bin"),
    ("/opt/homebrew/opt", "postgresql@", "bin"),
    ("/usr/local/opt", "postgresql@", "bin"),
];

/// Those of a major version, else of the nearest newer: what an older server would refuse says nothing.
pub(super) fn find(major: u32, environment: &Environment<'_>) -> Result<Programs, ShadowError> {
    let mut found: Vec<Programs> = Vec::new();
    let folders = folders(environment).into_iter();
    for folder in folders.filter_map(|folder| absolute(folder).ok()) {
        if found.iter().all(|known| known.folder != folder)
            && let Some(major) = version(&folder)
        {
            found.push(Programs { folder, major });
        }
    }
    let nearest = found
        .iter()
        .filter(|programs| programs.major >= major)
        .min_by_key(|programs| programs.major);
    nearest.cloned().ok_or_else(|| ShadowError::NoPrograms {
        major,
        found: describe(&found),
    })
}

/// In the order in which they are asked: what is set, what is in use, what is installed.
fn folders(environment: &Environment<'_>) -> Vec<PathBuf> {
    let set = environment("SPECQLC_PG_BIN").map(PathBuf::from);
    let path = environment("PATH").unwrap_or_default();
    let configured = Command::new("pg_config").arg("--bindir").output();
    let configured = configured.ok().filter(|output| output.status.success());
    let configured = configured.map(|output| {
        let text = String::from_utf8_lossy(&output.stdout);
        PathBuf::from(text.trim())
    });
    let installed = VERSIONED.into_iter().flat_map(|(parent, prefix, below)| {
        let entries = fs::read_dir(parent).into_iter().flatten().flatten();
        let mut folders: Vec<PathBuf> = entries
            .filter(|entry| {
                let name = entry.file_name();
                let number = name.to_str().and_then(|name| name.strip_prefix(prefix));
                number.is_some_and(|number| number.parse::<u32>().is_ok())
            })
            .map(|entry| entry.path().join(below))
            .collect();
        folders.sort();
        folders
    });
    let mut folders: Vec<PathBuf> = set.into_iter().collect();
    folders.extend(std::env::split_paths(&path));
    folders.extend(configured);
    folders.extend(installed);
    folders
}

/// The major version of a folder's programs; `None` where one of them is missing.
fn version(folder: &Path) -> Option<u32> {
    let programs = ["postgres", "initdb", "pg_ctl"];
    if !programs.iter().all(|name| folder.join(name).is_file()) {
        return None;
    }
    let output = Command::new(folder.join("postgres"))
        .arg("--version")
        .output();
    // postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)
    let printed = String::from_utf8_lossy(&output.ok()?.stdout).into_owned();
    let number = printed.split_once("(PostgreSQL) ")?.1;
    let digits = number.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

fn describe(found: &[Programs]) -> String {
    if found.is_empty() {
        return "there are none on this machine".into();
    }
    let found: Vec<String> = found
        .iter()
        .map(|programs| format!("{} in {}", programs.major, programs.folder.display()))
        .collect();
    format!("there is {}", found.join(", "))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn pretend(folder: &Path, major: u32) {
        fs::create_dir(folder).unwrap();
        for name in ["postgres", "initdb", "pg_ctl"] {
            let program = folder.join(name);
            let text = format!("#!/bin/sh\necho 'postgres (PostgreSQL) {major}.1'\n");
            fs::write(&program, text).unwrap();
            fs::set_permissions(program, fs::Permissions::from_mode(0o755)).unwrap();
        }
    }

    #[test]
    fn the_same_version_or_the_nearest_newer_is_taken() {
        let root = tempfile::tempdir().unwrap();
        // Versions that nobody has installed.
        for major in [91, 93, 95] {
            pretend(&root.path().join(major.to_string()), major);
        }
        let path = std::env::join_paths([95, 91, 93].map(|n| root.path().join(n.to_string())));
        let path = path.unwrap().into_string().unwrap();
        let environment = |name: &str| (name == "PATH").then(|| path.clone());
        let found = |major| find(major, &environment).unwrap().major;
        assert_eq!([found(91), found(92), found(94)], [91, 93, 95]);
        let refused = find(96, &environment).unwrap_err().to_string();
        assert!(refused.contains("PostgreSQL 96 or newer"), "{refused}");
        assert!(refused.contains("91 in "), "{refused}");
    }
}
