//! One file is run: as one transaction, or statement by statement.

use std::path::PathBuf;

use postgres::{Client, Error, GenericClient};

use super::clause::{Clause, Found};
use super::folder::Migration;
use super::ledger::{self, Row, State};
use super::order::Prepared;
use super::patience::{is_interrupted, patiently};
use super::run::{Event, Runner};
use super::statements::Statement;
use super::watch::Watch;
use super::{MigrateError, session};
use crate::connect::chain;
use crate::interrupt;

/// Which way a file leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Up,
    Down,
}

/// One file that is run.
pub(super) struct Step<'s> {
    pub runner: &'s Runner<'s>,
    pub watch: &'s Watch,
    pub migration: &'s Migration,
    pub prepared: &'s Prepared,
    pub way: Way,
}

impl Step<'_> {
    /// As one transaction, with the row that says so.
    pub fn whole(&self, client: &mut Client) -> Result<(), MigrateError> {
        let mut at = 0;
        let done = patiently(self.runner.tell, || {
            let done = self.in_transaction(client, &mut at);
            if done.is_err() && !client.is_closed() {
                // Where this fails as well, the server ends the transaction with the session.
                let _ = client.batch_execute("ROLLBACK");
            }
            done
        });
        done.map_err(|error| match self.prepared.statements.get(at) {
            Some((statement, _)) => self.failed(statement, &error),
            None => error.into(),
        })
    }

    /// The first statement goes with the BEGIN, the row of the ledger with the COMMIT: as many questions as there are statements, and
    /// one more. Says which statement it is at.
    fn in_transaction(&self, client: &mut Client, at: &mut usize) -> Result<(), Error> {
        let mut begin = "BEGIN;\n";
        for (position, (statement, _)) in self.prepared.statements.iter().enumerate() {
            *at = position;
            self.watch
                .during(|| client.batch_execute(&[begin, &statement.text].concat()))?;
            begin = "";
        }
        let entry = match self.way {
            Way::Up => ledger::insertion(self.runner.folder, self.migration, State::Applied),
            Way::Down => ledger::deletion(self.migration.number),
        };
        // Deferred constraints are checked now, which can take as long as a statement.
        self.watch
            .during(|| client.batch_execute(&format!("{begin}{entry};\nCOMMIT")))
    }

    /// Statement by statement, with a journal that says how far it has come.
    pub fn by_statement(&self, client: &mut Client, row: Option<&Row>) -> Result<(), MigrateError> {
        let number = self.migration.number;
        if row.is_none() {
            let entry = ledger::insertion(self.runner.folder, self.migration, State::Applying);
            client.batch_execute(&entry)?;
        }
        let (statement, done) = row.map_or((0, true), |row| (row.statement, row.statement_done));
        for (position, (text, clause)) in (1..).zip(&self.prepared.statements) {
            if position < statement || (position == statement && done) {
                continue;
            }
            if interrupt::came() {
                return Err(self.interrupted(text));
            }
            let begun = position == statement;
            let result = match clause {
                Clause::Atomic | Clause::Control => self.atomic(client, position, text),
                _ => self.outside(client, position, text, clause, begun),
            };
            result.map_err(|error| self.failed(text, &error))?;
        }
        match self.way {
            Way::Up => ledger::finish(client, number)?,
            Way::Down => client.batch_execute(&ledger::deletion(number))?,
        }
        Ok(())
    }

    /// In a transaction of its own, with its line in the journal.
    fn atomic(
        &self,
        client: &mut Client,
        position: usize,
        statement: &Statement,
    ) -> Result<(), Error> {
        session::limit_lock_wait(client, &self.runner.options.lock_timeout)?;
        patiently(self.runner.tell, || {
            let mut transaction = client.transaction()?;
            self.watch
                .during(|| transaction.batch_execute(&statement.text))?;
            self.journal(&mut transaction, position, true)?;
            transaction.commit()
        })
    }

    /// Between two lines of the journal. When only the first is there, the catalogs say what came of it.
    fn outside(
        &self,
        client: &mut Client,
        position: usize,
        statement: &Statement,
        clause: &Clause,
        begun: bool,
    ) -> Result<(), Error> {
        let timeout = if clause.waits_patiently() {
            "0"
        } else {
            &self.runner.options.lock_timeout
        };
        session::limit_lock_wait(client, timeout)?;
        if begun {
            if clause.found(client)? == Found::Done {
                return self.journal(client, position, true);
            }
        } else {
            self.journal(client, position, false)?;
        }
        let result = patiently(self.runner.tell, || {
            if let Found::Half { then, done } = clause.found(client)? {
                (self.runner.tell)(Event::Repair(&then));
                self.watch.during(|| client.batch_execute(&then))?;
                if done {
                    return Ok(());
                }
            }
            self.watch.during(|| client.batch_execute(&statement.text))
        });
        if let Err(error) = result {
            // The server has said no, so nothing was done; and an index that was there before is not taken for this one.
            if error.as_db_error().is_some() && !client.is_closed() {
                self.journal(client, position - 1, true)?;
            }
            return Err(error);
        }
        self.journal(client, position, true)
    }

    fn journal(
        &self,
        client: &mut impl GenericClient,
        position: usize,
        done: bool,
    ) -> Result<(), Error> {
        let state = match self.way {
            Way::Up => State::Applying,
            Way::Down => State::Reverting,
        };
        ledger::journal(client, self.migration.number, state, position, done)
    }

    fn interrupted(&self, statement: &Statement) -> MigrateError {
        let next = if self.prepared.transactional {
            "nothing of this file was applied; the next run begins with it"
        } else {
            "what is before it in this file is applied; the next run goes on from here, and does anew what is half done, such as \
             an index that is not valid"
        };
        let (file, line) = (&self.prepared.file, statement.line);
        MigrateError::Interrupted(format!("{file}, line {line}: {next}"))
    }

    fn failed(&self, statement: &Statement, error: &Error) -> MigrateError {
        if is_interrupted(error) {
            return self.interrupted(statement);
        }
        let mut problem = chain(error);
        if let Some(detail) = error.as_db_error().and_then(|error| error.detail()) {
            problem.push_str(" (");
            problem.push_str(detail);
            problem.push(')');
        }
        MigrateError::Statement {
            file: PathBuf::from(&self.prepared.file),
            line: statement.line,
            problem,
            transactional: self.prepared.transactional,
        }
    }
}
