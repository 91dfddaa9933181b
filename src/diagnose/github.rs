//! Diagnostics as GitHub's workflow commands, one a line.

use std::fmt::Write;

use super::Severity;
use super::locate::Files;
use super::report::{Finding, printable};

/// Writes findings.
pub(super) fn write(findings: &[Finding<'_>], files: &dyn Files) -> String {
    let mut text = String::new();
    for finding in findings {
        let diagnostic = finding.diagnostic;
        let command = match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "notice",
        };
        let title = format!("title={}", diagnostic.code.name());
        let properties = match &finding.location {
            Some(at) => format!(
                "file={},line={},col={},endLine={},endColumn={},{title}",
                property(&printable(files.path(at.file))),
                at.line,
                at.column,
                at.end_line,
                at.end_column
            ),
            None => title,
        };
        let mut message = printable(&diagnostic.message);
        if let Some(hint) = &diagnostic.hint {
            let _ = write!(message, "\nhelp: {}", printable(hint));
        }
        let _ = writeln!(text, "::{command} {properties}::{}", data(&message));
    }
    text
}

fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
