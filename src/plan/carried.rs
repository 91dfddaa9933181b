//! Foreign keys that the server carries over to another type of a column at one of their ends.
//!
//! It makes them anew: nobody uses the table at the other end meanwhile, and where the rows are written anew, both are read.

use std::collections::BTreeMap;

use super::hazard::{Hazard, HazardKind};
use super::world::World;
use crate::catalog::{Catalog, Constraint, ForeignKey, Table};
use crate::sql::{Ident, QualifiedName};

/// Foreign keys that stay as they are, by both tables.
#[derive(Debug, Default)]
pub(super) struct ForeignKeys<'a>(BTreeMap<&'a QualifiedName, Vec<Carried<'a>>>);

/// One of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Carried<'a> {
    /// The table at its other end.
    pub other: &'a QualifiedName,
    name: &'a Ident,
    constraint: &'a Constraint,
    /// Its columns of the table that it was asked of.
    columns: &'a [Ident],
}

impl<'a> ForeignKeys<'a> {
    pub fn new(from: &'a Catalog, to: &'a Catalog) -> Self {
        let mut found = Self::default();
        for (table, previous) in &from.tables {
            let Some(next) = to.tables.get(table) else {
                continue;
            };
            for (name, constraint) in &previous.constraints {
                let stays = next.constraints.get(name);
                if let Some(key) = constraint.foreign_key()
                    && stays.is_some_and(|next| constraint.is_same(next))
                    && is_comparable(table, key, from, to)
                {
                    found.add(table, name, constraint, key);
                }
            }
        }
        found
    }

    fn add(
        &mut self,
        table: &'a QualifiedName,
        name: &'a Ident,
        constraint: &'a Constraint,
        key: &'a ForeignKey,
    ) {
        let ends = [
            (table, &key.references, &key.columns),
            (&key.references, table, &key.referenced_columns),
        ];
        // What happens to one table happens to it already.
        for (end, other, columns) in ends.into_iter().filter(|(end, other, _)| end != other) {
            self.0.entry(end).or_default().push(Carried {
                other,
                name,
                constraint,
                columns,
            });
        }
    }

    /// Those of a column.
    pub fn of(&self, table: &QualifiedName, column: &Ident) -> impl Iterator<Item = &Carried<'a>> {
        let keys = self.0.get(table).into_iter().flatten();
        keys.filter(move |key| key.columns.contains(column))
    }
}

/// Whether a foreign key can be checked at any time while one end has its new type and the other its old one.
pub(super) fn is_comparable(
    table: &QualifiedName,
    key: &ForeignKey,
    from: &Catalog,
    to: &Catalog,
) -> bool {
    let class = |table: Option<&Table>, name: &Ident| {
        let column = table?.columns.iter().find(|c| c.name == *name)?;
        let plain = column.ty.schema.is_none() && !column.ty.array;
        Some(match column.ty.name.as_str() {
            "int2" | "int4" | "int8" if plain => "integer".to_owned(),
            "text" | "varchar" if plain => "text".to_owned(),
            _ => column.ty.to_string(),
        })
    };
    key.columns
        .iter()
        .zip(&key.referenced_columns)
        .all(|(mine, theirs)| {
            let now = class(to.tables.get(table), mine);
            now.is_some()
                && now == class(from.tables.get(table), mine)
                && now == class(from.tables.get(&key.references), theirs)
                && now == class(to.tables.get(&key.references), theirs)
        })
}

/// That others wait for the tables at the other ends while a column is written anew.
pub(super) fn looked_at(table: &QualifiedName, column: &Ident, world: &World<'_>) -> Vec<Hazard> {
    let keys = world.carried(table, column);
    let checked = keys.filter(|key| !key.constraint.not_valid && !key.constraint.not_enforced);
    checked
        .flat_map(|Carried { other, name, .. }| {
            let reason = format!("all rows of `{other}` are read again for constraint `{name}`");
            let kinds = [HazardKind::BlocksReads, HazardKind::BlocksWrites].into_iter();
            kinds.filter_map(move |kind| world.hazard(kind, other, reason.clone()))
        })
        .map(|hazard| hazard.safer("drop it before, and add it NOT VALID after, then validate it"))
        .collect()
}
