//! Enumerated types.

use std::collections::BTreeMap;

use super::{Change, Changes, DiffError, Object, Pair, comment, pairs, same};
use crate::catalog::EnumType;
use crate::sql::QualifiedName;

pub(super) fn diff<'a>(
    from: &'a BTreeMap<QualifiedName, EnumType>,
    to: &'a BTreeMap<QualifiedName, EnumType>,
    changes: &mut Changes<'a>,
) -> Result<(), DiffError> {
    pairs(from, to, Object::EnumType, |name, pair| match pair {
        Pair::Created(EnumType { labels, comment }) => {
            changes.push(Change::CreateEnumType { name, labels });
            comment::created(Object::EnumType(name), comment.as_ref(), changes);
            Ok(())
        }
        Pair::Kept { previous, next } => same(previous, next, Object::EnumType(name)),
    })
}
