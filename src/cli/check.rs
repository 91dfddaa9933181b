//! `specqlc check`.

use std::path::{Component, Path, PathBuf};

use clap::{Args, ValueEnum};

use super::build::Place;
use super::{CliError, Global, Verdict, report};
use crate::diagnose::{self, Diagnostics};
use crate::project::{self, BuildOptions, Project, ProjectOptions};

/// Find what is wrong with the specs, and write nothing
///
/// The whole project is compiled; with paths, only what concerns these files or folders is shown.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  specqlc check
  specqlc check specs/shop specs/user.yaml
  specqlc check --format sarif > specqlc.sarif
  specqlc check --format github       Annotations in a GitHub workflow")]
pub(super) struct Check {
    /// Spec files or folders to show diagnostics of [default: all]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    project: Place,
    /// How to write diagnostics: text goes to stderr, the others to stdout
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
    Sarif,
    Github,
}

pub(super) fn run(command: &Check, global: &Global) -> Result<Verdict, CliError> {
    let options = BuildOptions {
        project: ProjectOptions {
            root: command.project.project.clone(),
            specs: command.project.specs.clone(),
            out: None,
        },
        as_of: None,
        check: true,
    };
    let (project, diagnostics) = project::check(&options)?;
    let shown = select(&command.paths, &project, &diagnostics)?;
    match command.format {
        Format::Text => report::to_stderr(&project, &shown, global.quiet),
        Format::Json => report::to_stdout(&project, &shown, diagnose::Format::Json)?,
        Format::Sarif => report::to_stdout(&project, &shown, diagnose::Format::Sarif)?,
        Format::Github => report::to_stdout(&project, &shown, diagnose::Format::Github)?,
    }
    Ok(if shown.has_errors() {
        Verdict::Failed
    } else {
        Verdict::Done
    })
}

/// What concerns the paths, or no place at all.
fn select(
    paths: &[PathBuf],
    project: &Project,
    diagnostics: &Diagnostics,
) -> Result<Diagnostics, CliError> {
    if paths.is_empty() {
        return Ok(diagnostics.clone());
    }
    let paths: Vec<PathBuf> = paths.iter().map(|path| plain(path)).collect();
    if let Some(path) = paths.iter().find(|path| {
        !project
            .files
            .iter()
            .any(|file| Path::new(&file.path).starts_with(path))
    }) {
        return Err(CliError::Refused(format!(
            "{} is not among the files of this project",
            path.display()
        )));
    }
    let mut shown = Diagnostics::default();
    for diagnostic in diagnostics {
        let file = diagnostic.place.as_ref().map(|place| place.origin().file);
        let file = file.and_then(|file| project.files.get(usize::try_from(file).ok()?));
        if file.is_none_or(|file| {
            paths
                .iter()
                .any(|path| Path::new(&file.path).starts_with(path))
        }) {
            shown.push(diagnostic.clone());
        }
    }
    Ok(shown)
}

/// Without `./`, as the files of a project are called.
fn plain(path: &Path) -> PathBuf {
    path.components()
        .filter(|component| *component != Component::CurDir)
        .collect()
}
