//! Domains.

use std::collections::BTreeMap;

use postgres::{Row, Transaction};

use super::IntrospectError;
use super::cells::Cells;
use super::dependency::Needs;
use super::names::Names;
use crate::catalog::{Domain, DomainCheck};
use crate::sql::QualifiedName;

/// Reads them; a row for each constraint of one.
pub(super) fn read(tx: &mut Transaction<'_>) -> Result<Vec<Row>, IntrospectError> {
    Ok(tx.query_typed(include_str!("queries/domain.sql"), &[])?)
}

/// Domains with their constraints.
pub(super) fn assemble(
    rows: &[Row],
    names: &Names,
    needs: &Needs,
) -> Result<BTreeMap<QualifiedName, Domain>, IntrospectError> {
    let mut domains = BTreeMap::new();
    for row in rows {
        add(row, names, needs, &mut domains)?;
    }
    Ok(domains)
}

fn add(
    row: &Row,
    names: &Names,
    needs: &Needs,
    domains: &mut BTreeMap<QualifiedName, Domain>,
) -> Result<(), IntrospectError> {
    let mut cells = Cells::new(row);
    let oid = cells.take()?;
    let name = cells.name()?;
    let base = cells.take()?;
    let domain = Domain {
        ty: names.type_name(base, cells.take()?),
        collation: cells
            .take::<Option<u32>>()?
            .and_then(|oid| names.collation(oid)),
        default: cells.expr()?,
        not_null: cells.take()?,
        comment: cells.take()?,
        checks: BTreeMap::new(),
        needs: needs.of_type(oid),
    };
    let domain = domains.entry(name).or_insert(domain);
    let check = cells.optional_ident()?;
    let condition = cells.expr()?;
    let not_valid = cells.take::<Option<bool>>()?.unwrap_or_default();
    let comment = cells.take()?;
    if let (Some(check), Some(condition)) = (check, condition) {
        let definition = DomainCheck {
            condition,
            not_valid,
            comment,
        };
        domain.checks.insert(check, definition);
    }
    Ok(())
}
