//! Policies of row-level security.

use std::collections::BTreeMap;

use super::{Change, Changes, Object, Pair, comment, pairs};
use crate::catalog::Policy;
use crate::sql::{Ident, QualifiedName};

pub(super) fn diff<'a>(
    table: &'a QualifiedName,
    from: &'a BTreeMap<Ident, Policy>,
    to: &'a BTreeMap<Ident, Policy>,
    changes: &mut Changes<'a>,
) {
    pairs(from, to, |name, pair| {
        let object = Object::Policy(table, name);
        match pair {
            Pair::Created(policy) => {
                changes.push(Change::CreatePolicy {
                    table,
                    name,
                    policy,
                });
                comment::created(object, policy.comment.as_ref(), changes);
            }
            Pair::Kept { previous, next } if previous == next => {}
            Pair::Kept { previous, next } => {
                changes.push(Change::ReplacePolicy {
                    table,
                    name,
                    previous,
                    next,
                });
                comment::created(object, next.comment.as_ref(), changes);
            }
            Pair::Gone(_) => changes.gone(object),
        }
    });
}
