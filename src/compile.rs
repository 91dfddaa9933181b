//! Specs in, a catalog and diagnostics out: `syntax → resolve → lower`, with no file and no clock.

use jiff::civil::Date;
use rayon::prelude::*;

use crate::catalog::Catalog;
use crate::diagnose::Diagnostics;
use crate::lower::Claims;
use crate::syntax::{self, Config};
use crate::{lower, resolve};

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
    /// Where each object was written.
    pub claims: Claims,
}

/// Compiles spec files (all but the project file, which `config` was read from) for a date. Each comes with its number.
pub fn compile(specs: &[(u32, &SourceFile)], config: &Config, as_of: Date) -> Compilation {
    let read: Vec<_> = specs
        .par_iter()
        .map(|(number, file)| syntax::read(&file.text, *number))
        .collect();
    let mut diagnostics = Diagnostics::default();
    let mut documents = Vec::new();
    let mut incomplete = false;
    for (found, problems, readable) in read {
        documents.extend(found);
        diagnostics.append(problems);
        incomplete |= readable == syntax::Readable::No;
    }
    let model = resolve::resolve(documents, config, incomplete, &mut diagnostics);
    let (catalog, claims) = lower::lower(model, config, as_of, &mut diagnostics);
    Compilation {
        catalog,
        diagnostics,
        claims,
    }
}
