//! `with:`: storage parameters.

use std::collections::BTreeMap;

use crate::diagnose::{Code, Diagnostic, Diagnostics};
use crate::pg::AccessMethod;
use crate::sql::Ident;
use crate::syntax::{IndexSpec, Scalar};

/// `with:`: the storage parameters that the method has, with their ranges.
/// <https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-STORAGE-PARAMETERS>
pub fn storage_parameters(
    spec: &IndexSpec,
    method: &AccessMethod,
    diagnostics: &mut Diagnostics,
) -> BTreeMap<Ident, String> {
    enum Values {
        Number(i64, i64),
        Bool,
        Words(&'static [&'static str]),
    }
    let known: &[(&str, Values)] = match method.name {
        "btree" => &[
            ("fillfactor", Values::Number(10, 100)),
            ("deduplicate_items", Values::Bool),
        ],
        "hash" | "spgist" => &[("fillfactor", Values::Number(10, 100))],
        "gist" => &[
            ("fillfactor", Values::Number(10, 100)),
            ("buffering", Values::Words(&["on", "off", "auto"])),
        ],
        "gin" => &[
            ("fastupdate", Values::Bool),
            ("gin_pending_list_limit", Values::Number(64, 2_147_483_647)),
        ],
        "brin" => &[
            ("pages_per_range", Values::Number(1, 131_072)),
            ("autosummarize", Values::Bool),
        ],
        _ => &[],
    };
    let mut parameters = BTreeMap::new();
    for (name, value) in &spec.with {
        let text = match &value.value {
            Scalar::String(text) | Scalar::Number(text) => text.to_ascii_lowercase(),
            Scalar::Bool(on) => on.to_string(),
            Scalar::Null => String::new(),
        };
        let Some((_, values)) = known.iter().find(|(known, _)| known == name) else {
            let names: Vec<&str> = known.iter().map(|(n, _)| *n).collect();
            diagnostics.push(
                Diagnostic::error(
                    Code::InvalidValue,
                    &value.at.the_key(),
                    format!("{} indexes have no storage parameter `{name}`", method.name),
                )
                .hint(format!("they have: {}", names.join(", "))),
            );
            continue;
        };
        let problem = match values {
            Values::Number(low, high)
                if text
                    .parse::<i64>()
                    .is_ok_and(|n| (*low..=*high).contains(&n)) =>
            {
                None
            }
            Values::Number(low, high) => Some(format!("a whole number from {low} to {high}")),
            Values::Bool
                if ["true", "false", "on", "off", "1", "0", "yes", "no"]
                    .contains(&text.as_str()) =>
            {
                None
            }
            Values::Bool => Some("true or false".to_owned()),
            Values::Words(words) if words.contains(&text.as_str()) => None,
            Values::Words(words) => Some(words.join(", ")),
        };
        if let Some(expected) = problem {
            diagnostics.push(
                Diagnostic::error(
                    Code::InvalidValue,
                    &value.at,
                    format!("`{text}` is no value of `{name}`"),
                )
                .hint(format!("expected: {expected}")),
            );
            continue;
        }
        parameters.insert(Ident::new(name.clone()), text);
    }
    parameters
}
