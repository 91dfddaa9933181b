//! `snapshot.json`: the catalog that the generated files describe.

use std::fs;
use std::io;
use std::path::Path;

use jiff::civil::Date;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::Serializer;

use super::snapshot_form::Form;
use super::{ProjectError, State};
use crate::catalog::Catalog;
use crate::lower::Claims;
use crate::pg::Version;

/// The file's name under the output folder.
pub(super) const FILE: &str = "snapshot.json";

/// The format that this version writes and reads.
pub const FORMAT: u64 = 1;

/// What is known of the last build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Previous {
    /// The date it was made for.
    pub as_of: Date,
    /// The review files it wrote, relative to the output folder.
    pub files: Vec<String>,
}

#[derive(Serialize)]
struct Snapshot<'a> {
    format: u64,
    as_of: String,
    postgres: u8,
    files: &'a [&'a str],
    catalog: &'a Catalog,
}

/// The bytes of a snapshot. The number of statements tells how many there will be, roughly.
pub(super) fn bytes(
    catalog: &Catalog,
    postgres: Version,
    as_of: Date,
    files: &[&str],
    statements: usize,
) -> Result<Vec<u8>, ProjectError> {
    let snapshot = Snapshot {
        format: FORMAT,
        as_of: as_of.to_string(),
        postgres: postgres as u8,
        files,
        catalog,
    };
    // Room for most catalogs: what grows to its size is copied several times, and is there twice.
    let mut bytes = Vec::with_capacity(400 * statements);
    snapshot.serialize(&mut Serializer::with_formatter(&mut bytes, Form::default()))?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// A snapshot, whole.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Whole {
    format: u64,
    as_of: String,
    postgres: u32,
    #[serde(rename = "files")]
    _files: IgnoredAny,
    catalog: Catalog,
}

/// How the catalog begins as this program writes it, and nothing before it: no text of JSON has a line break.
const CATALOG: &[u8] = b",\n  \"catalog\": ";

/// All but the catalog, which a build does not need.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    format: u64,
    as_of: String,
    #[serde(rename = "postgres")]
    _postgres: u8,
    files: Vec<String>,
    #[serde(rename = "catalog", default)]
    _catalog: IgnoredAny,
}

#[derive(Deserialize)]
struct Format {
    format: u64,
}

/// What the snapshot in the output folder says of the last build; `None` when there is none.
pub(super) fn read(out: &Path) -> Result<Option<Previous>, ProjectError> {
    let path = out.join(FILE);
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(ProjectError::io("read", &path)(error)),
    };
    let head = head(&path, &bytes)?;
    Ok(Some(Previous {
        as_of: date(&path, &head.as_of)?,
        files: head.files,
    }))
}

/// What stands before the catalog, which is the last and by far the longest part: to look whether that is JSON took a thirtieth of the
/// instructions of an unchanged `diff`.
fn head(path: &Path, bytes: &[u8]) -> Result<Head, ProjectError> {
    let catalog = bytes.windows(CATALOG.len()).position(|at| at == CATALOG);
    if let Some(before) = catalog.and_then(|at| bytes.get(..at)) {
        let head = [before, b"}"].concat();
        if let Ok(head) = parse(path, &head, |head: &Head| head.format) {
            return Ok(head);
        }
    }
    parse(path, bytes, |head: &Head| head.format)
}

/// The catalog of a snapshot.
pub(super) fn load(path: &Path) -> Result<State, ProjectError> {
    let bytes = fs::read(path).map_err(ProjectError::io("read", path))?;
    let whole = parse(path, &bytes, |whole: &Whole| whole.format)?;
    let postgres = Version::of_major(whole.postgres).ok_or_else(|| {
        bad(
            path,
            format!("`{}` is no version of PostgreSQL", whole.postgres),
        )
    })?;
    Ok(State {
        catalog: whole.catalog,
        claims: Claims::default(),
        postgres,
        as_of: date(path, &whole.as_of)?,
    })
}

/// Parses a snapshot that is not newer than this program. What a newer one holds may have another form, so that is
/// looked for in what cannot be parsed as well.
fn parse<'a, T: Deserialize<'a>>(
    path: &Path,
    bytes: &'a [u8],
    format: impl Fn(&T) -> u64,
) -> Result<T, ProjectError> {
    let parsed = serde_json::from_slice::<T>(bytes);
    let format = match &parsed {
        Ok(parsed) => Some(format(parsed)),
        Err(_) => serde_json::from_slice::<Format>(bytes)
            .ok()
            .map(|found| found.format),
    };
    match format {
        Some(format) if format > FORMAT => Err(ProjectError::NewerSnapshot {
            path: path.to_path_buf(),
            format,
        }),
        _ => parsed.map_err(|error| bad(path, error.to_string())),
    }
}

fn date(path: &Path, text: &str) -> Result<Date, ProjectError> {
    text.parse()
        .map_err(|_| bad(path, format!("`{text}` is no date")))
}

fn bad(path: &Path, problem: String) -> ProjectError {
    ProjectError::BadSnapshot {
        path: path.to_path_buf(),
        problem,
    }
}
