//! A temporary database on a server that somebody named.

use postgres::Client;

use super::{Identity, ShadowError, identity, interrupt, said};
use crate::connect::{Environment, Settings, connect, connect_to};
use crate::render::{create_database, drop_database};
use crate::sql::Ident;

const NEW_NAME: &str = include_str!("queries/new_name.sql");
const MAY_CREATE: &str = include_str!("queries/may_create.sql");

/// A database with nothing in it, which is dropped with this value.
pub(super) struct Database<'a> {
    url: &'a str,
    environment: &'a Environment<'a>,
    name: String,
    /// Whether it is gone already.
    removed: bool,
}

impl<'a> Database<'a> {
    /// Makes one beside the database of a URL, which must be none of the live ones.
    pub fn create(
        url: &'a str,
        environment: &'a Environment<'a>,
        live: &[Identity],
    ) -> Result<Self, ShadowError> {
        let mut client = connect(Some(url), environment).map_err(ShadowError::Unreachable)?;
        if live.contains(&identity(&mut client)?) {
            return Err(ShadowError::IsLive);
        }
        let row = client.query_one(MAY_CREATE, &[])?;
        if !row.try_get::<_, bool>(0)? {
            return Err(ShadowError::MayNotCreate {
                role: row.try_get(1)?,
            });
        }
        interrupt::note()?;
        let name: String = client.query_one(NEW_NAME, &[])?.try_get(0)?;
        client
            .batch_execute(&create_database(&Ident::new(name.as_str()))?)
            .map_err(|error| ShadowError::NotCreated(said(&error)))?;
        Ok(Self {
            url,
            environment,
            name,
            removed: false,
        })
    }

    /// Opens a connection to it.
    pub fn connect(&self) -> Result<Client, ShadowError> {
        connect_to(&self.name, Some(self.url), self.environment).map_err(ShadowError::Unreachable)
    }

    /// What a connection to it needs.
    pub fn settings(&self) -> Result<Settings, ShadowError> {
        let settings = Settings::resolve(Some(self.url), self.environment);
        let settings = settings.map_err(ShadowError::Unreachable)?;
        Ok(settings.to(&self.name))
    }

    /// Drops it, and says so when that fails.
    pub fn remove(mut self) -> Result<(), ShadowError> {
        self.drop_it().map_err(|problem| ShadowError::LeftBehind {
            database: self.name.clone(),
            problem,
        })
    }

    fn drop_it(&mut self) -> Result<(), String> {
        // Once: a second attempt would fail as the first did.
        if std::mem::replace(&mut self.removed, true) {
            return Ok(());
        }
        let sql =
            drop_database(&Ident::new(self.name.as_str())).map_err(|error| error.to_string())?;
        let client = connect(Some(self.url), self.environment);
        let mut client = client.map_err(|error| error.to_string())?;
        client.batch_execute(&sql).map_err(|error| said(&error))
    }
}

impl Drop for Database<'_> {
    fn drop(&mut self) {
        // What has failed before is what is told of.
        let _ = self.drop_it();
    }
}
