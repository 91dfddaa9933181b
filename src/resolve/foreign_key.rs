//! `type: foreign_key` constraints → references, and the check that every reference can be a foreign key.

use super::columns::unknown_field;
use super::expand::Expanded;
use super::lookup::Lookup;
use super::model::{Entity, EntityId, Reference};
use super::types::Types;
use crate::diagnose::{Code, Diagnostic, Diagnostics, Place};
use crate::pg::CastContext;
use crate::sql::{Ident, TypeName, parse_index_element};
use crate::syntax::{ConstraintKind, ConstraintSpec};

/// Adds the explicit foreign keys of all entities to their references, and checks both kinds.
pub fn bind(
    entities: &mut [Entity],
    expanded: &[Expanded],
    lookup: &Lookup,
    types: Types<'_>,
    diagnostics: &mut Diagnostics,
) {
    for (id, expanded) in expanded.iter().enumerate() {
        for constraint in &expanded.constraints {
            if constraint.spec.kind.value != ConstraintKind::ForeignKey {
                continue;
            }
            let Some(reference) = reference(id, &constraint.spec, entities, lookup, diagnostics)
            else {
                continue;
            };
            if let Some(entity) = entities.get_mut(id) {
                entity.references.push(Reference {
                    constraint: Some(Box::new(constraint.clone())),
                    ..reference
                });
            }
        }
    }
    for entity in &*entities {
        for reference in entity.references.iter().filter(|r| r.enforce) {
            if let Some(target) = entities.get(reference.target) {
                check(entity, reference, target, types, diagnostics);
            }
        }
    }
}

fn reference(
    id: EntityId,
    spec: &ConstraintSpec,
    entities: &[Entity],
    lookup: &Lookup,
    diagnostics: &mut Diagnostics,
) -> Option<Reference> {
    let entity = entities.get(id)?;
    let (target, named, at) = target(id, spec, lookup, diagnostics)?;
    let mut columns = Vec::new();
    let mut complete = true;
    for field in &spec.fields {
        if let Some(found) = entity.columns_named(&field.value) {
            // A field without columns was reported.
            complete &= !found.is_empty();
            columns.extend(found);
        } else {
            diagnostics.push(unknown_field(
                &field.value,
                &entity.name,
                entity.known_names(),
                &field.at,
            ));
            complete = false;
        }
    }
    let target_entity = entities.get(target)?;
    let target_columns = if named.is_empty() {
        target_entity.key.logical.clone()
    } else {
        let mut found = Vec::new();
        for name in &named {
            if let Some(columns) = target_entity.columns_named(name) {
                complete &= !columns.is_empty();
                found.extend(columns);
            } else {
                diagnostics.push(unknown_field(
                    name,
                    &target_entity.name,
                    target_entity.known_names(),
                    &at,
                ));
                complete = false;
            }
        }
        found
    };
    complete.then(|| Reference {
        at,
        label: spec
            .fields
            .iter()
            .map(|f| f.value.as_str())
            .collect::<Vec<_>>()
            .join(", "),
        columns,
        target,
        target_columns,
        on_delete: spec.on_delete,
        on_update: spec.on_update,
        enforce: true,
        constraint: None,
    })
}

/// The entity that a constraint refers to, the columns that it names (none: the key), and where that is written.
fn target(
    id: EntityId,
    spec: &ConstraintSpec,
    lookup: &Lookup,
    diagnostics: &mut Diagnostics,
) -> Option<(EntityId, Vec<String>, Place)> {
    let from_schema = lookup.schema(id);
    match (&spec.references, &spec.reference) {
        (Some(references), _) => {
            let text = references.value.trim();
            let (table, columns) = match text.split_once('(') {
                None => (text, Vec::new()),
                Some((table, rest)) => {
                    let Some(inside) = rest.trim_end().strip_suffix(')') else {
                        diagnostics.push(
                            Diagnostic::error(
                                Code::InvalidValue,
                                &references.at,
                                format!("`{text}` has a parenthesis that is not closed"),
                            )
                            .hint("write it as in `references: \"customers(id)\"`"),
                        );
                        return None;
                    };
                    (
                        table.trim(),
                        inside
                            .split(',')
                            .map(|c| c.trim().trim_matches('"').to_owned())
                            .collect(),
                    )
                }
            };
            let target = lookup.table_or_report(table, from_schema, &references.at, diagnostics)?;
            Some((target, columns, references.at.clone()))
        }
        (None, Some(reference)) => {
            let target = lookup.entity_or_report(
                &reference.value,
                from_schema,
                &reference.at,
                diagnostics,
            )?;
            Some((target, Vec::new(), reference.at.clone()))
        }
        (None, None) => {
            diagnostics.push(
                Diagnostic::error(
                    Code::InvalidValue,
                    &spec.at,
                    "a foreign key must say what it refers to",
                )
                .hint("add `references: \"customers(id)\"` or `ref: Customer`"),
            );
            None
        }
    }
}

/// What the server would refuse: another number of columns, types without a common equality, a target that is no key.
fn check(
    entity: &Entity,
    reference: &Reference,
    target: &Entity,
    types: Types<'_>,
    diagnostics: &mut Diagnostics,
) {
    let mismatch =
        |message: String| Diagnostic::error(Code::ForeignKeyMismatch, &reference.at, message);
    let names = |entity: &Entity, columns: &[usize]| {
        entity
            .column_names(columns)
            .iter()
            .map(Ident::as_str)
            .collect::<Vec<_>>()
            .join(", ")
    };
    if reference.columns.len() != reference.target_columns.len() {
        diagnostics.push(
            mismatch(format!(
                "{} cannot refer to {}: ({}) to `{}` ({})",
                count(reference.columns.len(), "field"),
                count(reference.target_columns.len(), "column"),
                names(entity, &reference.columns),
                target.name,
                names(target, &reference.target_columns)
            ))
            .hint("name as many fields as the key that they refer to has columns"),
        );
        return;
    }
    for (from, to) in reference.columns.iter().zip(&reference.target_columns) {
        let (Some(from), Some(to)) = (entity.column(*from), target.column(*to)) else {
            continue;
        };
        let (Some(from_type), Some(to_type)) = (&from.ty, &to.ty) else {
            continue;
        };
        if !comparable(from_type, to_type, types) {
            diagnostics.push(
                mismatch(format!(
                    "`{}` is {from_type}, but `{}.{}` is {to_type}",
                    from.name.as_str(),
                    target.name,
                    to.name.as_str()
                ))
                .hint(format!(
                    "make `{}` a `ref({})`: it then has the right type",
                    from.name.as_str(),
                    target.name
                )),
            );
            return;
        }
        if let Some(ty) = [from_type, to_type].into_iter().find(|ty| fails(ty)) {
            diagnostics.push(
                mismatch(format!(
                    "`{}` refers to `{}.{}`, but PostgreSQL cannot check a reference by {ty}: each row that is written would fail",
                    from.name.as_str(),
                    target.name,
                    to.name.as_str()
                ))
                .hint("refer by another key, or write the list without length or precision: `list(text)`, `list(decimal)`"),
            );
            return;
        }
    }
    let referenced = || {
        let columns = names(target, &reference.target_columns);
        format!("`{}` ({columns})", target.name)
    };
    match uniqueness(target, &reference.target_columns) {
        Some(Uniqueness::AtOnce) => {}
        Some(Uniqueness::Later) => diagnostics.push(
            mismatch(format!(
                "{} is a DEFERRABLE key: until a transaction ends several rows could match",
                referenced()
            ))
            .hint("take `deferrable` from that key, or add a unique constraint without it over these fields"),
        ),
        None => diagnostics.push(
            mismatch(format!(
                "{} is no key: no unique constraint stands on exactly this, so several rows could match",
                referenced()
            ))
            .hint("refer to the primary key, or add a unique constraint over these fields"),
        ),
    }
}

fn count(number: usize, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}

/// Whether the server has an equality between the two, directly or by an implicit cast of the first.
fn comparable(from: &TypeName, to: &TypeName, types: Types<'_>) -> bool {
    if (&from.schema, &from.name, from.array) == (&to.schema, &to.name, to.array) {
        return true;
    }
    if from.array || to.array || from.schema.is_some() || to.schema.is_some() {
        return false;
    }
    let (from, to) = (from.name.as_str(), to.name.as_str());
    types
        .knowledge
        .operators("=")
        .iter()
        .any(|o| o.left == Some(from) && o.right == to)
        || types
            .knowledge
            .cast(from, to)
            .is_some_and(|c| c.context == CastContext::Implicit)
}

/// Whether the server makes a foreign key on a type and then fails at each check of it: an array is compared as `anyarray`, but where
/// a modifier has to be taken from it before, no operator is found. Seen on 15 and 18: `operator does not exist: anyarray
/// pg_catalog.= numeric[]`.
fn fails(ty: &TypeName) -> bool {
    ty.array && !ty.modifiers.is_empty()
}

/// What an element of an index indexes: direction, collation and operator class do not make it less unique.
fn indexed(element: &str) -> &str {
    let element = element.trim();
    parse_index_element(element)
        .ok()
        .and_then(|parts| element.get(parts.expression))
        .map_or(element, |expression| expression.trim().trim_matches('"'))
}

/// When no two rows are equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Uniqueness {
    /// When a transaction ends, or when it asks.
    Later,
    /// Always.
    AtOnce,
}

/// Whether a unique constraint or a plain unique index stands on exactly these columns, and from when on it holds.
fn uniqueness(target: &Entity, columns: &[usize]) -> Option<Uniqueness> {
    let same =
        |other: &[usize]| other.len() == columns.len() && columns.iter().all(|c| other.contains(c));
    let named = |names: &mut dyn Iterator<Item = &str>| -> Option<Vec<usize>> {
        let mut found = Vec::new();
        for name in names {
            found.extend(target.columns_named(name)?);
        }
        Some(found)
    };
    let written = |spec: &ConstraintSpec| {
        if spec.is_deferrable() {
            Uniqueness::Later
        } else {
            Uniqueness::AtOnce
        }
    };
    let key = same(&target.key.columns).then(|| {
        let constraint = target.key.constraint.as_ref();
        constraint.map_or(Uniqueness::AtOnce, |c| written(&c.spec))
    });
    let unique_field = target
        .fields
        .iter()
        .any(|f| f.unique && same(&f.columns.clone().collect::<Vec<_>>()));
    let constraints = target
        .constraints
        .iter()
        .map(|c| &c.spec)
        .filter(|spec| spec.kind.value == ConstraintKind::Unique)
        .filter(|spec| {
            named(&mut spec.fields.iter().map(|f| f.value.as_str()))
                .is_some_and(|found| same(&found))
        })
        .map(written);
    let unique_index = target.indexes.iter().any(|i| {
        i.spec.unique.as_ref().is_some_and(|u| u.value)
            && i.spec.condition.is_none()
            && named(&mut i.spec.columns.iter().map(|c| indexed(&c.value)))
                .is_some_and(|found| same(&found))
    });
    let plain = (unique_field || unique_index).then_some(Uniqueness::AtOnce);
    key.into_iter().chain(constraints).chain(plain).max()
}
