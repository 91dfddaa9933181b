//! Diagnostics as one JSON array, an object a line.

use serde_json::{Map, Value, json};

use super::locate::{Files, Location};
use super::report::Finding;

/// Writes findings.
pub(super) fn write(findings: &[Finding<'_>], files: &dyn Files) -> String {
    if findings.is_empty() {
        return "[]\n".to_owned();
    }
    let objects: Vec<String> = findings
        .iter()
        .map(|finding| object(finding, files).to_string())
        .collect();
    format!("[\n{}\n]\n", objects.join(",\n"))
}

fn object(finding: &Finding<'_>, files: &dyn Files) -> Value {
    let diagnostic = finding.diagnostic;
    let mut object = Map::new();
    object.insert("severity".into(), json!(diagnostic.severity));
    object.insert("name".into(), json!(diagnostic.code.name()));
    object.insert("message".into(), json!(diagnostic.message));
    object.extend(place(finding.location.as_ref(), files));
    object.insert("hint".into(), json!(diagnostic.hint));
    let related: Vec<Value> = finding
        .related
        .iter()
        .map(|(location, what)| {
            let mut object = Map::new();
            object.insert("message".into(), json!(what));
            object.extend(place(Some(location), files));
            Value::Object(object)
        })
        .collect();
    object.insert("related".into(), Value::Array(related));
    Value::Object(object)
}

fn place(location: Option<&Location>, files: &dyn Files) -> Map<String, Value> {
    let mut place = Map::new();
    let path = location.map(|at| files.path(at.file));
    place.insert("file".into(), json!(path));
    place.insert("line".into(), json!(location.map(|at| at.line)));
    place.insert("column".into(), json!(location.map(|at| at.column)));
    place.insert("end_line".into(), json!(location.map(|at| at.end_line)));
    place.insert("end_column".into(), json!(location.map(|at| at.end_column)));
    place
}
