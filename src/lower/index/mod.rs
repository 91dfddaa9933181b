//! Indexes: written ones, those of `indexed: true`, search vectors and references; of tables and of projections.

mod key;
mod name;
mod redundant;
mod storage_parameter;
mod written;

pub use key::{column_key, keys, method};
pub use name::{default_name, free_name, key_word};
pub use redundant::{covers, report_redundant};
pub use written::{plain, unique, written};

use std::collections::btree_map::Entry;

use super::constraint::holds_partition_key;
use super::names::Claim;
use super::{Context, Lowered, operator_class, rename, search};
use crate::catalog::{ConstraintKind, Index, IndexKey, Table};
use crate::diagnose::{Code, Diagnostic, Place};
use crate::resolve::Entity;
use crate::sql::{Ident, Scope, TypeName};
use crate::syntax::IndexSpec;

/// A server's limit on key parts.
const MAX_KEYS: usize = 32;

/// What an index stands on: a table or a materialized view.
pub struct Site<'a> {
    /// What messages call it.
    pub label: &'a str,
    /// Its relation's name.
    pub relation: &'a Ident,
    /// What names in expressions mean.
    pub scope: Scope<'a>,
    /// What names alone mean.
    pub columns: SiteColumns<'a>,
}

/// Where the columns of an index's site are looked up.
pub enum SiteColumns<'a> {
    /// An entity's fields and columns.
    Entity(&'a Entity),
    /// A projection's output.
    Output(Vec<(&'a str, TypeName)>),
}

impl<'a> Site<'a> {
    /// A table.
    pub fn of_entity(cx: &'a Context<'_>, entity: &'a Entity) -> Self {
        Self {
            label: &entity.name,
            relation: &entity.table.name,
            scope: cx.scope(vec![entity.relation(None, true)]),
            columns: SiteColumns::Entity(entity),
        }
    }

    /// The columns of a name that can be written: several for a reference to a composite key.
    fn named(&self, name: &str) -> Option<Vec<(Ident, TypeName)>> {
        match &self.columns {
            SiteColumns::Entity(entity) => {
                let columns = entity.columns_named(name)?.filter_map(|c| entity.column(c));
                Some(
                    columns
                        .filter_map(|c| Some((c.name.clone(), c.ty.clone()?)))
                        .collect(),
                )
            }
            SiteColumns::Output(columns) => columns
                .iter()
                .find(|(output, _)| *output == name)
                .map(|(output, ty)| vec![(Ident::new(*output), ty.clone())]),
        }
    }

    fn known(&self) -> Vec<&str> {
        match &self.columns {
            SiteColumns::Entity(entity) => entity.known_names().collect(),
            SiteColumns::Output(columns) => columns.iter().map(|(output, _)| *output).collect(),
        }
    }
}

/// Adds an entity's indexes to its table.
pub fn lower(cx: &Context<'_>, entity: &Entity, table: &mut Table, lowered: &mut Lowered) {
    let site = Site::of_entity(cx, entity);
    let mut in_order = Vec::new();
    for index in &entity.indexes {
        let Some(made) = written(cx, &site, &index.spec, &mut lowered.diagnostics) else {
            continue;
        };
        if made.unique && !unique_holds_partition_key(entity, &made, &index.spec, lowered) {
            continue;
        }
        let name = name::name(entity, index, &made);
        if let (Some(former), None) = (&index.spec.renamed_from, &index.from_table) {
            rename::index(&entity.table, &name, former, lowered);
        }
        let at = index.spec.name.as_ref().map_or(&index.spec.at, |n| &n.at);
        let claim = Claim::relation(&entity.table.schema, &name, "index", at);
        lowered.claims.push(claim);
        if let Entry::Vacant(free) = table.indexes.entry(name) {
            in_order.push((free.key().clone(), at));
            free.insert(made);
        }
    }
    report_redundant(
        &in_order,
        &table.indexes,
        &redundant::of_constraints(table),
        &mut lowered.diagnostics,
    );
    for field in entity.fields.iter().filter(|f| f.indexed) {
        let columns: Vec<usize> = field.columns.clone().collect();
        if !leads(table, &entity.column_names(&columns)) {
            implicit(cx, entity, &columns, &field.at, table, lowered);
        }
    }
    search::indexes(entity, table, lowered);
    if cx.config.index_references {
        for reference in entity.references.iter().filter(|r| r.constraint.is_none()) {
            if !leads(table, &entity.column_names(&reference.columns)) {
                implicit(
                    cx,
                    entity,
                    &reference.columns,
                    &reference.at,
                    table,
                    lowered,
                );
            }
        }
    }
}

fn unique_holds_partition_key(
    entity: &Entity,
    made: &Index,
    spec: &IndexSpec,
    lowered: &mut Lowered,
) -> bool {
    let columns: Vec<usize> = made
        .keys
        .iter()
        .filter_map(IndexKey::column)
        .filter_map(|column| entity.columns.iter().position(|c| c.name == *column))
        .collect();
    holds_partition_key(entity, &columns, "unique index", &spec.at, lowered)
}

/// An index over plain columns that nobody wrote.
fn implicit(
    cx: &Context<'_>,
    entity: &Entity,
    columns: &[usize],
    at: &Place,
    table: &mut Table,
    lowered: &mut Lowered,
) {
    let mut keys = Vec::with_capacity(columns.len());
    for column in columns.iter().filter_map(|c| entity.column(*c)) {
        let Some(ty) = &column.ty else { return };
        if let Err(hint) = operator_class::check_default(cx, "btree", &column.field, ty) {
            lowered.diagnostics.push(
                Diagnostic::error(
                    Code::MissingOperatorClass,
                    at,
                    format!(
                        "`{}` is {ty}, and btree indexes have no default operator class for it",
                        column.name.as_str()
                    ),
                )
                .hint(format!("write the index under `indexes:`; {hint}")),
            );
            return;
        }
        keys.push(column_key(&column.name));
    }
    let index = plain("btree", keys);
    let name = free_name(
        table,
        &default_name(entity.table.name.as_str(), &index.keys),
    );
    lowered
        .claims
        .push(Claim::relation(&entity.table.schema, &name, "index", at));
    table.indexes.insert(name, index);
}

/// Whether some index without a condition begins with these columns, in any order among themselves: it then serves a look-up by
/// all of them.
fn leads(table: &Table, columns: &[Ident]) -> bool {
    let same = |first: &[&Ident]| {
        first.len() == columns.len() && columns.iter().all(|c| first.contains(&c))
    };
    let indexes = table
        .indexes
        .values()
        .filter(|i| i.predicate.is_none() && ["btree", "hash"].contains(&i.method.as_str()));
    let by_index = indexes
        .map(|i| i.keys.iter().take(columns.len()))
        .any(|keys| {
            let first: Vec<&Ident> = keys.filter_map(IndexKey::column).collect();
            same(&first)
        });
    by_index
        || table.constraints.values().any(|c| match &c.kind {
            ConstraintKind::PrimaryKey { columns: key }
            | ConstraintKind::Unique { columns: key, .. } => {
                same(&key.iter().take(columns.len()).collect::<Vec<_>>())
            }
            ConstraintKind::Check { .. }
            | ConstraintKind::ForeignKey(_)
            | ConstraintKind::Exclude { .. } => false,
        })
}
