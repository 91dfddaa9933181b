//! Tables.

use std::collections::BTreeMap;

use super::{
    Change, Changes, Object, Pair, Why, as_wanted, column, comment, constraint, index, pairs,
    partition, policy, trigger,
};
use crate::catalog::{Catalog, Constraint, ConstraintKind, Index, Policy, Table, Trigger};
use crate::sql::{Ident, QualifiedName};

pub(super) fn diff<'a>(from: &'a Catalog, to: &'a Catalog, changes: &mut Changes<'a>) {
    let anew = partition::partitioned_anew(from, to);
    pairs(&from.tables, &to.tables, |name, pair| match pair {
        Pair::Created(table) => match &table.partition {
            Some(_) if anew.contains(partition::root(name, to)) => created(name, table, changes),
            Some(part) => partition::missing(name, part, table, from, to, changes),
            None => created(name, table, changes),
        },
        Pair::Kept { previous, next } => match partition::root(name, to) {
            root if anew.contains(root) && root == name => {
                kept(name, previous, next, None, changes);
            }
            // It comes with the new form of its table.
            root if anew.contains(root) && previous.partition.is_some() => {}
            _ => kept(name, previous, next, Some(from), changes),
        },
        Pair::Gone(table) => match &table.partition {
            // It goes with the old form of its table.
            Some(_) if anew.contains(partition::root(name, from)) => {}
            Some(part) => partition::gone(name, part, table, from, to, changes),
            None if to.views.contains_key(name) => changes.in_the_way(Object::Table(name)),
            None => changes.gone(Object::Table(name)),
        },
    });
}

static NO_CONSTRAINTS: BTreeMap<Ident, Constraint> = BTreeMap::new();
static NO_INDEXES: BTreeMap<Ident, Index> = BTreeMap::new();
static NO_TRIGGERS: BTreeMap<Ident, Trigger> = BTreeMap::new();
static NO_POLICIES: BTreeMap<Ident, Policy> = BTreeMap::new();

/// A new table or partition with all its parts.
pub(super) fn created<'a>(name: &'a QualifiedName, table: &'a Table, changes: &mut Changes<'a>) {
    let Table {
        unlogged: _,
        columns,
        constraints,
        indexes,
        triggers,
        partition_key: _,
        partition,
        inherits: _,
        storage_parameters: _,
        tablespace: _,
        access_method: _,
        row_security: _,
        policies,
        replica_identity: _,
        needs: _,
        comment,
    } = table;
    changes.push(match partition {
        Some(partition) => Change::CreatePartition {
            name,
            partition,
            table,
        },
        None => Change::CreateTable { name, table },
    });
    comment::created(Object::Table(name), comment.as_ref(), changes);
    for column in columns {
        let on = Object::Column(name, &column.name);
        comment::created(on, column.comment.as_ref(), changes);
        if let Some(constraint) = &column.not_null_constraint {
            let on = Object::Constraint(name, &constraint.name);
            comment::created(on, constraint.comment.as_ref(), changes);
        }
    }
    constraint::diff(name, &NO_CONSTRAINTS, constraints, changes);
    index::diff(name, &NO_INDEXES, indexes, changes);
    trigger::diff(name, &NO_TRIGGERS, triggers, changes);
    policy::diff(name, &NO_POLICIES, policies, changes);
}

/// The parts that only the old form of a table has; not a primary key that another takes the place of, nor the triggers of
/// projections, which are made for its form.
fn only_before<'a>(
    name: &'a QualifiedName,
    previous: &'a Table,
    next: &Table,
) -> impl Iterator<Item = Object<'a>> {
    let has_key = next.primary_key().is_some();
    let constraints = previous.constraints.iter().filter(move |(own, before)| {
        let is_replaced = has_key && matches!(before.kind, ConstraintKind::PrimaryKey { .. });
        !next.constraints.contains_key(*own) && !is_replaced
    });
    let indexes = previous.indexes.keys();
    let indexes = indexes.filter(|own| !next.indexes.contains_key(*own));
    let triggers = previous.triggers.iter();
    let triggers = triggers
        .filter(|(own, trigger)| !next.triggers.contains_key(*own) && trigger.duty().is_none());
    constraints
        .map(move |(own, _)| Object::Constraint(name, own))
        .chain(indexes.map(move |own| Object::Index(name, own)))
        .chain(triggers.map(move |(own, _)| Object::Trigger(name, own)))
}

/// A table that both have: in its form, as the catalog of before has it, or in another one.
fn kept<'a>(
    name: &'a QualifiedName,
    previous: &'a Table,
    next: &'a Table,
    in_form_of: Option<&Catalog>,
    changes: &mut Changes<'a>,
) {
    let Table {
        unlogged,
        columns,
        constraints,
        indexes,
        triggers,
        partition_key: _,
        partition,
        inherits,
        storage_parameters,
        tablespace,
        access_method,
        row_security,
        policies,
        replica_identity,
        // A note of the server's, not what the table is.
        needs: _,
        comment,
    } = next;
    let object = Object::Table(name);
    if previous.unlogged != *unlogged {
        let (table, logged) = (name, !unlogged);
        changes.push(Change::SetLogged { table, logged });
    }
    let expressible = previous.inherits == *inherits
        && as_wanted(&previous.storage_parameters, storage_parameters)
        && as_wanted(&previous.tablespace, tablespace)
        && as_wanted(&previous.access_method, access_method)
        && as_wanted(&previous.row_security, row_security)
        && as_wanted(&previous.replica_identity, replica_identity);
    if !expressible {
        changes.unchanged(object, Why::NotExpressible);
    }
    partition::diff(
        name,
        previous.partition.as_ref(),
        partition.as_ref(),
        changes,
    );
    if previous.partition.is_some() != partition.is_some() {
        // What a partition has from its parent stands with the parent: what else differs shows when both are of one sort.
        return;
    }
    // A partition has its parent's columns, whether it lists them or not.
    if partition.is_none() {
        column::diff(name, &previous.columns, columns, in_form_of, changes);
    }
    policy::diff(name, &previous.policies, policies, changes);
    comment::diff(object, previous.comment.as_ref(), comment.as_ref(), changes);
    if in_form_of.is_none() {
        // The table of the new form is made with all its parts.
        changes.push(Change::Repartition {
            name,
            previous,
            next,
        });
        if !changes.options.prune {
            changes.found.kept.extend(only_before(name, previous, next));
        }
        return;
    }
    constraint::diff(name, &previous.constraints, constraints, changes);
    index::diff(name, &previous.indexes, indexes, changes);
    trigger::diff(name, &previous.triggers, triggers, changes);
}
