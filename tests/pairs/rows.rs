//! Rows for the tables of entities.

use specqlc::catalog::{Catalog, Column, ConstraintKind, ForeignKey, Table};
use specqlc::sql::QualifiedName;

use super::kind::KINDS;
use super::project::{Entity, Project, Type, quoted};

/// Statements that insert rows with some numbers into every entity's table. A row that a constraint refuses does no harm; rows
/// that refer to others come when those are there, for which the round is made twice.
pub fn inserts(project: &Project, catalog: &Catalog, numbers: std::ops::Range<u32>) -> Vec<String> {
    let mut statements = Vec::new();
    for round in 0..2 {
        for n in numbers.clone() {
            for entity in &project.entities {
                let name = QualifiedName::new(entity.schema(), entity.table());
                let table = &catalog.tables[&name];
                statements.push(insert(entity, &name, table, catalog, n * 2 + round));
            }
        }
    }
    statements
}

fn insert(
    entity: &Entity,
    name: &QualifiedName,
    table: &Table,
    catalog: &Catalog,
    n: u32,
) -> String {
    let mut columns = Vec::new();
    let mut values = Vec::new();
    for column in &table.columns {
        if let Some(value) = value(entity, table, column, catalog, n) {
            columns.push(column.name.to_string());
            values.push(value);
        }
    }
    if columns.is_empty() {
        return format!("INSERT INTO {name} DEFAULT VALUES");
    }
    let (columns, values) = (columns.join(", "), values.join(", "));
    format!("INSERT INTO {name} ({columns}) VALUES ({values})")
}

/// A column's value, `None` where it is the column's own.
fn value(
    entity: &Entity,
    table: &Table,
    column: &Column,
    catalog: &Catalog,
    n: u32,
) -> Option<String> {
    if column.generated.is_some() || column.identity.is_some() {
        return None;
    }
    if let Some(key) = foreign_key(table, column) {
        return referenced(key, column, n, catalog);
    }
    let field = entity
        .fields
        .iter()
        .find(|field| field.column() == column.name.as_str());
    match field.map(|field| (&field.ty, field)) {
        // Now and then what the database says itself.
        Some((_, field)) if field.default > 0 && n % 3 == 2 => None,
        Some((_, field)) if !field.required && !column.not_null && n % 4 == 3 => None,
        Some((Type::Plain(kind), _)) => Some((KINDS[*kind].value)(n)),
        None if column.name.as_str() == "id" && column.default.is_none() => {
            Some(match entity.key {
                1 => n.to_string(),
                _ => format!("'k{n}'"),
            })
        }
        _ => None,
    }
}

fn foreign_key<'t>(table: &'t Table, column: &Column) -> Option<&'t ForeignKey> {
    table
        .constraints
        .values()
        .find_map(|constraint| match &constraint.kind {
            ConstraintKind::ForeignKey(key) if key.columns.contains(&column.name) => Some(key),
            _ => None,
        })
}

/// The part of another row's key that belongs into a column; the same row for all columns of one reference.
fn referenced(key: &ForeignKey, column: &Column, n: u32, catalog: &Catalog) -> Option<String> {
    catalog.tables.get(&key.references)?;
    let at = key.columns.iter().position(|name| *name == column.name)?;
    let part = key.referenced_columns.get(at)?;
    let order: Vec<String> = key
        .referenced_columns
        .iter()
        .map(ToString::to_string)
        .collect();
    Some(format!(
        "(SELECT {part} FROM {} ORDER BY {} OFFSET {} LIMIT 1)",
        key.references,
        order.join(", "),
        n % 3
    ))
}

/// How many rows a table has, as a query.
pub fn count(entity: &Entity) -> String {
    format!(
        "SELECT count(*)::text FROM {}.{}",
        quoted(entity.schema()),
        quoted(&entity.table())
    )
}
