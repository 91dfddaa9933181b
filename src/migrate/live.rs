//! A migration that begins where a database is, instead of where the last one has left it: what was changed there by hand is
//! mended by it.

use postgres::Client;

use super::folder::{Folder, Migration};
use super::order::{contradictions, pending};
use super::{Format, MigrateError, ledger};
use crate::catalog::Catalog;
use crate::introspect;
use crate::project::State;
use crate::reconcile::reconcile;

/// Where a database is, and where it is to go.
#[derive(Debug)]
pub struct Live {
    /// Its name.
    pub(super) database: String,
    /// What is there.
    pub(super) catalog: Catalog,
    /// What is wanted, in the server's words.
    pub(super) wanted: Catalog,
    /// What could not be compared for want of a right.
    pub(super) not_compared: Vec<String>,
}

/// Compares a database that has all migrations with a state.
///
/// # Errors
/// When it has not, or cannot be read.
pub fn live(client: &mut Client, folder: &Folder, state: &State) -> Result<Live, MigrateError> {
    if folder.state()?.is_none() {
        return Err(MigrateError::NothingBefore);
    }
    // Where another runner is, only that one knows.
    if folder.format == Format::Specql {
        let rows = ledger::read(client)?;
        let problems = contradictions(folder, &rows);
        if !problems.is_empty() {
            return Err(MigrateError::Ledger(problems));
        }
        let pending = pending(folder, &rows, None);
        if !pending.is_empty() {
            let stems = pending.iter().map(|(one, _)| Migration::stem(one));
            return Err(MigrateError::Pending(stems.collect()));
        }
    }
    let database = client
        .query_one("SELECT pg_catalog.current_database()::text", &[])?
        .try_get(0)?;
    let mut live = introspect::read(client)?;
    let reconciled = reconcile(&mut live, state.catalog.clone(), client)?;
    Ok(Live {
        database,
        catalog: live.catalog,
        wanted: reconciled.catalog,
        not_compared: reconciled.not_compared,
    })
}
