//! Schemas.

use std::collections::BTreeMap;

use super::{Change, Changes, DiffError, Object, Pair, comment, pairs, same};
use crate::catalog::Schema;
use crate::sql::Ident;

pub(super) fn diff<'a>(
    from: &'a BTreeMap<Ident, Schema>,
    to: &'a BTreeMap<Ident, Schema>,
    changes: &mut Changes<'a>,
) -> Result<(), DiffError> {
    pairs(from, to, Object::Schema, |name, pair| match pair {
        Pair::Created(Schema { comment }) => {
            changes.push(Change::CreateSchema { name });
            comment::created(Object::Schema(name), comment.as_ref(), changes);
            Ok(())
        }
        Pair::Kept { previous, next } => same(previous, next, Object::Schema(name)),
    })
}
