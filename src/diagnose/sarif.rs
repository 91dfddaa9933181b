//! Diagnostics as a SARIF 2.1.0 log.

use std::fmt::Write;

use serde_json::{Value, json};

use super::locate::{Files, Location};
use super::report::Finding;
use super::{Code, Explanation, Severity};

/// Writes findings.
pub(super) fn write(findings: &[Finding<'_>], files: &dyn Files) -> String {
    let mut codes: Vec<Code> = findings.iter().map(|f| f.diagnostic.code).collect();
    codes.sort_unstable();
    codes.dedup();
    let rules: Vec<Value> = codes.iter().map(|code| rule(*code)).collect();
    let results: Vec<Value> = findings
        .iter()
        .map(|finding| result(finding, &codes, files))
        .collect();
    log(&rules, &results)
}

/// A log of one run.
pub fn log(rules: &[Value], results: &[Value]) -> String {
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": env!("CARGO_PKG_NAME"),
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{log:#}\n")
}

/// A rule with what `specqlc explain` says of it.
fn rule(code: Code) -> Value {
    let explanation = code.explanation();
    let Explanation {
        cause,
        failing,
        working,
    } = explanation;
    let (failing, working) = (failing.trim_end(), working.trim_end());
    json!({
        "id": code.name(),
        "shortDescription": {"text": explanation.summary()},
        "fullDescription": {"text": cause},
        "help": {
            "text": format!("{cause}\n\nFails:\n\n{failing}\n\nWorks:\n\n{working}"),
            "markdown": format!(
                "{cause}\n\nFails:\n\n```yaml\n{failing}\n```\n\nWorks:\n\n```yaml\n{working}\n```"
            ),
        },
    })
}

fn result(finding: &Finding<'_>, codes: &[Code], files: &dyn Files) -> Value {
    let diagnostic = finding.diagnostic;
    let level = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    let text = match &diagnostic.hint {
        Some(hint) => format!("{}\nhelp: {hint}", diagnostic.message),
        None => diagnostic.message.clone(),
    };
    let locations: Vec<Value> = finding
        .location
        .iter()
        .map(|location| json!({"physicalLocation": physical(location, files)}))
        .collect();
    let related: Vec<Value> = finding
        .related
        .iter()
        .map(|(location, what)| {
            json!({"physicalLocation": physical(location, files), "message": {"text": what}})
        })
        .collect();
    json!({
        "ruleId": diagnostic.code.name(),
        "ruleIndex": codes.binary_search(&diagnostic.code).unwrap_or_default(),
        "level": level,
        "message": {"text": text},
        "locations": locations,
        "relatedLocations": related,
    })
}

fn physical(location: &Location, files: &dyn Files) -> Value {
    json!({
        "artifactLocation": {"uri": uri(files.path(location.file))},
        "region": {
            "startLine": location.line,
            "startColumn": location.column,
            "endLine": location.end_line,
            "endColumn": location.end_column,
        },
    })
}

/// A path as a relative URI reference.
pub fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}
