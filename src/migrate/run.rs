//! Files are run, once, whatever stopped the run before.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use postgres::Client;

use super::folder::{Folder, Migration};
use super::ledger::{self, Row, State};
use super::order::{self, Prepared};
use super::patience::is_interrupted;
use super::step::{Step, Way};
use super::text::{hazards, is_live};
use super::watch::{Blocker, Building, Connect, Watch, watching};
use super::{Kind, MigrateError, Problem, drift, parts, session};
use crate::interrupt;
use crate::plan::HazardKind;

/// How things are run.
#[derive(Debug, Clone)]
pub struct Options {
    /// Up to this migration, or back to it.
    pub to: Option<u32>,
    /// Wait for another run to end.
    pub wait: bool,
    /// Go on though the database is not what the migrations made it.
    pub allow_drift: bool,
    /// Hazards of the way back that are taken into account.
    pub allow: Vec<HazardKind>,
    /// How long a statement outside of a transaction waits for a lock.
    pub lock_timeout: String,
}

/// What happens meanwhile.
#[derive(Debug)]
pub enum Event<'a> {
    /// Another run is waited for.
    OtherRunner,
    /// A migration is begun, or gone on with.
    Begin {
        /// Its file.
        file: &'a str,
        /// Whether it was begun by an earlier run.
        again: bool,
    },
    /// A migration is done, or undone.
    End {
        /// Its file.
        file: &'a str,
        /// How long it took.
        time: Duration,
    },
    /// Something half done is cleared away or finished first.
    Repair(&'a str),
    /// A lock could not be had.
    Retry {
        /// What the server said.
        problem: &'a str,
        /// When it is tried again.
        pause: Duration,
    },
    /// Others are waited for.
    Blocked(&'a [Blocker]),
    /// An index is being built.
    Building(&'a Building),
}

/// Applies migrations to a database, and takes them back.
pub struct Runner<'a> {
    /// The migrations.
    pub folder: &'a Folder,
    /// How.
    pub options: &'a Options,
    /// Opens a connection to the database.
    pub connect: &'a Connect<'a>,
    /// Is told what happens.
    pub tell: &'a (dyn Fn(Event<'_>) + Sync),
}

impl Runner<'_> {
    /// Applies what is pending. Gives the files that were run.
    ///
    /// # Errors
    /// See [`MigrateError`].
    pub fn apply(&self) -> Result<Vec<String>, MigrateError> {
        self.folder.own()?;
        self.check_target()?;
        self.locked(|client, watch| {
            ledger::ensure(client)?;
            let rows = ledger::read(client)?;
            let pending = self.pending(&rows)?;
            let prepared = order::prepare(
                self.folder,
                pending.iter().map(|(migration, _)| &migration.file),
            )?;
            if !pending.is_empty() {
                self.check_drift(client, &rows, &pending)?;
            }
            for ((migration, row), prepared) in pending.iter().zip(&prepared) {
                self.run(client, watch, migration, row.as_ref(), prepared, Way::Up)?;
            }
            if let Some(last) = ledger::read(client)?.last() {
                parts::complete(self, client, watch, last.number)?;
            }
            Ok(prepared.into_iter().map(|one| one.file).collect())
        })
    }

    /// What `apply` would run.
    ///
    /// # Errors
    /// See [`MigrateError`].
    pub fn dry_run(&self) -> Result<Vec<String>, MigrateError> {
        self.folder.own()?;
        self.check_target()?;
        let mut client = (self.connect)()?;
        let rows = ledger::read(&mut client)?;
        let pending = self.pending(&rows)?;
        if !pending.is_empty() {
            self.check_drift(&mut client, &rows, &pending)?;
        }
        let files = pending.iter().map(|(migration, _)| &migration.file);
        let prepared = order::prepare(self.folder, files)?;
        Ok(prepared.into_iter().map(|one| one.file).collect())
    }

    /// Takes back the last change, or all after a migration. Gives the files that were run.
    ///
    /// # Errors
    /// See [`MigrateError`].
    pub fn down(&self) -> Result<Vec<String>, MigrateError> {
        self.folder.own()?;
        self.locked(|client, watch| {
            let rows = ledger::read(client)?;
            let mut problems = order::contradictions(self.folder, &rows);
            let applying = rows.iter().filter(|row| row.state == State::Applying);
            problems.extend(applying.map(|row| Problem::Applying(row.stem())));
            if !problems.is_empty() {
                return Err(MigrateError::Ledger(problems));
            }
            let Some(to) = self.back_to(&rows)? else {
                return Ok(Vec::new());
            };
            let migrations = self.folder.migrations.iter().rev();
            let back: Vec<&Migration> = migrations
                .filter(|one| one.number > to && rows.iter().any(|row| row.number == one.number))
                .collect();
            self.check_way_back(&back)?;
            let files = back.iter().filter_map(|one| one.down.as_ref());
            let prepared = order::prepare(self.folder, files)?;
            ledger::revert(client, to)?;
            let rows = ledger::read(client)?;
            for (migration, prepared) in back.into_iter().zip(&prepared) {
                let row = rows.iter().find(|row| row.number == migration.number);
                self.run(client, watch, migration, row, prepared, Way::Down)?;
            }
            parts::complete(self, client, watch, to)?;
            Ok(prepared.into_iter().map(|one| one.file).collect())
        })
    }

    /// With the lock of the runner, and somebody who looks on.
    fn locked<T>(
        &self,
        work: impl FnOnce(&mut Client, &Watch) -> Result<T, MigrateError>,
    ) -> Result<T, MigrateError> {
        let mut client = (self.connect)()?;
        // Where a signal cannot be noted it ends this process, and the next run goes on.
        let _ = interrupt::note();
        session::begin(&mut client, self.options.wait, &|event| (self.tell)(event))?;
        let pid: i32 = client
            .query_one("SELECT pg_catalog.pg_backend_pid()", &[])?
            .try_get(0)?;
        let result = watching(pid, self.connect, self.tell, |watch| {
            work(&mut client, watch)
        });
        match result {
            Ok(done) => {
                session::end(&mut client)?;
                Ok(done)
            }
            Err(MigrateError::Postgres(error)) if is_interrupted(&error) => Err(
                MigrateError::Interrupted("the next run goes on from here".to_owned()),
            ),
            Err(error) => Err(error),
        }
    }

    fn check_target(&self) -> Result<(), MigrateError> {
        match self.options.to {
            Some(to) if self.folder.migration(to).is_none() => {
                Err(MigrateError::Unknown(format!("{to:04}")))
            }
            _ => Ok(()),
        }
    }

    fn pending<'s>(
        &'s self,
        rows: &[Row],
    ) -> Result<Vec<(&'s Migration, Option<Row>)>, MigrateError> {
        let mut problems = order::contradictions(self.folder, rows);
        let reverting = rows.iter().filter(|row| row.state == State::Reverting);
        problems.extend(reverting.map(|row| Problem::Reverting(row.stem())));
        if !problems.is_empty() {
            return Err(MigrateError::Ledger(problems));
        }
        Ok(order::pending(self.folder, rows, self.options.to))
    }

    /// Only where the state is known: between the parts of a change nobody has described it. What was written against the
    /// database begins with what was changed by hand.
    fn check_drift(
        &self,
        client: &mut Client,
        rows: &[Row],
        pending: &[(&Migration, Option<Row>)],
    ) -> Result<(), MigrateError> {
        let next = pending.first();
        if next.is_some_and(|(next, _)| is_live(self.folder.text(&next.file))) {
            return Ok(());
        }
        let last = rows.last().filter(|row| row.state == State::Applied);
        let (Some(last), false) = (last, self.options.allow_drift) else {
            return Ok(());
        };
        let Some(state) = self.folder.state_after(last.number)? else {
            return Ok(());
        };
        let differences = drift(client, state)?;
        if differences.is_empty() {
            return Ok(());
        }
        Err(MigrateError::Drift {
            stem: last.stem(),
            differences,
        })
    }

    /// The number after which all is taken back: whole changes, for between their parts there is no way back. A way back that
    /// was begun is gone to its end.
    fn back_to(&self, rows: &[Row]) -> Result<Option<u32>, MigrateError> {
        let Some(last) = rows.last() else {
            return Ok(None);
        };
        let no_way = |number: u32, why| {
            let stem = self.folder.migration(number).map(Migration::stem);
            Err(MigrateError::NoWayBack {
                stem: stem.unwrap_or_default(),
                why,
            })
        };
        let begun = rows.iter().find(|row| row.state == State::Reverting);
        if begun.is_none() && !self.is_end(last.number) {
            return no_way(
                last.number,
                "a part of this change is not applied yet; apply it first",
            );
        }
        let to = match (self.options.to, begun) {
            (Some(to), begun) => to.min(begun.map_or(to, |row| row.number - 1)),
            (None, Some(row)) => row.number - 1,
            (None, None) => self.before(last.number),
        };
        if to > 0 && self.folder.migration(to).is_none() {
            return Err(MigrateError::Unknown(format!("{to:04}")));
        }
        if to > 0 && !self.is_end(to) {
            return no_way(
                to,
                "it is a part of a change, and only whole changes are taken back",
            );
        }
        Ok(Some(to))
    }

    /// Whether a migration is all of a change, or its last part.
    fn is_end(&self, number: u32) -> bool {
        self.folder
            .migration(number)
            .is_none_or(|one| one.kind == Kind::Data || one.snapshot.is_some())
    }

    /// The number before the first part of the change that a number belongs to.
    fn before(&self, number: u32) -> u32 {
        let name = |one: &Migration| (one.name.clone(), one.kind);
        let wanted = self.folder.migration(number).map(name);
        let mut migrations = self.folder.migrations.iter();
        let first = migrations.find(|one| Some(name(one)) == wanted);
        first.map_or(0, |one| one.number - 1)
    }

    /// Refuses what cannot be taken back, or not without a loss that nobody has agreed to.
    fn check_way_back(&self, back: &[&Migration]) -> Result<(), MigrateError> {
        let mut refused: BTreeSet<&str> = BTreeSet::new();
        for one in back {
            let Some(down) = &one.down else {
                return Err(MigrateError::NoWayBack {
                    stem: one.stem(),
                    why: "it was written by hand without a .down.sql",
                });
            };
            let allowed = |name: &str| self.options.allow.iter().any(|kind| kind.name() == name);
            let found = hazards(self.folder.text(down)).into_iter();
            refused.extend(found.filter(|name| !allowed(name)));
        }
        match back.first() {
            Some(one) if !refused.is_empty() => Err(MigrateError::Hazards {
                stem: one.stem(),
                hazards: refused.into_iter().collect::<Vec<_>>().join(","),
            }),
            _ => Ok(()),
        }
    }

    fn run(
        &self,
        client: &mut Client,
        watch: &Watch,
        migration: &Migration,
        row: Option<&Row>,
        prepared: &Prepared,
        way: Way,
    ) -> Result<(), MigrateError> {
        if interrupt::came() {
            let file = &prepared.file;
            return Err(MigrateError::Interrupted(format!(
                "{file} was not begun; the next run begins with it"
            )));
        }
        let begun = Instant::now();
        (self.tell)(Event::Begin {
            file: &prepared.file,
            again: row.is_some_and(|row| row.state == State::Applying || row.statement > 0),
        });
        let step = Step {
            runner: self,
            watch,
            migration,
            prepared,
            way,
        };
        if prepared.transactional {
            step.whole(client)?;
        } else {
            step.by_statement(client, row)?;
        }
        (self.tell)(Event::End {
            file: &prepared.file,
            time: begun.elapsed(),
        });
        Ok(())
    }
}
