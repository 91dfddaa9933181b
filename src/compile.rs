//! Specs in, a catalog and diagnostics out: `syntax → resolve → lower`, with no file and no clock.

use jiff::civil::Date;

use crate::catalog::Catalog;
use crate::diagnose::Diagnostics;
use crate::syntax::Config;

/// A file of the project. Its number in [`Origin`](crate::diagnose::Origin) is its position among the files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Path relative to the project's root, with `/`.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// What came of the specs.
#[derive(Debug, Clone)]
pub struct Compilation {
    /// What the specs describe; meaningless when the diagnostics hold an error.
    pub catalog: Catalog,
    /// Everything found.
    pub diagnostics: Diagnostics,
}

/// Compiles spec files (all but the project file, which `config` was read from) for a date.
pub fn compile(_specs: &[(u32, &SourceFile)], _config: &Config, _as_of: Date) -> Compilation {
    todo!()
}
