//! Columns in no spec that are computed from one that is another from then on.

use std::collections::BTreeMap;

use crate::catalog::{Catalog, Column, Table};
use crate::diff::{Difference, Object};
use crate::plan::retyped::{Columns, Retyped};
use crate::sql::{Ident, QualifiedName};

/// Those that cannot come again after it, and what is on them.
#[derive(Debug, Default)]
pub(super) struct Uncomputed<'a> {
    /// With each, the column that it is computed from.
    sources: BTreeMap<(&'a QualifiedName, &'a Ident), &'a Ident>,
    columns: Retyped<'a>,
}

/// Looks for them: nobody knows whether their expression means anything for the type that comes.
pub(super) fn uncomputed<'a>(
    difference: &Difference<'a>,
    from: &'a Catalog,
    to: &Catalog,
) -> Uncomputed<'a> {
    let mut found = Uncomputed::default();
    let mut columns = Columns::new();
    for object in &difference.kept {
        if let Object::Column(table, name) = *object
            && let (Some(before), Some(now)) = (from.tables.get(table), to.tables.get(table))
            && let Some(source) = changed_source(name, before, now)
        {
            found.sources.insert((table, name), source);
            columns.entry(table).or_default().insert(name);
        }
    }
    found.columns = Retyped::only(&[&columns]);
    found
}

/// The column that one is computed from, where it gets another type or is computed itself.
fn changed_source<'a>(name: &Ident, before: &'a Table, now: &Table) -> Option<&'a Ident> {
    let mut columns = before.columns.iter();
    let computed = columns.find(|column| column.name == *name)?;
    let expression = &computed.generated.as_ref()?.expression;
    let changes = |source: &&Column| {
        let mut columns = now.columns.iter();
        let next = columns.find(|next| next.name == source.name);
        expression.names_column(&source.name)
            && next.is_some_and(|next| next.generated.is_some() || !source.ty.is_like(&next.ty))
    };
    let source = before.columns.iter().find(changes)?;
    Some(&source.name)
}

impl Uncomputed<'_> {
    /// What follows for one of them, or for what is on one.
    pub(super) fn lost(&self, object: Object<'_>, from: &Catalog) -> Option<String> {
        match object {
            Object::Column(table, name) => {
                let source = self.sources.get(&(table, name))?;
                Some(format!(
                    "`{name}`, which is in no spec, is computed from `{source}`, which becomes another"
                ))
            }
            Object::Constraint(table, name) => {
                let constraint = from.tables.get(table)?.constraints.get(name)?;
                let goes = self.columns.in_constraint(table, constraint);
                goes.then(|| with_column(name))
            }
            Object::Index(table, name) => {
                let index = from.tables.get(table)?.indexes.get(name)?;
                let goes = self.columns.in_index(table, index);
                goes.then(|| with_column(name))
            }
            _ => None,
        }
    }
}

fn with_column(name: &Ident) -> String {
    format!("`{name}`, which is in no spec, goes with a column that it is on")
}
