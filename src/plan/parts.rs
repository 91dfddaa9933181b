//! Which tables are partitions of which.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::{Bound, Catalog, Partition};
use crate::sql::QualifiedName;

/// The partitions of each partitioned table of a catalog.
#[derive(Debug)]
pub(super) struct Parts<'a> {
    catalog: &'a Catalog,
    own: BTreeMap<&'a QualifiedName, Vec<&'a QualifiedName>>,
}

impl<'a> Parts<'a> {
    pub fn new(catalog: &'a Catalog) -> Self {
        let mut own = BTreeMap::<_, Vec<_>>::new();
        for (name, table) in &catalog.tables {
            if let Some(partition) = &table.partition {
                own.entry(&partition.of).or_default().push(name);
            }
        }
        Self { catalog, own }
    }

    fn partition(&self, name: &QualifiedName) -> Option<&'a Partition> {
        self.catalog.tables.get(name)?.partition.as_ref()
    }

    /// A table's own partitions, in the order of their names.
    pub fn of(&self, table: &QualifiedName) -> &[&'a QualifiedName] {
        self.own.get(table).map_or(&[], Vec::as_slice)
    }

    /// The DEFAULT partition of a table.
    pub fn default_of(&self, table: &QualifiedName) -> Option<&'a QualifiedName> {
        let is_default = |part: &&QualifiedName| {
            let partition = self.partition(part);
            partition.is_some_and(|partition| partition.bound == Bound::Default)
        };
        self.of(table).iter().copied().find(is_default)
    }

    /// Tables and all partitions below them, from the top down, but for those that are not taken and what is below these.
    pub fn down_from(
        &self,
        tables: impl IntoIterator<Item = &'a QualifiedName>,
        is_taken: impl Fn(&QualifiedName) -> bool,
    ) -> Vec<&'a QualifiedName> {
        let tables = tables.into_iter();
        let mut found: Vec<_> = tables.filter(|table| is_taken(table)).collect();
        let mut next = 0;
        while let Some(table) = found.get(next).copied() {
            let parts = self.of(table).iter().copied();
            found.extend(parts.filter(|part| is_taken(part)));
            next += 1;
        }
        found
    }

    /// Tables that are partitions of their own partitions, and those below them: no server has such, an edited snapshot may.
    pub fn in_circles(&self) -> BTreeSet<&'a QualifiedName> {
        let whole = self.own.keys().copied();
        let roots = whole.filter(|table| self.partition(table).is_none());
        let sound: BTreeSet<_> = self.down_from(roots, |_| true).into_iter().collect();
        let parts = self.own.values().flatten().copied();
        parts.filter(|part| !sound.contains(part)).collect()
    }
}
