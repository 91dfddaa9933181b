//! Partition policies.

use super::{Change, Changes, Object, Pair, pairs};
use crate::catalog::Catalog;

/// A policy is rows: whether they are new or other ones, they are set.
pub(super) fn diff<'a>(from: &'a Catalog, to: &'a Catalog, changes: &mut Changes<'a>) {
    let policies = (&from.partition_policies, &to.partition_policies);
    pairs(policies.0, policies.1, |table, pair| match pair {
        Pair::Kept { previous, next } if previous == next => {}
        Pair::Created(policy) | Pair::Kept { next: policy, .. } => {
            changes.push(Change::SetPartitionPolicy { table, policy });
        }
        Pair::Gone(_) => {
            let object = Object::PartitionPolicy(table);
            let partitioned = |table: &crate::catalog::Table| table.partition_key.is_some();
            if to
                .tables
                .get(table)
                .is_some_and(|table| !partitioned(table))
            {
                // Nothing could be done by it any more.
                changes.in_the_way(object);
            } else {
                changes.gone(object);
            }
        }
    });
}
