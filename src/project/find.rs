//! Which files are specs.

use std::fs::{self, DirEntry};
use std::path::{Path, PathBuf};

use super::ProjectError;

/// A spec file that was found.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Found {
    /// How it is called: relative to the project, with `/`.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
}

/// All `*.yaml` and `*.yml` under a folder, sorted by the bytes of their names. What is hidden is left out.
/// Symbolic links are followed within the project.
pub(super) fn find(folder: &Path, name: &str, project: &Path) -> Result<Vec<Found>, ProjectError> {
    match fs::metadata(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(ProjectError::NoSpecsFolder(folder.to_path_buf()));
        }
        Err(error) => return Err(ProjectError::io("read", folder)(error)),
        Ok(metadata) if !metadata.is_dir() => {
            return Err(ProjectError::NotAFolder(folder.to_path_buf()));
        }
        Ok(_) => {}
    }
    let mut walk = Walk {
        // A folder of specs that lies elsewhere altogether was asked for; links out of it are still refused.
        within: vec![canonical(project)?, canonical(folder)?],
        entered: Vec::new(),
        found: Vec::new(),
    };
    walk.folder(folder, name)?;
    if walk.found.is_empty() {
        return Err(ProjectError::NoSpecs(folder.to_path_buf()));
    }
    walk.found.sort_unstable();
    Ok(walk.found)
}

struct Walk {
    within: Vec<PathBuf>,
    /// Folders entered by links, from the outermost.
    entered: Vec<PathBuf>,
    found: Vec<Found>,
}

impl Walk {
    fn folder(&mut self, folder: &Path, name: &str) -> Result<(), ProjectError> {
        let entries = fs::read_dir(folder).map_err(ProjectError::io("read", folder))?;
        for entry in entries {
            let entry = entry.map_err(ProjectError::io("read", folder))?;
            self.entry(&entry, name)?;
        }
        Ok(())
    }

    fn entry(&mut self, entry: &DirEntry, folder: &str) -> Result<(), ProjectError> {
        let path = entry.path();
        let file_name = entry.file_name();
        if file_name.as_encoded_bytes().starts_with(b".") {
            return Ok(());
        }
        let kind = entry.file_type().map_err(ProjectError::io("read", &path))?;
        let is_spec = path
            .extension()
            .is_some_and(|extension| extension == "yaml" || extension == "yml");
        if !kind.is_dir() && !kind.is_symlink() && !is_spec {
            return Ok(());
        }
        let Some(file_name) = file_name.to_str() else {
            return Err(ProjectError::NameNotUtf8(path));
        };
        let name = format!("{folder}/{file_name}");
        if kind.is_symlink() {
            self.link(path, name, is_spec)
        } else if kind.is_dir() {
            self.folder(&path, &name)
        } else if kind.is_file() {
            self.found.push(Found { name, path });
            Ok(())
        } else {
            Err(ProjectError::NotAFile(path))
        }
    }

    fn link(&mut self, path: PathBuf, name: String, is_spec: bool) -> Result<(), ProjectError> {
        let metadata =
            fs::metadata(&path).map_err(ProjectError::io("follow the symbolic link", &path))?;
        if !metadata.is_dir() && !is_spec {
            return Ok(());
        }
        let target = canonical(&path)?;
        if !self.within.iter().any(|folder| target.starts_with(folder)) {
            return Err(ProjectError::SymlinkEscape { link: path, target });
        }
        if metadata.is_file() {
            self.found.push(Found { name, path });
            return Ok(());
        }
        if !metadata.is_dir() {
            return Err(ProjectError::NotAFile(path));
        }
        let parent = canonical(path.parent().unwrap_or(Path::new(".")))?;
        if parent.starts_with(&target)
            || self
                .entered
                .iter()
                .any(|folder| folder.starts_with(&target))
        {
            return Err(ProjectError::SymlinkLoop { link: path, target });
        }
        self.entered.push(target);
        self.folder(&path, &name)?;
        self.entered.pop();
        Ok(())
    }
}

fn canonical(path: &Path) -> Result<PathBuf, ProjectError> {
    fs::canonicalize(path).map_err(ProjectError::io("read", path))
}
