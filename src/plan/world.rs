//! What a plan is made in: both catalogs and the situation, with what is looked up in them often.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use super::carried::{Carried, ForeignKeys};
use super::hazard::{Hazard, HazardKind};
use super::inherited::RelationNames;
use super::parts::Parts;
use super::situation::{Situation, Size};
use crate::catalog::{Catalog, Column, Table};
use crate::diff::{Former, Rename, partitioned_anew, root};
use crate::pg::{Knowledge, Version};
use crate::sql::{Ident, QualifiedName};

/// Both catalogs and the situation.
#[derive(Debug)]
pub(super) struct World<'a> {
    /// The catalog to start from, under the names of the other.
    pub from: &'a Catalog,
    /// The catalog to arrive at.
    pub to: &'a Catalog,
    pub situation: &'a Situation,
    /// What was renamed to come from the old names to these.
    pub renames: &'a [Rename],
    /// Former names of tables, by which sizes are known.
    former: BTreeMap<&'a QualifiedName, &'a QualifiedName>,
    /// The partitions of each table before.
    pub parts: Parts<'a>,
    /// The same afterwards.
    pub wanted_parts: Parts<'a>,
    relation_names: OnceLock<RelationNames<'a>>,
    foreign_keys: OnceLock<ForeignKeys<'a>>,
    referring: OnceLock<BTreeMap<&'a QualifiedName, Vec<&'a QualifiedName>>>,
    partitioned_anew: OnceLock<BTreeSet<&'a QualifiedName>>,
}

impl<'a> World<'a> {
    pub fn new(from: &'a Former<'_>, to: &'a Catalog, situation: &'a Situation) -> Self {
        let renames = &from.renames;
        let former = renames
            .iter()
            .filter_map(|rename| match rename {
                Rename::Table { from, to } => Some((to, from)),
                Rename::Column { .. }
                | Rename::Index { .. }
                | Rename::Constraint { .. }
                | Rename::EnumType { .. } => None,
            })
            .collect();
        let from: &Catalog = &from.catalog;
        Self {
            from,
            to,
            situation,
            renames,
            former,
            parts: Parts::new(from),
            wanted_parts: Parts::new(to),
            relation_names: OnceLock::new(),
            foreign_keys: OnceLock::new(),
            referring: OnceLock::new(),
            partitioned_anew: OnceLock::new(),
        }
    }

    /// What the names of relations are names of. Few plans ask.
    pub fn relation_names(&self) -> &RelationNames<'a> {
        let names = || RelationNames::new(self);
        self.relation_names.get_or_init(names)
    }

    /// The tables with foreign keys that refer to a table, or to one that it is a part of. Few plans ask.
    pub fn referring(&self, table: &QualifiedName) -> BTreeSet<&'a QualifiedName> {
        let referring = self.referring.get_or_init(|| {
            let mut referring = BTreeMap::<_, Vec<_>>::new();
            for (name, table) in &self.from.tables {
                for key in table.foreign_keys() {
                    referring.entry(&key.references).or_default().push(name);
                }
            }
            referring
        });
        let above = std::iter::successors(Some(table), |table| self.parent(table));
        let found = above.filter_map(|table| referring.get(table));
        found.flatten().copied().collect()
    }

    /// The foreign keys that are carried over to another type of a column. Few plans ask.
    pub fn carried(
        &self,
        table: &QualifiedName,
        column: &Ident,
    ) -> impl Iterator<Item = &Carried<'a>> {
        let keys = || ForeignKeys::new(self.from, self.to);
        self.foreign_keys.get_or_init(keys).of(table, column)
    }

    pub fn version(&self) -> Version {
        self.situation.version
    }

    pub fn knowledge(&self) -> &'static Knowledge {
        Knowledge::since(self.version())
    }

    /// A table as it was before.
    pub fn table(&self, name: &QualifiedName) -> Option<&'a Table> {
        self.from.tables.get(name)
    }

    /// Whether no relation was there before: nobody waits for anything.
    pub fn was_empty(&self) -> bool {
        self.from.tables.is_empty() && self.from.views.is_empty()
    }

    /// Whether a table or materialized view was there before, so that it may have rows and readers.
    pub fn exists(&self, relation: &QualifiedName) -> bool {
        self.from.tables.contains_key(relation) || self.from.views.contains_key(relation)
    }

    /// Whether a table or materialized view was there before and stays, so that its parts come to rows.
    pub fn stays(&self, relation: &QualifiedName) -> bool {
        let table = |catalog: &Catalog| catalog.tables.contains_key(relation);
        let materialized = |catalog: &Catalog| {
            let view = catalog.views.get(relation);
            view.is_some_and(|view| view.materialized.is_some())
        };
        table(self.from) && table(self.to) || materialized(self.from) && materialized(self.to)
    }

    /// Whether it is of a new form of a partitioned table, which takes the place of the old one.
    pub fn is_partitioned_anew(&self, table: &QualifiedName) -> bool {
        let anew = || partitioned_anew(self.from, self.to);
        let anew = self.partitioned_anew.get_or_init(anew);
        self.is_partitioned(table) && anew.contains(root(table, self.to))
    }

    /// Whether a name is one that the plan takes away from a table.
    pub fn was(&self, table: &QualifiedName) -> bool {
        self.former.values().any(|former| *former == table)
    }

    /// What a table and one of its columns were called before.
    pub fn former_names(
        &self,
        table: &'a QualifiedName,
        column: &'a Ident,
    ) -> (&'a QualifiedName, &'a Ident) {
        let before = self.renames.iter().find_map(|rename| match rename {
            Rename::Column {
                table: of,
                from,
                to,
            } if of == table && to == column => Some(from),
            _ => None,
        });
        (self.former_name(table), before.unwrap_or(column))
    }

    /// What a table was called before.
    pub fn former_name<'n>(&self, table: &'n QualifiedName) -> &'n QualifiedName
    where
        'a: 'n,
    {
        self.former.get(table).copied().unwrap_or(table)
    }

    pub fn is_partitioned(&self, table: &QualifiedName) -> bool {
        self.table(table)
            .is_some_and(|table| table.partition_key.is_some())
    }

    /// A column as it was before.
    pub fn column(&self, table: &QualifiedName, name: &Ident) -> Option<&'a Column> {
        let columns = &self.table(table)?.columns;
        columns.iter().find(|column| column.name == *name)
    }

    /// The table that a partition was a part of.
    pub fn parent(&self, table: &QualifiedName) -> Option<&'a QualifiedName> {
        let partition = self.table(table)?.partition.as_ref()?;
        Some(&partition.of)
    }

    /// A table's own partitions before.
    pub fn partitions(&self, table: &QualifiedName) -> &[&'a QualifiedName] {
        self.parts.of(table)
    }

    /// All partitions below a table before, from the top down.
    pub fn below(&self, table: &QualifiedName) -> Vec<&'a QualifiedName> {
        let own = self.partitions(table).iter().copied();
        self.parts.down_from(own, |_| true)
    }

    /// The same afterwards.
    pub fn wanted_below(&self, table: &QualifiedName) -> Vec<&'a QualifiedName> {
        let own = self.wanted_parts.of(table).iter().copied();
        self.wanted_parts.down_from(own, |_| true)
    }

    /// Tables, before or afterwards, that are partitions of their own partitions.
    pub fn partitions_in_circles(&self) -> BTreeSet<&'a QualifiedName> {
        let mut found = self.parts.in_circles();
        found.append(&mut self.wanted_parts.in_circles());
        found
    }

    /// How large a relation is, with its partitions.
    pub fn size(&self, relation: &QualifiedName) -> Option<Size> {
        let below = self.below(relation);
        let own = |name: &QualifiedName| {
            let former = self.former.get(name).copied().unwrap_or(name);
            self.situation.sizes.get(former).copied()
        };
        if below.is_empty() {
            return own(relation);
        }
        let leaves = below.into_iter().filter(|part| !self.is_partitioned(part));
        leaves.map(own).try_fold(
            Size {
                rows: Some(0),
                bytes: Some(0),
            },
            |sum, size| Some(sum + size?),
        )
    }

    /// Whether there may be a row: in every relation that does not come only now. What the server has counted is no proof
    /// of the contrary: it was counted some time ago.
    pub fn may_have_rows(&self, relation: &QualifiedName) -> bool {
        self.exists(relation)
    }

    /// A hazard of a relation's rows; none where there are no rows.
    pub fn hazard(
        &self,
        kind: HazardKind,
        relation: &QualifiedName,
        reason: impl Into<String>,
    ) -> Option<Hazard> {
        self.may_have_rows(relation)
            .then(|| self.always(kind, relation, reason))
    }

    /// A hazard of a relation, rows or not.
    pub fn always(
        &self,
        kind: HazardKind,
        relation: &QualifiedName,
        reason: impl Into<String>,
    ) -> Hazard {
        Hazard {
            relation: Some(relation.clone()),
            size: self.size(relation),
            ..Hazard::new(kind, reason)
        }
    }

    /// That a table is written anew while nobody can read or write it.
    pub fn rewrite(&self, table: &QualifiedName, reason: &str, safer: &'static str) -> Vec<Hazard> {
        [
            HazardKind::RewritesTable,
            HazardKind::BlocksReads,
            HazardKind::BlocksWrites,
        ]
        .into_iter()
        .filter_map(|kind| self.hazard(kind, table, reason))
        .map(|hazard| hazard.safer(safer))
        .collect()
    }

    /// That a large table is read as a whole, under a lock that stops nobody.
    pub fn scan(&self, table: &QualifiedName) -> Option<Hazard> {
        let bytes = self.size(table)?.bytes?;
        (bytes >= LARGE).then(|| {
            self.always(
                HazardKind::ScansTable,
                table,
                "all rows are read, beside those who read and write them",
            )
        })
    }
}

/// From how many bytes on reading a table as a whole is felt: a disk of 200 MB/s takes five seconds for it.
const LARGE: u64 = 1 << 30;
