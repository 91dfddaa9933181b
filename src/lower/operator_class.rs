//! Whether a type can be indexed by an access method, and what to write where it cannot.

use super::Context;
use crate::pg::OperatorClass;
use crate::sql::TypeName;

/// Why there is no default operator class, as a hint on the key part `written`; `Ok` when there is one.
pub fn check_default(
    cx: &Context<'_>,
    method: &str,
    written: &str,
    ty: &TypeName,
) -> Result<Option<&'static OperatorClass>, String> {
    let Some(typname) = ty.typname(cx.knowledge) else {
        return Ok(None);
    };
    match cx
        .knowledge
        .default_operator_class(method, typname, &cx.extensions)
    {
        Some(class) => Ok(Some(class)),
        None => Err(hint(cx, method, written, typname)),
    }
}

/// What to write where a type has no default operator class.
fn hint(cx: &Context<'_>, method: &str, written: &str, typname: &str) -> String {
    let mut ways: Vec<String> = Vec::new();
    for class in cx.knowledge.operator_class_hint(method, typname) {
        let enabled = class
            .extension
            .is_none_or(|e| cx.extensions.iter().any(|x| x == e));
        let way = match class.extension {
            Some(extension) if !enabled && class.default => {
                format!("add `{extension}` to `extensions:` in specql.yaml")
            }
            Some(extension) if !enabled => {
                format!(
                    "add `{extension}` to `extensions:` in specql.yaml and write `{written} {}`",
                    class.name
                )
            }
            _ => format!("write `{written} {}`", class.name),
        };
        if !ways.contains(&way) {
            ways.push(way);
        }
        if ways.len() == 3 {
            break;
        }
    }
    if !ways.is_empty() {
        return ways.join(", or ");
    }
    let methods: Vec<&str> = cx
        .knowledge
        .access_methods()
        .iter()
        .map(|m| m.name)
        .filter(|m| {
            cx.knowledge
                .default_operator_class(m, typname, &cx.extensions)
                .is_some()
        })
        .collect();
    if methods.is_empty() {
        "index an expression over the column instead, one of a type that can be compared".into()
    } else {
        format!("the methods that can index it are: {}", methods.join(", "))
    }
}
