//! Policies of row-level security.

use std::collections::BTreeMap;

use postgres::{Row, Transaction};

use super::IntrospectError;
use super::cells::Cells;
use super::names::Names;
use crate::catalog::{Policy, PolicyCommand, Table};
use crate::sql::Ident;

/// Reads them.
pub(super) fn read(tx: &mut Transaction<'_>) -> Result<Vec<Row>, IntrospectError> {
    Ok(tx.query_typed(include_str!("queries/policy.sql"), &[])?)
}

/// Gives tables their policies.
pub(super) fn assemble(
    rows: &[Row],
    names: &Names,
    tables: &mut BTreeMap<u32, Table>,
) -> Result<(), IntrospectError> {
    for row in rows {
        let oid: u32 = row.try_get(0)?;
        if names.relation(oid).is_some()
            && let Some(table) = tables.get_mut(&oid)
        {
            let (name, policy) = policy(row)?;
            table.policies.insert(name, policy);
        }
    }
    Ok(())
}

fn policy(row: &Row) -> Result<(Ident, Policy), IntrospectError> {
    let mut cells = Cells::new(row);
    let _relation: u32 = cells.take()?;
    let name = cells.ident()?;
    let policy = Policy {
        restrictive: !cells.take::<bool>()?,
        command: match cells.take()? {
            "r" => PolicyCommand::Select,
            "a" => PolicyCommand::Insert,
            "w" => PolicyCommand::Update,
            "d" => PolicyCommand::Delete,
            _ => PolicyCommand::All,
        },
        roles: cells
            .take::<Vec<String>>()?
            .into_iter()
            .map(Ident::new)
            .collect(),
        using: cells.expr()?,
        check: cells.expr()?,
        comment: cells.take()?,
    };
    Ok((name, policy))
}
