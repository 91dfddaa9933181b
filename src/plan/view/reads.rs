//! What the query of a view reads and names.

use crate::catalog::{Catalog, Column, Query, Source, View, ViewQuery};
use crate::diff::{Object, Rename};
use crate::plan::dependency;
use crate::plan::world::World;
use crate::sql::{Expr, Ident, QualifiedName};

/// What a view needs: all that it reads.
pub(in crate::plan) fn needs<'a>(
    name: &'a QualifiedName,
    view: &'a View,
    to: &'a Catalog,
) -> Vec<Object<'a>> {
    let mut needs = vec![Object::Schema(&name.schema)];
    match &view.query {
        ViewQuery::Query(query) => needs.extend(sources(query)),
        ViewQuery::Definition(definition) => {
            needs.extend(dependency::objects(&definition.needs, to));
        }
    }
    needs
}

/// What a query reads, and the functions that it calls as sources.
pub(in crate::plan) fn sources(query: &Query) -> Vec<Object<'_>> {
    let mut needs = Vec::new();
    let mut queries = vec![query];
    while let Some(query) = queries.pop() {
        let joined = query.joins.iter().map(|join| &join.source);
        for source in std::iter::once(&query.from).chain(joined) {
            match source {
                Source::Table { name, alias: _ } => needs.extend([
                    Object::Table(name),
                    Object::View(name),
                    Object::MaterializedView(name),
                ]),
                Source::Values { .. } => {}
                Source::Function { name, alias: _ } => needs.push(Object::Function(name)),
                Source::Subquery { query, .. } => queries.push(query),
            }
        }
    }
    needs
}

/// The native enums of the tables that a view reads.
pub(in crate::plan) fn enums<'a>(
    name: &'a QualifiedName,
    view: &'a View,
    catalog: &'a Catalog,
) -> Vec<Object<'a>> {
    let tables = needs(name, view, catalog)
        .into_iter()
        .filter_map(|need| match need {
            Object::Table(table) => catalog.tables.get(table),
            _ => None,
        });
    let columns = tables.flat_map(|table| &table.columns);
    columns
        .filter_map(|column| enum_of(column, catalog))
        .collect()
}

/// The native enum that a column is of.
pub(super) fn enum_of<'a>(column: &Column, catalog: &'a Catalog) -> Option<Object<'a>> {
    let (name, _) = catalog.enums.get_key_value(&column.ty.qualified()?)?;
    Some(Object::EnumType(name))
}

/// Whether a name stands somewhere in a view's query.
pub(in crate::plan) fn mentions(view: &View, name: &Ident) -> bool {
    match &view.query {
        ViewQuery::Definition(definition) => name.may_stand_in(definition.text.as_str()),
        ViewQuery::Query(query) => query_mentions(query, name),
    }
}

fn query_mentions(query: &Query, name: &Ident) -> bool {
    let in_expression = |expression: &Expr| name.may_stand_in(expression.as_str());
    let columns = query.columns.iter().map(|column| &column.expression);
    let joined = query.joins.iter().map(|join| &join.on);
    let all = columns
        .chain(joined)
        .chain(&query.filter)
        .chain(&query.group_by);
    let sources = query.joins.iter().map(|join| &join.source);
    all.into_iter().any(in_expression)
        || std::iter::once(&query.from)
            .chain(sources)
            .any(|source| match source {
                Source::Subquery { query, .. } => query_mentions(query, name),
                Source::Table { .. } | Source::Values { .. } | Source::Function { .. } => false,
            })
}

/// Whether a view that no spec has reads what gets another name: the query that is known of it says the former one.
pub(super) fn reads_what_is_renamed<'a>(
    name: &'a QualifiedName,
    view: &'a View,
    world: &World<'a>,
) -> bool {
    let is_printed = matches!(view.query, ViewQuery::Definition(_));
    let mut reads = needs(name, view, world.from).into_iter();
    is_printed
        && reads.any(|need| match need {
            Object::Table(table) => {
                let columns = world.table(table).map_or(&[][..], |t| &t.columns);
                world.former_name(table) != table
                    || columns.iter().any(|column| {
                        let (_, former) = world.former_names(table, &column.name);
                        *former != column.name && mentions(view, former)
                    })
            }
            Object::EnumType(ty) => world
                .renames
                .iter()
                .any(|rename| matches!(rename, Rename::EnumType { to, .. } if to == ty)),
            _ => false,
        })
}
