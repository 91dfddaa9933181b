//! Constraints.

use std::collections::BTreeMap;

use super::{Change, Changes, Object, Pair, as_wanted, comment, pairs};
use crate::catalog::{Constraint, ConstraintIndex, ConstraintKind};
use crate::sql::{Ident, QualifiedName};

pub(super) fn diff<'a>(
    table: &'a QualifiedName,
    from: &'a BTreeMap<Ident, Constraint>,
    to: &'a BTreeMap<Ident, Constraint>,
    changes: &mut Changes<'a>,
) {
    pairs(from, to, |name, pair| {
        let object = Object::Constraint(table, name);
        match pair {
            Pair::Created(constraint) => created(table, name, constraint, changes),
            Pair::Kept { previous, next } => {
                if !equal(previous, next) {
                    changes.push(Change::ReplaceConstraint {
                        table,
                        name,
                        previous,
                        next,
                    });
                }
                comments(table, name, previous, next, changes);
            }
            // A table has one primary key.
            Pair::Gone(previous) if is_primary(previous) && to.values().any(is_primary) => {
                changes.in_the_way(object);
            }
            Pair::Gone(_) => changes.gone(object),
        }
    });
}

fn is_primary(constraint: &Constraint) -> bool {
    matches!(constraint.kind, ConstraintKind::PrimaryKey { .. })
}

fn created<'a>(
    table: &'a QualifiedName,
    name: &'a Ident,
    constraint: &'a Constraint,
    changes: &mut Changes<'a>,
) {
    changes.push(Change::AddConstraint {
        table,
        name,
        constraint,
    });
    let object = Object::Constraint(table, name);
    comment::created(object, constraint.comment.as_ref(), changes);
    let index = Object::Index(table, name);
    comment::created(index, constraint.index.comment.as_ref(), changes);
}

fn comments<'a>(
    table: &'a QualifiedName,
    name: &'a Ident,
    previous: &'a Constraint,
    next: &'a Constraint,
    changes: &mut Changes<'a>,
) {
    let object = Object::Constraint(table, name);
    comment::diff(
        object,
        previous.comment.as_ref(),
        next.comment.as_ref(),
        changes,
    );
    // Specs say nothing of the index behind a constraint.
    if let Some(text) = &next.index.comment {
        let index = Object::Index(table, name);
        comment::diff(index, previous.index.comment.as_ref(), Some(text), changes);
    }
}

fn equal(previous: &Constraint, next: &Constraint) -> bool {
    let Constraint {
        kind,
        deferrable,
        initially_deferred,
        not_valid,
        not_enforced,
        no_inherit,
        index,
        comment: _,
    } = next;
    let ConstraintIndex {
        include,
        without_overlaps,
        storage_parameters,
        tablespace,
        clustered,
        replica_identity,
        comment: _,
    } = &**index;
    let index = &previous.index;
    previous.kind == *kind
        && previous.deferrable == *deferrable
        && previous.initially_deferred == *initially_deferred
        && (previous.not_valid == *not_valid || *not_valid)
        && previous.not_enforced == *not_enforced
        && previous.no_inherit == *no_inherit
        && index.include == *include
        && index.without_overlaps == *without_overlaps
        && as_wanted(&index.storage_parameters, storage_parameters)
        && as_wanted(&index.tablespace, tablespace)
        && as_wanted(&index.clustered, clustered)
        && as_wanted(&index.replica_identity, replica_identity)
}
