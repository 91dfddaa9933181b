//! A second connection that sees what the first one sees.
//!
//! The server works for each connection with one process, and this program waits for it: with two of them the whole comparison of
//! 5,000 tables takes an eighth less time where client and server share two cores. <https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-SNAPSHOT-SYNCHRONIZATION>

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread::scope;

use postgres::{Client, Transaction};

use super::rows::{Kind, Rows};
use super::{IntrospectError, Scope, begin};

/// Opens another connection to the same database; none where there is no room for one.
pub type Another<'a> = dyn Fn() -> Option<Client> + Sync + 'a;

/// Reads all of a database, on another connection as well, if there is one: each of the two takes what is next until nothing is left.
pub(super) fn read(
    tx: &mut Transaction<'_>,
    another: Option<&Another<'_>>,
) -> Result<Rows, IntrospectError> {
    let shared = Shared::default();
    if let Some(another) = another {
        let snapshot: String = tx
            .query_typed_one("SELECT pg_export_snapshot()", &[])?
            .try_get(0)?;
        scope(|threads| {
            let beside = threads.spawn(|| shared.read_beside(another, &snapshot));
            let here = shared.read(tx);
            let beside = beside.join().unwrap_or_else(|panic| resume_unwind(panic));
            here.and(beside)
        })?;
    } else {
        shared.read(tx)?;
    }
    let rows = shared.rows.into_inner();
    Ok(rows.unwrap_or_else(PoisonError::into_inner))
}

/// What connections share.
#[derive(Default)]
struct Shared {
    rows: Mutex<Rows>,
    /// The position of the kind that is next.
    next: AtomicUsize,
}

impl Shared {
    fn read(&self, tx: &mut Transaction<'_>) -> Result<(), IntrospectError> {
        while let Some(kind) = Kind::ALL.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            if let Err(error) = kind.read(tx, &Scope::Database, &self.rows) {
                // The other one need not go on.
                self.next.store(Kind::ALL.len(), Ordering::Relaxed);
                return Err(error);
            }
        }
        Ok(())
    }

    /// Nothing when there is no connection, or one that does not see that snapshot: a pooler may lead to another server.
    fn read_beside(&self, another: &Another<'_>, snapshot: &str) -> Result<(), IntrospectError> {
        let Some(mut client) = another() else {
            return Ok(());
        };
        match begin(&mut client, Some(snapshot)) {
            Ok(mut transaction) => self.read(&mut transaction),
            Err(_) => Ok(()),
        }
    }
}
