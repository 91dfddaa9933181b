//! Sequences.

use std::collections::BTreeMap;

use super::{Change, Changes, Object, Pair, Why, comment, pairs};
use crate::catalog::Sequence;
use crate::sql::QualifiedName;

pub(super) fn diff<'a>(
    from: &'a BTreeMap<QualifiedName, Sequence>,
    to: &'a BTreeMap<QualifiedName, Sequence>,
    changes: &mut Changes<'a>,
) {
    pairs(from, to, |name, pair| {
        let object = Object::Sequence(name);
        match pair {
            Pair::Created(sequence) => {
                changes.push(Change::CreateSequence { name, sequence });
                comment::created(object, sequence.comment.as_ref(), changes);
                if let Some(owner) = &sequence.owned_by {
                    changes.push(Change::SetSequenceOwner { name, owner });
                }
            }
            Pair::Kept { previous, next } if previous == next => {}
            Pair::Kept { .. } => changes.unchanged(object, Why::NotExpressible),
            Pair::Gone(_) => changes.gone(object),
        }
    });
}
