//! Suspected renames: said, never guessed.

use std::collections::BTreeMap;

use crate::catalog::{Catalog, Column, Table};
use crate::sql::{Ident, QualifiedName};

/// What looks like one object under two names; `renamed_from:` would say so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hint<'a> {
    /// A table with the same columns.
    RenamedTable {
        /// The one that only the old catalog has.
        from: &'a QualifiedName,
        /// The one that only the new catalog has.
        to: &'a QualifiedName,
    },
    /// A column of the same type.
    RenamedColumn {
        /// Its table.
        table: &'a QualifiedName,
        /// The one that only the old catalog has.
        from: &'a Ident,
        /// The one that only the new catalog has.
        to: &'a Ident,
    },
}

/// Pairs of one that goes and one that comes, of the same shape, where there is only one such pair.
pub(super) fn suspected_renames<'a>(
    from: &'a Catalog,
    to: &'a BTreeMap<QualifiedName, Table>,
) -> Vec<Hint<'a>> {
    let mut hints = Vec::new();
    if from.tables.is_empty() {
        return hints;
    }
    let gone = from
        .tables
        .iter()
        .filter(|(name, table)| table.partition.is_none() && !to.contains_key(name));
    let come: Vec<_> = to
        .iter()
        .filter(|(name, table)| table.partition.is_none() && !from.tables.contains_key(name))
        .collect();
    for (from, before) in gone {
        let mut alike = come.iter().filter(|(_, table)| same_columns(before, table));
        if let (Some((to, _)), None) = (alike.next(), alike.next()) {
            hints.push(Hint::RenamedTable { from, to });
        }
    }
    for (table, next) in to {
        if let Some(previous) = from.tables.get(table)
            && next.partition.is_none()
        {
            columns(table, &previous.columns, &next.columns, &mut hints);
        }
    }
    hints
}

fn same_columns(one: &Table, other: &Table) -> bool {
    let shape = |table: &Table| -> Vec<_> {
        let columns = table.columns.iter();
        columns.map(|c| (c.name.clone(), c.ty.clone())).collect()
    };
    !one.columns.is_empty() && shape(one) == shape(other)
}

fn columns<'a>(
    table: &'a QualifiedName,
    from: &'a [Column],
    to: &'a [Column],
    hints: &mut Vec<Hint<'a>>,
) {
    let missing_in = |columns: &'a [Column], others: &'a [Column]| -> Vec<&'a Column> {
        let there = |column: &Column| others.iter().any(|other| other.name == column.name);
        columns.iter().filter(|column| !there(column)).collect()
    };
    let (gone, come) = (missing_in(from, to), missing_in(to, from));
    for before in &gone {
        let same = |column: &&&Column| column.ty == before.ty;
        let mut alike = come.iter().filter(same);
        if let (Some(after), None) = (alike.next(), alike.next())
            && gone.iter().filter(same).count() == 1
        {
            hints.push(Hint::RenamedColumn {
                table,
                from: &before.name,
                to: &after.name,
            });
        }
    }
}
