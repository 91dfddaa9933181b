//! A second connection that sees what the first one sees.
//!
//! The server works for each connection with one process, and this program waits for it: with two of them the whole comparison of
//! 5,000 tables takes an eighth less time where client and server share two cores. <https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-SNAPSHOT-SYNCHRONIZATION>

use std::collections::{BTreeMap, BTreeSet};
use std::panic::resume_unwind;
use std::thread::scope;

use postgres::{Client, Transaction};

use super::relation::Relation;
use super::rows::Rows;
use super::unmanaged::{self, Unmanaged};
use super::{IntrospectError, Scope, begin, column, relation};

/// Opens another connection to the same database; none where there is no room for one.
pub type Another<'a> = dyn Fn() -> Option<Client> + Sync + 'a;

/// What neither connection needs of the other.
pub(super) struct Read {
    /// Relations with their columns.
    pub relations: BTreeMap<u32, Relation>,
    pub unmanaged: BTreeSet<Unmanaged>,
    pub rows: Rows,
}

/// Reads relations and what is not managed, and all other rows: these on another connection, if there is one. So each of the two has
/// half of the server's work.
pub(super) fn read(
    tx: &mut Transaction<'_>,
    another: Option<&Another<'_>>,
) -> Result<Read, IntrospectError> {
    let Some(another) = another else {
        let (relations, unmanaged) = here(tx)?;
        return Ok(Read {
            relations,
            unmanaged,
            rows: Rows::read(tx, &Scope::Database)?,
        });
    };
    let snapshot: String = tx
        .query_typed_one("SELECT pg_export_snapshot()", &[])?
        .try_get(0)?;
    scope(|threads| {
        let beside = threads.spawn(|| rows(another, &snapshot));
        let (relations, unmanaged) = here(tx)?;
        let beside = beside.join().unwrap_or_else(|panic| resume_unwind(panic));
        let rows = match beside {
            Some(rows) => rows?,
            None => Rows::read(tx, &Scope::Database)?,
        };
        Ok(Read {
            relations,
            unmanaged,
            rows,
        })
    })
}

fn here(
    tx: &mut Transaction<'_>,
) -> Result<(BTreeMap<u32, Relation>, BTreeSet<Unmanaged>), IntrospectError> {
    let mut relations = relation::read(tx, &Scope::Database)?;
    column::read(tx, &Scope::Database, &mut relations)?;
    Ok((relations, unmanaged::read(tx)?))
}

/// `None` when there is no connection, or one that does not see that snapshot: a pooler may lead to another server.
fn rows(another: &Another<'_>, snapshot: &str) -> Option<Result<Rows, IntrospectError>> {
    let mut client = another()?;
    let mut transaction = begin(&mut client, Some(snapshot)).ok()?;
    Some(Rows::read(&mut transaction, &Scope::Database))
}
