//! JSON against a JSON Schema: the few words that ours are written in. A word that is not known here is an error, so that none is
//! taken for checked.

use serde_json::Value;

/// What `specqlc diff --format json` prints, as it is documented.
pub fn of_diff() -> Value {
    serde_json::from_str(include_str!("../../docs/diff.schema.json")).unwrap()
}

/// The first thing in a document that its schema does not allow.
pub fn check(document: &Value, schema: &Value) -> Result<(), String> {
    at("", document, schema, schema)
}

fn at(path: &str, value: &Value, schema: &Value, root: &Value) -> Result<(), String> {
    let words = schema.as_object().unwrap();
    for (word, said) in words {
        let holds = match word.as_str() {
            "$ref" => {
                let pointer = said.as_str().unwrap().strip_prefix('#').unwrap();
                at(path, value, root.pointer(pointer).unwrap(), root)?;
                true
            }
            "type" => is(value, said.as_str().unwrap()),
            "enum" => said.as_array().unwrap().contains(value),
            "minimum" => value.as_i64() >= said.as_i64(),
            "minLength" => {
                value.as_str().map(str::len) >= said.as_u64().and_then(|n| usize::try_from(n).ok())
            }
            "required" => {
                let mut keys = said.as_array().unwrap().iter();
                keys.all(|key| value.get(key.as_str().unwrap()).is_some())
            }
            "items" => {
                for (n, item) in value.as_array().into_iter().flatten().enumerate() {
                    at(&format!("{path}/{n}"), item, said, root)?;
                }
                true
            }
            "properties" => {
                for (key, of) in said.as_object().unwrap() {
                    if let Some(value) = value.get(key) {
                        at(&format!("{path}/{key}"), value, of, root)?;
                    }
                }
                true
            }
            "additionalProperties" => {
                assert_eq!(said, &Value::Bool(false), "only false is known");
                let known = words["properties"].as_object().unwrap();
                let mut keys = value.as_object().into_iter().flatten();
                keys.all(|(key, _)| known.contains_key(key))
            }
            "$schema" | "$defs" | "title" | "description" => true,
            other => return Err(format!("{other} is not known here")),
        };
        if !holds {
            return Err(format!("{path}: not {word} {said}: {value}"));
        }
    }
    Ok(())
}

fn is(value: &Value, ty: &str) -> bool {
    match ty {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        _ => false,
    }
}

#[test]
fn what_a_schema_does_not_allow_is_told() {
    let schema = of_diff();
    let good = serde_json::json!({
        "changes": [], "refused": false, "kept": ["a"], "unchanged": [], "hints": [], "unmanaged": [], "not_compared": []
    });
    assert_eq!(check(&good, &schema), Ok(()));
    for (key, bad) in [
        ("refused", serde_json::json!("no")),
        ("kept", serde_json::json!([1])),
        ("kept", serde_json::json!([""])),
        ("other", serde_json::json!([])),
        ("changes", serde_json::json!([{ "action": "create" }])),
        ("verified", serde_json::json!({ "server": "15.1" })),
    ] {
        let mut document = good.clone();
        document[key] = bad;
        assert!(check(&document, &schema).is_err(), "{key}");
    }
}
