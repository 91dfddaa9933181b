//! `constraints:`.

use super::context::{Context, Item};
use super::mapping::Mapping;
use super::names;
use super::spec::{ConstraintKind, ConstraintSpec, ExcludeElement};
use super::type_text::ACTIONS;

const KINDS: [(&str, ConstraintKind); 5] = [
    ("primary_key", ConstraintKind::PrimaryKey),
    ("unique", ConstraintKind::Unique),
    ("check", ConstraintKind::Check),
    ("foreign_key", ConstraintKind::ForeignKey),
    ("exclude", ConstraintKind::Exclude),
];

/// Reads `constraints:`.
pub(super) fn constraints(item: &Item<'_>, cx: &mut Context<'_>) -> Vec<ConstraintSpec> {
    let items = item.list("a list of constraints", cx).unwrap_or_default();
    items
        .iter()
        .filter_map(|item| constraint(item, cx))
        .collect()
}

fn constraint(item: &Item<'_>, cx: &mut Context<'_>) -> Option<ConstraintSpec> {
    let mut mapping = Mapping::read(item, "a mapping with `type` and `fields`", cx)?;
    let kind = mapping.require("type", cx);
    let kind = kind.and_then(|item| item.choice(&KINDS, cx).map(|kind| item.located(kind)));
    let name = mapping.string("name", cx);
    let fields = mapping
        .take("fields")
        .or_else(|| mapping.take("columns"))
        .map(|item| item.strings("a list of fields", "a field", cx));
    let on_delete = mapping.take("on_delete");
    let on_update = mapping.take("on_update");
    let message = mapping.string("error_message", cx);
    let description = mapping.string("description", cx);
    let elements = mapping.take("elements");
    let constraint = ConstraintSpec {
        at: item.place.clone(),
        name: names::checked("a constraint", name, cx),
        // A constraint of no kind is dropped below, when all its keys have been looked at.
        kind: kind
            .clone()
            .unwrap_or_else(|| item.located(ConstraintKind::Check)),
        fields: fields.unwrap_or_default(),
        condition: mapping.expression("condition", cx),
        references: mapping.string("references", cx),
        reference: mapping.string("ref", cx),
        on_delete: on_delete.and_then(|item| item.choice(&ACTIONS, cx)),
        on_update: on_update.and_then(|item| item.choice(&ACTIONS, cx)),
        deferrable: mapping.boolean("deferrable", cx).is_some_and(|b| b.value),
        initially_deferred: mapping
            .boolean("initially_deferred", cx)
            .is_some_and(|b| b.value),
        nulls_distinct: mapping.boolean("nulls_distinct", cx),
        error_message: message.or(description).map(|text| text.value),
        renamed_from: mapping.string("renamed_from", cx),
        using: mapping.string("using", cx),
        elements: elements.map_or_else(Vec::new, |item| exclude_elements(&item, cx)),
    };
    let complete = kind.is_none() || has_what_it_needs(&constraint, &mut mapping, cx);
    mapping.finish(cx);
    (kind.is_some() && complete).then_some(constraint)
}

/// Reports a constraint that says too little, unless what it lacks is there in a wrong shape.
fn has_what_it_needs(
    constraint: &ConstraintSpec,
    mapping: &mut Mapping<'_>,
    cx: &mut Context<'_>,
) -> bool {
    match constraint.kind.value {
        ConstraintKind::PrimaryKey | ConstraintKind::Unique => {
            !constraint.fields.is_empty() || mapping.lacks("fields", &["columns"], cx)
        }
        ConstraintKind::Check => {
            constraint.condition.is_some() || mapping.lacks("condition", &[], cx)
        }
        ConstraintKind::ForeignKey => {
            let target = constraint.references.is_some()
                || constraint.reference.is_some()
                || mapping.lacks("references", &["ref"], cx);
            let fields = !constraint.fields.is_empty() || mapping.lacks("fields", &["columns"], cx);
            target && fields
        }
        ConstraintKind::Exclude => {
            !constraint.elements.is_empty() || mapping.lacks("elements", &[], cx)
        }
    }
}

fn exclude_elements(item: &Item<'_>, cx: &mut Context<'_>) -> Vec<ExcludeElement> {
    let items = item
        .list("a list of `{expression, with}`", cx)
        .unwrap_or_default();
    items
        .iter()
        .filter_map(|item| exclude_element(item, cx))
        .collect()
}

fn exclude_element(item: &Item<'_>, cx: &mut Context<'_>) -> Option<ExcludeElement> {
    let mut mapping = Mapping::read(item, "a mapping with `expression` and `with`", cx)?;
    let expression = match mapping.take("field") {
        Some(field) => field.string("a field", cx),
        None => mapping
            .require("expression", cx)
            .and_then(|item| item.expression(cx)),
    };
    let operator = mapping
        .require("with", cx)
        .and_then(|item| item.string("an operator", cx));
    mapping.finish(cx);
    Some(ExcludeElement {
        expression: expression?,
        operator: operator?,
    })
}
