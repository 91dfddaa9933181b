//! From a folder of specs to a folder of SQL.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::{
    Previous, Project, ProjectError, ProjectOptions, Written, compare, generate, load, write,
};
use crate::catalog::Catalog;
use crate::compile::compile;
use crate::diagnose::Diagnostics;
use crate::lower::Claims;

/// What the command line says of a build.
#[derive(Debug, Clone, Default)]
pub struct BuildOptions {
    /// Where.
    pub project: ProjectOptions,
    /// The date that decides which partitions there are.
    pub as_of: Option<Date>,
    /// Only say what would change.
    pub check: bool,
}

/// A build: what it came from, what was found, what came of it.
#[derive(Debug)]
pub struct Build {
    /// What was read.
    pub project: Project,
    /// All diagnostics.
    pub diagnostics: Diagnostics,
    /// What came of it; `None` when the diagnostics hold an error.
    pub built: Option<Built>,
}

/// A build without an error.
#[derive(Debug)]
pub struct Built {
    /// The date it was made for.
    pub as_of: Date,
    /// How much there is.
    pub summary: Summary,
    /// What was done.
    pub outcome: Outcome,
}

/// What a build did.
#[derive(Debug)]
pub enum Outcome {
    /// Files were brought up to date.
    Written(Written),
    /// Nothing was written; this is what would change, empty when nothing would.
    Compared(String),
}

/// How many objects of which kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Tables that are no partitions.
    pub tables: usize,
    /// Partitions.
    pub partitions: usize,
    /// Indexes that belong to no constraint.
    pub indexes: usize,
    /// Constraints.
    pub constraints: usize,
    /// Enumerated types.
    pub types: usize,
    /// Views and materialized views.
    pub views: usize,
    /// Triggers.
    pub triggers: usize,
    /// Functions.
    pub functions: usize,
}

/// Reads and compiles a project and brings its output up to date.
pub fn build(options: &BuildOptions) -> Result<Build, ProjectError> {
    let (project, as_of) = prepare(options)?;
    let (diagnostics, made) = compiled(&project, as_of);
    let built = match made {
        Some((catalog, claims)) => {
            free_later(claims);
            let built = Built {
                as_of,
                summary: summary(&catalog),
                outcome: outcome(options, &project, &catalog, as_of)?,
            };
            free_later(catalog);
            Some(built)
        }
        None => None,
    };
    Ok(Build {
        project,
        diagnostics,
        built,
    })
}

/// Reads and compiles a project, for its diagnostics only.
pub fn check(options: &BuildOptions) -> Result<(Project, Diagnostics), ProjectError> {
    let (project, as_of) = prepare(options)?;
    let (diagnostics, _) = compiled(&project, as_of);
    Ok((project, diagnostics))
}

fn prepare(options: &BuildOptions) -> Result<(Project, Date), ProjectError> {
    let project = load(&options.project)?;
    let as_of = date(options.as_of, project.previous.as_ref());
    Ok((project, as_of))
}

/// The date that was asked for, else that of the last build, else today.
pub(super) fn date(as_of: Option<Date>, previous: Option<&Previous>) -> Date {
    let recorded = previous.map(|previous| previous.as_of);
    as_of.or(recorded).unwrap_or_else(today)
}

/// In UTC: two machines in two time zones build the same.
fn today() -> Date {
    TimeZone::UTC.to_datetime(Timestamp::now()).date()
}

/// A catalog only where there is no error. Where a file could not be read the others are not compiled: they would be blamed
/// for what is missing.
pub(super) fn compiled(project: &Project, as_of: Date) -> (Diagnostics, Option<(Catalog, Claims)>) {
    let mut diagnostics = project.diagnostics.clone();
    if diagnostics.has_errors() {
        return (diagnostics, None);
    }
    let compilation = compile(&project.specs(), &project.config, as_of);
    diagnostics.append(compilation.diagnostics);
    let made = (compilation.catalog, compilation.claims);
    let good = !diagnostics.has_errors();
    (diagnostics, good.then_some(made))
}

fn outcome(
    options: &BuildOptions,
    project: &Project,
    catalog: &Catalog,
    as_of: Date,
) -> Result<Outcome, ProjectError> {
    let previous = project.previous.as_ref();
    let output = generate(catalog, project.config.postgres, as_of)?;
    let outcome = if options.check {
        Outcome::Compared(compare(&output, previous, &project.out)?)
    } else {
        Outcome::Written(write(&output, previous, &project.out)?)
    };
    free_later(output);
    Ok(outcome)
}

/// Frees what is no longer needed beside what follows. The program does not wait for it: at the end of the process the
/// operating system takes all memory at once.
fn free_later<T: Send + 'static>(value: T) {
    rayon::spawn(move || drop(value));
}

fn summary(catalog: &Catalog) -> Summary {
    let tables = catalog.tables.values();
    let partitions = tables
        .clone()
        .filter(|table| table.partition.is_some())
        .count();
    let view_indexes = catalog
        .views
        .values()
        .filter_map(|view| view.materialized.as_ref());
    Summary {
        tables: catalog.tables.len() - partitions,
        partitions,
        indexes: tables
            .clone()
            .map(|table| table.indexes.len())
            .sum::<usize>()
            + view_indexes.map(|view| view.indexes.len()).sum::<usize>(),
        constraints: tables.clone().map(|table| table.constraints.len()).sum(),
        types: catalog.enums.len(),
        views: catalog.views.len(),
        triggers: tables.map(|table| table.triggers.len()).sum(),
        functions: catalog.functions.len(),
    }
}
