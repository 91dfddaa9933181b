//! `projections:`.

use super::context::{Context, Item, fold_word};
use super::index;
use super::mapping::Mapping;
use super::names;
use super::spec::{EventsSpec, IncludeSpec, Located, ProjectionSpec, RefreshMode, RefreshSpec};
use crate::diagnose::Code;
use crate::yaml::NodeValue;

const MODES: [(&str, RefreshMode); 4] = [
    ("commit", RefreshMode::Commit),
    ("statement", RefreshMode::Statement),
    ("queued", RefreshMode::Queued),
    ("incremental", RefreshMode::Incremental),
];

/// Reads `projections:`.
pub(super) fn projections(item: &Item<'_>, cx: &mut Context<'_>) -> Vec<ProjectionSpec> {
    let items = item.list("a list of projections", cx).unwrap_or_default();
    items
        .iter()
        .filter_map(|item| projection(item, cx))
        .collect()
}

fn projection(item: &Item<'_>, cx: &mut Context<'_>) -> Option<ProjectionSpec> {
    let mut mapping = Mapping::read(item, "a mapping with `name` and `includes`", cx)?;
    let name = mapping.require("name", cx);
    let name = name.and_then(|item| item.string("a name", cx));
    let name = names::checked("a projection", name, cx);
    let schema = mapping.string("schema", cx);
    let includes = mapping.require("includes", cx);
    let filters = mapping.take("filters");
    let refresh = mapping.take("refresh");
    let indexes = mapping.take("indexes");
    let spec = ProjectionSpec {
        at: item.place.clone(),
        // One without a name is dropped below, when all its keys have been looked at.
        name: name.clone().unwrap_or_else(|| item.located(String::new())),
        schema: names::checked_schema(schema, cx),
        description: mapping.string("description", cx).map(|text| text.value),
        includes: includes.map_or_else(Vec::new, |item| self::includes(&item, cx)),
        filters: filters.map_or_else(Vec::new, |item| self::filters(&item, cx)),
        refresh: refresh.and_then(|item| self::refresh(&item, cx)),
        indexes: indexes.map_or_else(Vec::new, |item| index::indexes(&item, cx)),
    };
    mapping.finish(cx);
    (name.is_some() && !spec.includes.is_empty()).then_some(spec)
}

fn includes(item: &Item<'_>, cx: &mut Context<'_>) -> Vec<IncludeSpec> {
    let items = item.list("a list of `Entity: [fields]`", cx);
    let items = match items {
        Some(items) if items.is_empty() => {
            cx.error_hint(
                Code::InvalidValue,
                &item.place,
                "the projection includes no entity",
                "the first entity is the root: `- User: [id, name]`",
            );
            return Vec::new();
        }
        items => items.unwrap_or_default(),
    };
    let mut includes = Vec::new();
    for item in items {
        let Some(mapping) = Mapping::read(&item, "`Entity: [fields]`", cx) else {
            continue;
        };
        for (entity, item) in mapping.rest() {
            includes.extend(include(entity, &item, cx));
        }
    }
    includes
}

fn include(entity: Located<String>, item: &Item<'_>, cx: &mut Context<'_>) -> Option<IncludeSpec> {
    let mut include = IncludeSpec {
        at: item.place.clone(),
        entity,
        fields: Vec::new(),
        filter: None,
        via: None,
        alias: None,
    };
    if !matches!(item.node.value, NodeValue::Mapping(_)) {
        include.fields = item.expressions("a list of fields, or a mapping with `fields`", cx);
        return Some(include);
    }
    let mut mapping = Mapping::read(item, "a mapping", cx)?;
    if let Some(fields) = mapping.require("fields", cx) {
        include.fields = fields.expressions("a list of fields", cx);
    }
    include.filter = mapping.expression("filter", cx);
    include.via = mapping.string("via", cx);
    include.alias = mapping.string("as", cx);
    include.alias = names::checked("an alias", include.alias, cx);
    mapping.finish(cx);
    Some(include)
}

/// `- condition: …`; the condition alone is enough.
fn filters(item: &Item<'_>, cx: &mut Context<'_>) -> Vec<Located<String>> {
    let items = match &item.node.value {
        NodeValue::Mapping(_) => vec![item.clone()],
        _ => item
            .one_or_many("a list of `condition: …`", cx)
            .unwrap_or_default(),
    };
    let mut filters = Vec::new();
    for item in items {
        if !matches!(item.node.value, NodeValue::Mapping(_)) {
            filters.extend(item.expression(cx));
            continue;
        }
        let Some(mut mapping) = Mapping::read(&item, "`condition: …`", cx) else {
            continue;
        };
        let condition = mapping.require("condition", cx);
        filters.extend(condition.and_then(|item| item.expression(cx)));
        mapping.finish(cx);
    }
    filters
}

fn refresh(item: &Item<'_>, cx: &mut Context<'_>) -> Option<RefreshSpec> {
    if item.is_null() {
        return None;
    }
    let mut mapping = Mapping::read(item, "a mapping", cx)?;
    let materialized = mapping.boolean("materialized", cx);
    let on = mapping.take("on");
    let mode = mapping.take("mode");
    let spec = RefreshSpec {
        at: item.place.clone(),
        materialized: materialized.is_some_and(|value| value.value),
        on: on.and_then(|item| events(&item, cx)),
        concurrently: mapping.boolean("concurrently", cx),
        mode: mode.and_then(|item| item.choice(&MODES, cx).map(|mode| item.located(mode))),
        every: mapping.string("every", cx),
    };
    mapping.finish(cx);
    Some(spec)
}

fn events(item: &Item<'_>, cx: &mut Context<'_>) -> Option<EventsSpec> {
    let what = "`all`, a list of events, or a mapping of entities and events";
    match &item.node.value {
        NodeValue::String(text) if fold_word(text) == "all" => Some(EventsSpec::All),
        NodeValue::Mapping(_) => {
            let entities = Mapping::read(item, what, cx)?.rest();
            Some(EventsSpec::Each(
                entities
                    .into_iter()
                    .map(|(entity, item)| {
                        (entity, item.strings("a list of events", "an event", cx))
                    })
                    .collect(),
            ))
        }
        NodeValue::Sequence(_) | NodeValue::String(_) => {
            Some(EventsSpec::Root(item.strings(what, "an event", cx)))
        }
        _ => {
            cx.expected(item, what);
            None
        }
    }
}
