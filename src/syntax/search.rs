//! `search:` and the fields of a search vector.

use super::context::{Context, Item, one_of};
use super::mapping::Mapping;
use super::names;
use super::spec::{Located, SearchFieldSpec, SearchSpec};
use crate::diagnose::Code;
use crate::yaml::NodeValue;

const WEIGHTS: [&str; 4] = ["A", "B", "C", "D"];

/// Reads `search:`.
pub(super) fn search(item: &Item<'_>, cx: &mut Context<'_>) -> Option<SearchSpec> {
    if item.is_null() {
        return None;
    }
    let mut mapping = Mapping::read(item, "a mapping with `fields`", cx)?;
    let fields = mapping.require("fields", cx);
    let column = mapping.string("column", cx);
    let search = SearchSpec {
        at: item.place.clone(),
        fields: fields
            .as_ref()
            .map_or_else(Vec::new, |item| self::fields(item, cx)),
        language: mapping.string("language", cx),
        column: names::checked("a column", column, cx),
        index: mapping.string("index", cx),
    };
    if let Some(online) = mapping.boolean("online", cx)
        && online.value
    {
        cx.error_hint(
            Code::InvalidValue,
            &online.at,
            "`online: true` cannot be had: the column of `search:` is a generated one, which the server fills under a lock",
            "leave it out; where a table with many rows must not be written anew, leave `search:` out and index the expression: \
             `indexes: [{columns: [\"to_tsvector('english', name)\"], type: gin}]`",
        );
    }
    mapping.finish(cx);
    (!search.fields.is_empty()).then_some(search)
}

/// Reads `[name, description]` or `{name: A, description: B}`.
pub(super) fn fields(item: &Item<'_>, cx: &mut Context<'_>) -> Vec<SearchFieldSpec> {
    let what = "a list of fields, or a mapping of fields and weights";
    let fields: Vec<SearchFieldSpec> = match &item.node.value {
        NodeValue::Mapping(_) => Mapping::read(item, what, cx)
            .map(Mapping::rest)
            .unwrap_or_default()
            .into_iter()
            .map(|(field, weight)| SearchFieldSpec {
                field,
                weight: self::weight(&weight, cx),
            })
            .collect(),
        _ => item
            .strings(what, "a field", cx)
            .into_iter()
            .map(|field| SearchFieldSpec {
                field,
                weight: None,
            })
            .collect(),
    };
    let empty = match &item.node.value {
        NodeValue::Sequence(items) => items.is_empty(),
        NodeValue::Mapping(entries) => entries.is_empty(),
        other => *other == NodeValue::Null,
    };
    if empty {
        cx.error(Code::InvalidValue, &item.place, "no field is named here");
    }
    fields
}

/// A weight; one that is none is reported here and left out.
fn weight(item: &Item<'_>, cx: &mut Context<'_>) -> Option<Located<String>> {
    if let NodeValue::String(text) = &item.node.value {
        let upper = text.to_ascii_uppercase();
        if WEIGHTS.contains(&upper.as_str()) {
            return Some(item.located(upper));
        }
    }
    let what = format!("a weight, {}", one_of(WEIGHTS.into_iter()));
    cx.expected(item, &what);
    None
}
