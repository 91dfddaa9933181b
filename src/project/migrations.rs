//! The folder of migrations: its files as text, and as it will be.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempPath;

use super::write::{put_in_place, write_temporary};
use super::{ProjectError, State, snapshot};

/// The folder's name under the output folder.
const FOLDER: &str = "migrations";

/// The folder of the states after migrations, below that of the migrations.
const SNAPSHOTS: &str = "snapshots";

/// A project's folder of migrations.
#[derive(Debug, Clone)]
pub struct MigrationFolder {
    path: PathBuf,
}

impl MigrationFolder {
    /// That of an output folder.
    pub fn of(out: &Path) -> Self {
        Self {
            path: out.join(FOLDER),
        }
    }

    /// Its files by name, and its snapshots as `snapshots/NAME`, with one kind of line ends: a checkout on another system
    /// has others. Nothing, when it is not there. Snapshots are large, so their texts are left out here.
    pub fn read(&self) -> Result<BTreeMap<String, String>, ProjectError> {
        let mut files = BTreeMap::new();
        for name in names(&self.path)? {
            let text = self.text(&name)?;
            files.insert(name, text);
        }
        for name in names(&self.path.join(SNAPSHOTS))? {
            files.insert(format!("{SNAPSHOTS}/{name}"), String::new());
        }
        Ok(files)
    }

    /// One of its files.
    pub fn text(&self, name: &str) -> Result<String, ProjectError> {
        let path = self.path.join(name);
        let bytes = fs::read(&path).map_err(ProjectError::io("read", &path))?;
        let text = String::from_utf8(bytes).map_err(|_| ProjectError::BadText {
            path,
            problem: "this file is not UTF-8".into(),
        })?;
        Ok(if text.contains('\r') {
            text.replace("\r\n", "\n")
        } else {
            text
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The state that a snapshot holds.
    pub fn state(&self, name: &str) -> Result<State, ProjectError> {
        snapshot::load(&self.path.join(name))
    }

    /// The name and the text of a state's snapshot.
    pub fn snapshot(stem: &str, state: &State) -> Result<(String, String), ProjectError> {
        let State {
            catalog,
            claims: _,
            postgres,
            as_of,
        } = state;
        let bytes = snapshot::bytes(catalog, *postgres, *as_of, &[], catalog.tables.len())?;
        // JSON is UTF-8.
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Ok((format!("{SNAPSHOTS}/{stem}.json"), text))
    }

    /// Writes files and removes others; the first of them that takes its place is followed by all, unless the machine
    /// stops. `last` is written when all others are there: it is the list of them.
    pub fn write(
        &self,
        files: &BTreeMap<String, String>,
        removed: &[String],
        last: (&str, &str),
    ) -> Result<(), ProjectError> {
        for folder in [self.path.clone(), self.path.join(SNAPSHOTS)] {
            fs::create_dir_all(&folder).map_err(ProjectError::io("create", &folder))?;
        }
        let write = |name: &str, text: &str| -> Result<(TempPath, PathBuf), ProjectError> {
            let path = self.path.join(name);
            Ok((write_temporary(&path, text.as_bytes())?, path))
        };
        let temporary: Vec<_> = files
            .iter()
            .map(|(name, text)| write(name, text))
            .collect::<Result<_, _>>()?;
        let (name, text) = last;
        let last = write(name, text)?;
        for name in removed.iter().filter(|name| !files.contains_key(*name)) {
            let path = self.path.join(name);
            fs::remove_file(&path).map_err(ProjectError::io("remove", &path))?;
        }
        temporary.into_iter().try_for_each(put_in_place)?;
        put_in_place(last)
    }
}

/// The regular files of a folder that are not hidden, in order.
fn names(folder: &Path) -> Result<Vec<String>, ProjectError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(ProjectError::io("read", folder)(error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(ProjectError::io("read", folder))?;
        let name = entry.file_name().into_string().map_err(|_| {
            // What is no text is no name of a migration, and not passed over in silence.
            ProjectError::NameNotUtf8(entry.path())
        })?;
        if !name.starts_with('.') && entry.path().is_file() {
            names.push(name);
        }
    }
    names.sort_unstable();
    Ok(names)
}
