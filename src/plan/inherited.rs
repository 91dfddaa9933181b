//! What the indexes are called that a partition has from the tables above it.
//!
//! The server names them after the partition and its columns, and numbers those that would have one name, in the order in
//! which they come. Which of them has which number is known only where all came together.

use super::world::World;
use super::{constraint, index};
use crate::catalog::{Catalog, Table};
use crate::diff::MAX_PARTITION_DEPTH;
use crate::resolve::joined;
use crate::sql::{Ident, QualifiedName};

/// The name of a partition's own index below an index or key of a table above it: the one that the server would give, but
/// where another index of the partition has that, or comes to have it.
pub(super) fn free_name(
    part: &QualifiedName,
    (relation, name): (&QualifiedName, &Ident),
    wanted: Ident,
    world: &World<'_>,
) -> Ident {
    let is_taken = [world.from, world.to].into_iter().any(|catalog| {
        above(part, catalog).any(|(above, table)| {
            names(part, table, &|column| column)
                .any(|(other, own)| own == wanted && (above, other) != (relation, name))
        })
    });
    if is_taken {
        joined(&[part.name.as_str(), name.as_str()])
    } else {
        wanted
    }
}

/// The tables above a partition, from the bottom up.
fn above<'c>(
    part: &QualifiedName,
    catalog: &'c Catalog,
) -> impl Iterator<Item = (&'c QualifiedName, &'c Table)> {
    let parent = move |table: &'c Table| {
        let partition = table.partition.as_ref()?;
        catalog.tables.get_key_value(&partition.of)
    };
    let first = catalog.tables.get(part).and_then(parent);
    std::iter::successors(first, move |(_, table)| parent(table)).take(MAX_PARTITION_DEPTH)
}

/// The indexes that a partition has from a table, those behind keys first, with the names that the server gives them where
/// there is no other of that name.
pub(super) fn names<'c>(
    part: &QualifiedName,
    table: &'c Table,
    column: &dyn Fn(&'c Ident) -> &'c Ident,
) -> impl Iterator<Item = (&'c Ident, Ident)> {
    let keys = table.constraints.iter().filter_map(|(name, key)| {
        let own = constraint::inherited_index_name(part, key, column)?;
        Some((name, own))
    });
    let indexes = table.indexes.iter();
    keys.chain(indexes.map(|(name, index)| (name, index::inherited_name(part, index, column))))
}

/// The same names, those that are there already with a number, as the server gives them to all that come together.
pub(super) fn numbered<'c>(
    names: impl Iterator<Item = (&'c Ident, Ident)>,
) -> Vec<(&'c Ident, Ident)> {
    let mut found: Vec<(&'c Ident, Ident)> = Vec::new();
    for (name, wanted) in names {
        let is_free = |own: &Ident| !found.iter().any(|(_, other)| other == own);
        let more = (1..).map(|n| Ident::new(format!("{}{n}", wanted.as_str())));
        let own = std::iter::once(wanted.clone()).chain(more).find(is_free);
        found.push((name, own.unwrap_or(wanted)));
    }
    found
}
