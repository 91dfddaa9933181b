//! Diagnostics → what a user or a tool reads.

use super::locate::{Files, Location, Locator};
use super::{Code, Diagnostic, Diagnostics, github, json, sarif, text};

/// How diagnostics are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// One array of objects.
    Json,
    /// SARIF 2.1.0.
    Sarif,
    /// GitHub's workflow commands.
    Github,
}

/// A diagnostic and where it is.
pub(super) struct Finding<'a> {
    pub diagnostic: &'a Diagnostic,
    pub location: Option<Location>,
    pub related: Vec<(Location, &'a str)>,
}

/// Writes diagnostics, sorted by file, position and name, duplicates once. Colour is for [`Format::Text`] only.
pub fn report(
    diagnostics: &Diagnostics,
    files: &dyn Files,
    format: Format,
    colour: bool,
) -> String {
    let findings = findings(diagnostics, files);
    match format {
        Format::Text => text::write(&findings, files, colour),
        Format::Json => json::write(&findings, files),
        Format::Sarif => sarif::write(&findings, files),
        Format::Github => github::write(&findings, files),
    }
}

/// What findings are sorted by, and what makes two of them one; those without a place come last.
type Order<'a> = (bool, &'a str, usize, usize, Code, &'a str);

fn findings<'a>(diagnostics: &'a Diagnostics, files: &'a dyn Files) -> Vec<Finding<'a>> {
    let mut locator = Locator::new(files);
    let mut findings: Vec<Finding<'a>> = diagnostics
        .iter()
        .map(|diagnostic| Finding {
            diagnostic,
            location: diagnostic.place.as_ref().map(|place| locator.locate(place)),
            related: diagnostic
                .related
                .iter()
                .map(|(place, what)| (locator.locate(place), what.as_str()))
                .collect(),
        })
        .collect();
    findings.sort_by(|a, b| order(a, files).cmp(&order(b, files)));
    findings.dedup_by(|a, b| order(a, files) == order(b, files));
    findings
}

fn order<'a>(finding: &Finding<'a>, files: &'a dyn Files) -> Order<'a> {
    let message = finding.diagnostic.message.as_str();
    let code = finding.diagnostic.code;
    match &finding.location {
        Some(at) => (
            false,
            files.path(at.file),
            at.span.start,
            at.span.end,
            code,
            message,
        ),
        None => (true, "", 0, 0, code, message),
    }
}

/// The text on one line, its control characters shown as escapes, and those that turn the direction of writing: a name must
/// not steer a terminal, nor look like another.
pub fn printable(text: &str) -> String {
    let mut printable = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() || turns_direction(c) {
            printable.extend(c.escape_default());
        } else {
            printable.push(c);
        }
    }
    printable
}

/// Whether a character has no width and changes in which direction or line others stand.
fn turns_direction(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
