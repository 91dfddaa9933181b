//! Schemas.

use std::collections::BTreeMap;

use super::{Change, Changes, Object, Pair, comment, pairs};
use crate::catalog::Schema;
use crate::sql::Ident;

pub(super) fn diff<'a>(
    from: &'a BTreeMap<Ident, Schema>,
    to: &'a BTreeMap<Ident, Schema>,
    changes: &mut Changes<'a>,
) {
    pairs(from, to, |name, pair| {
        let object = Object::Schema(name);
        match pair {
            Pair::Created(Schema { comment }) => {
                changes.push(Change::CreateSchema { name });
                comment::created(object, comment.as_ref(), changes);
            }
            Pair::Kept { previous, next } => {
                let Schema { comment } = next;
                // Specs say nothing of schemas; what others wrote on them stays.
                if comment.is_some() {
                    comment::diff(object, previous.comment.as_ref(), comment.as_ref(), changes);
                }
            }
            Pair::Gone(_) => changes.gone(object),
        }
    });
}
