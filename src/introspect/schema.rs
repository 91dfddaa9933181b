//! Schemas.

use std::collections::BTreeMap;

use postgres::Transaction;

use super::IntrospectError;
use super::cells::Cells;
use crate::catalog::Schema;
use crate::sql::Ident;

/// All but `public`, which is always there.
pub(super) fn read(tx: &mut Transaction<'_>) -> Result<BTreeMap<Ident, Schema>, IntrospectError> {
    let rows = tx.query_typed(include_str!("queries/schema.sql"), &[])?;
    rows.iter()
        .map(|row| {
            let mut cells = Cells::new(row);
            let name = cells.ident()?;
            let comment = cells.take()?;
            Ok((name, Schema { comment }))
        })
        .collect()
}
