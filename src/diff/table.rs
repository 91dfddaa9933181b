//! Tables with their columns.

use std::collections::BTreeMap;

use super::{
    Change, Changes, DiffError, Object, Pair, comment, constraint, index, pairs, partition, policy,
    trigger,
};
use crate::catalog::{Column, Constraint, Index, Policy, Table, Trigger};
use crate::sql::{Ident, QualifiedName};

pub(super) fn diff<'a>(
    from: &'a BTreeMap<QualifiedName, Table>,
    to: &'a BTreeMap<QualifiedName, Table>,
    changes: &mut Changes<'a>,
) -> Result<(), DiffError> {
    pairs(from, to, Object::Table, |name, pair| match pair {
        Pair::Created(table) => created(name, table, changes),
        Pair::Kept { previous, next } => kept(name, previous, next, changes),
    })
}

static NO_CONSTRAINTS: BTreeMap<Ident, Constraint> = BTreeMap::new();
static NO_INDEXES: BTreeMap<Ident, Index> = BTreeMap::new();
static NO_TRIGGERS: BTreeMap<Ident, Trigger> = BTreeMap::new();
static NO_POLICIES: BTreeMap<Ident, Policy> = BTreeMap::new();

fn created<'a>(
    name: &'a QualifiedName,
    table: &'a Table,
    changes: &mut Changes<'a>,
) -> Result<(), DiffError> {
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
        Some(partition) => partition::created(name, partition, table),
        None => Change::CreateTable { name, table },
    });
    comment::created(Object::Table(name), comment.as_ref(), changes);
    for column in columns {
        column_comment(name, column, changes);
    }
    constraint::diff(name, &NO_CONSTRAINTS, constraints, changes)?;
    index::diff(name, &NO_INDEXES, indexes, changes)?;
    trigger::diff(name, &NO_TRIGGERS, triggers, changes)?;
    policy::diff(name, &NO_POLICIES, policies, changes)
}

fn column_comment<'a>(table: &'a QualifiedName, column: &'a Column, changes: &mut Changes<'a>) {
    let on = Object::Column(table, &column.name);
    comment::created(on, column.comment.as_ref(), changes);
    if let Some(constraint) = &column.not_null_constraint {
        let on = Object::Constraint(table, &constraint.name);
        comment::created(on, constraint.comment.as_ref(), changes);
    }
}

fn kept<'a>(
    name: &'a QualifiedName,
    previous: &'a Table,
    next: &'a Table,
    changes: &mut Changes<'a>,
) -> Result<(), DiffError> {
    let Table {
        unlogged,
        columns,
        constraints,
        indexes,
        triggers,
        partition_key,
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
    let unchanged = previous.unlogged == *unlogged
        && previous.columns == *columns
        && previous.partition_key == *partition_key
        && previous.partition == *partition
        && previous.inherits == *inherits
        && previous.storage_parameters == *storage_parameters
        && previous.tablespace == *tablespace
        && previous.access_method == *access_method
        && previous.row_security == *row_security
        && previous.replica_identity == *replica_identity
        && previous.comment == *comment;
    if !unchanged {
        return Err(DiffError::Altered {
            object: Object::Table(name).to_string(),
        });
    }
    constraint::diff(name, &previous.constraints, constraints, changes)?;
    index::diff(name, &previous.indexes, indexes, changes)?;
    trigger::diff(name, &previous.triggers, triggers, changes)?;
    policy::diff(name, &previous.policies, policies, changes)
}
