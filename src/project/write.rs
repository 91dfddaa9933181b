//! Writing generated files: all of them complete, or none.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use tempfile::TempPath;

use super::review_path::is_review_path;
use super::{Output, Previous, ProjectError, snapshot};
use crate::render::REVIEW_HEADER;

/// What temporary files begin with.
const TEMPORARY: &str = ".specqlc-";

/// How many bytes of a file are compared at once.
const CHUNK: usize = 1 << 16;

/// What was done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// Files that are new or differ, relative to the output folder.
    pub written: Vec<String>,
    /// Number of files that were right already.
    pub unchanged: usize,
    /// Files of objects that are gone.
    pub removed: Vec<String>,
}

/// What would have to be done.
#[derive(Debug)]
pub(super) struct Pending<'a> {
    /// Paths and bytes of files that are new or differ.
    pub changed: Vec<(&'a str, &'a [u8])>,
    /// Number of files that are right already.
    pub unchanged: usize,
    /// Files of objects that are gone.
    pub stale: Vec<String>,
}

/// Compares files with those on disk.
pub(super) fn pending<'a>(
    output: &'a Output,
    previous: Option<&Previous>,
    out: &Path,
) -> Result<Pending<'a>, ProjectError> {
    let compared: Vec<_> = output
        .par_iter()
        .map(|(path, bytes)| {
            Ok((
                path.as_str(),
                bytes.as_slice(),
                is_same(&out.join(path), bytes)?,
            ))
        })
        .collect::<Result<_, ProjectError>>()?;
    let unchanged = compared.iter().filter(|(.., same)| *same).count();
    let changed = compared
        .into_iter()
        .filter(|(.., same)| !same)
        .map(|(path, bytes, _)| (path, bytes))
        .collect();
    Ok(Pending {
        changed,
        unchanged,
        stale: stale(output, previous, out),
    })
}

/// Writes what differs. All temporary files are written before the first takes its place, so a full disk leaves the old
/// output as it was; the snapshot takes its place last.
///
/// # Errors
/// When the operating system refuses; temporary files are removed.
pub fn write(
    output: &Output,
    previous: Option<&Previous>,
    out: &Path,
) -> Result<Written, ProjectError> {
    let Pending {
        changed,
        unchanged,
        stale,
    } = pending(output, previous, out)?;
    make_folders(&changed, out)?;
    let mut temporary: Vec<(TempPath, PathBuf)> = changed
        .par_iter()
        .map(|(path, bytes)| {
            let path = out.join(path);
            Ok((write_temporary(&path, bytes)?, path))
        })
        .collect::<Result<_, ProjectError>>()?;
    let snapshot = out.join(snapshot::FILE);
    let last = temporary.iter().position(|(_, path)| *path == snapshot);
    let last = last.map(|position| temporary.swap_remove(position));
    temporary.into_par_iter().try_for_each(put_in_place)?;
    for path in &stale {
        remove(&out.join(path))?;
    }
    last.map_or(Ok(()), put_in_place)?;
    Ok(Written {
        written: changed.iter().map(|(path, _)| (*path).to_owned()).collect(),
        unchanged,
        removed: stale,
    })
}

fn is_same(path: &Path, bytes: &[u8]) -> Result<bool, ProjectError> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(ProjectError::io("read", path)(error)),
    };
    let mut compare = || -> io::Result<bool> {
        if file.metadata()?.len() != bytes.len() as u64 {
            return Ok(false);
        }
        // The largest files are not held twice.
        let mut old = vec![0; bytes.len().min(CHUNK)];
        for new in bytes.chunks(CHUNK) {
            let Some(old) = old.get_mut(..new.len()) else {
                return Ok(false);
            };
            file.read_exact(old)?;
            if *old != *new {
                return Ok(false);
            }
        }
        Ok(true)
    };
    match compare() {
        // It was cut meanwhile.
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        compared => compared.map_err(ProjectError::io("read", path)),
    }
}

/// Files that the last build wrote and this one does not, and that still carry our first line. What the snapshot says is
/// not trusted: it is a file that people merge.
fn stale(output: &Output, previous: Option<&Previous>, out: &Path) -> Vec<String> {
    let listed = previous.map_or(&[][..], |previous| &previous.files);
    let candidates: BTreeSet<&String> = listed
        .iter()
        .filter(|path| is_review_path(path) && !output.contains_key(*path))
        .collect();
    candidates
        .into_iter()
        .filter(|path| is_generated(&out.join(path)))
        .cloned()
        .collect()
}

fn is_generated(path: &Path) -> bool {
    let is_file = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file());
    let mut start = vec![0; REVIEW_HEADER.len() + 1];
    let read = |start: &mut [u8]| File::open(path)?.read_exact(start);
    is_file
        && read(&mut start).is_ok()
        && start.strip_prefix(REVIEW_HEADER.as_bytes()) == Some(b"\n")
}

fn make_folders(changed: &[(&str, &[u8])], out: &Path) -> Result<(), ProjectError> {
    let folders: BTreeSet<&str> = changed
        .iter()
        .map(|(path, _)| path.rsplit_once('/').map_or("", |(folder, _)| folder))
        .collect();
    for folder in folders {
        let folder = if folder.is_empty() {
            out.to_path_buf()
        } else {
            out.join(folder)
        };
        fs::create_dir_all(&folder).map_err(ProjectError::io("create", &folder))?;
        remove_leftovers(&folder);
    }
    Ok(())
}

/// Temporary files of a run that was killed. That they are gone matters to nobody, so neither does failing.
fn remove_leftovers(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let is_ours = entry.file_name().to_string_lossy().starts_with(TEMPORARY);
        let age = entry.metadata().and_then(|metadata| metadata.modified());
        // A younger one may belong to a run that is under way.
        let is_old =
            age.is_ok_and(|modified| modified.elapsed().is_ok_and(|age| age.as_secs() > 600));
        if is_ours && is_old {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Writes beside the path, closed again: ten thousand of them must not hold as many file descriptors.
pub(super) fn write_temporary(path: &Path, bytes: &[u8]) -> Result<TempPath, ProjectError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let write = || -> io::Result<TempPath> {
        let mut file = builder().tempfile_in(folder)?;
        file.as_file_mut().write_all(bytes)?;
        Ok(file.into_temp_path())
    };
    write().map_err(ProjectError::io("write", path))
}

#[cfg(unix)]
fn builder() -> tempfile::Builder<'static, 'static> {
    use std::os::unix::fs::PermissionsExt as _;
    let mut builder = tempfile::Builder::new();
    // What any new file gets; the umask takes its part.
    builder
        .prefix(TEMPORARY)
        .permissions(fs::Permissions::from_mode(0o666));
    builder
}

#[cfg(not(unix))]
fn builder() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY);
    builder
}

pub(super) fn put_in_place((temporary, path): (TempPath, PathBuf)) -> Result<(), ProjectError> {
    temporary
        .persist(&path)
        .map_err(|error| ProjectError::io("write", &path)(error.error))
}

/// Removes a file, and its folder when that is empty now.
fn remove(path: &Path) -> Result<(), ProjectError> {
    fs::remove_file(path).map_err(ProjectError::io("remove", path))?;
    if let Some(folder) = path.parent() {
        // Refused while anything is in it, which is what is wanted.
        let _ = fs::remove_dir(folder);
    }
    Ok(())
}
