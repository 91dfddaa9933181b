//! Partition policies.

use std::collections::BTreeMap;

use super::{Change, Changes, DiffError, Object, Pair, pairs};
use crate::catalog::PartitionPolicy;
use crate::sql::QualifiedName;

/// A policy is rows: whether they are new or other ones, they are set.
pub(super) fn diff<'a>(
    from: &'a BTreeMap<QualifiedName, PartitionPolicy>,
    to: &'a BTreeMap<QualifiedName, PartitionPolicy>,
    changes: &mut Changes<'a>,
) -> Result<(), DiffError> {
    pairs(from, to, Object::PartitionPolicy, |table, pair| {
        let policy = match pair {
            Pair::Created(policy) => policy,
            Pair::Kept { previous, next } if previous == next => return Ok(()),
            Pair::Kept { next, .. } => next,
        };
        changes.push(Change::SetPartitionPolicy { table, policy });
        Ok(())
    })
}
