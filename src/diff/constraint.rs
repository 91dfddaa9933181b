//! Constraints.

use std::collections::BTreeMap;

use super::{Change, Changes, DiffError, Object, Pair, comment, pairs, same};
use crate::catalog::Constraint;
use crate::sql::{Ident, QualifiedName};

pub(super) fn diff<'a>(
    table: &'a QualifiedName,
    from: &'a BTreeMap<Ident, Constraint>,
    to: &'a BTreeMap<Ident, Constraint>,
    changes: &mut Changes<'a>,
) -> Result<(), DiffError> {
    let object = |name| Object::Constraint(table, name);
    pairs(from, to, object, |name, pair| match pair {
        Pair::Created(constraint) => {
            changes.push(Change::AddConstraint {
                table,
                name,
                constraint,
            });
            comment::created(object(name), constraint.comment.as_ref(), changes);
            let index = Object::Index(table, name);
            comment::created(index, constraint.index.comment.as_ref(), changes);
            Ok(())
        }
        Pair::Kept { previous, next } => same(previous, next, object(name)),
    })
}
