//! What old code can live with, and what it cannot.
//!
//! The state between the two is a catalog of its own: what is wanted, in which everything that only the contract phase may
//! take away or narrow is still as it was. Planning towards it gives the expand phase; planning from it, the rest.

use std::collections::{BTreeMap, BTreeSet};

use super::MigrateError;
use crate::catalog::{Catalog, Index, Table};
use crate::diff::{Former, Object, Options, diff};
use crate::plan::{Phase, Situation, plan};
use crate::sql::{Ident, QualifiedName};

/// Keeping one object can bring others back into the plan, such as an index on a column that stays; not for ever.
const MOST_ROUNDS: usize = 16;

/// What is wanted, as far as old code does not notice.
pub(super) fn expand_only(
    before: &Catalog,
    wanted: &Catalog,
    situation: &Situation,
) -> Result<Catalog, MigrateError> {
    let mut between = wanted.clone();
    for _ in 0..MOST_ROUNDS {
        let next = {
            let former = Former::new(before, &between);
            let difference = diff(&former, &between, Options { prune: true });
            let plan = plan(&difference, &former, &between, situation)
                .map_err(crate::changeset::ChangesetError::from)?;
            let contract: BTreeSet<Object<'_>> = plan
                .steps
                .iter()
                .filter(|step| step.phase == Phase::Contract)
                .map(|step| step.object)
                .collect();
            let mut next = between.clone();
            let mut stuck = Vec::new();
            for object in contract {
                if !keep(object, before, &mut next) {
                    stuck.push(object.to_string());
                }
            }
            if !stuck.is_empty() {
                return Err(MigrateError::Split {
                    problem: "these changes cannot be put off, so the change cannot be split",
                    objects: stuck,
                });
            }
            next
        };
        if next == between {
            return Ok(between);
        }
        between = next;
    }
    Err(MigrateError::Split {
        problem: "the change cannot be split",
        objects: Vec::new(),
    })
}

/// Whether all that old code does not notice is done already.
pub(super) fn contract_only(
    before: &Catalog,
    wanted: &Catalog,
    situation: &Situation,
) -> Result<(), MigrateError> {
    let between = expand_only(before, wanted, situation)?;
    let former = Former::new(before, &between);
    let difference = diff(&former, &between, Options { prune: true });
    if difference.changes.is_empty() {
        return Ok(());
    }
    let changes = difference.changes.iter();
    Err(MigrateError::Split {
        problem: "these changes come first, with --expand-only",
        objects: changes.map(|change| change.object().to_string()).collect(),
    })
}

/// Puts an object back to what it was; `false` where that is no matter of this object alone, as with a name.
fn keep(object: Object<'_>, before: &Catalog, catalog: &mut Catalog) -> bool {
    match object {
        Object::Schema(name) => put(name, &before.schemas, &mut catalog.schemas),
        Object::Extension(name) => put(name, &before.extensions, &mut catalog.extensions),
        Object::EnumType(name) => put(name, &before.enums, &mut catalog.enums),
        Object::CompositeType(name) => {
            put(name, &before.composite_types, &mut catalog.composite_types)
        }
        Object::Domain(name) | Object::DomainCheck(name, _) => {
            put(name, &before.domains, &mut catalog.domains)
        }
        Object::Sequence(name) | Object::SequenceOwner(name) => {
            put(name, &before.sequences, &mut catalog.sequences)
        }
        Object::Function(name) | Object::Overload(name, _) => {
            put(name, &before.functions, &mut catalog.functions)
        }
        Object::View(name) | Object::MaterializedView(name) => {
            put(name, &before.views, &mut catalog.views)
        }
        Object::PartitionPolicy(name) => put(
            name,
            &before.partition_policies,
            &mut catalog.partition_policies,
        ),
        Object::Table(name) => put(name, &before.tables, &mut catalog.tables),
        Object::Column(table, name) => {
            part(table, before, catalog, |was, now| column(name, was, now))
        }
        Object::Constraint(table, name) => part(table, before, catalog, |was, now| {
            put(name, &was.constraints, &mut now.constraints)
        }),
        Object::Trigger(table, name) => part(table, before, catalog, |was, now| {
            put(name, &was.triggers, &mut now.triggers)
        }),
        Object::Policy(table, name) => part(table, before, catalog, |was, now| {
            put(name, &was.policies, &mut now.policies)
        }),
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

/// Changes a part of a table that stays; a table that goes is kept as a whole.
fn part(
    table: &QualifiedName,
    before: &Catalog,
    catalog: &mut Catalog,
    change: impl FnOnce(&Table, &mut Table) -> bool,
) -> bool {
    match (before.tables.get(table), catalog.tables.get_mut(table)) {
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
        return part(relation, before, catalog, |was, now| {
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
