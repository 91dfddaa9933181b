//! A changeset as a SARIF 2.1.0 log: a result for each hazard, and one for each change without any.

use serde_json::{Value, json};

use super::Changeset;
use super::finding::{Finding, findings};
use crate::diagnose::sarif_log;

/// Writes it. Lines are those of the specs.
pub fn sarif(changeset: &Changeset) -> String {
    let findings = findings(changeset);
    let mut names: Vec<&str> = findings.iter().map(|finding| finding.rule).collect();
    names.sort_unstable();
    names.dedup();
    let rules: Vec<Value> = names.into_iter().map(|name| json!({"id": name})).collect();
    let results: Vec<Value> = findings.iter().map(result).collect();
    sarif_log(&rules, &results)
}

fn result(finding: &Finding<'_>) -> Value {
    let mut result = json!({
        "ruleId": finding.rule,
        "level": finding.severity,
        "message": {"text": finding.message},
    });
    let (Some(change), Some(fields)) = (finding.change, result.as_object_mut()) else {
        return result;
    };
    let properties = json!({"sql": change.sql, "lock": change.lock, "measured": change.measured});
    fields.insert("properties".into(), properties);
    if let Some(written) = &change.written {
        let location = json!([{"physicalLocation": {
            "artifactLocation": {"uri": crate::diagnose::uri(&written.file)},
            "region": {"startLine": written.line, "startColumn": written.column},
        }}]);
        fields.insert("locations".into(), location);
    }
    result
}
