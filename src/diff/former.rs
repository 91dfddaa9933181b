//! The old catalog under the new catalog's names.
//!
//! Specs say what an object was called (`renamed_from:`); a catalog that is left behind says it of the one to go back
//! to. Both are carried out on a copy of the old catalog, so that everything after this compares by name alone.
//! What follows from it is renamed with it where the definition is the same: `orders_pkey` of a table that is now
//! `purchases` is `purchases_pkey`. Nothing is guessed beyond that.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::partition::{root, same_bound};
use super::renamed_type::rename_type;
use crate::catalog::{
    Bound, Catalog, ConstraintKind, Dependency, Index, IndexKey, Query, Routine, Source, Table,
    ViewQuery,
};
use crate::sql::{Expr, Ident, QualifiedName};

/// An object gets another name. A table's own comes first: all others name the table as it is called now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rename {
    /// A table or partition, possibly into another schema.
    Table {
        /// Its former name.
        from: QualifiedName,
        /// Its name.
        to: QualifiedName,
    },
    /// A column.
    Column {
        /// Its table.
        table: QualifiedName,
        /// Its former name.
        from: Ident,
        /// Its name.
        to: Ident,
    },
    /// An index.
    Index {
        /// Its table or materialized view.
        relation: QualifiedName,
        /// Its former name.
        from: Ident,
        /// Its name.
        to: Ident,
    },
    /// A constraint.
    Constraint {
        /// Its table.
        table: QualifiedName,
        /// Its former name.
        from: Ident,
        /// Its name.
        to: Ident,
    },
    /// An enumerated type.
    EnumType {
        /// Its former name.
        from: QualifiedName,
        /// Its name.
        to: QualifiedName,
    },
}

/// The catalog to start from, its objects under the names that they have in the catalog to arrive at.
#[derive(Debug, Clone)]
pub struct Former<'c> {
    /// The catalog.
    pub catalog: Cow<'c, Catalog>,
    /// What is renamed, in an order that works.
    pub renames: Vec<Rename>,
}

impl<'c> Former<'c> {
    /// Carries out what `to` says of former names, and takes back what `from` says.
    pub fn new(from: &'c Catalog, to: &Catalog) -> Self {
        let mut former = Self {
            catalog: Cow::Borrowed(from),
            renames: Vec::new(),
        };
        if !from.renames.is_empty() || !to.renames.is_empty() {
            former.tables(to);
            former.columns(to);
            former.enums(to);
            former.parts(to);
        }
        former.primary_keys(to);
        former
    }

    /// The tables that have another name, or a column that has one.
    pub fn renamed_tables(&self) -> BTreeSet<QualifiedName> {
        let tables = self.renames.iter().filter_map(|rename| match rename {
            Rename::Table { to, .. } => Some(to),
            Rename::Column { table, .. } => Some(table),
            Rename::Index { .. } | Rename::Constraint { .. } | Rename::EnumType { .. } => None,
        });
        tables.cloned().collect()
    }

    fn tables(&mut self, to: &Catalog) {
        let pairs = said(
            Some(&to.renames.tables),
            Some(&self.catalog.renames.tables),
            |name| self.catalog.tables.contains_key(name),
            |name| to.tables.contains_key(name),
        );
        for (old, new) in pairs {
            self.rename_table(old, new.clone());
            self.partitions(&new, to);
        }
    }

    fn rename_table(&mut self, from: QualifiedName, to: QualifiedName) {
        rename_table(self.catalog.to_mut(), &from, &to);
        self.renames.push(Rename::Table { from, to });
    }

    /// Partitions of a renamed table are those of the same bounds, whatever they are called.
    fn partitions(&mut self, parent: &QualifiedName, to: &Catalog) {
        let is_part = |table: &Table| table.partition.as_ref().is_some_and(|p| p.of == *parent);
        let of_parent = |catalog: &Catalog, other: &Catalog| -> Vec<QualifiedName> {
            let parts = catalog.tables.iter().filter(|(name, table)| {
                is_part(table) && !other.tables.get(*name).is_some_and(is_part)
            });
            parts.map(|(name, _)| name.clone()).collect()
        };
        let wanted = of_parent(to, &self.catalog);
        for old in of_parent(&self.catalog, to) {
            let same = wanted.iter().find(|new| {
                let bounds = (bound(to, new), bound(&self.catalog, &old));
                matches!(bounds, (Some(new), Some(old)) if same_bound(new, old))
                    && !self.catalog.tables.contains_key(*new)
            });
            if let Some(new) = same {
                self.rename_table(old, new.clone());
                self.partitions(new, to);
            }
        }
    }

    fn columns(&mut self, to: &Catalog) {
        for (table, next) in &to.tables {
            let Some(previous) = self.catalog.tables.get(table) else {
                continue;
            };
            let pairs = said(
                to.renames.columns.get(table),
                self.catalog.renames.columns.get(table),
                |name| previous.columns.iter().any(|c| c.name == *name),
                |name| next.columns.iter().any(|c| c.name == *name),
            );
            if pairs.is_empty() {
                continue;
            }
            rename_columns(self.catalog.to_mut(), table, &pairs);
            for (from, to) in pairs {
                let table = table.clone();
                self.renames.push(Rename::Column { table, from, to });
            }
        }
    }

    /// A type that only a renamed table or column can have brought about: there under another name with the same labels, of a column
    /// that has both, and of none that keeps it.
    fn enums(&mut self, to: &Catalog) {
        let mut same: BTreeMap<QualifiedName, QualifiedName> = BTreeMap::new();
        let mut stay = BTreeSet::new();
        for (name, table) in &to.tables {
            let Some(previous) = self.catalog.tables.get(name) else {
                continue;
            };
            for column in &table.columns {
                let mut before = previous.columns.iter();
                let Some(before) = before.find(|c| c.name == column.name) else {
                    continue;
                };
                let (Some(from), Some(into)) = (before.ty.qualified(), column.ty.qualified())
                else {
                    continue;
                };
                let known = (self.catalog.enums.get(&from), to.enums.get(&into));
                if from == into {
                    stay.insert(from);
                } else if matches!(known, (Some(a), Some(b)) if a.labels == b.labels) {
                    same.insert(from, into);
                }
            }
        }
        let candidates = same.iter().filter(|(from, _)| !stay.contains(from));
        let mut pairs = Vec::new();
        add_possible(candidates, &mut pairs, |name| {
            self.catalog.enums.contains_key(name)
        });
        for (from, to) in pairs {
            rename_type(self.catalog.to_mut(), &from, &to);
            self.renames.push(Rename::EnumType { from, to });
        }
    }

    fn parts(&mut self, to: &Catalog) {
        let renamed = self.renamed_tables();
        for (name, next) in &to.tables {
            if !self.catalog.tables.contains_key(name) {
                continue;
            }
            let follows = renamed.contains(name);
            self.constraints(name, next, follows, to);
            self.indexes(name, &next.indexes, follows, to);
        }
        for (name, next) in &to.views {
            if let Some(next) = &next.materialized {
                self.indexes(name, &next.indexes, false, to);
            }
        }
    }

    fn constraints(&mut self, table: &QualifiedName, next: &Table, follows: bool, to: &Catalog) {
        let Some(previous) = self.catalog.tables.get(table) else {
            return;
        };
        let (previous, next) = (&previous.constraints, &next.constraints);
        let mut pairs = said(
            to.renames.constraints.get(table),
            self.catalog.renames.constraints.get(table),
            |name| previous.contains_key(name),
            |name| next.contains_key(name),
        );
        if follows {
            follow(previous, next, &mut pairs, |a, _, b| a.is_same(b));
        }
        if pairs.is_empty() {
            return;
        }
        if let Some(definition) = self.catalog.to_mut().tables.get_mut(table) {
            rename_keys(&mut definition.constraints, &pairs);
        }
        for (from, to) in pairs {
            let table = table.clone();
            self.renames.push(Rename::Constraint { table, from, to });
        }
    }

    /// A table has one primary key: that of another name is the same, by the name that is wanted.
    fn primary_keys(&mut self, to: &Catalog) {
        let mut found = Vec::new();
        for (table, next) in &to.tables {
            let previous = self.catalog.tables.get(table);
            let old = previous.and_then(Table::primary_key);
            if let (Some((old, _)), Some((new, _))) = (old, next.primary_key())
                && !next.constraints.contains_key(old)
                && !previous.is_some_and(|previous| previous.constraints.contains_key(new))
            {
                found.push((table.clone(), old.clone(), new.clone()));
            }
        }
        for (table, from, to) in found {
            if let Some(definition) = self.catalog.to_mut().tables.get_mut(&table) {
                rename_keys(&mut definition.constraints, &[(from.clone(), to.clone())]);
            }
            self.renames.push(Rename::Constraint { table, from, to });
        }
    }

    fn indexes(
        &mut self,
        relation: &QualifiedName,
        next: &BTreeMap<Ident, Index>,
        follows: bool,
        to: &Catalog,
    ) {
        let Some(previous) = indexes_of(&self.catalog, relation) else {
            return;
        };
        let mut pairs = said(
            to.renames.indexes.get(relation),
            self.catalog.renames.indexes.get(relation),
            |name| previous.contains_key(name),
            |name| next.contains_key(name),
        );
        if follows {
            follow(previous, next, &mut pairs, |a, _, b| a.is_same(b));
        }
        if pairs.is_empty() {
            return;
        }
        if let Some(indexes) = indexes_of_mut(self.catalog.to_mut(), relation) {
            rename_keys(indexes, &pairs);
        }
        for (from, to) in pairs {
            let relation = relation.clone();
            self.renames.push(Rename::Index { relation, from, to });
        }
    }
}

fn indexes_of<'a>(
    catalog: &'a Catalog,
    relation: &QualifiedName,
) -> Option<&'a BTreeMap<Ident, Index>> {
    let of_table = catalog.tables.get(relation).map(|table| &table.indexes);
    of_table.or_else(|| {
        let view = catalog.views.get(relation)?;
        view.materialized.as_ref().map(|m| &m.indexes)
    })
}

fn indexes_of_mut<'a>(
    catalog: &'a mut Catalog,
    relation: &QualifiedName,
) -> Option<&'a mut BTreeMap<Ident, Index>> {
    if let Some(table) = catalog.tables.get_mut(relation) {
        return Some(&mut table.indexes);
    }
    let view = catalog.views.get_mut(relation)?;
    view.materialized.as_mut().map(|m| &mut m.indexes)
}

fn bound<'c>(catalog: &'c Catalog, partition: &QualifiedName) -> Option<&'c Bound> {
    let table = catalog.tables.get(partition)?;
    table.partition.as_ref().map(|partition| &partition.bound)
}

/// Old and new names: what the new catalog says of its past, and what the old one says of its own, the other way round.
fn said<N: Ord + Clone>(
    forward: Option<&BTreeMap<N, N>>,
    back: Option<&BTreeMap<N, N>>,
    was: impl Fn(&N) -> bool,
    is: impl Fn(&N) -> bool,
) -> Vec<(N, N)> {
    let forward = forward.into_iter().flatten().map(|(new, old)| (old, new));
    let back = back.into_iter().flatten();
    let candidates = forward.chain(back);
    let mut pairs = Vec::new();
    add_possible(
        candidates.filter(|(old, new)| was(old) && is(new)),
        &mut pairs,
        &was,
    );
    pairs
}

/// Old and new names in an order in which each new one is free.
pub(crate) fn in_turn<N: Ord + Clone>(pairs: &[(N, N)]) -> Vec<(N, N)> {
    let was: BTreeSet<&N> = pairs.iter().map(|(old, _)| old).collect();
    let mut ordered = Vec::new();
    let candidates = pairs.iter().map(|(old, new)| (old, new));
    add_possible(candidates, &mut ordered, |name| was.contains(name));
    ordered
}

/// Adds those of the old and new names that can be taken together, in an order that works: a new name is one that nothing has, or that
/// another of them frees before. Names that go round in a circle stay: nothing tells that this is still to be done from that it is done.
fn add_possible<'n, N: PartialEq + Clone + 'n>(
    candidates: impl Iterator<Item = (&'n N, &'n N)>,
    pairs: &mut Vec<(N, N)>,
    was: impl Fn(&N) -> bool,
) {
    let mut candidates: Vec<_> = candidates.collect();
    loop {
        let possible = candidates.iter().position(|(old, new)| {
            let is_free = !was(new) || pairs.iter().any(|(freed, _)| freed == *new);
            is_free && !pairs.iter().any(|(a, b)| a == *old || b == *new)
        });
        let Some(possible) = possible else { return };
        let (old, new) = candidates.remove(possible);
        pairs.push((old.clone(), new.clone()));
    }
}

/// Adds parts that are there under another name with the same definition.
pub(crate) fn follow<T>(
    previous: &BTreeMap<Ident, T>,
    next: &BTreeMap<Ident, T>,
    pairs: &mut Vec<(Ident, Ident)>,
    mut same: impl FnMut(&T, &Ident, &T) -> bool,
) {
    let mut candidates = Vec::new();
    for (old, definition) in previous {
        let stays = |wanted: &T| same(definition, old, wanted);
        if next.get(old).is_some_and(stays) {
            continue;
        }
        let new = next.iter().filter(|(new, _)| *new != old);
        let new = new.filter(|(new, candidate)| same(definition, new, candidate));
        candidates.extend(new.map(|(new, _)| (old, new)));
    }
    let candidates = candidates.into_iter();
    add_possible(candidates, pairs, |name| previous.contains_key(name));
}

/// Puts parts under other names.
pub(crate) fn rename_keys<T>(map: &mut BTreeMap<Ident, T>, pairs: &[(Ident, Ident)]) {
    let parts = pairs.iter().map(|(old, new)| (map.remove(old), new));
    let parts: Vec<_> = parts.collect();
    for (part, new) in parts {
        if let Some(part) = part {
            map.insert(new.clone(), part);
        }
    }
}

fn rename_table(catalog: &mut Catalog, from: &QualifiedName, to: &QualifiedName) {
    let change = |name: &mut QualifiedName| {
        if name == from {
            *name = to.clone();
        }
    };
    rekey(&mut catalog.tables, from, to);
    rekey(&mut catalog.partition_policies, from, to);
    rekey(&mut catalog.renames.columns, from, to);
    rekey(&mut catalog.renames.indexes, from, to);
    rekey(&mut catalog.renames.constraints, from, to);
    for table in catalog.tables.values_mut() {
        table.inherits.iter_mut().for_each(change);
        if let Some(partition) = &mut table.partition {
            change(&mut partition.of);
        }
        for constraint in table.constraints.values_mut() {
            if let ConstraintKind::ForeignKey(key) = &mut constraint.kind {
                change(&mut key.references);
            }
        }
    }
    for view in catalog.views.values_mut() {
        if let ViewQuery::Query(query) = &mut view.query {
            for_each_table(query, &change);
        }
    }
    for sequence in catalog.sequences.values_mut() {
        if let Some(owner) = &mut sequence.owned_by {
            change(&mut owner.table);
        }
    }
    let (before, now) = (from.clone(), to.clone());
    need_instead(
        catalog,
        &Dependency::Relation(before),
        &Dependency::Relation(now),
    );
}

/// What a server has noted that objects need, under another name.
pub(super) fn need_instead(catalog: &mut Catalog, from: &Dependency, to: &Dependency) {
    let tables = catalog.tables.values_mut().map(|table| &mut table.needs);
    let views = catalog.views.values_mut();
    let views = views.filter_map(|view| match &mut view.query {
        ViewQuery::Definition(definition) => Some(&mut definition.needs),
        ViewQuery::Query(_) => None,
    });
    let overloads = catalog.functions.values_mut().flat_map(|function| {
        let own = match &mut function.routine {
            Routine::Definition(definition) => Some(&mut definition.needs),
            _ => None,
        };
        let overloads = function.overloads.values_mut();
        own.into_iter()
            .chain(overloads.map(|overload| &mut overload.definition.needs))
    });
    for needs in tables.chain(views).chain(overloads) {
        if needs.remove(from) {
            needs.insert(to.clone());
        }
    }
}

/// Puts a value under another key.
fn rekey<T>(map: &mut BTreeMap<QualifiedName, T>, from: &QualifiedName, to: &QualifiedName) {
    if let Some(part) = map.remove(from) {
        map.insert(to.clone(), part);
    }
}

fn for_each_table(query: &mut Query, change: &impl Fn(&mut QualifiedName)) {
    let joined = query.joins.iter_mut().map(|join| &mut join.source);
    for source in std::iter::once(&mut query.from).chain(joined) {
        match source {
            Source::Table { name, alias: _ } => change(name),
            Source::Subquery { query, .. } => for_each_table(query, change),
            Source::Values { .. } | Source::Function { .. } => {}
        }
    }
}

fn rename_columns(catalog: &mut Catalog, table: &QualifiedName, pairs: &[(Ident, Ident)]) {
    let new_name = |name: &Ident| {
        pairs
            .iter()
            .find(|(old, _)| old == name)
            .map(|(_, new)| new)
    };
    let change = |name: &mut Ident| {
        if let Some(new) = new_name(name) {
            *name = new.clone();
        }
    };
    let rewrite = |expression: &mut Expr| *expression = expression.with_renamed_columns(new_name);
    let key = |key: &mut IndexKey| key.rename_columns(new_name);
    // A partition has the columns of its root, and may be partitioned by one of them itself.
    let parts: BTreeSet<_> = catalog
        .tables
        .keys()
        .filter(|name| root(name, catalog) == table)
        .cloned()
        .collect();
    let definitions = catalog.tables.iter_mut();
    for (_, definition) in definitions.filter(|(name, _)| parts.contains(*name)) {
        for column in &mut definition.columns {
            change(&mut column.name);
            if let Some(generated) = &mut column.generated {
                rewrite(&mut generated.expression);
            }
        }
        if let Some(partition_key) = &mut definition.partition_key {
            partition_key.columns.iter_mut().for_each(change);
            partition_key.elements.iter_mut().for_each(key);
        }
        for index in definition.indexes.values_mut() {
            *index = index.with_renamed_columns(new_name);
        }
        for constraint in definition.constraints.values_mut() {
            constraint.index.include.iter_mut().for_each(change);
            match &mut constraint.kind {
                ConstraintKind::PrimaryKey { columns } | ConstraintKind::Unique { columns, .. } => {
                    columns.iter_mut().for_each(change);
                }
                ConstraintKind::Check { condition } => rewrite(condition),
                ConstraintKind::ForeignKey(foreign) => {
                    foreign.columns.iter_mut().for_each(change);
                    foreign.on_delete_columns.iter_mut().for_each(change);
                }
                ConstraintKind::Exclude {
                    elements,
                    predicate,
                    ..
                } => {
                    for element in elements {
                        key(&mut element.key);
                    }
                    predicate.iter_mut().for_each(rewrite);
                }
            }
        }
        for trigger in definition.triggers.values_mut() {
            trigger.columns.iter_mut().for_each(change);
        }
    }
    let constraints = catalog
        .tables
        .values_mut()
        .flat_map(|t| t.constraints.values_mut());
    for constraint in constraints {
        if let ConstraintKind::ForeignKey(foreign) = &mut constraint.kind
            && foreign.references == *table
        {
            foreign.referenced_columns.iter_mut().for_each(change);
        }
    }
}
