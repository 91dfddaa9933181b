//! What can be wrong with the folder.

use std::io;
use std::path::{Path, PathBuf};

use crate::plan::PlanError;
use crate::render::RenderError;

/// Why a project was not read or its output not written.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// The operating system refused something.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// `read`, `write`, …
        action: &'static str,
        /// What.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// There is no folder of specs.
    #[error("{} is not there: write specs into it, or start with `specqlc init`", .0.display())]
    NoSpecsFolder(PathBuf),
    /// The folder of specs is none.
    #[error("{} is not a folder", .0.display())]
    NotAFolder(PathBuf),
    /// There is nothing in it.
    #[error("{} has no *.yaml or *.yml file: write a spec into it, or start with `specqlc init`", .0.display())]
    NoSpecs(PathBuf),
    /// A symbolic link that leads round.
    #[error("{} is a symbolic link to {}, which leads back to it", link.display(), target.display())]
    SymlinkLoop {
        /// The link.
        link: PathBuf,
        /// Where it leads.
        target: PathBuf,
    },
    /// A symbolic link that leads out of the project.
    #[error("{} is a symbolic link to {}, which is outside of the project", link.display(), target.display())]
    SymlinkEscape {
        /// The link.
        link: PathBuf,
        /// Where it leads.
        target: PathBuf,
    },
    /// A pipe, a device or a socket.
    #[error("{} is not a regular file", .0.display())]
    NotAFile(PathBuf),
    /// A path that is no text.
    #[error("the name of {} is not UTF-8", .0.display())]
    NameNotUtf8(PathBuf),
    /// A file of the project other than a spec is too large or no text.
    #[error("{}: {problem}", path.display())]
    BadText {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// A git revision has no project, or there is none.
    #[error("cannot read the specs of git:{revision}: {problem}")]
    Revision {
        /// As it was written.
        revision: String,
        /// What is wrong.
        problem: String,
    },
    /// Input and output lie in one another.
    #[error("the output folder {} and the specs folder {} must not lie in one another", out.display(), specs.display())]
    Overlap {
        /// `out`.
        out: PathBuf,
        /// `specs`.
        specs: PathBuf,
    },
    /// The snapshot is damaged.
    #[error("{} cannot be read ({problem}): restore it from version control, or delete it to start afresh", path.display())]
    BadSnapshot {
        /// Where it is.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// The snapshot is not ours to overwrite.
    #[error("{} has format {format}, which a newer specqlc has written; this one knows format {}", path.display(), super::FORMAT)]
    NewerSnapshot {
        /// Where it is.
        path: PathBuf,
        /// Its format.
        format: u64,
    },
    /// See [`PlanError`].
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// See [`RenderError`].
    #[error(transparent)]
    Render(#[from] RenderError),
    /// The catalog cannot be written.
    #[error("cannot write the catalog: {0}")]
    Catalog(#[from] serde_json::Error),
}

impl ProjectError {
    /// For `map_err` after a call of the operating system.
    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }
}
