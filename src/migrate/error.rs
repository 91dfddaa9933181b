//! Why nothing was written or run.

use std::fmt::Write as _;
use std::path::PathBuf;

use crate::changeset::ChangesetError;
use crate::connect::{ConnectError, chain};
use crate::introspect::IntrospectError;
use crate::project::ProjectError;
use crate::reconcile::ReconcileError;
use crate::shadow::ShadowError;

/// Why a command on migrations did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// Something in the folder is not in order; nothing was done.
    #[error("the migrations are not in order, so nothing was done{}", list(.0))]
    Folder(Vec<Problem>),
    /// The ledger and the folder contradict each other; nothing was done.
    #[error("this database and the migrations contradict each other, so nothing was done{}", list(.0))]
    Ledger(Vec<Problem>),
    /// Somebody else is at it.
    #[error("another run is applying migrations to this database")]
    Busy,
    /// A name that a file cannot have everywhere.
    #[error(
        "`{0}` is no name for a migration: use a-z, 0-9 and _, beginning with a letter, 60 at most"
    )]
    Name(String),
    /// There is one of that name.
    #[error(
        "there is a migration `{0}` already; the parts of one change share a name, so another needs another"
    )]
    NameTaken(String),
    /// There is none of that name or number.
    #[error("there is no migration {0}")]
    Unknown(String),
    /// The folder has files of another format.
    #[error("this folder has files for {0}: a folder has one format")]
    Format(&'static str),
    /// Another runner applies these.
    #[error(
        "the files of this folder are for {0}, which applies them; `specqlc migrate` does so for the format specql"
    )]
    OtherRunner(&'static str),
    /// What was to be split cannot be.
    #[error("{problem}{}", lines(objects))]
    Split {
        /// Why.
        problem: &'static str,
        /// What stands in the way.
        objects: Vec<String>,
    },
    /// The database is not what the migrations made it.
    #[error(
        "this database was changed by hand: it is not in the state after {stem}, so nothing was done{}\nadopt the changes into the specs, take them back, or go on with --allow-drift",
        lines(differences)
    )]
    Drift {
        /// After which migration.
        stem: String,
        /// What would lead back.
        differences: Vec<String>,
    },
    /// The database is not in the state that it is to be taken for.
    #[error("this database is not in the state after {stem}{}", lines(differences))]
    NoBaseline {
        /// After which migration.
        stem: String,
        /// What would lead there.
        differences: Vec<String>,
    },
    /// The ledger has rows already.
    #[error("this database has a ledger of migrations already")]
    HasLedger,
    /// There is no state to compare with.
    #[error(
        "there is no snapshot of the state after {0}: name the last part of a change with --to"
    )]
    NoSnapshot(String),
    /// There is no migration yet that a database could have gone away from.
    #[error(
        "there is no migration yet: write the first one without --live, and let a database that was there before have it by `specqlc migrate baseline`"
    )]
    NothingBefore,
    /// What differs no statement changes.
    #[error("no statement of this program changes what differs{}", lines(.0))]
    NoStatement(Vec<String>),
    /// The database has not all migrations.
    #[error("this database has not all migrations; apply them first with `specqlc migrate apply`{}", lines(.0))]
    Pending(Vec<String>),
    /// There is no way back from here.
    #[error("there is no way back from {stem}: {why}")]
    NoWayBack {
        /// Which migration.
        stem: String,
        /// Why.
        why: &'static str,
    },
    /// The way back has hazards.
    #[error("the way back from {stem} has hazards; allow them with --allow {hazards}")]
    Hazards {
        /// Which migration.
        stem: String,
        /// Which hazards, with commas.
        hazards: String,
    },
    /// A statement failed.
    #[error("{}, line {line}: {problem}{}", file.display(), after(*transactional))]
    Statement {
        /// In which file.
        file: PathBuf,
        /// In which line the statement begins.
        line: usize,
        /// What the server says.
        problem: String,
        /// Whether all of the file was taken back.
        transactional: bool,
    },
    /// The user has had enough; and what the next run does.
    #[error("interrupted: {0}")]
    Interrupted(String),
    /// The server refused, or is gone.
    #[error("{}", chain(.0))]
    Postgres(#[from] postgres::Error),
    /// See [`ProjectError`].
    #[error(transparent)]
    Project(#[from] ProjectError),
    /// See [`ChangesetError`].
    #[error(transparent)]
    Changeset(#[from] ChangesetError),
    /// See [`ConnectError`].
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// See [`IntrospectError`].
    #[error(transparent)]
    Introspect(#[from] IntrospectError),
    /// See [`ReconcileError`].
    #[error(transparent)]
    Reconcile(#[from] ReconcileError),
    /// See [`ShadowError`].
    #[error(transparent)]
    Shadow(#[from] ShadowError),
}

/// Something that is not in order.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// `specql.sum` is none.
    #[error("line {line} of specql.sum cannot be read; restore the file from version control")]
    Sum {
        /// Which line.
        line: usize,
    },
    /// Version control could not merge.
    #[error("specql.sum has a merge conflict{}", conflict(twice))]
    Conflict {
        /// The numbers that were taken twice.
        twice: Vec<(u32, Vec<String>)>,
    },
    /// Two branches took a number.
    #[error("number {number:04} was taken twice, by {}; {}", names.join(" and "), rebase(names))]
    Twice {
        /// Which number.
        number: u32,
        /// By which names.
        names: Vec<String>,
    },
    /// A number is missing, or several in a row.
    #[error("there is no migration {}, though later ones are there", numbers(*first, *last))]
    Gap {
        /// The first that is missing.
        first: u32,
        /// The last.
        last: u32,
    },
    /// A file is gone.
    #[error("{0} is in specql.sum and not in the folder; restore it from version control")]
    Missing(String),
    /// A file is another.
    #[error(
        "{0} is not what specql.sum says: it was edited, or a line before it was taken out; restore it, or accept it with `specqlc migrate seal {0}`"
    )]
    Edited(String),
    /// A file is new.
    #[error("{0} is not in specql.sum; accept it with `specqlc migrate seal {0}`, or remove it")]
    Unlisted(String),
    /// A file does not say how it is run.
    #[error(
        "the first line of {0} is neither `-- specql:transaction` nor `-- specql:no-transaction`"
    )]
    FirstLine(String),
    /// A file begins or ends transactions itself.
    #[error(
        "{file}, line {line}: a migration does not begin or end transactions; its first line says how it runs"
    )]
    Control {
        /// Which file.
        file: String,
        /// Which line.
        line: usize,
    },
    /// What was applied is another file now.
    #[error(
        "{0} was applied with another content: write a new migration instead of editing one that a database has"
    )]
    AppliedOther(String),
    /// The ledger is ahead.
    #[error(
        "the database has {0}, which the folder has not: it was made on another branch, or by a newer checkout"
    )]
    Future(String),
    /// The ledger tells of other migrations altogether.
    #[error(
        "the database's ledger is another project's: its first migration is {theirs}, the folder's is {ours}"
    )]
    OtherProject {
        /// In the database.
        theirs: String,
        /// In the folder.
        ours: String,
    },
    /// An earlier one came later.
    #[error("{earlier} was never applied, but {later} was")]
    Skipped {
        /// Which was not.
        earlier: String,
        /// Which was.
        later: String,
    },
    /// A way back was not gone to its end.
    #[error("the way back from {0} was interrupted; go on with `specqlc migrate down`")]
    Reverting(String),
    /// A way forth was not gone to its end.
    #[error("{0} was interrupted; go on with `specqlc migrate apply`")]
    Applying(String),
}

fn list(problems: &[Problem]) -> String {
    lines(&problems.iter().map(ToString::to_string).collect::<Vec<_>>())
}

/// Each in a line of its own, below what is said of them.
fn lines(items: &[String]) -> String {
    let mut text = String::from(if items.is_empty() { "" } else { ":" });
    for item in items {
        // Writing to a string cannot fail.
        let _ = write!(text, "\n  {item}");
    }
    text
}

fn conflict(twice: &[(u32, Vec<String>)]) -> String {
    let mut text = String::new();
    for (number, names) in twice {
        let _ = write!(
            text,
            ": number {number:04} was taken by {}; {}",
            names.join(" and "),
            rebase(names)
        );
    }
    text
}

/// `0007`, or `0007 to 0012`.
fn numbers(first: u32, last: u32) -> String {
    if first == last {
        format!("{first:04}")
    } else {
        format!("{first:04} to {last:04}")
    }
}

fn rebase(names: &[String]) -> String {
    let commands: Vec<String> = names
        .iter()
        .map(|name| format!("`specqlc migrate rebase {name}`"))
        .collect();
    format!("let one of them come later: {}", commands.join(" or "))
}

fn after(transactional: bool) -> &'static str {
    if transactional {
        "; nothing of this file was applied"
    } else {
        "; what is before it in this file is applied, and the next run goes on from here"
    }
}
