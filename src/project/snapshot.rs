//! `snapshot.json`: the catalog that the generated files describe.

use std::fs;
use std::io;
use std::path::Path;

use jiff::civil::Date;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::Serializer;

use super::ProjectError;
use super::snapshot_form::Form;
use crate::catalog::Catalog;
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
    let mut bytes = Vec::with_capacity(256 * statements);
    snapshot.serialize(&mut Serializer::with_formatter(&mut bytes, Form::default()))?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// The catalog is checked for being JSON but not taken apart: a build does not need it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    format: u64,
    as_of: String,
    #[serde(rename = "postgres")]
    _postgres: u8,
    files: Vec<String>,
    #[serde(rename = "catalog")]
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
    let bad = |problem: String| ProjectError::BadSnapshot {
        path: path.clone(),
        problem,
    };
    let head: Head = match serde_json::from_slice(&bytes) {
        Ok(head) => head,
        Err(error) => {
            return Err(match serde_json::from_slice::<Format>(&bytes) {
                Ok(Format { format }) if format > FORMAT => {
                    ProjectError::NewerSnapshot { path, format }
                }
                _ => bad(error.to_string()),
            });
        }
    };
    if head.format > FORMAT {
        let format = head.format;
        return Err(ProjectError::NewerSnapshot { path, format });
    }
    let as_of = head
        .as_of
        .parse()
        .map_err(|_| bad(format!("`{}` is no date", head.as_of)))?;
    Ok(Some(Previous {
        as_of,
        files: head.files,
    }))
}
