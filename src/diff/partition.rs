//! Partitions.
//!
//! Those by range come and go at run time: one that only the old catalog has is no difference, and one that is missing is
//! made only where no other has its rows.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::spread::{Rows, spread_otherwise};
use super::{Change, Changes, Object, Why, table};
use crate::catalog::{
    Bound, Catalog, IndexKey, Partition, PartitionKey, PartitionStrategy, RangeValue, Table,
    Trigger,
};
use crate::sql::{Ident, QualifiedName};

/// How deep partitions of partitions are followed: a catalog that came from a file may claim a circle.
const MAX_PARTITION_DEPTH: usize = 64;

/// A table, what it is a partition of, and so on to the root.
pub(crate) fn upwards<'c>(
    table: &QualifiedName,
    catalog: &'c Catalog,
) -> impl Iterator<Item = (&'c QualifiedName, &'c Table)> {
    let first = catalog.tables.get_key_value(table);
    let parent = move |(_, table): &(&QualifiedName, &'c Table)| {
        let partition = table.partition.as_ref()?;
        catalog.tables.get_key_value(&partition.of)
    };
    std::iter::successors(first, parent).take(MAX_PARTITION_DEPTH)
}

/// Whether a table is a part of another.
pub(crate) fn is_below(part: &QualifiedName, name: &QualifiedName, catalog: &Catalog) -> bool {
    upwards(part, catalog).skip(1).any(|(of, _)| of == name)
}

/// The table that a partition is a part of in the end; anything else is its own root.
pub fn root<'a>(name: &'a QualifiedName, catalog: &'a Catalog) -> &'a QualifiedName {
    let parent = |name: &&'a QualifiedName| {
        let table = catalog.tables.get(*name)?;
        table.partition.as_ref().map(|partition| &partition.of)
    };
    let above = std::iter::successors(Some(name), parent);
    above.take(MAX_PARTITION_DEPTH).last().unwrap_or(name)
}

/// Tables that are partitioned by something else, or that one of their partitions is: a partition of another form has no
/// place in the old one. So are those with a key of another type, which no server changes in place, those whose rows are
/// spread otherwise by their lists of values or by hash, and those with a partition that cannot stay.
pub(crate) fn partitioned_anew<'a>(
    from: &'a Catalog,
    to: &'a Catalog,
) -> BTreeSet<&'a QualifiedName> {
    let changed = to.tables.iter().filter(|(name, next)| {
        from.tables.get(name).is_some_and(|previous| {
            previous.partition.is_some() == next.partition.is_some()
                && (previous.partition_key != next.partition_key
                    || previous
                        .partition_key
                        .as_ref()
                        .is_some_and(|key| is_retyped(key, name, from, to)))
        })
    });
    let changed = changed.map(|(name, _)| name);
    let spread = spread_otherwise(from, to);
    let outdated = outdated_partitions(from, to);
    let roots = changed.chain(spread).chain(outdated);
    let roots = roots.map(|name| root(name, to));
    roots
        .filter(|root| from.tables.contains_key(root))
        .collect()
}

/// The wanted tables of partitions that no spec has and that could stay, but that are partitioned themselves by what a unique key of
/// the table does not have, or by what gets another type.
fn outdated_partitions<'a>(
    from: &'a Catalog,
    to: &'a Catalog,
) -> impl Iterator<Item = &'a QualifiedName> {
    let gone = from.tables.iter();
    let gone = gone.filter(|(name, _)| !to.tables.contains_key(*name));
    gone.filter_map(|(_, table)| {
        let key = table.partition_key.as_ref()?;
        let of = &of_wanted(table.partition.as_ref()?, from, to)?.of;
        let mut unique = upwards(of, to).flat_map(|(_, above)| unique_keys(above));
        let lacks = |unique: Vec<&Ident>| key.columns.iter().any(|name| !unique.contains(&name));
        (unique.any(lacks) || is_retyped(key, of, from, to)).then_some(of)
    })
}

/// The columns of which a table can have each combination of values once.
fn unique_keys(table: &Table) -> impl Iterator<Item = Vec<&Ident>> {
    let constraints = table.constraints.values();
    let constraints = constraints.filter_map(|constraint| constraint.kind.key_columns());
    let indexes = table.indexes.values().filter(|index| index.unique);
    constraints
        .map(|columns| columns.iter().collect())
        .chain(indexes.map(|index| {
            let keys = index.keys.iter();
            keys.filter_map(IndexKey::column).collect()
        }))
}

/// Whether a column of a partition key is one of another type. Partitions have the columns of their root.
fn is_retyped(key: &PartitionKey, table: &QualifiedName, from: &Catalog, to: &Catalog) -> bool {
    let of_root = |catalog: &Catalog, name: &Ident| {
        let columns = &catalog.tables.get(root(table, catalog))?.columns;
        let column = columns.iter().find(|column| column.name == *name)?;
        Some((
            column.ty.clone(),
            column.collation.clone(),
            column.generated.clone(),
        ))
    };
    let elements = key.elements.iter().filter_map(IndexKey::column);
    let mut columns = key.columns.iter().chain(elements);
    columns.any(|name| of_root(from, name) != of_root(to, name))
}

/// Whether a table is partitioned by a column of a type. Partitions have the columns of their root.
pub(super) fn is_by_type(ty: &QualifiedName, catalog: &Catalog) -> bool {
    catalog.tables.iter().any(|(name, table)| {
        let of_root = catalog.tables.get(root(name, catalog));
        let columns = of_root.map_or(&[][..], |root| &root.columns);
        let mut of_type = columns.iter().filter(|column| column.ty.is_named(ty));
        let key = table.partition_key.as_ref();
        key.is_some_and(|key| of_type.any(|column| key.names_column(&column.name)))
    })
}

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
    match share(partition, from, to, 0) {
        (Share::Nothing, _) => table::created(name, definition, changes),
        (Share::Some, Some(other)) => {
            changes.unchanged(Object::Table(name), Why::Overlaps(other));
        }
        (Share::All | Share::Some, _) => {}
    }
}

/// How much of a partition's rows another one has, and which; that of a partition of a partition that cannot be made is all.
fn share<'a>(
    partition: &'a Partition,
    from: &'a Catalog,
    to: &'a Catalog,
    depth: usize,
) -> (Share, Option<&'a QualifiedName>) {
    let parent = to.tables.get(&partition.of);
    let above = parent.and_then(|parent| parent.partition.as_ref());
    let comes = depth < MAX_PARTITION_DEPTH && !from.tables.contains_key(&partition.of);
    if let Some(above) = above.filter(|_| comes) {
        return match share(above, from, to, depth + 1) {
            (Share::Nothing, _) => (Share::Nothing, None),
            _ => (Share::All, None),
        };
    }
    let others = from.tables.iter().filter(|(other, table)| {
        let is_of = |p: &&Partition| p.of == partition.of;
        let there = table.partition.as_ref().filter(is_of);
        let wanted = || to.tables.get(*other)?.partition.as_ref();
        there.is_some_and(|there| wanted().is_none_or(|wanted| wanted.bound != there.bound))
    });
    for (other, table) in others {
        let taken = table.partition.as_ref().map(|p| &p.bound);
        match taken.map(|taken| compare(&partition.bound, taken)) {
            Some(Share::Nothing) | None => {}
            Some(found) => return (found, Some(other)),
        }
    }
    (Share::Nothing, None)
}

/// A partition that only the old catalog has.
pub(super) fn gone<'a>(
    name: &'a QualifiedName,
    partition: &'a Partition,
    definition: &'a Table,
    from: &'a Catalog,
    to: &'a Catalog,
    changes: &mut Changes<'a>,
) {
    let Some(of_wanted) = of_wanted(partition, from, to) else {
        // It goes or stays with the table that it is a part of.
        return;
    };
    let parent = to.tables.get(&of_wanted.of);
    if parent.is_none_or(|parent| parent.partition_key.is_none()) {
        // It goes when the table's new form takes the place of the old one.
        return;
    }
    if comes_and_goes(of_wanted, to) {
        for (trigger, definition) in &definition.triggers {
            if !stays_on_partition(definition, to) {
                changes.gone(Object::Trigger(name, trigger));
            }
        }
    } else if of_wanted == partition {
        changes.gone(Object::Table(name));
    }
}

/// The partition of a wanted table that a partition belongs to, or is.
fn of_wanted<'a>(
    partition: &'a Partition,
    from: &'a Catalog,
    to: &Catalog,
) -> Option<&'a Partition> {
    let above = std::iter::successors(Some(partition), |partition| {
        from.tables.get(&partition.of)?.partition.as_ref()
    });
    let mut above = above.take(MAX_PARTITION_DEPTH);
    above.find(|partition| to.tables.contains_key(&partition.of))
}

/// Whether a partition of a table has partitions itself.
pub(super) fn has_parts_of_parts(table: &QualifiedName, catalog: &Catalog) -> bool {
    let parent = |name: &QualifiedName| {
        let partition = catalog.tables.get(name)?.partition.as_ref()?;
        Some(&partition.of)
    };
    let mut above = catalog.tables.keys().filter_map(parent);
    above.any(|part| parent(part) == Some(table))
}

/// Whether a partition is one of those that are made and removed at run time.
fn comes_and_goes(partition: &Partition, catalog: &Catalog) -> bool {
    let table = catalog.tables.get(&partition.of);
    let key = table.and_then(|table| table.partition_key.as_ref());
    let by_range = key.is_some_and(|key| key.strategy == PartitionStrategy::Range);
    let by_policy = catalog.partition_policies.contains_key(&partition.of);
    partition.bound != Bound::Default && (by_range || by_policy)
}

/// Whether a trigger stays on a partition that nobody wants any more: it would hold a function that goes.
fn stays_on_partition(trigger: &Trigger, to: &Catalog) -> bool {
    to.functions.contains_key(&trigger.function)
}

/// Adds to what is wanted the partitions that are there after a plan all the same, since they come and go at run time: where a
/// way back has to begin. Those of tables that get another name are not found.
pub fn keep_partitions(from: &Catalog, to: &mut Catalog) {
    let kept: Vec<_> = left(from, to)
        .map(|(name, table)| {
            let mut table = table.clone();
            table
                .triggers
                .retain(|_, trigger| stays_on_partition(trigger, to));
            (name.clone(), table)
        })
        .collect();
    to.tables.extend(kept);
}

/// The partitions that nobody wants and that stay until they are due.
pub(super) fn left<'a>(
    from: &'a Catalog,
    to: &'a Catalog,
) -> impl Iterator<Item = (&'a QualifiedName, &'a Table)> {
    let anew = partitioned_anew(from, to);
    let stay = move |partition: &Partition| {
        let of_wanted = of_wanted(partition, from, to);
        of_wanted.is_some_and(|partition| {
            comes_and_goes(partition, to) && !anew.contains(root(&partition.of, from))
        })
    };
    from.tables.iter().filter(move |(name, table)| {
        let partition = table.partition.as_ref();
        !to.tables.contains_key(*name) && partition.is_some_and(&stay)
    })
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
            let (before, after) = (&previous.bound, &next.bound);
            let stays = previous.of == next.of;
            if stays && (same_bound(before, after) || is_longer_period(before, after)) {
                return;
            }
            if stays && Rows::of(before).is_some() && Rows::of(after).is_some() {
                // One that is to have no longer all of its rows comes with a new form of its table.
                let partition = next;
                changes.push(Change::WidenPartition { name, partition });
            } else {
                changes.unchanged(Object::Table(name), Why::BoundContradicts);
            }
        }
    }
}

/// Whether a partition was made for a longer period than one of its name is made for now: it has all of its rows.
fn is_longer_period(before: &Bound, after: &Bound) -> bool {
    range(before).is_some() && matches!(compare(after, before), Share::All)
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

/// Whether two bounds take the same rows, however a server prints their values.
pub(super) fn same_bound(one: &Bound, other: &Bound) -> bool {
    (ends(one), Rows::of(one)) == (ends(other), Rows::of(other))
}

/// An end of a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Edge<'a> {
    Minimum,
    Value(Value<'a>),
    Maximum,
}

/// A value of a key: numbers by size, however many zeros the server prints behind the point; moments (of one format) by
/// their text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Value<'a>(&'a str);

impl Ord for Value<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        match (number(self.0), number(other.0)) {
            (Some(one), Some(other)) => one.cmp(&other),
            _ => self.0.cmp(other.0),
        }
    }
}

impl PartialEq for Value<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Value<'_> {}

/// The whole part of a number and the digits behind its point, which order it among others.
fn number(text: &str) -> Option<(i128, i128)> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    // As many digits as any key has that a period can be counted in.
    let digits = format!("{:0<30}", fraction.trim_end_matches('0'));
    if digits.len() > 30 || !fraction.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let fraction: i128 = digits.parse().ok()?;
    let negative = whole.starts_with('-');
    Some((
        whole.parse().ok()?,
        if negative { -fraction } else { fraction },
    ))
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
    let (from, to) = ends(bound)?;
    match (from.as_slice(), to.as_slice()) {
        (&[from], &[to]) => Some((from, to)),
        _ => None,
    }
}

/// The ends of a range, a value for each column.
fn ends(bound: &Bound) -> Option<(Vec<Edge<'_>>, Vec<Edge<'_>>)> {
    match bound {
        Bound::Range { from, to } => {
            let value = |text| vec![Edge::Value(Value(text))];
            Some((value(from), value(to)))
        }
        Bound::RangeOf { from, to } => Some((
            from.iter().map(edge).collect(),
            to.iter().map(edge).collect(),
        )),
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
