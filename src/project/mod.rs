//! The project's folder on disk: the specs that are read and the files that are generated.
//!
//! In: a folder. Out: its spec files as text, and afterwards generated files, complete or not at all.
//!
//! Architecture invariant: the only room that opens files, and the only one that asks for the date.

mod build;
mod compare;
mod error;
mod find;
mod load;
mod migrations;
mod output;
mod review_path;
mod revision;
mod snapshot;
mod snapshot_form;
mod target;
mod write;

pub use build::{Build, BuildOptions, Built, Outcome, Summary, build, check};
pub use compare::compare;
pub use error::ProjectError;
pub use load::{Project, ProjectOptions, load, locate};
pub use migrations::MigrationFolder;
pub use output::{Output, generate};
pub use revision::load_revision;
pub use snapshot::{FORMAT, Previous};
pub use target::{Described, State, Target, describe};
pub use write::{Written, write};
