//! Partition policies.

use std::collections::BTreeMap;

use super::{Change, Changes, Object, Pair, pairs};
use crate::catalog::PartitionPolicy;
use crate::sql::QualifiedName;

/// A policy is rows: whether they are new or other ones, they are set.
pub(super) fn diff<'a>(
    from: &'a BTreeMap<QualifiedName, PartitionPolicy>,
    to: &'a BTreeMap<QualifiedName, PartitionPolicy>,
    changes: &mut Changes<'a>,
) {
    pairs(from, to, |table, pair| match pair {
        Pair::Kept { previous, next } if previous == next => {}
        Pair::Created(policy) | Pair::Kept { next: policy, .. } => {
            changes.push(Change::SetPartitionPolicy { table, policy });
        }
        Pair::Gone(_) => changes.gone(Object::PartitionPolicy(table)),
    });
}
