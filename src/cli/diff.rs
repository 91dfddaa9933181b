//! `specqlc diff`.

use std::collections::{BTreeMap, BTreeSet};

use clap::{Args, ValueEnum};
use jiff::civil::Date;
use postgres::Client;

use super::build::Place;
use super::output::{GOOD, data, json, message, sql};
use super::report::{self, ProjectFiles};
use super::{CliError, Global, Verdict};
use crate::catalog::Catalog;
use crate::changeset::{self, Changeset, Located, Prune, Request};
use crate::connect::connect;
use crate::diff::keep_partitions;
use crate::introspect::{self, Live};
use crate::lower::Claims;
use crate::pg::Version;
use crate::plan::{HazardKind, Situation, Size, with_kept};
use crate::project::{Described, Project, ProjectOptions, State, Target, describe};
use crate::reconcile::reconcile;
use crate::shadow::{Identity, Server, ShadowError, identity, verify};
use crate::sql::QualifiedName;

/// Show what separates a database from the specs, and the plan that takes it there
///
/// Reads the database and never writes to it; needs no more rights than CONNECT, USAGE on the schemas and TEMP. Hazards are
/// refused unless they are allowed: the plan is printed all the same, with what is refused marked, and the exit code is 2.
/// When nothing differs nothing is printed, and the exit code is 0.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  specqlc diff --database-url postgresql://me@db/shop          One line a change, with locks and hazards
  specqlc diff --format sql --allow may-fail-on-data > p.sql   The plan, for psql; the database comes from DATABASE_URL or PG*
  specqlc diff --verify                                        The same, tried on a copy: locks as measured, exit code 1 if it fails
  specqlc diff --reverse --format sql                          The way back
  specqlc diff --from git:main --to specs                      What a branch changes; no database needed
  specqlc diff --from generated/snapshot.json                  What the next build changes

Hazards: deletes-data, may-fail-on-data, rewrites-table, blocks-reads, blocks-writes, scans-table, breaks-old-code,
drops-index, not-reversible, stale-projection")]
pub(super) struct Diff {
    #[command(flatten)]
    project: Place,
    /// The database [default: DATABASE_URL, else libpq's PG* variables]
    #[arg(long, value_name = "URL", conflicts_with = "from")]
    database_url: Option<String>,
    /// Compare from this: a database URL, a folder of specs, a snapshot.json or git:REVISION [default: the database]
    #[arg(long, value_name = "TARGET")]
    from: Option<String>,
    /// Compare to this, of the same forms [default: the project's specs]
    #[arg(long, value_name = "TARGET")]
    to: Option<String>,
    /// Date that decides which partitions there are [default: that of the last build, else today]
    #[arg(long, value_name = "YYYY-MM-DD")]
    as_of: Option<Date>,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// The way back: from where the plan leads, with or without --prune, to what is there
    #[arg(long)]
    reverse: bool,
    /// Only objects of these schemas
    #[arg(long = "schema", value_name = "SCHEMA", value_delimiter = ',')]
    schemas: Vec<String>,
    /// Drop what no spec declares; without it such objects are kept
    #[arg(long)]
    prune: bool,
    /// Hazards that are taken into account
    #[arg(long, value_name = "HAZARD", value_delimiter = ',', value_parser = hazard)]
    allow: Vec<HazardKind>,
    /// Try the plan on a throwaway copy of the schema, without its rows, and print the locks that it took there
    #[arg(long)]
    verify: bool,
    /// Where that copy is made, in a database of its own [default: a temporary server of the programs on this machine]
    #[arg(long, value_name = "URL", requires = "verify")]
    shadow_url: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Sql,
    Json,
    Sarif,
    Github,
}

pub(super) fn hazard(name: &str) -> Result<HazardKind, String> {
    HazardKind::named(name).ok_or_else(|| {
        let known: Vec<&str> = HazardKind::ALL.into_iter().map(HazardKind::name).collect();
        format!("there is no such hazard; there are {}", known.join(", "))
    })
}

pub(super) fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// One end of a comparison.
enum Side {
    Database(Box<(Live, Client)>),
    Described(Box<(State, Option<Project>)>),
}

impl Side {
    /// The specs that it comes from, with where each object was written.
    fn written(&self) -> Option<(&Project, &Claims)> {
        match self {
            Self::Database(_) => None,
            Self::Described(described) => {
                let (state, project) = &**described;
                Some((project.as_ref()?, &state.claims))
            }
        }
    }

    fn database(&self) -> Option<&Live> {
        match self {
            Self::Database(database) => Some(&database.0),
            Self::Described(_) => None,
        }
    }

    fn identity(&mut self) -> Result<Option<Identity>, CliError> {
        match self {
            Self::Database(database) => {
                Ok(Some(identity(&mut database.1).map_err(ShadowError::from)?))
            }
            Self::Described(_) => Ok(None),
        }
    }

    /// Ends the connection and leaves all else to the end of the process: to free what thousands of tables are made of, piece by
    /// piece, takes as long as to compare them.
    fn abandon(self) {
        match self {
            Self::Database(database) => {
                let (live, client) = *database;
                std::mem::forget(live);
                drop(client);
            }
            Self::Described(described) => std::mem::forget(described),
        }
    }

    fn catalog(&self) -> &Catalog {
        match self {
            Self::Database(database) => &database.0.catalog,
            Self::Described(described) => &described.0.catalog,
        }
    }

    fn catalog_mut(&mut self) -> &mut Catalog {
        match self {
            Self::Database(database) => &mut database.0.catalog,
            Self::Described(described) => &mut described.0.catalog,
        }
    }
}

pub(super) fn run(command: &Diff, global: &Global) -> Result<Verdict, CliError> {
    let options = ProjectOptions {
        root: command.project.project.clone(),
        specs: command.project.specs.clone(),
        out: None,
    };
    let open = |target: Option<&String>, default: Option<Target>| {
        side(target, default, command, &options, global)
    };
    let first = || open(command.from.as_ref(), None);
    let second = || open(command.to.as_ref(), Some(Target::Project));
    let (from, to) = if command.from.as_deref().is_none_or(is_url) {
        // A database mostly waits for its server while specs are compiled, and only specs have something to tell.
        std::thread::scope(|scope| {
            let from = scope.spawn(first);
            let to = second();
            let from = from.join();
            (
                from.unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
                to,
            )
        })
    } else {
        (first(), second())
    };
    let (Some(mut from), Some(mut to)) = (from?, to?) else {
        return Ok(Verdict::Failed);
    };
    let not_compared = meet(&mut from, &mut to)?;
    for live in [&from, &to].into_iter().filter_map(Side::database) {
        newer_than_known(live, global);
    }
    if command.reverse {
        keep_partitions(from.catalog(), to.catalog_mut());
        if !command.prune {
            *to.catalog_mut() = with_kept(from.catalog(), to.catalog());
        }
        std::mem::swap(&mut from, &mut to);
    }
    let live = if command.shadow_url.is_some() {
        [from.identity()?, to.identity()?]
    } else {
        [None, None]
    };
    let live: Vec<Identity> = live.into_iter().flatten().collect();
    // Most runs find nothing: then neither sizes are asked for nor objects looked at one by one.
    let differ = from.catalog() != to.catalog();
    let situation = situation(&mut from, &mut to, differ)?;
    let schemas: BTreeSet<String> = command.schemas.iter().cloned().collect();
    let allow: BTreeSet<HazardKind> = command.allow.iter().copied().collect();
    let request = Request {
        from: from.catalog(),
        to: to.catalog(),
        situation: &situation,
        prune: Prune::all(command.prune || command.reverse),
        schemas: &schemas,
        allow: &allow,
    };
    let written = [&to, &from].into_iter().find_map(Side::written);
    let files = written.map(|(project, _)| ProjectFiles(project));
    let mut located = match (&files, written) {
        (Some(files), Some((_, claims))) => Located::in_specs(files, claims),
        _ => Located::nowhere(),
    };
    let mut changeset = if differ {
        changeset::changeset(&request, &mut located)?
    } else {
        Changeset::default()
    };
    changeset.not_compared = not_compared;
    if let Some(live) = from.database() {
        let unmanaged = live.unmanaged.iter();
        changeset.unmanaged = unmanaged.map(ToString::to_string).collect();
    }
    if command.verify && !changeset.changes.is_empty() {
        let database = [&from, &to].into_iter().find_map(Side::database);
        let server = match &command.shadow_url {
            Some(url) => Server::At { url, live: &live },
            None => Server::Own {
                major: database.map_or(situation.version as u32, |live| live.major.unsigned_abs()),
            },
        };
        verify(&server, &environment, &request, &mut changeset)?;
    }
    let lock_timeout = written.map_or("3s", |(project, _)| project.config.lock_timeout.as_str());
    let verdict = show(&changeset, command.format, lock_timeout, global);
    [from, to].into_iter().for_each(Side::abandon);
    verdict
}

/// A plan for a server of the future is one for the newest that is known.
fn newer_than_known(live: &Live, global: &Global) {
    let major = u32::try_from(live.major).unwrap_or(u32::MAX);
    let newest = Version::ALL
        .into_iter()
        .max()
        .map_or(0, |newest| newest as u32);
    if major > newest && !global.quiet {
        message(&format!(
            "warning: PostgreSQL {major} is newer than this program knows; what it has that {newest} has not is not seen"
        ));
    }
}

fn is_url(target: &str) -> bool {
    target.starts_with("postgres://") || target.starts_with("postgresql://")
}

/// Reads one end; `None` when its specs have an error, which has been shown.
fn side(
    target: Option<&String>,
    default: Option<Target>,
    command: &Diff,
    options: &ProjectOptions,
    global: &Global,
) -> Result<Option<Side>, CliError> {
    let target = match (target, default) {
        (Some(text), _) if !is_url(text) => Target::read(text),
        (None, Some(default)) => default,
        (url, _) => {
            let url = url.or(command.database_url.as_ref());
            let mut client = connect(url.map(String::as_str), &environment)?;
            let another = || connect(url.map(String::as_str), &environment).ok();
            let live = introspect::read_beside(&mut client, Some(&another))?;
            return Ok(Some(Side::Database(Box::new((live, client)))));
        }
    };
    let Described {
        project,
        diagnostics,
        state,
    } = describe(&target, options, command.as_of)?;
    if let Some(project) = &project {
        report::to_stderr(project, &diagnostics, global.quiet);
    }
    Ok(state.map(|state| Side::Described(Box::new((state, project)))))
}

/// Where one end is a database and the other is not, the other is put into that database's words. What could not be
/// compared for want of a right is returned.
fn meet(from: &mut Side, to: &mut Side) -> Result<Vec<String>, CliError> {
    let (live, client, state) = match (from, to) {
        (Side::Database(database), Side::Described(described))
        | (Side::Described(described), Side::Database(database)) => {
            let (live, client) = &mut **database;
            (live, client, &mut described.0)
        }
        _ => return Ok(Vec::new()),
    };
    let wanted = std::mem::take(&mut state.catalog);
    let reconciled = reconcile(live, wanted, client)?;
    state.catalog = reconciled.catalog;
    Ok(reconciled.not_compared)
}

/// What is known of the database at either end; of none, the version that the specs are for. How large things are is asked only
/// where there is something to do: it takes as long as a tenth of all the rest.
fn situation(from: &mut Side, to: &mut Side, differ: bool) -> Result<Situation, CliError> {
    let printed = from.database().is_some();
    for side in [&mut *from, &mut *to] {
        if let Side::Database(database) = side {
            let (live, client) = &mut **database;
            let major = u32::try_from(live.major).unwrap_or(u32::MAX);
            let newest = Version::ALL.into_iter().max().unwrap_or(Version::V15);
            return Ok(Situation {
                version: Version::of_major(major).unwrap_or(newest),
                sizes: if differ {
                    sizes(live, &introspect::sizes(client)?)
                } else {
                    BTreeMap::new()
                },
                printed,
            });
        }
    }
    let versions = [from, to].into_iter().filter_map(|side| match side {
        Side::Described(described) => Some(described.0.postgres),
        Side::Database(_) => None,
    });
    Ok(Situation::unknown(versions.min().unwrap_or(Version::V15)))
}

fn sizes(live: &Live, bytes: &BTreeMap<QualifiedName, u64>) -> BTreeMap<QualifiedName, Size> {
    let relations = live.relations.iter();
    relations
        .map(|(name, facts)| {
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "an estimate of rows is a whole number that is not negative"
            )]
            let rows = facts.rows.map(|rows| rows as u64);
            let bytes = bytes.get(name).copied();
            (name.clone(), Size { rows, bytes })
        })
        .collect()
}

/// What there is to say beside the changes, to stderr.
pub(super) fn notes(changeset: &Changeset, global: &Global) {
    if global.quiet {
        return;
    }
    let notes = changeset::notes(changeset);
    // What is kept and unmanaged is told to those who ask, and counted for all others.
    let (loud, quiet): (Vec<_>, Vec<_>) = notes
        .iter()
        .partition(|note| note.starts_with("hint") || note.starts_with("not compared"));
    for note in &loud {
        message(note);
    }
    if global.verbose {
        for note in quiet {
            message(note);
        }
    } else if !quiet.is_empty() {
        message(&format!(
            "{} objects are in no spec and are left alone; -v names them",
            quiet.len()
        ));
    }
}

fn show(
    changeset: &Changeset,
    format: Format,
    lock_timeout: &str,
    global: &Global,
) -> Result<Verdict, CliError> {
    notes(changeset, global);
    match format {
        Format::Json => data(&json(changeset))?,
        Format::Sarif => data(&changeset::sarif(changeset))?,
        Format::Github => data(&changeset::github(changeset))?,
        Format::Sql => sql(&changeset::script(changeset, lock_timeout))?,
        Format::Text => data(&changeset::text(changeset))?,
    }
    if changeset.is_empty() {
        if !global.quiet && format == Format::Text {
            message(&format!("{GOOD}nothing differs{GOOD:#}"));
        }
        return Ok(Verdict::Done);
    }
    Ok(Verdict::Differs)
}
