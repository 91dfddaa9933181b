//! Partitions.
//!
//! Those by range come and go at run time: one that only the old catalog has is no difference, and one that is missing is
//! made only where no other has its rows.

use std::cmp::Ordering;

use super::{Change, Changes, Object, Why, table};
use crate::catalog::{Bound, Catalog, Partition, PartitionStrategy, RangeValue, Table};
use crate::sql::QualifiedName;

/// A partition that only the new catalog has. Its columns, and the constraints and indexes that its parent has, come with
/// it.
pub(super) fn missing<'a>(
    name: &'a QualifiedName,
    partition: &'a Partition,
    definition: &'a Table,
    from: &'a Catalog,
    to: &'a Catalog,
    changes: &mut Changes<'a>,
) {
    let others = from.tables.iter().filter(|(other, table)| {
        let same_parent = table
            .partition
            .as_ref()
            .is_some_and(|p| p.of == partition.of);
        same_parent && !to.tables.contains_key(other)
    });
    for (other, table) in others {
        let Some(taken) = table.partition.as_ref().map(|p| &p.bound) else {
            continue;
        };
        match compare(&partition.bound, taken) {
            Share::Nothing => {}
            Share::All => return,
            Share::Some => {
                changes.unchanged(Object::Table(name), Why::Overlaps(other));
                return;
            }
        }
    }
    table::created(name, definition, changes);
}

/// A partition that only the old catalog has.
pub(super) fn gone<'a>(
    name: &'a QualifiedName,
    partition: &'a Partition,
    to: &'a Catalog,
    changes: &mut Changes<'a>,
) {
    let Some(parent) = to.tables.get(&partition.of) else {
        // It goes or stays with its parent.
        return;
    };
    if parent.partition_key.is_none() {
        // It goes when the table's new form takes the place of the old one.
        return;
    }
    let by_range = parent
        .partition_key
        .as_ref()
        .is_some_and(|key| key.strategy == PartitionStrategy::Range);
    let comes_and_goes = to.partition_policies.contains_key(&partition.of)
        || by_range && partition.bound != Bound::Default;
    if !comes_and_goes {
        changes.gone(Object::Table(name));
    }
}

/// A table that both catalogs have, and that may be a partition in one of them only.
pub(super) fn diff<'a>(
    name: &'a QualifiedName,
    previous: Option<&'a Partition>,
    next: Option<&'a Partition>,
    changes: &mut Changes<'a>,
) {
    match (previous, next) {
        (None, None) => {}
        (None, Some(partition)) => changes.push(Change::AttachPartition { name, partition }),
        (Some(partition), None) => {
            let of = &partition.of;
            changes.push(Change::DetachPartition { name, of });
        }
        (Some(previous), Some(next)) => {
            if previous.of != next.of || !same_bound(&previous.bound, &next.bound) {
                changes.unchanged(Object::Table(name), Why::BoundContradicts);
            }
        }
    }
}

/// How much of a wanted partition's range another one has.
enum Share {
    Nothing,
    Some,
    All,
}

fn compare(wanted: &Bound, taken: &Bound) -> Share {
    if wanted == taken {
        return Share::All;
    }
    match (range(wanted), range(taken)) {
        (Some((from, to)), Some((taken_from, taken_to))) => {
            if to.cmp(&taken_from).is_le() || taken_to.cmp(&from).is_le() {
                Share::Nothing
            } else if taken_from.cmp(&from).is_le() && to.cmp(&taken_to).is_le() {
                Share::All
            } else {
                Share::Some
            }
        }
        _ => match (wanted, taken) {
            (Bound::List(wanted), Bound::List(taken)) => {
                match wanted.iter().filter(|value| taken.contains(value)).count() {
                    0 => Share::Nothing,
                    n if n == wanted.len() => Share::All,
                    _ => Share::Some,
                }
            }
            _ => Share::Nothing,
        },
    }
}

fn same_bound(one: &Bound, other: &Bound) -> bool {
    match (range(one), range(other)) {
        (Some(one), Some(other)) => one == other,
        _ => one == other_list_order(one, other),
    }
}

/// The other bound, with the values of a list in the order of the first's where they are the same.
fn other_list_order<'a>(one: &'a Bound, other: &'a Bound) -> &'a Bound {
    if let (Bound::List(a), Bound::List(b)) = (one, other)
        && a.len() == b.len()
        && a.iter().all(|value| b.contains(value))
    {
        return one;
    }
    other
}

/// An end of a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Edge<'a> {
    Minimum,
    Value(Value<'a>),
    Maximum,
}

/// A value of a key: numbers by size, moments (of one format) by their text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Value<'a>(&'a str);

impl Ord for Value<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.0.parse::<i128>(), other.0.parse::<i128>()) {
            (Ok(one), Ok(other)) => one.cmp(&other),
            _ => self.0.cmp(other.0),
        }
    }
}

impl PartialOrd for Value<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Which of two bounds of one key lies before the other.
pub fn compare_bounds(one: &str, other: &str) -> Ordering {
    Value(one).cmp(&Value(other))
}

/// The ends of a range over one column.
fn range(bound: &Bound) -> Option<(Edge<'_>, Edge<'_>)> {
    match bound {
        Bound::Range { from, to } => Some((Edge::Value(Value(from)), Edge::Value(Value(to)))),
        Bound::RangeOf { from, to } => match (from.as_slice(), to.as_slice()) {
            ([from], [to]) => Some((edge(from), edge(to))),
            _ => None,
        },
        Bound::List(_) | Bound::Hash { .. } | Bound::Default => None,
    }
}

fn edge(value: &RangeValue) -> Edge<'_> {
    match value {
        RangeValue::Value(text) => Edge::Value(Value(text)),
        RangeValue::Minimum => Edge::Minimum,
        RangeValue::Maximum => Edge::Maximum,
    }
}
