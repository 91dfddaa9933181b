//! An object as the old catalog has it, in a wanted one.

use std::collections::BTreeMap;

use super::Object;
use super::partition::is_below;
use crate::catalog::{Catalog, Index, Table};
use crate::sql::{Ident, QualifiedName};

/// Puts an object back to what it was; `false` where that is no matter of this object alone, as with a name, or changes nothing. A table
/// comes with its partitions.
pub(crate) fn put_back(object: Object<'_>, before: &Catalog, catalog: &mut Catalog) -> bool {
    match object {
        Object::Schema(name) => put(name, &before.schemas, &mut catalog.schemas),
        Object::Extension(name) => put(name, &before.extensions, &mut catalog.extensions),
        Object::EnumType(name) => put(name, &before.enums, &mut catalog.enums),
        Object::CompositeType(name) => {
            put(name, &before.composite_types, &mut catalog.composite_types)
        }
        Object::Domain(name) => put(name, &before.domains, &mut catalog.domains),
        Object::DomainCheck(domain, name) => {
            part(domain, &before.domains, &mut catalog.domains, |was, now| {
                put(name, &was.checks, &mut now.checks)
            })
        }
        Object::Sequence(name) | Object::SequenceOwner(name) => {
            put(name, &before.sequences, &mut catalog.sequences)
        }
        Object::Function(name) => put(name, &before.functions, &mut catalog.functions),
        Object::Overload(name, arguments) => part(
            name,
            &before.functions,
            &mut catalog.functions,
            |was, now| put(arguments, &was.overloads, &mut now.overloads),
        ),
        Object::View(name) | Object::MaterializedView(name) => {
            put(name, &before.views, &mut catalog.views)
        }
        Object::PartitionPolicy(name) => put(
            name,
            &before.partition_policies,
            &mut catalog.partition_policies,
        ),
        Object::Table(name) => {
            let parts = before
                .tables
                .keys()
                .filter(|part| is_below(part, name, before));
            let parts = parts.filter(|part| put(*part, &before.tables, &mut catalog.tables));
            let parts = parts.count() > 0;
            put(name, &before.tables, &mut catalog.tables) || parts
        }
        Object::Column(table, name) => {
            part(table, &before.tables, &mut catalog.tables, |was, now| {
                column(name, was, now)
            })
        }
        Object::Constraint(table, name) => {
            part(table, &before.tables, &mut catalog.tables, |was, now| {
                put(name, &was.constraints, &mut now.constraints)
            })
        }
        Object::Trigger(table, name) => {
            part(table, &before.tables, &mut catalog.tables, |was, now| {
                put(name, &was.triggers, &mut now.triggers)
            })
        }
        Object::Policy(table, name) => {
            part(table, &before.tables, &mut catalog.tables, |was, now| {
                put(name, &was.policies, &mut now.policies)
            })
        }
        Object::Index(relation, name) => index(relation, name, before, catalog),
    }
}

/// As it was, or not at all where it was not; `false` when that changes nothing.
fn put<K: Ord + Clone, V: Clone + PartialEq>(
    name: &K,
    before: &BTreeMap<K, V>,
    now: &mut BTreeMap<K, V>,
) -> bool {
    match before.get(name) {
        Some(was) if now.get(name) == Some(was) => false,
        Some(was) => {
            now.insert(name.clone(), was.clone());
            true
        }
        None => now.remove(name).is_some(),
    }
}

/// Changes a part of what stays; what goes is kept as a whole.
fn part<V: PartialEq>(
    of: &QualifiedName,
    before: &BTreeMap<QualifiedName, V>,
    now: &mut BTreeMap<QualifiedName, V>,
    change: impl FnOnce(&V, &mut V) -> bool,
) -> bool {
    match (before.get(of), now.get_mut(of)) {
        (Some(was), Some(now)) => change(was, now) || was == now,
        _ => false,
    }
}

fn column(name: &Ident, was: &Table, now: &mut Table) -> bool {
    let position = was.columns.iter().position(|column| column.name == *name);
    let Some(column) = position.and_then(|position| was.columns.get(position)) else {
        return false;
    };
    match now.columns.iter_mut().find(|column| column.name == *name) {
        Some(other) if other == column => return false,
        Some(other) => *other = column.clone(),
        None => {
            let position = position.unwrap_or(0).min(now.columns.len());
            now.columns.insert(position, column.clone());
        }
    }
    true
}

fn index(relation: &QualifiedName, name: &Ident, before: &Catalog, catalog: &mut Catalog) -> bool {
    if before.tables.contains_key(relation) {
        return part(relation, &before.tables, &mut catalog.tables, |was, now| {
            put(name, &was.indexes, &mut now.indexes)
        });
    }
    let was: Option<&BTreeMap<Ident, Index>> = before
        .views
        .get(relation)
        .and_then(|view| view.materialized.as_ref())
        .map(|materialized| &materialized.indexes);
    let now = catalog
        .views
        .get_mut(relation)
        .and_then(|view| view.materialized.as_mut())
        .map(|materialized| &mut materialized.indexes);
    match (was, now) {
        (Some(was), Some(now)) => put(name, was, now),
        _ => false,
    }
}
