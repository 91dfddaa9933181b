//! `renamed_from:` of entities, fields, indexes and constraints.

use std::collections::BTreeMap;
use std::fmt::Display;

use super::Lowered;
use crate::catalog::{FormerNames, Renames};
use crate::diagnose::{Code, Diagnostic, Diagnostics, Place};
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
    report_circles(&columns, &mut lowered.diagnostics, |name| {
        let column = entity.columns.iter().find(|column| column.name == *name)?;
        Some(column.at.the_key())
    });
    if !columns.is_empty() {
        renames.columns.insert(entity.table.clone(), columns);
    }
}

/// Reports tables that take one another's names.
pub fn report_tables(entities: &[Entity], renames: &Renames, diagnostics: &mut Diagnostics) {
    report_circles(&renames.tables, diagnostics, |name| {
        let entity = entities.iter().find(|entity| entity.table == *name)?;
        Some(entity.name_at.clone())
    });
}

/// Former names in a circle: after they were exchanged they would ask for the same once more.
fn report_circles<N: Ord + Display>(
    former: &BTreeMap<N, N>,
    diagnostics: &mut Diagnostics,
    place: impl Fn(&N) -> Option<Place>,
) {
    for name in former.keys() {
        let mut circle = vec![name];
        let before = std::iter::successors(former.get(name), |name| former.get(name));
        // One that leads into a circle without it never ends; of a circle, the first name says it.
        let before = before.take(former.len());
        circle.extend(before.take_while(|former| *former > name));
        let closes = circle.last().and_then(|last| former.get(last)) == Some(name);
        if !closes {
            continue;
        }
        let Some(at) = place(name) else {
            continue;
        };
        let names: Vec<String> = circle.iter().map(|name| format!("`{name}`")).collect();
        let message = format!("{} take one another's names", names.join(", "));
        let hint = "nothing would tell whether that is still to be done: migrate with a name in between for one of them, then to the \
                    names that they are to have";
        diagnostics.push(Diagnostic::error(Code::InvalidValue, &at, message).hint(hint));
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
