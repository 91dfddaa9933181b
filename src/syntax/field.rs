//! `fields:` and `computed_fields:`.

use std::collections::BTreeSet;

use super::context::{Context, Item};
use super::mapping::Mapping;
use super::names;
use super::search;
use super::spec::{DefaultSpec, FieldSpec, Located, ReferenceSpec, Scalar, Text, TypeSpec};
use super::type_text::{self, ACTIONS, TypeError};
use crate::diagnose::{Code, Diagnostic, Place};
use crate::yaml::NodeValue;

/// Reads `fields:`.
pub(super) fn fields(item: &Item<'_>, cx: &mut Context<'_>) -> Vec<FieldSpec> {
    if item.is_null() {
        return Vec::new();
    }
    let Some(mapping) = Mapping::read(item, "a mapping of fields, `name: type`", cx) else {
        return Vec::new();
    };
    mapping
        .rest()
        .into_iter()
        .filter_map(|(key, item)| field(key, &item, cx))
        .collect()
}

/// A field is kept even when its type could not be read (it then has neither `ty` nor `generated`), so that what
/// names it gets no error of its own.
fn field(key: Located<String>, item: &Item<'_>, cx: &mut Context<'_>) -> Option<FieldSpec> {
    if !names::check_field(&key.value, &key.at, cx) && key.value.is_empty() {
        return None;
    }
    let mut field = empty(key.value, item.place.clone());
    match &item.node.value {
        NodeValue::String(text) => {
            if !item.is_cut(Code::InvalidType, cx) {
                short_form(text, &item.place, &mut field, cx);
            }
        }
        NodeValue::Mapping(_) => long_form(item, &mut field, cx),
        NodeValue::Null => cx.error_hint(
            Code::InvalidValue,
            &item.place,
            format!("the field `{}` has no type", field.name),
            format!("write `{}: text`", field.name),
        ),
        _ => cx.expected(item, "a type such as `text!`, or a mapping"),
    }
    Some(field)
}

fn empty(name: String, at: Place) -> FieldSpec {
    FieldSpec {
        name,
        at,
        ty: None,
        required: false,
        unique: false,
        indexed: false,
        default: None,
        generated: None,
        generated_from: None,
        language: None,
        description: None,
        renamed_from: None,
        native: None,
    }
}

fn short_form(text: &str, place: &Place, field: &mut FieldSpec, cx: &mut Context<'_>) {
    match type_text::parse(text) {
        Ok(parsed) => {
            field.required = parsed.required;
            field.unique = parsed.unique;
            field.indexed = parsed.indexed;
            field.ty = Some(Located {
                value: parsed.ty,
                at: place.within(parsed.ty_range),
            });
            field.default = parsed.default.map(|(offset, text)| {
                Box::new(DefaultSpec::Text(Text {
                    text,
                    at: place.clone(),
                    offset,
                }))
            });
        }
        Err(error) => report(error, place, cx),
    }
}

fn report(error: TypeError, place: &Place, cx: &mut Context<'_>) {
    let place = place.within(error.range);
    let mut diagnostic = Diagnostic::error(error.code, &place, error.message);
    diagnostic.hint = error.hint;
    cx.push(diagnostic);
}

fn long_form(item: &Item<'_>, field: &mut FieldSpec, cx: &mut Context<'_>) {
    let Some(mut mapping) = Mapping::read(item, "a mapping", cx) else {
        return;
    };
    let ty = mapping.take("type");
    if let Some(ty) = &ty {
        long_type(ty, field, cx);
    }
    if let Some(default) = mapping.take("default") {
        field.default = default_value(&default, cx)
            .map(Box::new)
            .or(field.default.take());
    }
    nullability(&mut mapping, field, cx);
    flag(&mut mapping, "unique", &mut field.unique, cx);
    flag(&mut mapping, "indexed", &mut field.indexed, cx);
    field.description = mapping.string("description", cx).map(|text| text.value);
    field.renamed_from = mapping.string("renamed_from", cx).map(Box::new);
    field.native = mapping.boolean("native", cx).map(|native| native.value);
    field.generated = mapping
        .expression("generated", cx)
        .map(whole_text)
        .map(Box::new);
    if let Some(from) = mapping.take("generated_from") {
        field.generated_from = Some(search::fields(&from, cx));
    }
    field.language = mapping.string("language", cx).map(Box::new);
    labels(&mut mapping, field, cx);
    reference_options(&mut mapping, field, cx);
    if ty.is_none() && field.generated.is_none() && field.generated_from.is_none() {
        mapping.require("type", cx);
    }
    mapping.finish(cx);
}

fn long_type(ty: &Item<'_>, field: &mut FieldSpec, cx: &mut Context<'_>) {
    if ty.is_cut(Code::InvalidType, cx) {
        return;
    }
    if let Some(text) = ty.string("a type", cx) {
        // `type: enum` has its labels under `values`.
        if text.value.trim() == "enum" {
            field.ty = Some(Located {
                value: TypeSpec::Enum(Vec::new()),
                at: text.at,
            });
        } else {
            short_form(&text.value, &text.at, field, cx);
        }
    }
}

fn default_value(item: &Item<'_>, cx: &mut Context<'_>) -> Option<DefaultSpec> {
    if item.is_cut(Code::InvalidExpression, cx) {
        return None;
    }
    if let NodeValue::String(text) = &item.node.value {
        return Some(DefaultSpec::Text(Text {
            text: text.clone(),
            at: item.place.clone(),
            offset: 0,
        }));
    }
    if matches!(
        item.node.value,
        NodeValue::Sequence(_) | NodeValue::Mapping(_)
    ) {
        cx.error_hint(
            Code::InvalidValue,
            &item.place,
            format!(
                "expected a literal or an SQL expression, found {}",
                item.node.value.describe()
            ),
            "put it in quotes: `default: '{}'`",
        );
        return None;
    }
    let scalar: Scalar = item.scalar("a literal or an SQL expression", cx)?;
    Some(DefaultSpec::Scalar(item.located(scalar)))
}

fn nullability(mapping: &mut Mapping<'_>, field: &mut FieldSpec, cx: &mut Context<'_>) {
    let required = mapping.boolean("required", cx);
    let nullable = mapping.boolean("nullable", cx);
    let says_required = field.required || required.as_ref().is_some_and(|required| required.value);
    if let Some(nullable) = &nullable
        && (nullable.value && says_required
            || required.is_some_and(|required| required.value == nullable.value))
    {
        cx.error_hint(
            Code::InvalidValue,
            &nullable.at,
            format!(
                "`nullable: {}` contradicts what the field says of being required",
                nullable.value
            ),
            "say it once: `!`, `required:` or `nullable:`",
        );
    }
    field.required = says_required || nullable.is_some_and(|nullable| !nullable.value);
}

fn flag(mapping: &mut Mapping<'_>, key: &'static str, flag: &mut bool, cx: &mut Context<'_>) {
    if let Some(value) = mapping.boolean(key, cx) {
        *flag |= value.value;
    }
}

/// `values:` beside `type: enum`.
fn labels(mapping: &mut Mapping<'_>, field: &mut FieldSpec, cx: &mut Context<'_>) {
    let values = mapping.take("values");
    let at = match &field.ty {
        Some(Located {
            value: TypeSpec::Enum(labels),
            at,
        }) if labels.is_empty() => at.clone(),
        other => {
            if let (Some(values), Some(_)) = (values, other) {
                cx.error_hint(
                    Code::InvalidValue,
                    &values.place.the_key(),
                    "`values` belongs to `type: enum`",
                    "remove it, or make the field an enum",
                );
            }
            return;
        }
    };
    let Some(values) = values else {
        cx.error_hint(
            Code::InvalidType,
            &at,
            type_text::NO_LABELS.0,
            "write `enum(draft, live)`, or `values: [draft, live]` beside it",
        );
        field.ty = None;
        return;
    };
    let mut read: Vec<String> = Vec::new();
    let mut seen = BTreeSet::new();
    for item in values.list("a list of labels", cx).unwrap_or_default() {
        let Some(label) = label(&item, cx) else {
            continue;
        };
        match type_text::check_label(&label, 0..label.len(), &mut seen) {
            Ok(()) => read.push(label),
            Err(error) => cx.error_hint(
                error.code,
                &item.place,
                error.message,
                error.hint.unwrap_or_default(),
            ),
        }
    }
    let nothing = match &values.node.value {
        NodeValue::Sequence(items) => items.is_empty(),
        other => *other == NodeValue::Null,
    };
    if nothing {
        let (message, _) = type_text::NO_LABELS;
        cx.error_hint(
            Code::InvalidType,
            &values.place,
            message,
            "write them, as in `values: [draft, live]`",
        );
    }
    field.ty = (!read.is_empty()).then_some(Located {
        value: TypeSpec::Enum(read),
        at,
    });
}

fn label(item: &Item<'_>, cx: &mut Context<'_>) -> Option<String> {
    match item.scalar("a label", cx)? {
        Scalar::String(label) | Scalar::Number(label) => Some(label),
        Scalar::Bool(label) => Some(label.to_string()),
        Scalar::Null => Some(String::new()),
    }
}

/// `on_delete:` and its like beside `type: ref(X)`.
fn reference_options(mapping: &mut Mapping<'_>, field: &mut FieldSpec, cx: &mut Context<'_>) {
    let schema = mapping.take("schema");
    let on_delete = mapping.take("on_delete");
    let on_update = mapping.take("on_update");
    let enforce = mapping.take("enforce");
    let with = mapping.take("with");
    let options = [
        ("schema", &schema),
        ("on_delete", &on_delete),
        ("on_update", &on_update),
        ("enforce", &enforce),
        ("with", &with),
    ];
    let Some(reference) = reference_of(field) else {
        if field.ty.is_some() {
            for (name, option) in options {
                if let Some(option) = option {
                    cx.error_hint(
                        Code::InvalidValue,
                        &option.place.the_key(),
                        format!("`{name}` belongs to `type: ref(…)`"),
                        "remove it, or make the field a reference",
                    );
                }
            }
        }
        return;
    };
    if let Some(schema) = schema {
        let schema = names::checked("a schema", schema.string("a schema", cx), cx);
        reference.schema = schema
            .map(|schema| schema.value)
            .or(reference.schema.take());
    }
    if let Some(item) = on_delete {
        reference.on_delete = item.choice(&ACTIONS, cx);
    }
    if let Some(item) = on_update {
        reference.on_update = item.choice(&ACTIONS, cx);
    }
    if let Some(item) = enforce {
        reference.enforce = item.boolean(cx).unwrap_or(true);
    }
    if let Some(item) = with {
        let fields = item.strings("a list of fields", "a field", cx);
        reference
            .with
            .extend(fields.into_iter().map(|field| field.value));
    }
}

fn reference_of(field: &mut FieldSpec) -> Option<&mut ReferenceSpec> {
    match &mut field.ty.as_mut()?.value {
        TypeSpec::Reference(reference) => Some(reference),
        _ => None,
    }
}

fn whole_text(expression: Located<String>) -> Text {
    Text {
        text: expression.value,
        at: expression.at,
        offset: 0,
    }
}

/// Reads `computed_fields:`, a list of one-key mappings or a mapping.
pub(super) fn computed(item: &Item<'_>, cx: &mut Context<'_>) -> Vec<FieldSpec> {
    let mut fields = Vec::new();
    let what = "a list of `name: expression`";
    if matches!(item.node.value, NodeValue::Mapping(_)) {
        computed_entries(item, &mut fields, cx);
        return fields;
    }
    for item in item.list(what, cx).unwrap_or_default() {
        computed_entries(&item, &mut fields, cx);
    }
    fields
}

fn computed_entries(item: &Item<'_>, fields: &mut Vec<FieldSpec>, cx: &mut Context<'_>) {
    let Some(mut mapping) = Mapping::read(item, "`name: expression`", cx) else {
        return;
    };
    if mapping.has("name") && mapping.has("expression") {
        named_entry(&mut mapping, item, fields, cx);
        mapping.finish(cx);
        return;
    }
    for (key, item) in mapping.rest() {
        if !names::check_field(&key.value, &key.at, cx) && key.value.is_empty() {
            continue;
        }
        let mut field = empty(key.value, item.place.clone());
        if matches!(item.node.value, NodeValue::Mapping(_)) {
            if let Some(mut mapping) = Mapping::read(&item, "a mapping", cx) {
                computed_body(&mut mapping, &mut field, cx);
                mapping.finish(cx);
            }
        } else {
            field.generated = item.expression(cx).map(whole_text).map(Box::new);
        }
        fields.push(field);
    }
}

/// `{name: full, expression: …}`.
fn named_entry(
    mapping: &mut Mapping<'_>,
    item: &Item<'_>,
    fields: &mut Vec<FieldSpec>,
    cx: &mut Context<'_>,
) {
    let Some(name) = mapping.string("name", cx) else {
        return;
    };
    if !names::check_field(&name.value, &name.at, cx) && name.value.is_empty() {
        return;
    }
    let mut field = empty(name.value, item.place.clone());
    computed_body(mapping, &mut field, cx);
    fields.push(field);
}

fn computed_body(mapping: &mut Mapping<'_>, field: &mut FieldSpec, cx: &mut Context<'_>) {
    let expression = if mapping.has("generated") {
        mapping.take("generated")
    } else {
        mapping.require("expression", cx)
    };
    if let Some(ty) = mapping.take("type") {
        long_type(&ty, field, cx);
    }
    field.generated = expression
        .and_then(|item| item.expression(cx))
        .map(whole_text)
        .map(Box::new);
    field.description = mapping.string("description", cx).map(|text| text.value);
    field.renamed_from = mapping.string("renamed_from", cx).map(Box::new);
    flag(mapping, "indexed", &mut field.indexed, cx);
    flag(mapping, "required", &mut field.required, cx);
}
