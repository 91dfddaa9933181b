//! Columns of tables, views and composite types.

use std::collections::BTreeMap;

use postgres::{Row, Transaction};

use super::cells::{Cells, each};
use super::printed;
use super::relation::{ColumnRow, Relation};
use super::{IntrospectError, Scope};
use crate::catalog::{Column, Compression, Generated, Identity, Storage};
use crate::sql::{Expr, Ident, TypeName};

/// Gives relations their columns.
pub(super) fn read(
    tx: &mut Transaction<'_>,
    scope: &Scope,
    relations: &mut BTreeMap<u32, Relation>,
) -> Result<(), IntrospectError> {
    let query = include_str!("queries/column.sql");
    each(tx, query, scope, &[scope.parameter()], |row| {
        if let Some(relation) = relations.get_mut(&row.try_get(0)?) {
            let (row, definition) = column(row)?;
            // To sort so many rows takes the server a tenth of the time of the query; here they mostly are in order.
            let others = &relation.columns;
            let position = others.partition_point(|other| other.number < row.number);
            relation.columns.insert(position, row);
            relation.definitions.insert(position, definition);
        }
        Ok::<_, IntrospectError>(())
    })
}

/// The type, and the collation and the storage where they are not the type's, come when all names are known.
fn column(row: &Row) -> Result<(ColumnRow, Column), IntrospectError> {
    let mut cells = Cells::new(row);
    let _relation: u32 = cells.take()?;
    let number = cells.take()?;
    let name = cells.ident()?;
    let type_oid = cells.take()?;
    let spelled: Option<&str> = cells.take()?;
    let spelled = spelled.map(Box::from);
    let not_null = cells.take()?;
    let expression = cells.expr()?;
    let (default, generated) = expression_of(cells.letter()?, expression);
    let identity = match cells.letter()? {
        'a' => Some(Identity::Always),
        'd' => Some(Identity::ByDefault),
        _ => None,
    };
    let collation = cells.take()?;
    let storage = cells.take()?;
    let compression = match cells.letter()? {
        'p' => Some(Compression::Pglz),
        'l' => Some(Compression::Lz4),
        _ => None,
    };
    let statistics = cells.take()?;
    let options: Option<Vec<String>> = cells.take()?;
    let is_local = cells.take()?;
    let column = Column {
        not_null,
        default,
        identity,
        generated,
        compression,
        statistics,
        options: options
            .unwrap_or_default()
            .iter()
            .map(|text| printed::option(text))
            .map(|(name, value)| (Ident::new(name), value))
            .collect(),
        comment: cells.take()?,
        ..Column::new(name.clone(), TypeName::core(""))
    };
    let row = ColumnRow {
        number,
        name,
        type_oid,
        spelled,
        collation,
        storage,
        is_local,
    };
    Ok((row, column))
}

/// A generated column keeps its expression where others keep their default.
fn expression_of(generated: char, expression: Option<Expr>) -> (Option<Expr>, Option<Generated>) {
    match (generated, expression) {
        ('s' | 'v', Some(expression)) => {
            let stored = generated == 's';
            (None, Some(Generated { expression, stored }))
        }
        (_, expression) => (expression, None),
    }
}

/// What a letter of `attstorage` means.
pub(super) fn storage(letter: i8) -> Option<Storage> {
    match char::from(letter.cast_unsigned()) {
        'p' => Some(Storage::Plain),
        'e' => Some(Storage::External),
        'x' => Some(Storage::Extended),
        'm' => Some(Storage::Main),
        _ => None,
    }
}
