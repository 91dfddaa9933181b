//! A new migration: from the state after the last one to what the specs say, without a database.

use std::collections::{BTreeMap, BTreeSet};

use super::drift::unchanged;
use super::folder::Folder;
use super::format::{Body, Pair, TRANSACTION};
use super::split::{contract_only, expand_only};
use super::sum::{self, Sum};
use super::text::{Way, bodies, empty, written_against};
use super::{Format, Live, MigrateError};
use crate::catalog::Catalog;
use crate::changeset::{self, Changeset, Located, Prune, Request};
use crate::plan::{HazardKind, Situation};
use crate::project::{MigrationFolder, State};

/// What is asked for.
#[derive(Debug)]
pub struct Wanted<'a> {
    /// Its name.
    pub name: &'a str,
    /// The state to arrive at.
    pub state: State,
    /// Which part of the way.
    pub part: Part,
    /// Hazards that are taken into account.
    pub allow: BTreeSet<HazardKind>,
    /// How long a transaction waits for a lock, as the server reads it.
    pub lock_timeout: &'a str,
    /// For which runner; `None` is that of the folder.
    pub format: Option<Format>,
    /// The database to begin at, instead of the state after the last migration.
    pub live: Option<Live>,
}

/// Which part of the way to what is wanted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Part {
    /// All of it.
    #[default]
    All,
    /// What old code does not notice.
    Expand,
    /// What is left after that.
    Contract,
}

/// What came of it.
#[derive(Debug)]
pub enum Made {
    /// Nothing differs.
    Nothing,
    /// There are hazards that were not allowed; nothing was written.
    Refused(Changeset),
    /// Files were written.
    Files {
        /// Their names, in order.
        files: Vec<String>,
        /// What they do.
        changeset: Changeset,
        /// What the way back cannot restore.
        no_way_back: Vec<String>,
    },
}

/// Writes the files of a new migration.
///
/// # Errors
/// See [`MigrateError`]; nothing was written then.
pub fn new(folder: &Folder, wanted: Wanted<'_>) -> Result<Made, MigrateError> {
    check_name(folder, wanted.name)?;
    let format = format(folder, wanted.format)?;
    let next = folder.next();
    made(folder, wanted, format, next, &folder.sum, &[])
}

/// The same at a number, in the place of files that go.
pub(super) fn made(
    folder: &Folder,
    wanted: Wanted<'_>,
    format: Format,
    number: u32,
    sum: &Sum,
    removed: &[String],
) -> Result<Made, MigrateError> {
    let Wanted {
        name,
        mut state,
        part,
        allow,
        lock_timeout,
        format: _,
        live,
    } = wanted;
    let before = folder.state_after(number.saturating_sub(1))?;
    let before = before.map(|state| state.catalog).unwrap_or_default();
    let situation = Situation::unknown(state.postgres);
    match part {
        Part::All => {}
        Part::Expand => state.catalog = expand_only(&before, &state.catalog, &situation)?,
        Part::Contract => contract_only(&before, &state.catalog, &situation)?,
    }
    let route = Route {
        before: &before,
        state: &state,
        live: live.as_ref(),
        situation,
        format,
    };
    let changes = route.up(&allow)?;
    if changes.is_empty() {
        return Ok(Made::Nothing);
    }
    if changes.refused {
        return Ok(Made::Refused(changes));
    }
    if changes.changes.is_empty() {
        return Err(MigrateError::NoStatement(unchanged(&changes).collect()));
    }
    let back = route.back()?;
    let ups = route.bodies(&changes, lock_timeout);
    let downs = bodies(&back, Way::Down, format, lock_timeout);
    let pairs = pairs(name, number, ups, downs);
    let last = pairs.last().map_or(number, |pair| pair.number);
    let mut files: Vec<(String, String)> =
        pairs.iter().flat_map(|pair| format.files(pair)).collect();
    files.push(MigrationFolder::snapshot(
        &format!("{last:04}_{name}"),
        &state,
    )?);
    let mut sum = Sum {
        format: Some(format),
        ..sum.clone()
    };
    for (name, text) in &files {
        sum.push(name, text);
    }
    let names = files.iter().map(|(name, _)| name.clone()).collect();
    let files: BTreeMap<String, String> = files.into_iter().collect();
    folder.at.write(&files, removed, (sum::FILE, &sum.text()))?;
    Ok(Made::Files {
        files: names,
        changeset: changes,
        no_way_back: back
            .unchanged
            .into_iter()
            .map(|unchanged| unchanged.object)
            .collect(),
    })
}

/// Where a migration begins and ends.
struct Route<'r> {
    before: &'r Catalog,
    state: &'r State,
    live: Option<&'r Live>,
    situation: Situation,
    format: Format,
}

impl Route<'_> {
    fn up(&self, allow: &BTreeSet<HazardKind>) -> Result<Changeset, MigrateError> {
        let Some(live) = self.live else {
            return self.changes(self.before, &self.state.catalog, Prune::All, allow);
        };
        // What others have put there is theirs.
        let own = Prune::Of(self.before);
        Ok(Changeset {
            not_compared: live.not_compared.clone(),
            ..self.changes(&live.catalog, &live.wanted, own, allow)?
        })
    }

    /// It leads to where the last migration ends, also from what was mended. Its hazards are asked about when it is gone.
    fn back(&self) -> Result<Changeset, MigrateError> {
        let all = HazardKind::ALL.into_iter().collect();
        self.changes(&self.state.catalog, self.before, Prune::All, &all)
    }

    /// Everything that differs. The schema of this program stays where the ledger is in it.
    fn changes(
        &self,
        from: &Catalog,
        to: &Catalog,
        prune: Prune<'_>,
        allow: &BTreeSet<HazardKind>,
    ) -> Result<Changeset, MigrateError> {
        let request = Request {
            from,
            to,
            situation: &self.situation,
            prune,
            schemas: &BTreeSet::new(),
            allow,
        };
        let mut changeset = changeset::changeset(&request, &mut Located::nowhere())?;
        changeset.changes.retain(|change| {
            self.format != Format::Specql
                || (change.action, change.kind, change.name.as_str())
                    != ("drop", "schema", "specql")
        });
        Ok(changeset)
    }

    fn bodies(&self, changes: &Changeset, lock_timeout: &str) -> Vec<Body> {
        let mut bodies = bodies(changes, Way::Up, self.format, lock_timeout);
        if let Some(live) = self.live {
            let line = written_against(&live.database);
            for body in &mut bodies {
                body.header.insert_str(0, &line);
            }
        }
        bodies
    }
}

/// A number for each file of the longer way. The last number's way back is gone first.
fn pairs(name: &str, first: u32, ups: Vec<Body>, downs: Vec<Body>) -> Vec<Pair> {
    let count = ups.len().max(downs.len());
    let mut ups = ups.into_iter();
    let missing = count - downs.len();
    let mut downs = std::iter::repeat_n(empty(Way::Down), missing).chain(downs.into_iter().rev());
    (first..)
        .zip(1..=count)
        .map(|(number, part)| {
            let mut up = ups.next().unwrap_or_else(|| empty(Way::Up));
            let mut down = downs.next().unwrap_or_else(|| empty(Way::Down));
            let of = if count > 1 {
                format!(", part {part} of {count}")
            } else {
                String::new()
            };
            up.header = format!("-- {number:04} {name}{of}\n{}", up.header);
            down.header = format!("-- Back from {number:04} {name}{of}\n{}", down.header);
            Pair {
                number,
                name: name.to_owned(),
                up,
                down,
            }
        })
        .collect()
}

/// Writes the file of a step by hand, for its author to fill.
///
/// # Errors
/// See [`MigrateError`]; nothing was written then.
pub fn new_data(
    folder: &Folder,
    name: &str,
    wanted: Option<Format>,
) -> Result<String, MigrateError> {
    check_name(folder, name)?;
    let format = format(folder, wanted)?;
    let number = folder.next();
    let file = format.data_file(number, name);
    let mark = match format {
        Format::Specql => TRANSACTION,
        Format::Dbmate => "-- migrate:up\n",
        Format::Goose => "-- +goose Up\n",
        Format::Flyway | Format::Sqlx | Format::GolangMigrate | Format::Refinery => "",
    };
    let text = format!(
        "{mark}-- {number:04} {name}: a step by hand\n\
         -- Write its statements here, and then run: specqlc migrate seal {file}\n"
    );
    let mut sum = Sum {
        format: Some(format),
        ..folder.sum.clone()
    };
    sum.push(&file, &text);
    let files = BTreeMap::from([(file.clone(), text)]);
    folder.at.write(&files, &[], (sum::FILE, &sum.text()))?;
    Ok(file)
}

fn format(folder: &Folder, wanted: Option<Format>) -> Result<Format, MigrateError> {
    match (folder.sum.format, wanted) {
        (Some(format), Some(wanted)) if format != wanted => {
            Err(MigrateError::Format(format.name()))
        }
        (Some(format), _) => Ok(format),
        (None, wanted) => Ok(wanted.unwrap_or_default()),
    }
}

fn check_name(folder: &Folder, name: &str) -> Result<(), MigrateError> {
    let good = name.len() <= 60
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        // Flyway and refinery part a number from a name by it.
        && !name.contains("__");
    if !good {
        return Err(MigrateError::Name(name.to_owned()));
    }
    if folder.migrations.iter().any(|one| one.name == name) {
        return Err(MigrateError::NameTaken(name.to_owned()));
    }
    Ok(())
}
