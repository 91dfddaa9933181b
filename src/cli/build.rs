//! `specqlc build`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::civil::Date;
use serde::Serialize;

use super::output::{self, GOOD, data, message};
use super::{CliError, Global, Verdict, report};
use crate::project::{self, BuildOptions, Built, Outcome, ProjectOptions, Summary, Written};

/// Compile the specs into SQL files, offline
///
/// Writes schema.sql (the whole schema in dependency order), schema/SCHEMA/NAME.sql (the same, one file an entity, for
/// review) and snapshot.json (the catalog that they describe). Files that are right already are not touched; files
/// of entities that are gone are removed. The same inputs give the same bytes on every machine.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  specqlc build                       Compile specs/ into generated/
  specqlc build --check               Write nothing, show what would change; exit 2 if anything would
  specqlc build --as-of 2025-01-01    Make the partitions that are wanted on that date
  specqlc build -C services/shop      The project in another folder
  psql -X -1 -v ON_ERROR_STOP=1 -f generated/schema.sql")]
pub(super) struct Build {
    #[command(flatten)]
    project: Place,
    /// Folder for the output, instead of the project file's
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Date that decides which partitions there are [default: that of the last build, else today]
    #[arg(long, value_name = "YYYY-MM-DD")]
    as_of: Option<Date>,
    /// Write nothing; print what would change as a unified diff and exit 2 if anything would
    #[arg(long)]
    check: bool,
    /// How to sum up
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Where the project is.
#[derive(Debug, Args)]
pub(super) struct Place {
    /// Folder of the project
    #[arg(short = 'C', long = "project", value_name = "DIR")]
    pub project: Option<PathBuf>,
    /// Folder of the specs, instead of the project file's
    #[arg(long, value_name = "DIR")]
    pub specs: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

pub(super) fn run(command: &Build, global: &Global) -> Result<Verdict, CliError> {
    let Build {
        project: Place { project, specs },
        out,
        as_of,
        check,
        format,
    } = command;
    let options = BuildOptions {
        project: ProjectOptions {
            root: project.clone(),
            specs: specs.clone(),
            out: out.clone(),
        },
        as_of: *as_of,
        check: *check,
    };
    let build = project::build(&options)?;
    report::to_stderr(&build.project, &build.diagnostics, global.quiet);
    let Some(result) = &build.built else {
        return Ok(Verdict::Failed);
    };
    let verdict = match &result.outcome {
        Outcome::Compared(text) if !text.is_empty() => Verdict::Differs,
        Outcome::Compared(_) | Outcome::Written(_) => Verdict::Done,
    };
    match format {
        Format::Json => data(&json(result))?,
        Format::Text => show(result, global)?,
    }
    Ok(verdict)
}

fn show(built: &Built, global: &Global) -> Result<(), CliError> {
    match &built.outcome {
        Outcome::Compared(text) => data(text),
        Outcome::Written(written) => {
            if global.verbose {
                let written_files = written.written.iter().map(|path| format!("write {path}"));
                let removed_files = written.removed.iter().map(|path| format!("remove {path}"));
                for line in written_files.chain(removed_files) {
                    message(&line);
                }
            }
            if !global.quiet {
                message(&summary(built, written));
            }
            Ok(())
        }
    }
}

/// `built 3 tables (12 partitions), …` and what became of the files.
fn summary(built: &Built, written: &Written) -> String {
    let Summary {
        tables,
        partitions,
        indexes,
        constraints,
        types,
        views,
        triggers,
        functions,
    } = built.summary;
    let objects: Vec<String> = [
        (tables, "table", "tables"),
        (partitions, "partition", "partitions"),
        (indexes, "index", "indexes"),
        (constraints, "constraint", "constraints"),
        (types, "type", "types"),
        (views, "view", "views"),
        (triggers, "trigger", "triggers"),
        (functions, "function", "functions"),
    ]
    .into_iter()
    .filter(|(count, ..)| *count > 0)
    .map(|(count, one, many)| format!("{count} {}", if count == 1 { one } else { many }))
    .collect();
    let objects = if objects.is_empty() {
        "nothing".to_owned()
    } else {
        objects.join(", ")
    };
    format!(
        "{GOOD}built{GOOD:#} {objects} as of {}\n{GOOD}files{GOOD:#} {} written, {} unchanged, {} removed",
        built.as_of,
        written.written.len(),
        written.unchanged,
        written.removed.len(),
    )
}

#[derive(Serialize)]
struct Report<'a> {
    as_of: String,
    objects: Summary,
    #[serde(skip_serializing_if = "Option::is_none")]
    files: Option<Files<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    difference: Option<&'a str>,
}

#[derive(Serialize)]
struct Files<'a> {
    written: &'a [String],
    unchanged: usize,
    removed: &'a [String],
}

fn json(built: &Built) -> String {
    let (files, difference) = match &built.outcome {
        Outcome::Compared(text) => (None, Some(text.as_str())),
        Outcome::Written(Written {
            written,
            unchanged,
            removed,
        }) => (
            Some(Files {
                written,
                unchanged: *unchanged,
                removed,
            }),
            None,
        ),
    };
    let report = Report {
        as_of: built.as_of.to_string(),
        objects: built.summary,
        files,
        difference,
    };
    output::json(&report)
}
