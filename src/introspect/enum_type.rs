//! Enumerated types.

use std::collections::BTreeMap;

use postgres::Transaction;

use super::IntrospectError;
use super::cells::Cells;
use crate::catalog::EnumType;
use crate::sql::QualifiedName;

pub(super) fn read(
    tx: &mut Transaction<'_>,
) -> Result<BTreeMap<QualifiedName, EnumType>, IntrospectError> {
    let rows = tx.query_typed(include_str!("queries/enum_type.sql"), &[])?;
    rows.iter()
        .map(|row| {
            let mut cells = Cells::new(row);
            let name = cells.name()?;
            let enum_type = EnumType {
                labels: cells.take::<Option<Vec<String>>>()?.unwrap_or_default(),
                comment: cells.take()?,
            };
            Ok((name, enum_type))
        })
        .collect()
}
