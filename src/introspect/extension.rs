//! Extensions.

use std::collections::BTreeMap;

use postgres::Transaction;

use super::IntrospectError;
use super::cells::Cells;
use crate::catalog::Extension;
use crate::sql::Ident;

pub(super) fn read(
    tx: &mut Transaction<'_>,
) -> Result<BTreeMap<Ident, Extension>, IntrospectError> {
    let rows = tx.query_typed(include_str!("queries/extension.sql"), &[])?;
    rows.iter()
        .map(|row| {
            let mut cells = Cells::new(row);
            let name = cells.ident()?;
            let schema = cells.ident()?;
            let usual = ["public", "pg_catalog"].contains(&schema.as_str());
            let schema = (!usual).then_some(schema);
            Ok((name, Extension { schema }))
        })
        .collect()
}
