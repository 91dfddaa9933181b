//! YAML text → [`Document`]s: the shape of the language, and nothing of `PostgreSQL`.
//!
//! In: the text of one file. Out: what its documents say, as plain data with a [`Place`](crate::diagnose::Place) on
//! all that a later room may complain of, and a diagnostic for each thing that has not the shape of the language.
//!
//! Architecture invariant: no name is looked up here, and no file is opened.

mod config;
mod config_file;
mod constraint;
mod context;
mod cut;
mod entity;
mod field;
mod index;
mod mapping;
mod names;
mod partitioning;
mod projection;
mod read;
mod scan;
mod search;
mod spec;
mod type_text;

pub use config::{Config, EnumStyle, Naming, PrimaryKeyStyle};
pub use config_file::read_config;
pub use read::{Readable, read};
pub use spec::{
    ConstraintKind, ConstraintSpec, DefaultSpec, Document, EntitySpec, EventsSpec, ExcludeElement,
    FieldSpec, IncludeSpec, IndexSpec, IntervalsSpec, Located, PartitioningSpec, Pattern,
    ProjectionSpec, ReferenceAction, ReferenceSpec, RefreshMode, RefreshSpec, Scalar,
    SearchFieldSpec, SearchSpec, Text, TranslationsSpec, TypeSpec,
};
