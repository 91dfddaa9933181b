//! Sequences.

use std::collections::BTreeMap;

use super::{Change, Changes, DiffError, Object, Pair, comment, pairs, same};
use crate::catalog::Sequence;
use crate::sql::QualifiedName;

pub(super) fn diff<'a>(
    from: &'a BTreeMap<QualifiedName, Sequence>,
    to: &'a BTreeMap<QualifiedName, Sequence>,
    changes: &mut Changes<'a>,
) -> Result<(), DiffError> {
    pairs(from, to, Object::Sequence, |name, pair| match pair {
        Pair::Created(sequence) => {
            changes.push(Change::CreateSequence { name, sequence });
            comment::created(Object::Sequence(name), sequence.comment.as_ref(), changes);
            if let Some(owner) = &sequence.owned_by {
                changes.push(Change::SetSequenceOwner { name, owner });
            }
            Ok(())
        }
        Pair::Kept { previous, next } => same(previous, next, Object::Sequence(name)),
    })
}
