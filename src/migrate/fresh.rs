//! A throwaway database that gets all migrations, to see whether they lead to what the specs say.

use postgres::Client;

use super::MigrateError;
use super::drift::differences;
use super::folder::Folder;
use super::run::{Event, Options, Runner};
use crate::connect::ConnectError;
use crate::project::State;

const CREATE: &str = include_str!("queries/create_database.sql");

/// Opens a connection: to the database of that name, or to the one that makes others.
pub type Open<'a> = dyn Fn(Option<&str>) -> Result<Client, ConnectError> + Sync + 'a;

/// What separates a database with all migrations from a state, a line an object.
///
/// # Errors
/// When no database can be made, or a migration fails in it.
pub fn fresh(
    open: &Open<'_>,
    folder: &Folder,
    state: State,
    lock_timeout: &str,
    tell: &(dyn Fn(Event<'_>) + Sync),
) -> Result<Vec<String>, MigrateError> {
    let database = Throwaway::new(open)?;
    let connect = || open(Some(&database.name));
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
        connect: &connect,
        tell,
    };
    runner.apply()?;
    differences(&mut connect()?, state, true)
}

/// A database that is gone when this is.
struct Throwaway {
    name: String,
    server: Client,
    drop: String,
}

impl Throwaway {
    fn new(open: &Open<'_>) -> Result<Self, MigrateError> {
        let mut server = open(None)?;
        let name = format!(
            "specqlc_verify_{}_{:08x}",
            std::process::id(),
            fastrand::u32(..)
        );
        let row = server.query_one(CREATE, &[&name])?;
        let (create, drop): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        server.batch_execute(&create)?;
        Ok(Self { name, server, drop })
    }
}

impl Drop for Throwaway {
    fn drop(&mut self) {
        // Nothing more can be done where the server is gone.
        let _ = self.server.batch_execute(&self.drop);
    }
}
