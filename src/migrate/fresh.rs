//! A throwaway database that gets all migrations, to see whether they lead to what the specs say.

use super::MigrateError;
use super::drift::differences;
use super::folder::Folder;
use super::run::{Options, Runner};
use crate::connect::Environment;
use crate::project::State;
use crate::shadow::{Server, with_database};

/// What separates an empty database that all migrations were applied to from a state, a line an object.
///
/// # Errors
/// When no database can be made, or a migration fails in it.
pub fn fresh(
    server: &Server<'_>,
    environment: &Environment<'_>,
    folder: &Folder,
    state: State,
    lock_timeout: &str,
) -> Result<Vec<String>, MigrateError> {
    with_database(server, environment, |connect| {
        let options = Options {
            to: None,
            wait: true,
            // Nobody has changed it.
            allow_drift: true,
            allow: Vec::new(),
            lock_timeout: lock_timeout.to_owned(),
        };
        let runner = Runner {
            folder,
            options: &options,
            connect,
            tell: &|_| {},
        };
        runner.apply()?;
        differences(&mut connect()?, state, true)
    })
}
