//! A plan is tried on a copy of the schema, which nobody misses.
//!
//! In: a changeset with the catalogs that it leads from and to, and where the copy may be: a cluster that is made for it of
//! the server programs on this machine, or a server that somebody names. Out: the same changeset with what was measured in
//! the place of what was expected, or why it does not lead where it should.
//!
//! The copy is made from the catalog itself, with the sizes that are known of the original and without rows. It ends with
//! the call: a cluster's supervisor waits for the end of this process, however it comes about; a database on a foreign
//! server is dropped also after an error and after a signal.
//!
//! Architecture invariant: the database that the plan is for is not connected to; nothing of the copy stays.

mod cluster;
mod copy;
mod database;
mod interrupt;
mod measure;
mod programs;
mod run;

use postgres::Client;

use crate::changeset::{self, Changeset, ChangesetError, Located, Request, Verified};
use crate::connect::{ConnectError, Environment, Settings, chain, connect, connect_to, open};
use crate::introspect::{self, IntrospectError};
use crate::plan::PlanError;
use crate::reconcile::{ReconcileError, reconcile};
use crate::render::{RenderError, create_database};
use crate::sql::Ident;
use cluster::Cluster;
use database::Database;

const IDENTITY: &str = include_str!("queries/identity.sql");

/// The copy's database in a cluster of its own.
const DATABASE: &str = "verify";

/// Why a plan is not verified.
#[derive(Debug, thiserror::Error)]
pub enum ShadowError {
    /// No server can be started.
    #[error(
        "to verify needs the server programs of PostgreSQL {major} or newer (postgres, initdb, pg_ctl), and {found}; install \
         them, name their folder in SPECQLC_PG_BIN, or name another server with --shadow-url"
    )]
    NoPrograms {
        /// The live server's version.
        major: u32,
        /// What there is instead.
        found: String,
    },
    /// This is root, and there is nobody else.
    #[error(
        "PostgreSQL does not run as root, and this machine has no user `postgres` or `nobody`; run as another user, or name \
         another server with --shadow-url"
    )]
    Root,
    /// The programs do not do what they should.
    #[error("a temporary server cannot be started with the programs in {folder}: {problem}")]
    NotStarted {
        /// Where the programs are.
        folder: String,
        /// What they said.
        problem: String,
    },
    /// There is no connection to the copy's server.
    #[error("the server for the copy: {0}")]
    Unreachable(#[source] ConnectError),
    /// Verification never touches the original.
    #[error(
        "--shadow-url is the live database itself; name another database or, better, another server"
    )]
    IsLive,
    /// The role lacks a right.
    #[error(
        "the role {role} of --shadow-url may not make databases; ALTER ROLE … CREATEDB gives it the right"
    )]
    MayNotCreate {
        /// Which role.
        role: String,
    },
    /// The server does not make a database.
    #[error("a database for the copy cannot be made: {0}")]
    NotCreated(String),
    /// The database cannot be dropped.
    #[error("the database {database} of the copy could not be dropped, drop it by hand: {problem}")]
    LeftBehind {
        /// Its name.
        database: String,
        /// Why.
        problem: String,
    },
    /// Signals cannot be noted.
    #[error("cannot wait for signals: {0}")]
    Signals(String),
    /// A signal came.
    #[error("interrupted; nothing of the copy is left")]
    Interrupted,
    /// The server lacks extensions.
    #[error(
        "the server for the copy lacks the extension{} {}; install what it needs there, or name another server with --shadow-url",
        if names.len() == 1 { "" } else { "s" },
        names.join(", ")
    )]
    MissingExtensions {
        /// Which.
        names: Vec<String>,
    },
    /// The original cannot be made again: it needs something that is not managed.
    #[error("the schema cannot be copied; {object} is refused: {problem}")]
    NotCopied {
        /// Which object.
        object: String,
        /// What the server said.
        problem: String,
    },
    /// A step fails.
    #[error("the plan fails on a copy of the schema, at {step}: {problem}\n\n{sql}")]
    Refused {
        /// What the step does.
        step: String,
        /// What the server said.
        problem: String,
        /// The same as SQLSTATE, where it was the server that said it.
        code: String,
        /// The step's statement.
        sql: String,
    },
    /// All steps work, and the result is another.
    #[error("the plan runs on a copy of the schema and does not lead to what is wanted; still differing:{}", indented(.0))]
    Differs(Vec<String>),
    /// The copy cannot be read.
    #[error(transparent)]
    Introspect(#[from] IntrospectError),
    /// The copy cannot be compared.
    #[error(transparent)]
    Reconcile(#[from] ReconcileError),
    /// What still differs cannot be put into words.
    #[error(transparent)]
    Changeset(#[from] ChangesetError),
    /// The copy's objects have no order.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The copy's objects have no text.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// The server with the copy refused something else, or is gone.
    #[error("the server for the copy: {}", chain(.0))]
    Postgres(#[from] postgres::Error),
}

fn indented(lines: &[String]) -> String {
    lines.iter().flat_map(|line| ["\n  ", line]).collect()
}

/// Where a copy may be.
#[derive(Debug)]
pub enum Server<'a> {
    /// In a cluster of its own, of programs of this major version or newer.
    Own {
        /// The version.
        major: u32,
    },
    /// In a database of its own beside this one.
    At {
        /// Where.
        url: &'a str,
        /// What that must not be.
        live: &'a [Identity],
    },
}

/// What tells one database of all servers from all others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity(String, String);

/// That of a connection's database.
///
/// # Errors
/// When the connection is gone.
pub fn identity(client: &mut Client) -> Result<Identity, postgres::Error> {
    let row = client.query_one(IDENTITY, &[])?;
    Ok(Identity(row.try_get(0)?, row.try_get(1)?))
}

/// Tries a changeset on a copy of the catalog that it starts from. The copy gets the sizes that the request knows.
///
/// # Errors
/// See [`ShadowError`]; the changeset is then partly measured.
pub fn verify(
    server: &Server<'_>,
    environment: &Environment<'_>,
    request: &Request<'_>,
    changeset: &mut Changeset,
) -> Result<(), ShadowError> {
    let catalogs = [request.from, request.to];
    match server {
        Server::Own { major } => {
            let programs = programs::find(*major, environment)?;
            let cluster = Cluster::start(&programs, environment)?;
            let setting = |name: &str| cluster.setting(name);
            let mut client = connect(None, &setting).map_err(ShadowError::Unreachable)?;
            copy::prepare(&mut client, catalogs)?;
            client.batch_execute(&create_database(&Ident::new(DATABASE))?)?;
            let connect = || connect_to(DATABASE, None, &setting).map_err(ShadowError::Unreachable);
            attempt(&connect, request, changeset)
        }
        Server::At { url, live } => {
            let database = Database::create(url, environment, live)?;
            let verified = attempt(&|| database.connect(), request, changeset);
            // Of two errors the first is the one to know.
            let removed = database.remove();
            verified.and(removed)
        }
    }
}

/// Opens a connection to an empty database.
pub type Open<'a> = dyn Fn() -> Result<Client, ConnectError> + Sync + 'a;

/// Does work with an empty database, which is gone afterwards.
///
/// # Errors
/// When there is none, or what the work has failed with.
pub fn with_database<T, E: From<ShadowError>>(
    server: &Server<'_>,
    environment: &Environment<'_>,
    work: impl FnOnce(&Open<'_>) -> Result<T, E>,
) -> Result<T, E> {
    match server {
        Server::Own { major } => {
            let programs = programs::find(*major, environment)?;
            let cluster = Cluster::start(&programs, environment)?;
            let settings = Settings::resolve(None, &|name: &str| cluster.setting(name))
                .map_err(ShadowError::Unreachable)?;
            let create = create_database(&Ident::new(DATABASE)).map_err(ShadowError::Render)?;
            let mut client = open(&settings).map_err(ShadowError::Unreachable)?;
            client
                .batch_execute(&create)
                .map_err(ShadowError::Postgres)?;
            let settings = settings.to(DATABASE);
            work(&|| open(&settings))
        }
        Server::At { url, live } => {
            let database = Database::create(url, environment, live)?;
            let settings = database.settings()?;
            let result = work(&|| open(&settings));
            // Of two errors the first is the one to know.
            let removed = database.remove();
            let result = result?;
            removed?;
            Ok(result)
        }
    }
}

/// Runs a changeset's steps in a database, writes into each what it was seen to do, and gives what was not expected, a sentence
/// each.
///
/// # Errors
/// [`ShadowError::Refused`] when a step fails, and what a connection fails with.
pub fn watch(open: &Open<'_>, changeset: &mut Changeset) -> Result<Vec<String>, ShadowError> {
    let connect = || open().map_err(ShadowError::Unreachable);
    run::run(&connect, &mut changeset.changes)
}

/// In an empty database.
fn attempt(
    connect: &dyn Fn() -> Result<Client, ShadowError>,
    request: &Request<'_>,
    changeset: &mut Changeset,
) -> Result<(), ShadowError> {
    let mut client = connect()?;
    copy::extensions(&mut client, [request.from, request.to])?;
    copy::load(&mut client, request.from)?;
    copy::statistics(&mut client, &request.situation.sizes)?;
    drop(client);
    let unexpected = run::run(connect, &mut changeset.changes)?;
    // Only the steps' own settings have been in that session; this one has none of either.
    let mut client = connect()?;
    let left = left(&mut client, request, changeset)?;
    if !left.is_empty() {
        return Err(ShadowError::Differs(left));
    }
    changeset.verified = Some(Verified {
        server: version(&mut client)?,
        unexpected,
    });
    Ok(())
}

/// What separates the copy from what is wanted, apart from what the changeset leaves as it is.
fn left(
    client: &mut Client,
    request: &Request<'_>,
    changeset: &Changeset,
) -> Result<Vec<String>, ShadowError> {
    let mut result = introspect::read(client)?;
    let wanted = reconcile(&mut result, request.to.clone(), client)?;
    let again = Request {
        from: &result.catalog,
        to: &wanted.catalog,
        ..*request
    };
    let again = changeset::changeset(&again, &mut Located::nowhere())?;
    let changes = again.changes.iter();
    let mut left: Vec<String> = changes
        .map(|change| format!("{} {}", change.action, change.object))
        .collect();
    left.dedup();
    let known = |object: &str| {
        changeset
            .unchanged
            .iter()
            .any(|known| known.object == object)
    };
    for unchanged in again.unchanged.iter().filter(|new| !known(&new.object)) {
        left.push(format!("{}: {}", unchanged.object, unchanged.why));
    }
    Ok(left)
}

/// `15.18`, without what a distribution adds.
fn version(client: &mut Client) -> Result<String, postgres::Error> {
    let row = client.query_one("SHOW server_version", &[])?;
    let version: String = row.try_get(0)?;
    Ok(version.split(' ').next().unwrap_or_default().to_owned())
}

/// What the server said, with what it says beside.
fn said(error: &postgres::Error) -> String {
    let mut said = chain(error);
    if let Some(server) = error.as_db_error() {
        for more in [server.detail(), server.hint()].into_iter().flatten() {
            said.push_str("; ");
            said.push_str(more);
        }
    }
    said
}
