//! The one session that applies migrations to a database.

use std::time::Duration;

use postgres::Client;

use super::MigrateError;
use super::run::Event;
use crate::interrupt;

const SETTINGS: &str = include_str!("queries/session.sql");
const NOTICE_LOSS: &str = include_str!("queries/notice_loss.sql");
const LOCK: &str = include_str!("queries/lock.sql");
const UNLOCK: &str = include_str!("queries/unlock.sql");
const LOCK_TIMEOUT: &str = include_str!("queries/lock_timeout.sql");

/// Sets what a runner needs, and waits until no other one is at work.
///
/// # Errors
/// [`MigrateError::Busy`] where another one is and this one does not wait.
pub(super) fn begin(
    client: &mut Client,
    wait: bool,
    tell: &dyn Fn(Event<'_>),
) -> Result<(), MigrateError> {
    client.batch_execute(SETTINGS)?;
    // Some systems cannot tell.
    let _ = client.batch_execute(NOTICE_LOSS);
    let mut told = false;
    // Asked for again and again, instead of waited for: a statement that waits holds a snapshot, and CREATE INDEX CONCURRENTLY
    // of the runner at work would wait for that one to go, for ever.
    while !client.query_one(LOCK, &[])?.try_get::<_, bool>(0)? {
        if !wait {
            return Err(MigrateError::Busy);
        }
        if !told {
            tell(Event::OtherRunner);
            told = true;
        }
        interrupt::sleep(Duration::from_millis(fastrand::u64(50..250)));
        if interrupt::came() {
            return Err(MigrateError::Interrupted("nothing was begun".to_owned()));
        }
    }
    Ok(())
}

/// Lets the next one at it.
pub(super) fn end(client: &mut Client) -> Result<(), MigrateError> {
    client.query_one(UNLOCK, &[])?;
    Ok(())
}

/// How long statements of this session wait for a lock.
pub(super) fn limit_lock_wait(client: &mut Client, duration: &str) -> Result<(), postgres::Error> {
    client.query_one(LOCK_TIMEOUT, &[&duration]).map(drop)
}
