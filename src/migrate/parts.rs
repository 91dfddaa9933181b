//! Partitions that the database has made itself know nothing of a migration, and no migration knows them.
//!
//! An index that comes to a partitioned table is built on the partitions of the snapshot, one by one, and counts for nothing
//! until each partition has its own. So the runner builds those that are missing.

use postgres::{Client, Error, Row};

use super::clause::{Clause, Found};
use super::patience::patiently;
use super::run::{Event, Runner};
use super::watch::Watch;
use super::{MigrateError, session};
use crate::catalog::Catalog;
use crate::sql::{Ident, QualifiedName};

const MISSING: &str = include_str!("queries/missing_parts.sql");

/// Levels of partitions, each of which shows when the one above it has its indexes.
const MOST_LEVELS: usize = 16;

/// A partition without an index that it has to have.
struct Part {
    /// The table at the head of all levels, and its index.
    root: QualifiedName,
    root_index: Ident,
    /// What the index will be called.
    name: String,
    partition: String,
    create: String,
    attach: String,
}

/// Builds what is missing of the indexes that the state after a migration has.
pub(super) fn complete(
    runner: &Runner<'_>,
    client: &mut Client,
    watch: &Watch,
    number: u32,
) -> Result<(), MigrateError> {
    for _ in 0..MOST_LEVELS {
        let missing = missing(client)?;
        if missing.is_empty() {
            return Ok(());
        }
        let Some(state) = runner.folder.state_after(number)? else {
            return Ok(());
        };
        let own: Vec<&Part> = missing
            .iter()
            .filter(|part| is_own(part, &state.catalog))
            .collect();
        if own.is_empty() {
            return Ok(());
        }
        for part in own {
            build(runner, client, watch, part)?;
        }
    }
    Ok(())
}

/// Somebody else's index that is not valid is somebody else's business.
fn is_own(part: &Part, catalog: &Catalog) -> bool {
    let table = catalog.tables.get(&part.root);
    table.is_some_and(|table| {
        let (indexes, constraints) = (&table.indexes, &table.constraints);
        indexes.contains_key(&part.root_index) || constraints.contains_key(&part.root_index)
    })
}

fn build(
    runner: &Runner<'_>,
    client: &mut Client,
    watch: &Watch,
    part: &Part,
) -> Result<(), Error> {
    let clause = Clause::CreateIndex {
        index: Ident::new(part.name.as_str()).to_string(),
        relation: part.partition.clone(),
    };
    session::limit_lock_wait(client, "0")?;
    patiently(runner.tell, || {
        match clause.found(client)? {
            Found::Done => return Ok(()),
            Found::Half { then, .. } => watch.during(|| client.batch_execute(&then))?,
            Found::Nothing => {}
        }
        (runner.tell)(Event::Repair(&part.create));
        watch.during(|| client.batch_execute(&part.create))
    })?;
    session::limit_lock_wait(client, &runner.options.lock_timeout)?;
    patiently(runner.tell, || client.batch_execute(&part.attach))
}

fn missing(client: &mut Client) -> Result<Vec<Part>, Error> {
    let rows = client.query(MISSING, &[])?;
    rows.iter().map(part).collect()
}

fn part(row: &Row) -> Result<Part, Error> {
    let (schema, table): (String, String) = (row.try_get(0)?, row.try_get(1)?);
    Ok(Part {
        root: QualifiedName::new(schema, table),
        root_index: Ident::new(row.try_get::<_, String>(2)?),
        name: row.try_get(3)?,
        partition: row.try_get(4)?,
        create: row.try_get(5)?,
        attach: row.try_get(6)?,
    })
}
