//! Where a catalog can come from that needs no server: specs, a snapshot, a git revision.

use std::path::{Path, PathBuf};

use jiff::civil::Date;

use super::load::PROJECT_FILE;
use super::{Project, ProjectError, ProjectOptions, build, load, load_revision, snapshot};
use crate::catalog::Catalog;
use crate::diagnose::Diagnostics;
use crate::lower::Claims;
use crate::pg::Version;

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// The project's specs.
    Project,
    /// Another project's folder, or another folder of specs.
    Folder(PathBuf),
    /// A file that `specqlc build` wrote.
    Snapshot(PathBuf),
    /// The project as it was at a git revision.
    Revision(String),
}

impl Target {
    /// `git:REVISION`, a folder, or else a snapshot.
    pub fn read(text: &str) -> Self {
        if let Some(revision) = text.strip_prefix("git:") {
            return Self::Revision(revision.to_owned());
        }
        let path = PathBuf::from(text);
        if path.is_file() || path.extension().is_some_and(|e| e == "json") {
            Self::Snapshot(path)
        } else {
            Self::Folder(path)
        }
    }
}

/// What a target holds.
#[derive(Debug)]
pub struct Described {
    /// The files it was compiled from; `None` of a snapshot.
    pub project: Option<Project>,
    /// What was found while compiling.
    pub diagnostics: Diagnostics,
    /// `None` when the diagnostics hold an error.
    pub state: Option<State>,
}

/// A catalog, and what it was made for.
#[derive(Debug)]
pub struct State {
    /// The objects.
    pub catalog: Catalog,
    /// Where each was written; nowhere those of a snapshot.
    pub claims: Claims,
    /// The oldest server that it is for.
    pub postgres: Version,
    /// The date that decided which partitions there are.
    pub as_of: Date,
}

/// Reads and compiles a target. The date is that of the last build unless one is given, else today.
///
/// # Errors
/// When it cannot be read; what is wrong within specs is among the diagnostics.
pub fn describe(
    target: &Target,
    options: &ProjectOptions,
    as_of: Option<Date>,
) -> Result<Described, ProjectError> {
    let project = match target {
        Target::Snapshot(path) => {
            return Ok(Described {
                project: None,
                diagnostics: Diagnostics::default(),
                state: Some(snapshot::load(path)?),
            });
        }
        Target::Project => load(options)?,
        Target::Folder(path) => load(&within(path, options))?,
        Target::Revision(revision) => load_revision(options, revision)?,
    };
    let as_of = build::date(as_of, project.previous.as_ref());
    let (diagnostics, made) = build::compiled(&project, as_of);
    let postgres = project.config.postgres;
    Ok(Described {
        project: Some(project),
        diagnostics,
        state: made.map(|(catalog, claims)| State {
            catalog,
            claims,
            postgres,
            as_of,
        }),
    })
}

/// A folder with a project file is a project; another is one of specs, for this project.
fn within(path: &Path, options: &ProjectOptions) -> ProjectOptions {
    if path.join(PROJECT_FILE).is_file() {
        return ProjectOptions {
            root: Some(path.to_path_buf()),
            ..ProjectOptions::default()
        };
    }
    ProjectOptions {
        // What is named on the command line lies where the command runs.
        specs: Some(std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf())),
        ..options.clone()
    }
}
