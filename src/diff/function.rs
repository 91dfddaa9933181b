//! Functions.

use std::collections::BTreeMap;

use super::{Change, Changes, DiffError, Object, Pair, comment, pairs, same};
use crate::catalog::Function;
use crate::sql::QualifiedName;

pub(super) fn diff<'a>(
    from: &'a BTreeMap<QualifiedName, Function>,
    to: &'a BTreeMap<QualifiedName, Function>,
    changes: &mut Changes<'a>,
) -> Result<(), DiffError> {
    pairs(from, to, Object::Function, |name, pair| match pair {
        Pair::Created(Function { routine, comment }) => {
            changes.push(Change::CreateFunction { name, routine });
            comment::created(Object::Function(name), comment.as_ref(), changes);
            Ok(())
        }
        Pair::Kept { previous, next } => same(previous, next, Object::Function(name)),
    })
}
