//! What a database has, against what the folder has.

use super::clause::Clause;
use super::folder::{Folder, Migration};
use super::ledger::{Row, State};
use super::statements::{Statement, statements};
use super::sum::checksum;
use super::{MigrateError, Problem};

/// Everything in which a ledger contradicts the folder.
pub(super) fn contradictions(folder: &Folder, rows: &[Row]) -> Vec<Problem> {
    if let (Some(theirs), Some(ours)) = (rows.first(), folder.migrations.first())
        && theirs.number == ours.number
        && theirs.name != ours.name
        && theirs.checksum != checksum(folder.text(&ours.file))
    {
        return vec![Problem::OtherProject {
            theirs: theirs.stem(),
            ours: ours.stem(),
        }];
    }
    let mut problems = Vec::new();
    for row in rows {
        match folder.migration(row.number) {
            Some(one) if one.name == row.name => {
                if row.checksum != checksum(folder.text(&one.file)) {
                    problems.push(Problem::AppliedOther(one.file.clone()));
                }
            }
            _ => problems.push(Problem::Future(row.stem())),
        }
    }
    if let Some(last) = rows.last() {
        let skipped = folder
            .migrations
            .iter()
            .filter(|one| one.number < last.number)
            .filter(|one| rows.iter().all(|row| row.number != one.number));
        problems.extend(skipped.map(|one| Problem::Skipped {
            earlier: one.stem(),
            later: last.stem(),
        }));
    }
    problems
}

/// What is still to be applied, each with how far it has come already.
pub(super) fn pending<'f>(
    folder: &'f Folder,
    rows: &[Row],
    to: Option<u32>,
) -> Vec<(&'f Migration, Option<Row>)> {
    folder
        .migrations
        .iter()
        .filter(|one| to.is_none_or(|to| one.number <= to))
        .filter_map(|one| {
            let row = rows.iter().find(|row| row.number == one.number);
            let done = row.is_some_and(|row| row.state == State::Applied);
            (!done).then(|| (one, row.cloned()))
        })
        .collect()
}

/// A file, ready to be run.
#[derive(Debug)]
pub(super) struct Prepared {
    pub file: String,
    pub transactional: bool,
    pub statements: Vec<(Statement, Clause)>,
}

/// Takes files apart, and finds everything that would stop one of them half way.
pub(super) fn prepare<'f>(
    folder: &Folder,
    files: impl Iterator<Item = &'f String>,
) -> Result<Vec<Prepared>, MigrateError> {
    let mut problems = Vec::new();
    let mut prepared = Vec::new();
    for file in files {
        let Some(transactional) = folder.transactional(file) else {
            problems.push(Problem::FirstLine(file.clone()));
            continue;
        };
        let statements: Vec<(Statement, Clause)> = statements(folder.text(file))
            .into_iter()
            .map(|statement| {
                let clause = Clause::of(&statement);
                (statement, clause)
            })
            .collect();
        let control = statements
            .iter()
            .filter(|(_, clause)| *clause == Clause::Control)
            .map(|(statement, _)| Problem::Control {
                file: file.clone(),
                line: statement.line,
            });
        problems.extend(control);
        prepared.push(Prepared {
            file: file.clone(),
            transactional,
            statements,
        });
    }
    if problems.is_empty() {
        Ok(prepared)
    } else {
        Err(MigrateError::Folder(problems))
    }
}
