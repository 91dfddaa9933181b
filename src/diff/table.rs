//! Tables with their columns.

use std::collections::BTreeMap;

use super::{
    Change, Changes, DiffError, Object, Pair, comment, constraint, index, pairs, partition, trigger,
};
use crate::catalog::{Column, Constraint, Index, Table, Trigger};
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

fn created<'a>(
    name: &'a QualifiedName,
    table: &'a Table,
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
        comment,
    } = table;
    let partition_key = partition_key.as_ref();
    match partition {
        Some(partition) => {
            changes.push(partition::created(name, partition, partition_key));
        }
        None => changes.push(Change::CreateTable {
            name,
            unlogged: *unlogged,
            columns,
            partition_key,
        }),
    }
    comment::created(Object::Table(name), comment.as_ref(), changes);
    for column in columns {
        column_comment(name, column, changes);
    }
    constraint::diff(name, &NO_CONSTRAINTS, constraints, changes)?;
    index::diff(name, &NO_INDEXES, indexes, changes)?;
    trigger::diff(name, &NO_TRIGGERS, triggers, changes)
}

fn column_comment<'a>(table: &'a QualifiedName, column: &'a Column, changes: &mut Changes<'a>) {
    let on = Object::Column(table, &column.name);
    comment::created(on, column.comment.as_ref(), changes);
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
        comment,
    } = next;
    let unchanged = previous.unlogged == *unlogged
        && previous.columns == *columns
        && previous.partition_key == *partition_key
        && previous.partition == *partition
        && previous.comment == *comment;
    if !unchanged {
        return Err(DiffError::Altered {
            object: Object::Table(name).to_string(),
        });
    }
    constraint::diff(name, &previous.constraints, constraints, changes)?;
    index::diff(name, &previous.indexes, indexes, changes)?;
    trigger::diff(name, &previous.triggers, triggers, changes)
}
