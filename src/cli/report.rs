//! Showing diagnostics.

use super::CliError;
use super::output::{data, message, stderr_has_color};
use crate::compile::SourceFile;
use crate::diagnose::{Diagnostics, Files, Format, Severity, report};
use crate::project::Project;

/// The files of a project, for places in them.
pub(super) struct ProjectFiles<'a>(pub &'a Project);

impl Files for ProjectFiles<'_> {
    fn path(&self, file: u32) -> &str {
        self.file(file).map_or("", |file| &file.path)
    }

    fn text(&self, file: u32) -> &str {
        self.file(file).map_or("", |file| &file.text)
    }
}

impl ProjectFiles<'_> {
    fn file(&self, file: u32) -> Option<&SourceFile> {
        self.0.files.get(usize::try_from(file).ok()?)
    }
}

/// Diagnostics for people, to stderr.
pub(super) fn to_stderr(project: &Project, diagnostics: &Diagnostics, quiet: bool) {
    let shown = if quiet {
        errors(diagnostics)
    } else {
        diagnostics.clone()
    };
    let text = report(
        &shown,
        &ProjectFiles(project),
        Format::Text,
        stderr_has_color(),
    );
    if !text.is_empty() {
        message(text.trim_end());
    }
}

/// Diagnostics for a tool, to stdout.
pub(super) fn to_stdout(
    project: &Project,
    diagnostics: &Diagnostics,
    format: Format,
) -> Result<(), CliError> {
    data(&report(diagnostics, &ProjectFiles(project), format, false))
}

fn errors(diagnostics: &Diagnostics) -> Diagnostics {
    let mut errors = Diagnostics::default();
    for diagnostic in diagnostics.iter().filter(|d| d.severity == Severity::Error) {
        errors.push(diagnostic.clone());
    }
    errors
}
