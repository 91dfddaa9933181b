//! How rows are spread over list partitions and hash partitions.
//!
//! A server moves no rows between partitions. One that is to have rows of another, or no longer all of its own, comes with a
//! new form of its table; only values that none had so far can come to a partition where it is.

use std::collections::{BTreeMap, BTreeSet};

use super::partition::upwards;
use crate::catalog::{Bound, Catalog, Partition, Table};
use crate::sql::QualifiedName;

/// Tables with a list partition or hash partition that is to have rows of others, or no longer all of its own. Periods are another
/// matter: those that are there stay, and coming ones are as they are wanted.
pub(super) fn spread_otherwise<'a>(
    from: &'a Catalog,
    to: &'a Catalog,
) -> BTreeSet<&'a QualifiedName> {
    let there = shares(from);
    let wanted = shares(to).into_iter();
    let spread = wanted.filter(|(of, wanted)| {
        there.get(of).is_some_and(|there| {
            let mut differing = wanted
                .iter()
                .filter(|(name, rows)| there.get(*name) != Some(rows));
            differing
                .any(|(name, rows)| !has_place(name, rows, there, || can_be_widened(of, from, to)))
        })
    });
    spread.map(|(of, _)| of).collect()
}

/// Whether rows are those of a partition by another name, or of none so far.
fn has_place(
    name: &QualifiedName,
    rows: &Rows<'_>,
    there: &Shares<'_>,
    can_be_widened: impl FnOnce() -> bool,
) -> bool {
    let own = there.get(name);
    let mut others = there.iter().filter(|(other, _)| **other != name);
    match own {
        Some(own) => {
            rows.widen(own)
                && !others.any(|(_, taken)| rows.is_in_the_way_of(taken))
                && can_be_widened()
        }
        None => {
            others.clone().any(|(_, taken)| rows == taken)
                || !others.any(|(_, taken)| rows.is_in_the_way_of(taken))
        }
    }
}

/// Whether a partition may leave its table for a moment and come back with another bound: rows of others that refer to its own
/// hold it.
fn can_be_widened(of: &QualifiedName, from: &Catalog, to: &Catalog) -> bool {
    [from, to].into_iter().all(|catalog| {
        let above: BTreeSet<_> = upwards(of, catalog).map(|(name, _)| name).collect();
        let mut keys = catalog.tables.values().flat_map(Table::foreign_keys);
        !keys.any(|key| above.contains(&key.references))
    })
}

/// Which rows the list partitions and hash partitions of a table have.
type Shares<'a> = BTreeMap<&'a QualifiedName, Rows<'a>>;

fn shares(catalog: &Catalog) -> BTreeMap<&QualifiedName, Shares<'_>> {
    let mut shares: BTreeMap<_, Shares<'_>> = BTreeMap::new();
    for (name, table) in &catalog.tables {
        if let Some(Partition { of, bound }) = &table.partition
            && let Some(rows) = Rows::of(bound)
        {
            shares.entry(of).or_default().insert(name, rows);
        }
    }
    shares
}

/// Which rows belong to a list partition or hash partition, however its bound is written.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rows<'a> {
    Values(BTreeSet<Option<&'a str>>),
    Remainder { modulus: u32, remainder: u32 },
}

impl<'a> Rows<'a> {
    pub(super) fn of(bound: &'a Bound) -> Option<Self> {
        match *bound {
            Bound::List(ref values) => {
                Some(Self::Values(values.iter().map(Option::as_deref).collect()))
            }
            Bound::Hash { modulus, remainder } => Some(Self::Remainder { modulus, remainder }),
            Bound::Range { .. } | Bound::RangeOf { .. } | Bound::Default => None,
        }
    }

    /// Whether they are all of the others, and more, none of them NULL, of which no CHECK can say that it is not elsewhere.
    fn widen(&self, other: &Self) -> bool {
        matches!((self, other), (Self::Values(one), Self::Values(other))
            if one.is_superset(other) && !one.contains(&None))
    }

    /// Whether no table can have both as partitions.
    fn is_in_the_way_of(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Values(one), Self::Values(other)) => !one.is_disjoint(other),
            (
                &Self::Remainder { modulus, remainder },
                &Self::Remainder {
                    modulus: other_modulus,
                    remainder: other_remainder,
                },
            ) => {
                let (smaller, larger) = (modulus.min(other_modulus), modulus.max(other_modulus));
                // "Every hash partition modulus must be a factor of the next larger modulus."
                smaller == 0
                    || larger % smaller != 0
                    || remainder % smaller == other_remainder % smaller
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Rows;

    fn rows(modulus: u32, remainder: u32) -> Rows<'static> {
        Rows::Remainder { modulus, remainder }
    }

    fn values<const N: usize>(values: [Option<&str>; N]) -> Rows<'_> {
        Rows::Values(values.into())
    }

    #[test]
    fn partitions_by_hash_are_in_the_way_of_those_with_a_part_of_their_rows() {
        assert!(rows(2, 0).is_in_the_way_of(&rows(4, 2)));
        assert!(!rows(2, 0).is_in_the_way_of(&rows(4, 1)));
        assert!(!rows(4, 1).is_in_the_way_of(&rows(2, 0)));
        // No table can have both, whatever rows they have.
        assert!(rows(4, 0).is_in_the_way_of(&rows(6, 1)));
        // A file may claim it.
        assert!(rows(0, 0).is_in_the_way_of(&rows(2, 1)));
    }

    #[test]
    fn a_list_is_widened_by_values_but_not_by_null() {
        let one = values([Some("a")]);
        assert!(values([Some("a"), Some("b")]).widen(&one));
        assert!(!values([Some("b")]).widen(&one));
        assert!(!values([Some("a"), None]).widen(&one));
        assert!(!rows(2, 0).widen(&rows(4, 0)));
    }
}
