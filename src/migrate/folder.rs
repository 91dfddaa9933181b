//! The folder of migrations, as a sequence.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::format::{NO_TRANSACTION, Role, TRANSACTION};
use super::order::prepare;
use super::sum::{self, Sum};
use super::{Format, MigrateError, Problem};
use crate::project::{MigrationFolder, State};

/// What is in the folder.
#[derive(Debug)]
pub struct Folder {
    pub(super) at: MigrationFolder,
    pub(super) files: BTreeMap<String, String>,
    pub(super) sum: Sum,
    /// For which runner it is.
    pub format: Format,
    /// The migrations in order.
    pub migrations: Vec<Migration>,
}

/// A numbered step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migration {
    /// Its place in the order, from 1.
    pub number: u32,
    /// Its name; the parts of one change have the same.
    pub name: String,
    /// Who wrote it.
    pub kind: Kind,
    /// The file that is run.
    pub file: String,
    /// The file of the way back.
    pub down: Option<String>,
    /// The file of the state after it, which the last part of a change has.
    pub snapshot: Option<String>,
}

/// Who wrote a migration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// This program, from the specs.
    Schema,
    /// Somebody by hand: what happens to rows, no spec says.
    Data,
}

impl Migration {
    /// `0003_add_email`.
    pub fn stem(&self) -> String {
        format!("{:04}_{}", self.number, self.name)
    }
}

impl Folder {
    /// Reads it, and finds everything that is not in order.
    ///
    /// # Errors
    /// [`MigrateError::Folder`] with all that was found.
    pub fn open(out: &Path) -> Result<Self, MigrateError> {
        let folder = Self::read(out)?;
        let problems = folder.problems();
        if problems.is_empty() {
            Ok(folder)
        } else {
            Err(MigrateError::Folder(problems))
        }
    }

    /// Reads it, whatever is in it.
    pub(super) fn read(out: &Path) -> Result<Self, MigrateError> {
        let at = MigrationFolder::of(out);
        let mut files = at.read()?;
        let sum = match files.remove(sum::FILE) {
            Some(text) => Sum::parse(&text)
                .map_err(|line| MigrateError::Folder(vec![Problem::Sum { line }]))?,
            None => Sum::default(),
        };
        let format = sum.format.unwrap_or_default();
        files.retain(|name, _| format.read(name).is_some() || name.starts_with("snapshots/"));
        let migrations = migrations(&files, format);
        Ok(Self {
            at,
            files,
            sum,
            format,
            migrations,
        })
    }

    /// Everything that is not in order.
    pub(super) fn problems(&self) -> Vec<Problem> {
        if self.sum.conflict {
            return vec![Problem::Conflict {
                twice: self.twice(),
            }];
        }
        let twice: Vec<Problem> = self
            .twice()
            .into_iter()
            .map(|(number, names)| Problem::Twice { number, names })
            .collect();
        if !twice.is_empty() {
            return twice;
        }
        let mut problems = self.gaps();
        for (position, line) in self.sum.lines.iter().enumerate() {
            match self.files.get(&line.name) {
                None => problems.push(Problem::Missing(line.name.clone())),
                // Large, and read only where a plan begins with it.
                Some(_) if line.name.starts_with("snapshots/") => {}
                Some(text) if !self.sum.holds(position, text) => {
                    problems.push(Problem::Edited(line.name.clone()));
                }
                Some(_) => {}
            }
        }
        let listed: BTreeSet<&str> = self
            .sum
            .lines
            .iter()
            .map(|line| line.name.as_str())
            .collect();
        let unlisted = self
            .files
            .keys()
            .filter(|name| !listed.contains(name.as_str()));
        problems.extend(unlisted.cloned().map(Problem::Unlisted));
        problems
    }

    pub(super) fn twice(&self) -> Vec<(u32, Vec<String>)> {
        let mut names: BTreeMap<u32, Vec<String>> = BTreeMap::new();
        for migration in &self.migrations {
            names
                .entry(migration.number)
                .or_default()
                .push(migration.name.clone());
        }
        names.retain(|_, names| names.len() > 1);
        names.into_iter().collect()
    }

    pub(super) fn gaps(&self) -> Vec<Problem> {
        let numbers: BTreeSet<u32> = self.migrations.iter().map(|one| one.number).collect();
        // Who numbers by dates leaves millions out: each gap is one problem.
        let mut gaps = Vec::new();
        let mut first = 1;
        for number in numbers {
            if number > first {
                let last = number - 1;
                gaps.push(Problem::Gap { first, last });
            }
            first = number.saturating_add(1);
        }
        gaps
    }

    /// Takes every migration and every way back apart, as a run does before it begins.
    ///
    /// # Errors
    /// [`MigrateError::Folder`] with everything that would stop one of them half way.
    pub fn check_statements(&self) -> Result<(), MigrateError> {
        let ways = self.migrations.iter();
        let files = ways.flat_map(|one| std::iter::once(&one.file).chain(&one.down));
        prepare(self, files).map(|_| ())
    }

    /// Reads all snapshots, and finds those that were edited.
    ///
    /// # Errors
    /// [`MigrateError::Folder`] with all that was found.
    pub fn check_snapshots(&self) -> Result<(), MigrateError> {
        let mut problems = Vec::new();
        for (position, line) in self.sum.lines.iter().enumerate() {
            if line.name.starts_with("snapshots/")
                && !self.sum.holds(position, &self.at.text(&line.name)?)
            {
                problems.push(Problem::Edited(line.name.clone()));
            }
        }
        if problems.is_empty() {
            Ok(())
        } else {
            Err(MigrateError::Folder(problems))
        }
    }

    /// The text of one of its files.
    pub(super) fn text(&self, file: &str) -> &str {
        self.files.get(file).map_or("", String::as_str)
    }

    /// The number of the next migration.
    pub(super) fn next(&self) -> u32 {
        self.migrations.last().map_or(0, |last| last.number) + 1
    }

    /// Where its files are.
    pub fn path(&self) -> &Path {
        self.at.path()
    }

    /// The migration of a number.
    pub(super) fn migration(&self, number: u32) -> Option<&Migration> {
        self.migrations.iter().find(|one| one.number == number)
    }

    /// The state after the last migration; `None` before the first that was written from specs.
    pub fn state(&self) -> Result<Option<State>, MigrateError> {
        self.state_after(self.next())
    }

    /// The state after a migration, where no part of a change is missing there; data steps change none.
    pub(super) fn state_after(&self, number: u32) -> Result<Option<State>, MigrateError> {
        let last = self
            .migrations
            .iter()
            .rev()
            .find(|one| one.number <= number && one.kind == Kind::Schema);
        let Some(snapshot) = last.and_then(|last| last.snapshot.as_ref()) else {
            return Ok(None);
        };
        let text = self.at.text(snapshot)?;
        let position = self
            .sum
            .lines
            .iter()
            .position(|line| line.name == *snapshot);
        if position.is_none_or(|position| !self.sum.holds(position, &text)) {
            return Err(MigrateError::Folder(vec![Problem::Edited(
                snapshot.clone(),
            )]));
        }
        Ok(Some(self.at.state(snapshot)?))
    }

    /// Whether a file is run as one transaction; `None` where its first line does not say.
    pub(super) fn transactional(&self, file: &str) -> Option<bool> {
        let text = self.text(file);
        if text.starts_with(TRANSACTION) {
            Some(true)
        } else if text.starts_with(NO_TRANSACTION) {
            Some(false)
        } else {
            None
        }
    }

    /// Refuses a folder that another runner's files are in.
    pub(super) fn own(&self) -> Result<(), MigrateError> {
        if self.format == Format::Specql {
            Ok(())
        } else {
            Err(MigrateError::OtherRunner(self.format.name()))
        }
    }
}

fn migrations(files: &BTreeMap<String, String>, format: Format) -> Vec<Migration> {
    let named: Vec<_> = files
        .keys()
        .filter_map(|file| Some((file, format.read(file)?)))
        .collect();
    let mut migrations: Vec<Migration> = named
        .iter()
        .filter_map(|(file, one)| {
            let Role::Up(kind) = one.role else {
                return None;
            };
            let down = named.iter().find(|(_, other)| {
                other.role == Role::Down && other.number == one.number && other.name == one.name
            });
            let snapshot = format!("snapshots/{:04}_{}.json", one.number, one.name);
            Some(Migration {
                number: one.number,
                name: one.name.clone(),
                kind,
                file: (*file).clone(),
                down: down.map(|(file, _)| (*file).clone()),
                snapshot: files.contains_key(&snapshot).then_some(snapshot),
            })
        })
        .collect();
    migrations.sort_by(|a, b| (a.number, &a.name).cmp(&(b.number, &b.name)));
    migrations
}
