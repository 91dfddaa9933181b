//! A changeset as a SARIF 2.1.0 log: a result for each hazard, and one for each change without any.

use serde_json::{Value, json};

use super::{Change, Changeset};
use crate::diagnose::sarif_log;

/// Writes it. Lines are those of the specs.
pub fn sarif(changeset: &Changeset) -> String {
    let mut results = Vec::new();
    for change in &changeset.changes {
        let what = format!("{} {}", change.action, change.object);
        if change.hazards.is_empty() {
            results.push(result("schema-change", "note", &what, change));
        }
        for hazard in &change.hazards {
            let level = if hazard.allowed { "warning" } else { "error" };
            let safer = hazard.safer.map(|way| format!("\nsafer: {way}"));
            let message = format!("{what}: {}{}", hazard.reason, safer.unwrap_or_default());
            results.push(result(hazard.name, level, &message, change));
        }
    }
    for unchanged in &changeset.unchanged {
        results.push(json!({
            "ruleId": "schema-drift",
            "level": "warning",
            "message": {"text": format!("{}: {}", unchanged.object, unchanged.why)},
        }));
    }
    let verified = changeset.verified.iter();
    results.extend(
        verified
            .flat_map(|verified| &verified.unexpected)
            .map(|unexpected| {
                json!({
                    "ruleId": "unexpected-cost",
                    "level": "warning",
                    "message": {"text": unexpected},
                })
            }),
    );
    let mut names: Vec<String> = results
        .iter()
        .filter_map(|result| result.get("ruleId")?.as_str().map(str::to_owned))
        .collect();
    names.sort_unstable();
    names.dedup();
    let rules: Vec<Value> = names.into_iter().map(|name| json!({"id": name})).collect();
    sarif_log(&rules, &results)
}

fn result(rule: &str, level: &str, message: &str, change: &Change) -> Value {
    let mut result = json!({
        "ruleId": rule,
        "level": level,
        "message": {"text": message},
        "properties": {"sql": change.sql, "lock": change.lock, "measured": change.measured},
    });
    if let (Some(written), Some(fields)) = (&change.written, result.as_object_mut()) {
        let location = json!([{"physicalLocation": {
            "artifactLocation": {"uri": crate::diagnose::uri(&written.file)},
            "region": {"startLine": written.line, "startColumn": written.column},
        }}]);
        fields.insert("locations".into(), location);
    }
    result
}
