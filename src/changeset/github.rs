//! A changeset as GitHub's workflow commands, one a line: annotations of a pull request.

use super::Changeset;
use super::finding::findings;
use crate::diagnose::workflow_command;

/// Writes it. Lines are those of the specs.
pub fn github(changeset: &Changeset) -> String {
    let findings = findings(changeset).into_iter();
    findings
        .map(|finding| {
            let written = finding.change.and_then(|change| change.written.as_ref());
            let mut properties = Vec::new();
            if let Some(written) = written {
                properties.extend([
                    ("file", written.file.clone()),
                    ("line", written.line.to_string()),
                    ("col", written.column.to_string()),
                ]);
            }
            properties.push(("title", finding.rule.to_owned()));
            workflow_command(finding.severity, &properties, &finding.message)
        })
        .collect()
}
