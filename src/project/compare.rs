//! What a build would change, as a unified diff.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

use similar::TextDiff;

use super::write::{Pending, pending};
use super::{Output, Previous, ProjectError};

/// Larger files are only named: their statements stand in the review files, which are compared.
const MAX_BYTES: usize = 1024 * 1024;

/// What differs between generated files and those on disk, in the order of their paths; empty when nothing does.
pub fn compare(
    output: &Output,
    previous: Option<&Previous>,
    out: &Path,
) -> Result<String, ProjectError> {
    let Pending {
        changed,
        unchanged: _,
        stale,
    } = pending(output, previous, out)?;
    let mut text = String::new();
    for (path, bytes) in changed {
        difference(path, out, Some(bytes), &mut text)?;
    }
    for path in stale {
        difference(&path, out, None, &mut text)?;
    }
    Ok(text)
}

fn difference(
    path: &str,
    out: &Path,
    new: Option<&[u8]>,
    text: &mut String,
) -> Result<(), ProjectError> {
    let shown = format!("{}/{path}", out.display());
    let old = match fs::read(out.join(path)) {
        Ok(bytes) => Some(bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(ProjectError::io("read", &out.join(path))(error)),
    };
    let size = old
        .as_ref()
        .map_or(0, Vec::len)
        .max(new.map_or(0, <[u8]>::len));
    let header = |present: bool| if present { shown.as_str() } else { "/dev/null" };
    let (before, after) = (header(old.is_some()), header(new.is_some()));
    // Writing to a string cannot fail.
    if size > MAX_BYTES {
        let _ = writeln!(text, "Files {before} and {after} differ");
        return Ok(());
    }
    let old = String::from_utf8_lossy(old.as_deref().unwrap_or_default());
    let new = String::from_utf8_lossy(new.unwrap_or_default());
    let diff = TextDiff::from_lines(old.as_ref(), new.as_ref());
    let _ = write!(text, "{}", diff.unified_diff().header(before, after));
    Ok(())
}
