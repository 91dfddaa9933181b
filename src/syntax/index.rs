//! `indexes:`.

use super::context::{Context, Item};
use super::mapping::Mapping;
use super::names;
use super::spec::{IndexSpec, Located, Scalar};

/// Reads `indexes:`.
pub(super) fn indexes(item: &Item<'_>, cx: &mut Context<'_>) -> Vec<IndexSpec> {
    let items = item.list("a list of indexes", cx).unwrap_or_default();
    items.iter().filter_map(|item| index(item, cx)).collect()
}

fn index(item: &Item<'_>, cx: &mut Context<'_>) -> Option<IndexSpec> {
    let mut mapping = Mapping::read(item, "a mapping with `columns`", cx)?;
    let name = mapping.string("name", cx);
    let columns = mapping.take("columns").or_else(|| mapping.take("fields"));
    let columns = columns.map(|item| item.expressions("a list of columns", cx));
    let include = mapping.take("include");
    let with = mapping.take("with");
    let index = IndexSpec {
        at: item.place.clone(),
        name: names::checked("an index", name, cx),
        renamed_from: mapping.string("renamed_from", cx),
        columns: columns.unwrap_or_default(),
        method: mapping.string("type", cx),
        condition: mapping.expression("condition", cx),
        include: include.map_or_else(Vec::new, |item| {
            item.strings("a list of fields", "a field", cx)
        }),
        unique: mapping.boolean("unique", cx),
        nulls_distinct: mapping.boolean("nulls_distinct", cx),
        with: with.map_or_else(Vec::new, |item| storage_parameters(&item, cx)),
        description: mapping.string("description", cx).map(|text| text.value),
    };
    let complete = !index.columns.is_empty() || mapping.lacks("columns", &["fields"], cx);
    mapping.finish(cx);
    complete.then_some(index)
}

fn storage_parameters(item: &Item<'_>, cx: &mut Context<'_>) -> Vec<(String, Located<Scalar>)> {
    if item.is_null() {
        return Vec::new();
    }
    let what = "a mapping of storage parameters";
    let Some(mapping) = Mapping::read(item, what, cx) else {
        return Vec::new();
    };
    let mut parameters = Vec::new();
    for (key, item) in mapping.rest() {
        if item.is_null() {
            cx.expected(&item, "a value");
        } else if let Some(value) = item.scalar("a value", cx) {
            parameters.push((key.value, item.located(value)));
        }
    }
    parameters
}
