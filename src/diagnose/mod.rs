//! Diagnostics: what is wrong, where, and what to write instead.
//!
//! In: diagnostics from every room. Out: text, JSON, SARIF or GitHub annotations, in a stable order, duplicates once.
//! A diagnostic holds a file and a path in the document; only when it is shown is the file read again to turn the
//! path into line and column, so that the way without errors pays nothing for locations.
//!
//! Architecture invariant: knows nothing of `SpecQL` or `PostgreSQL`.

mod codes;
mod github;
mod json;
mod locate;
mod place;
mod raw;
mod report;
mod sarif;
mod text;

pub use codes::{Code, Explanation};
pub use github::workflow_command;
pub use locate::{Files, Location, Locator};
pub use place::{Origin, Place, Spot, Step};
pub use report::{Format, printable, report};
pub use sarif::{log as sarif_log, uri};

use serde::Serialize;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Nothing is written.
    Error,
    /// Worth a change; the output is right.
    Warning,
    /// For information.
    Note,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// Its name.
    pub code: Code,
    /// What is wrong: one sentence that starts in lower case and has no full stop.
    pub message: String,
    /// Where; `None` for what concerns no place in a file.
    pub place: Option<Place>,
    /// What to write instead.
    pub hint: Option<String>,
    /// Another place that matters, with what it is: "first defined here".
    pub related: Vec<(Place, String)>,
}

impl Diagnostic {
    /// An error at a place.
    pub fn error(code: Code, place: &Place, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, place, message)
    }

    /// A warning at a place.
    pub fn warning(code: Code, place: &Place, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, place, message)
    }

    /// A note at a place.
    pub fn note(code: Code, place: &Place, message: impl Into<String>) -> Self {
        Self::new(Severity::Note, code, place, message)
    }

    fn new(severity: Severity, code: Code, place: &Place, message: impl Into<String>) -> Self {
        Self {
            severity,
            code,
            message: message.into(),
            place: Some(place.clone()),
            hint: None,
            related: Vec::new(),
        }
    }

    /// Adds what to write instead.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds another place.
    #[must_use]
    pub fn related(mut self, place: &Place, what: impl Into<String>) -> Self {
        self.related.push((place.clone(), what.into()));
        self
    }
}

/// Findings as they come in.
#[derive(Debug, Clone, Default)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// Adds all of another collection.
    pub fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    /// Whether any of them is an error.
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|d| d.severity == Severity::Error)
    }

    /// All of them, as they came.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
