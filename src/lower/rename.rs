//! `renamed_from:` of entities, fields, indexes and constraints.

use super::Lowered;
use crate::catalog::FormerNames;
use crate::resolve::Entity;
use crate::sql::{Ident, QualifiedName};
use crate::syntax::Located;

/// Notes what a table and its columns were called before.
pub fn table(entity: &Entity, lowered: &mut Lowered) {
    let renames = &mut lowered.renames;
    if let Some(former) = entity.renamed_from.as_ref().filter(|f| **f != entity.table) {
        renames.tables.insert(entity.table.clone(), former.clone());
    }
    let columns: FormerNames = entity
        .columns
        .iter()
        .filter_map(|column| Some((column.name.clone(), column.renamed_from.clone()?)))
        .filter(|(name, former)| name != former)
        .collect();
    if !columns.is_empty() {
        renames.columns.insert(entity.table.clone(), columns);
    }
}

/// Notes what an index of a table or materialized view was called before.
pub fn index(
    relation: &QualifiedName,
    name: &Ident,
    former: &Located<String>,
    lowered: &mut Lowered,
) {
    let indexes = &mut lowered.renames.indexes;
    let names = indexes.entry(relation.clone()).or_default();
    names.insert(name.clone(), Ident::new(former.value.clone()));
}

/// Notes what a constraint was called before.
pub fn constraint(
    table: &QualifiedName,
    name: &Ident,
    former: &Located<String>,
    lowered: &mut Lowered,
) {
    let constraints = &mut lowered.renames.constraints;
    let names = constraints.entry(table.clone()).or_default();
    names.insert(name.clone(), Ident::new(former.value.clone()));
}
