//! Policies of row-level security.

use std::collections::BTreeMap;

use super::{Change, Changes, DiffError, Object, Pair, comment, pairs, same};
use crate::catalog::Policy;
use crate::sql::{Ident, QualifiedName};

pub(super) fn diff<'a>(
    table: &'a QualifiedName,
    from: &'a BTreeMap<Ident, Policy>,
    to: &'a BTreeMap<Ident, Policy>,
    changes: &mut Changes<'a>,
) -> Result<(), DiffError> {
    let object = |name| Object::Policy(table, name);
    pairs(from, to, object, |name, pair| match pair {
        Pair::Created(policy) => {
            changes.push(Change::CreatePolicy {
                table,
                name,
                policy,
            });
            comment::created(object(name), policy.comment.as_ref(), changes);
            Ok(())
        }
        Pair::Kept { previous, next } => same(previous, next, object(name)),
    })
}
