//! What migrations came to, and what happens while they are applied.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use super::super::diff::notes;
use super::super::output::{GOOD, data, message};
use super::super::{CliError, Global, Verdict};
use super::progress::Progress;
use crate::changeset;
use crate::migrate::{Blocker, Building, Event, Made, Status};

/// The files that were written, to stdout; what they do, to stderr.
pub(super) fn made(made: &Made, folder: &Path, global: &Global) -> Result<Verdict, CliError> {
    match made {
        Made::Nothing => {
            if !global.quiet {
                message(&format!("{GOOD}nothing differs{GOOD:#}"));
            }
            Ok(Verdict::Done)
        }
        Made::Refused(changes) => {
            message(changeset::text(changes).trim_end());
            Ok(Verdict::Differs)
        }
        Made::Files {
            files,
            changeset: changes,
            no_way_back,
        } => {
            if !global.quiet {
                message(changeset::text(changes).trim_end());
                notes(changes, global);
                for object in no_way_back {
                    message(&format!(
                        "no way back: {object} stays as it is on the way down"
                    ));
                }
            }
            for file in files {
                data(&format!("{}\n", folder.join(file).display()))?;
            }
            Ok(Verdict::Done)
        }
    }
}

/// Each migration in a line.
pub(super) fn status(status: &Status) -> String {
    let width = status
        .migrations
        .iter()
        .map(|entry| entry.name.chars().count())
        .max()
        .unwrap_or(0);
    let mut text = String::new();
    for entry in &status.migrations {
        let (number, name, standing) = (entry.number, &entry.name, entry.standing.name());
        let when = match (&entry.finished, entry.statement) {
            (Some(finished), _) => format!("  {finished}"),
            (None, Some(statement)) => format!("  at statement {statement}"),
            (None, None) => String::new(),
        };
        let by = entry.applied_by.as_ref().map(|role| format!(" by {role}"));
        let by = by.unwrap_or_default();
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{number:04}  {name:width$}  {standing}{when}{by}");
    }
    text
}

/// Tells people what happens, on stderr.
pub(super) struct Teller {
    quiet: bool,
    progress: Progress,
}

impl Teller {
    pub(super) fn new(quiet: bool) -> Self {
        Self {
            quiet,
            progress: Progress::new(),
        }
    }

    pub(super) fn tell(&self, event: &Event<'_>) {
        if self.quiet {
            return;
        }
        let message = |text: &str| self.progress.message(text);
        match event {
            Event::OtherRunner => message("another run is at work; waiting for it to end"),
            Event::Begin { file, again: true } => message(&format!("going on with {file}")),
            Event::Begin { again: false, .. } => {}
            Event::End { file, time } => {
                self.progress.clear();
                message(&format!("{GOOD}done{GOOD:#} {file} in {}", seconds(*time)));
            }
            Event::Repair(statement) => message(&format!("first: {statement}")),
            Event::Retry { problem, pause } => {
                message(&format!("{problem}; again in {}", seconds(*pause)));
            }
            Event::Blocked(blockers) => {
                for blocker in *blockers {
                    message(&waits_for(blocker));
                }
            }
            Event::Building(Building {
                index,
                phase,
                done,
                total,
            }) => self
                .progress
                .show(&format!("{index}: {phase}"), *done, *total),
        }
    }

    /// What a statement says of its progress.
    pub(super) fn listen(&self, said: &str) {
        if !self.quiet {
            self.progress.say(said);
        }
    }
}

impl Drop for Teller {
    fn drop(&mut self) {
        self.progress.clear();
    }
}

fn waits_for(blocker: &Blocker) -> String {
    let Blocker {
        pid,
        application,
        state,
        seconds,
        query,
    } = blocker;
    let mut text = format!("waiting for process {pid}");
    if !application.is_empty() {
        let _ = write!(text, " ({application})");
    }
    if !state.is_empty() {
        let _ = write!(text, ", {state}");
    }
    if let Some(seconds) = seconds {
        let _ = write!(text, " since {seconds:.0} s");
    }
    if !query.is_empty() {
        let _ = write!(text, ": {query}");
    }
    text
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}
