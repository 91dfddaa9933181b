//! What turns one catalog into another.
//!
//! In: two catalogs. Out: a [`Difference`]: [`Change`]s, each about one object, in the order of kinds and names (`plan`
//! puts them into the order of their dependencies), and what is left as it is, with the reason.
//!
//! Two objects are one when they have one name, or when a catalog says that one was called as the other is
//! ([`Former`]). Two objects are equal when they are equal as data: whoever knows better that two expressions mean the
//! same puts one for the other before.
//!
//! Architecture invariant: no SQL text, no order of execution; a difference is never left out silently.

mod abandoned;
mod change;
mod column;
mod comment;
mod composite_type;
mod constraint;
mod domain;
mod enum_type;
mod extension;
mod former;
mod function;
mod hint;
mod index;
mod joined;
mod keep;
mod object;
mod partition;
mod partition_policy;
mod policy;
mod renamed_type;
mod schema;
mod sequence;
mod spread;
mod table;
mod trigger;
mod view;

use std::collections::BTreeMap;

pub use change::{Change, LabelPlace};
pub(crate) use enum_type::keeps_labels;
pub use former::{Former, Rename};
pub(crate) use former::{follow, in_turn, rename_keys};
pub use hint::Hint;
pub(crate) use keep::put_back;
pub use object::Object;
pub use partition::{compare_bounds, keep_partitions, root};
pub(crate) use partition::{is_below, partitioned_anew, upwards};
pub(crate) use renamed_type::rename_type;

use joined::joined;
pub(crate) use joined::shared;

use crate::catalog::Catalog;
use crate::sql::QualifiedName;

/// What is wanted of a comparison.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// Drop what only the old catalog has; it is kept otherwise.
    pub prune: bool,
}

/// What separates two catalogs.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Difference<'a> {
    /// What has to be done.
    pub changes: Vec<Change<'a>>,
    /// What only the old catalog has, and keeps.
    pub kept: Vec<Object<'a>>,
    /// What differs and stays as it is, because nothing here changes it.
    pub unchanged: Vec<Unchanged<'a>>,
    /// What may have been meant.
    pub hints: Vec<Hint<'a>>,
}

/// A difference that no change takes away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unchanged<'a> {
    /// The object.
    pub object: Object<'a>,
    /// Why.
    pub why: Why<'a>,
}

/// Why a difference stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why<'a> {
    /// Specs cannot say it, and this program has no statement for it.
    NotExpressible,
    /// A partition has other bounds than its table's partitioning gives it.
    BoundContradicts,
    /// A partition cannot be made: this one has a part of its rows.
    Overlaps(&'a QualifiedName),
    /// Servers refuse DROP EXPRESSION on a table with partitions of partitions, and on these: "must be applied to child tables
    /// too" (15 to 18, tried on each).
    StaysComputed,
    /// Labels of a native enum can only be added, and servers refuse another type for a column by which a table is partitioned:
    /// "cannot alter column because it is part of the partition key".
    PartitionedBy,
}

/// What turns `from` into `to`. To build a database from nothing, `from` is an empty catalog.
pub fn diff<'a>(from: &'a Former<'_>, to: &'a Catalog, options: Options) -> Difference<'a> {
    let Catalog {
        schemas: _,
        extensions,
        enums,
        domains,
        composite_types,
        sequences,
        functions,
        tables,
        views: _,
        partition_policies: _,
        renames: _,
    } = to;
    let Former { catalog, renames } = from;
    let mut changes = Changes {
        options,
        found: Difference::default(),
    };
    changes
        .found
        .changes
        .extend(renames.iter().map(Change::Rename));
    schema::diff(catalog, to, &mut changes);
    extension::diff(&catalog.extensions, extensions, &mut changes);
    enum_type::diff(catalog, enums, &mut changes);
    domain::diff(&catalog.domains, domains, &mut changes);
    composite_type::diff(&catalog.composite_types, composite_types, &mut changes);
    sequence::diff(&catalog.sequences, sequences, &mut changes);
    function::diff(&catalog.functions, functions, &mut changes);
    table::diff(catalog, to, &mut changes);
    view::diff(catalog, to, &mut changes);
    abandoned::drop_triggers(from, to, &mut changes);
    abandoned::drop_views(from, &mut changes);
    partition_policy::diff(catalog, to, &mut changes);
    changes.found.hints = hint::suspected_renames(catalog, tables);
    changes.found
}

/// Differences as they are found.
#[derive(Debug)]
struct Changes<'a> {
    options: Options,
    found: Difference<'a>,
}

impl<'a> Changes<'a> {
    fn push(&mut self, change: Change<'a>) {
        self.found.changes.push(change);
    }

    /// An object that only the old catalog has.
    fn gone(&mut self, object: Object<'a>) {
        if self.options.prune {
            self.push(Change::Drop(object));
        } else {
            self.found.kept.push(object);
        }
    }

    /// An object that has to go, because another takes its name or its place.
    fn in_the_way(&mut self, object: Object<'a>) {
        self.push(Change::Drop(object));
    }

    /// An object that differs, and that nothing changes.
    fn unchanged(&mut self, object: Object<'a>, why: Why<'a>) {
        self.found.unchanged.push(Unchanged { object, why });
    }
}

/// An object of one name in the old and in the new catalog.
enum Pair<'a, T> {
    Created(&'a T),
    Kept { previous: &'a T, next: &'a T },
    Gone(&'a T),
}

/// Walks two maps by name: first what only the old map has, then what the new one has.
fn pairs<'a, K: Ord, T>(
    from: &'a BTreeMap<K, T>,
    to: &'a BTreeMap<K, T>,
    mut each: impl FnMut(&'a K, Pair<'a, T>),
) {
    for (name, previous, next) in joined(from, to) {
        if let (Some(previous), None) = (previous, next) {
            each(name, Pair::Gone(previous));
        }
    }
    for (name, previous, next) in joined(from, to) {
        match (previous, next) {
            (None, Some(next)) => each(name, Pair::Created(next)),
            (Some(previous), Some(next)) => each(name, Pair::Kept { previous, next }),
            (_, None) => {}
        }
    }
}

/// Whether a setting that specs cannot express is as it is wanted: where nothing is said, anything is.
fn as_wanted<T: Default + PartialEq>(previous: &T, next: &T) -> bool {
    previous == next || *next == T::default()
}

#[cfg(test)]
mod tests;
