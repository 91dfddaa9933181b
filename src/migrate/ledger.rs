//! `specql.migration`: which migrations a database has, and how far one that no transaction holds has come.

use postgres::types::Type;
use postgres::{Client, Error, GenericClient};

use super::MigrateError;
use super::folder::{Folder, Migration};
use super::sum::checksum;
use crate::sql::Literal;

const HAS: &str = include_str!("queries/has_ledger.sql");
const CREATE: &str = include_str!("queries/ledger.sql");
const ROWS: &str = include_str!("queries/rows.sql");
const JOURNAL: &str = include_str!("queries/journal.sql");
const FINISH: &str = include_str!("queries/finish.sql");
const REVERT: &str = include_str!("queries/revert.sql");

/// A migration that was begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub number: u32,
    pub name: String,
    pub checksum: String,
    pub state: State,
    /// The statement that was begun last, from 1; 0 before the first.
    pub statement: usize,
    /// Whether it is known to be done.
    pub statement_done: bool,
    pub started: String,
    pub finished: Option<String>,
    pub applied_by: String,
    pub version: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Applying,
    Applied,
    Reverting,
}

impl State {
    const ALL: [Self; 3] = [Self::Applying, Self::Applied, Self::Reverting];

    fn name(self) -> &'static str {
        match self {
            Self::Applying => "applying",
            Self::Applied => "applied",
            Self::Reverting => "reverting",
        }
    }
}

impl Row {
    pub fn stem(&self) -> String {
        format!("{:04}_{}", self.number, self.name)
    }
}

/// Its rows in order; none where there is no ledger yet.
pub(super) fn read(client: &mut Client) -> Result<Vec<Row>, MigrateError> {
    if !exists(client)? {
        return Ok(Vec::new());
    }
    let rows = client.query(ROWS, &[])?;
    let rows: Result<Vec<Row>, Error> = rows
        .iter()
        .map(|row| {
            let state: String = row.try_get(3)?;
            Ok(Row {
                number: row.try_get::<_, i32>(0)?.unsigned_abs(),
                name: row.try_get(1)?,
                checksum: row.try_get(2)?,
                state: State::ALL
                    .into_iter()
                    .find(|known| known.name() == state)
                    // The table's CHECK has no others.
                    .unwrap_or(State::Applied),
                statement: usize::try_from(row.try_get::<_, i32>(4)?).unwrap_or(0),
                statement_done: row.try_get(5)?,
                started: row.try_get(6)?,
                finished: row.try_get(7)?,
                applied_by: row.try_get(8)?,
                version: row.try_get(9)?,
            })
        })
        .collect();
    Ok(rows?)
}

pub(super) fn exists(client: &mut Client) -> Result<bool, Error> {
    client.query_one(HAS, &[])?.try_get(0)
}

/// Makes it where it is missing. Only who holds the lock of the runner does.
pub(super) fn ensure(client: &mut Client) -> Result<(), Error> {
    if exists(client)? {
        return Ok(());
    }
    client.batch_execute(CREATE)
}

/// What says that a migration is begun, or done as a whole. As text: it goes to the server in one message with the COMMIT.
pub(super) fn insertion(folder: &Folder, migration: &Migration, state: State) -> String {
    let Migration {
        number,
        name,
        kind: _,
        file,
        down: _,
        snapshot: _,
    } = migration;
    let finished = match state {
        State::Applied => "pg_catalog.clock_timestamp()",
        State::Applying | State::Reverting => "NULL",
    };
    let name = Literal::new(name.as_str());
    let checksum = Literal::new(checksum(folder.text(file)));
    let version = Literal::new(env!("CARGO_PKG_VERSION"));
    let state = state.name();
    format!(
        "INSERT INTO specql.migration (number, name, checksum, state, statement, statement_done, version, finished)\n\
         VALUES ({number}, {name}, {checksum}, '{state}', 0, true, {version}, {finished})"
    )
}

/// How far one has come.
pub(super) fn journal(
    client: &mut impl GenericClient,
    number: u32,
    state: State,
    statement: usize,
    done: bool,
) -> Result<(), Error> {
    let statement = i32::try_from(statement).unwrap_or(i32::MAX);
    // With its types it is one question, otherwise two.
    client
        .execute_typed(
            JOURNAL,
            &[
                (&integer(number), Type::INT4),
                (&state.name(), Type::TEXT),
                (&statement, Type::INT4),
                (&done, Type::BOOL),
            ],
        )
        .map(drop)
}

/// It is done.
pub(super) fn finish(client: &mut impl GenericClient, number: u32) -> Result<(), Error> {
    client.execute(FINISH, &[&integer(number)]).map(drop)
}

/// All after a number are to be undone. Said of all at once: of a change that is half undone, nothing else would tell that
/// it is not half done.
pub(super) fn revert(client: &mut Client, after: u32) -> Result<(), Error> {
    client.execute(REVERT, &[&integer(after)]).map(drop)
}

/// What says that it is undone.
pub(super) fn deletion(number: u32) -> String {
    format!("DELETE FROM specql.migration WHERE number = {number}")
}

fn integer(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
