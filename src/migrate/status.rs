//! Where a database stands.

use postgres::Client;
use serde::Serialize;

use super::folder::Folder;
use super::ledger::{self, Row, State};
use super::order::contradictions;
use super::{MigrateError, Problem};

/// Where a database stands.
#[derive(Debug, Clone, Serialize)]
pub struct Status {
    /// Every migration of the folder, and those that only the database has.
    pub migrations: Vec<Entry>,
    /// In what the database and the folder contradict each other.
    pub problems: Vec<String>,
}

/// One migration.
#[derive(Debug, Clone, Serialize)]
pub struct Entry {
    /// Its number.
    pub number: u32,
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub standing: Standing,
    /// The statement that was begun last, of one that is half way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statement: Option<usize>,
    /// When it was begun, in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started: Option<String>,
    /// When it was done, in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished: Option<String>,
    /// By which role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub applied_by: Option<String>,
    /// By which version of this program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// Where a migration stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Not begun.
    Pending,
    /// Half way, or interrupted.
    Applying,
    /// Done.
    Applied,
    /// Half way back, or interrupted.
    Reverting,
}

impl Standing {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Applying => "applying",
            Self::Applied => "applied",
            Self::Reverting => "reverting",
        }
    }
}

impl Status {
    /// Whether there is anything to do.
    pub fn is_settled(&self) -> bool {
        let applied = |entry: &Entry| entry.standing == Standing::Applied;
        self.problems.is_empty() && self.migrations.iter().all(applied)
    }
}

/// Reads it; writes nothing.
///
/// # Errors
/// When the database cannot be read.
pub fn status(client: &mut Client, folder: &Folder) -> Result<Status, MigrateError> {
    folder.own()?;
    let rows = ledger::read(client)?;
    let problems = contradictions(folder, &rows);
    let mut migrations: Vec<Entry> = folder
        .migrations
        .iter()
        .map(|one| {
            let row = rows.iter().find(|row| row.number == one.number);
            entry(one.number, &one.name, row)
        })
        .collect();
    let ahead = rows
        .iter()
        .filter(|row| folder.migration(row.number).is_none());
    migrations.extend(ahead.map(|row| entry(row.number, &row.name, Some(row))));
    Ok(Status {
        migrations,
        problems: problems.iter().map(Problem::to_string).collect(),
    })
}

fn entry(number: u32, name: &str, row: Option<&Row>) -> Entry {
    Entry {
        number,
        name: name.to_owned(),
        standing: match row.map(|row| row.state) {
            None => Standing::Pending,
            Some(State::Applying) => Standing::Applying,
            Some(State::Applied) => Standing::Applied,
            Some(State::Reverting) => Standing::Reverting,
        },
        statement: row
            .filter(|row| row.state != State::Applied)
            .map(|row| row.statement),
        started: row.map(|row| row.started.clone()),
        finished: row.and_then(|row| row.finished.clone()),
        applied_by: row.map(|row| row.applied_by.clone()),
        version: row.map(|row| row.version.clone()),
    }
}
