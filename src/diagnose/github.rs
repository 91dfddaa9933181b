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
        let title = ("title", diagnostic.code.name().to_owned());
        let mut properties = Vec::new();
        if let Some(at) = &finding.location {
            properties.extend([
                ("file", files.path(at.file).to_owned()),
                ("line", at.line.to_string()),
                ("col", at.column.to_string()),
                ("endLine", at.end_line.to_string()),
                ("endColumn", at.end_column.to_string()),
            ]);
        }
        properties.push(title);
        let mut message = printable(&diagnostic.message);
        if let Some(hint) = &diagnostic.hint {
            let _ = write!(message, "\nhelp: {}", printable(hint));
        }
        text.push_str(&workflow_command(
            diagnostic.severity,
            &properties,
            &message,
        ));
    }
    text
}

/// One workflow command with its line break, at the place that the properties name.
/// <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>
pub fn workflow_command(
    severity: Severity,
    properties: &[(&str, String)],
    message: &str,
) -> String {
    let command = match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let properties: Vec<String> = properties
        .iter()
        .map(|(name, value)| format!("{name}={}", property(&printable(value))))
        .collect();
    // Line breaks are the caller's; nothing else in a message steers a terminal.
    let lines: Vec<String> = message.split('\n').map(printable).collect();
    let message = data(&lines.join("\n"));
    format!("::{command} {}::{message}\n", properties.join(","))
}

fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
