//! A database that was there before its migrations were.

use postgres::Client;

use super::folder::Folder;
use super::ledger::{self, State};
use super::{MigrateError, drift, session};

/// Takes the migrations up to a number, or all, for applied, without running any: when the database is in the state after it.
/// Gives the last one's name.
///
/// # Errors
/// See [`MigrateError`]; nothing was written then.
pub fn baseline(
    client: &mut Client,
    folder: &Folder,
    to: Option<u32>,
    wait: bool,
) -> Result<Option<String>, MigrateError> {
    folder.own()?;
    let to = to.unwrap_or(folder.next() - 1);
    let Some(last) = folder.migration(to) else {
        return match to {
            0 => Ok(None),
            to => Err(MigrateError::Unknown(format!("{to:04}"))),
        };
    };
    session::begin(client, wait, &|_| {})?;
    if !ledger::read(client)?.is_empty() {
        return Err(MigrateError::HasLedger);
    }
    let Some(state) = folder.state_after(to)? else {
        return Err(MigrateError::NoSnapshot(last.stem()));
    };
    let differences = drift(client, state)?;
    if !differences.is_empty() {
        return Err(MigrateError::NoBaseline {
            stem: last.stem(),
            differences,
        });
    }
    ledger::ensure(client)?;
    let taken = folder.migrations.iter().filter(|one| one.number <= to);
    let insertions: Vec<String> = taken
        .map(|one| ledger::insertion(folder, one, State::Applied))
        .collect();
    // One message is one transaction.
    client.batch_execute(&insertions.join(";\n"))?;
    session::end(client)?;
    Ok(Some(last.stem()))
}
