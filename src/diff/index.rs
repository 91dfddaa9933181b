//! Indexes.

use std::collections::BTreeMap;

use super::{Change, Changes, DiffError, Object, Pair, comment, pairs, same};
use crate::catalog::Index;
use crate::sql::{Ident, QualifiedName};

pub(super) fn diff<'a>(
    relation: &'a QualifiedName,
    from: &'a BTreeMap<Ident, Index>,
    to: &'a BTreeMap<Ident, Index>,
    changes: &mut Changes<'a>,
) -> Result<(), DiffError> {
    let object = |name| Object::Index(relation, name);
    pairs(from, to, object, |name, pair| match pair {
        Pair::Created(index) => {
            changes.push(Change::CreateIndex {
                relation,
                name,
                index,
            });
            comment::created(object(name), index.comment.as_ref(), changes);
            Ok(())
        }
        Pair::Kept { previous, next } => same(previous, next, object(name)),
    })
}
