//! One document: an entity, or only projections.

use super::context::{Context, Item, nearest};
use super::mapping::Mapping;
use super::spec::{Document, EntitySpec, Located, Pattern, TranslationsSpec};
use super::{constraint, field, index, names, partitioning, projection, search};
use crate::diagnose::{Code, Origin, Place};
use crate::yaml::{Node, NodeValue};

/// Keys of other tools, about nothing that DDL says.
const OTHER_TOOLS: [&str; 9] = [
    "actions",
    "identifier",
    "import",
    "metadata",
    "migration",
    "operations",
    "organization",
    "table_views",
    "version",
];

const PATTERNS: [(&str, Pattern); 2] = [
    ("audit_trail", Pattern::AuditTrail),
    ("soft_delete", Pattern::SoftDelete),
];

/// Reads a document.
pub(super) fn document(node: &Node, origin: Origin, cx: &mut Context<'_>) -> Option<Document> {
    let item = Item {
        node,
        place: Place::document(origin),
        cut: None,
    };
    if item.is_null() {
        return None;
    }
    let mut mapping = Mapping::read(&item, "a mapping with `entity:`", cx)?;
    not_ours(&mut mapping, cx);
    if mapping.has("entity") {
        return entity(mapping, origin, cx).map(|entity| Document::Entity(Box::new(entity)));
    }
    let only_projections = mapping.keys().all(|key| key == "projections");
    if only_projections {
        let projections = mapping.take("projections")?;
        return Some(Document::Projections(projection::projections(
            &projections,
            cx,
        )));
    }
    entity_is_missing(&mapping, cx);
    None
}

/// Puts aside what belongs to the author (`x-…`) or to other tools.
fn not_ours(mapping: &mut Mapping<'_>, cx: &mut Context<'_>) {
    let keys: Vec<&str> = mapping.keys().collect();
    for key in keys {
        if key.starts_with("x-") {
            mapping.take_unlisted(key);
        } else if OTHER_TOOLS.contains(&key)
            && let Some(item) = mapping.take_unlisted(key)
        {
            cx.other_tools.push((key.to_owned(), item.place.the_key()));
        }
    }
}

/// Whether a key belongs to the author or to other tools.
pub(super) fn is_not_ours(key: &str) -> bool {
    key.starts_with("x-") || OTHER_TOOLS.contains(&key)
}

/// Keys, but no `entity:`.
fn entity_is_missing(mapping: &Mapping<'_>, cx: &mut Context<'_>) {
    let misspelt = mapping
        .keys()
        .find(|key| nearest(&key.to_lowercase(), std::iter::once("entity")).is_some());
    match misspelt {
        Some(key) => cx.error_hint(
            Code::UnknownKey,
            &mapping.place().key(key).the_key(),
            format!("unknown key `{key}`"),
            "did you mean `entity`?",
        ),
        None => cx.error_hint(
            Code::InvalidValue,
            mapping.place(),
            "`entity` is missing",
            "a document has `entity: NAME`, or only `projections:`",
        ),
    }
}

fn entity(mut mapping: Mapping<'_>, origin: Origin, cx: &mut Context<'_>) -> Option<EntitySpec> {
    let name = mapping.take("entity");
    let name = name.and_then(|item| item.string("the entity's name", cx));
    let name = name.filter(|name| names::check_entity(&name.value, &name.at, cx));
    let schema = mapping.string("schema", cx);
    let table = mapping.string("table", cx);
    let description = mapping.string("description", cx);
    let extends = mapping.take("extends");
    let patterns = mapping.take("patterns");
    let translations = mapping.take("translations");
    let fields = mapping.take("fields");
    let computed = mapping.take("computed_fields");
    let constraints = mapping.take("constraints");
    let indexes = mapping.take("indexes");
    let search = mapping.take("search");
    let partitioning = mapping.take("partitioning");
    let projections = mapping.take("projections");
    let mut entity = EntitySpec {
        origin,
        at: mapping.place().clone(),
        // One without a name is dropped below, when all its keys have been looked at.
        name: name.clone().unwrap_or_else(|| Located {
            value: String::new(),
            at: mapping.place().clone(),
        }),
        schema: names::checked_schema(schema, cx),
        table: names::checked("a table", table, cx),
        renamed_from: mapping
            .string("renamed_from", cx)
            .filter(|former| names::check_former(former, cx)),
        description,
        extends: extends.and_then(|item| self::extends(&item, cx)),
        patterns: patterns.map_or_else(Vec::new, |item| self::patterns(&item, cx)),
        hierarchical: mapping.boolean("hierarchical", cx),
        translations: translations.and_then(|item| self::translations(&item, cx)),
        fields: fields.map_or_else(Vec::new, |item| field::fields(&item, cx)),
        constraints: constraints.map_or_else(Vec::new, |item| constraint::constraints(&item, cx)),
        indexes: indexes.map_or_else(Vec::new, |item| index::indexes(&item, cx)),
        search: search
            .and_then(|item| search::search(&item, cx))
            .map(Box::new),
        partitioning: partitioning
            .and_then(|item| partitioning::partitioning(&item, cx))
            .map(Box::new),
        projections: projections.map_or_else(Vec::new, |item| projection::projections(&item, cx)),
    };
    if let Some(item) = computed {
        entity.fields.extend(field::computed(&item, cx));
    }
    mapping.finish(cx);
    name.is_some().then_some(entity)
}

/// `extends: User`; `{from: User}` is the same.
fn extends(item: &Item<'_>, cx: &mut Context<'_>) -> Option<Located<String>> {
    if !matches!(item.node.value, NodeValue::Mapping(_)) {
        return item.string("the name of an entity", cx);
    }
    let mut mapping = Mapping::read(item, "the name of an entity", cx)?;
    let from = mapping.require("from", cx);
    mapping.finish(cx);
    from?.string("the name of an entity", cx)
}

fn patterns(item: &Item<'_>, cx: &mut Context<'_>) -> Vec<Located<Pattern>> {
    let items = item.one_or_many("a list of patterns", cx);
    items
        .unwrap_or_default()
        .iter()
        .filter_map(|item| {
            item.choice(&PATTERNS, cx)
                .map(|pattern| item.located(pattern))
        })
        .collect()
}

fn translations(item: &Item<'_>, cx: &mut Context<'_>) -> Option<TranslationsSpec> {
    if item.is_null() {
        return None;
    }
    let mut mapping = Mapping::read(item, "a mapping with `enabled` and `fields`", cx)?;
    let enabled = mapping.boolean("enabled", cx);
    let fields = mapping.take("fields");
    let fields = fields.map_or_else(Vec::new, |item| {
        item.strings("a list of fields", "a field", cx)
    });
    for field in &fields {
        names::check_field(&field.value, &field.at, cx);
    }
    let enabled = enabled.is_none_or(|enabled| enabled.value);
    if enabled && fields.is_empty() {
        mapping.lacks("fields", &[], cx);
    }
    mapping.finish(cx);
    (enabled && !fields.is_empty()).then(|| TranslationsSpec {
        at: item.place.clone(),
        fields,
    })
}
