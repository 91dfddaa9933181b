//! A live database as a catalog, with what only a live database has.
//!
//! In: a connection. Out: [`Live`]: the [`Catalog`] of all that users have made and that this program knows, facts about
//! its relations, and the names of everything else that a dump would hold.
//!
//! One read-only transaction of one snapshot (two, where there is a second connection), and one query for each kind of object, whatever their number. Names are printed with
//! their schemas (`search_path` is empty) and values in one form (UTC, ISO dates), so that equal objects read equal. It needs no more
//! than CONNECT: the system catalogs are open to everybody.
//!
//! Architecture invariant: what was read is never judged here: no comparison, no defaults but the server's own, no SQL but queries.

mod beside;
mod blocked;
mod cells;
mod column;
mod composite_type;
mod constraint;
mod dependency;
mod domain;
mod enum_type;
mod extension;
mod function;
mod index;
mod key;
mod ledger;
mod names;
mod partition;
mod partition_policy;
mod policy;
mod printed;
mod relation;
mod rows;
mod schema;
mod sequence;
mod table;
mod trigger;
mod unmanaged;
mod view;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use postgres::error::SqlState;
use postgres::types::Type;
use postgres::{Client, IsolationLevel, Transaction};

use crate::catalog::{Catalog, Renames};
use crate::connect::chain;
use crate::sql::QualifiedName;

pub use beside::Another;
pub use relation::{RelationFacts, RelationKind};
pub use rows::Kind;
pub use unmanaged::Unmanaged;

use cells::{Cells, Parameter};
use names::Names;
use rows::Rows;

/// The oldest server that is read.
const OLDEST: i32 = 15;

/// How the server prints what it is asked for, until the transaction ends. To print a definition it locks what that reads, and
/// so waits behind whoever alters it: not for ever.
const SETTINGS: &str = "
    SET LOCAL lock_timeout = '10s';
    SET LOCAL search_path = '';
    SET LOCAL timezone = 'UTC';
    SET LOCAL datestyle = 'ISO, YMD';
    SET LOCAL intervalstyle = 'postgres';
    SET LOCAL extra_float_digits = 1;
    SET LOCAL bytea_output = 'hex';
    SET LOCAL quote_all_identifiers = off;
    SET LOCAL standard_conforming_strings = on;
    SET LOCAL jit = off;
    SET LOCAL max_parallel_workers_per_gather = 0";

/// A database as it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Live {
    /// The server's major version.
    pub major: i32,
    /// Whether the server is a standby, which takes no changes.
    pub standby: bool,
    /// What users have made.
    pub catalog: Catalog,
    /// What is known of tables, views and sequences beyond what they are.
    pub relations: BTreeMap<QualifiedName, RelationFacts>,
    /// What a dump would hold and the catalog does not.
    pub unmanaged: BTreeSet<Unmanaged>,
    /// There may be partition policies, but this role may not read them.
    pub policies_unread: bool,
}

/// Why a database could not be read.
#[derive(Debug, thiserror::Error)]
pub enum IntrospectError {
    /// The server is too old.
    #[error("the server is PostgreSQL {major}; {OLDEST} and newer can be read")]
    TooOld {
        /// Its major version.
        major: i32,
    },
    /// The server printed something that has no such form.
    #[error("the server's description of {object} cannot be read: `{text}`")]
    Unreadable {
        /// Of what.
        object: String,
        /// What it printed.
        text: String,
    },
    /// An object was made or dropped while the catalogs were read: functions that print definitions see the newest state.
    #[error("the schema changes while it is read: {0} is gone; try again")]
    Changed(String),
    /// Others keep everybody out of what has to be read.
    #[error(
        "cannot read the database: it waited long enough for what is locked: {0}; try again when that is done"
    )]
    Locked(String),
    /// The server refused, or is gone.
    #[error("cannot read the database: {}", chain(.0))]
    Postgres(#[from] postgres::Error),
}

/// Reads a database.
///
/// # Errors
/// See [`IntrospectError`].
pub fn read(client: &mut Client) -> Result<Live, IntrospectError> {
    read_beside(client, None)
}

/// Reads a database, half of it on another connection where there is one.
///
/// # Errors
/// See [`IntrospectError`].
pub fn read_beside(
    client: &mut Client,
    another: Option<&Another<'_>>,
) -> Result<Live, IntrospectError> {
    read_whole(client, another).map_err(|error| blocked::named(gone(error), client))
}

/// How the server begins to say, in words that it has in no other language, that what it was to print went after it was asked.
const GONE: [&str; 2] = [
    "could not open relation with OID",
    "cache lookup failed for",
];

fn gone(error: IntrospectError) -> IntrospectError {
    let IntrospectError::Postgres(postgres) = &error else {
        return error;
    };
    let said = postgres.as_db_error().filter(|said| {
        *said.code() == SqlState::INTERNAL_ERROR
            && GONE.iter().any(|words| said.message().starts_with(words))
    });
    match said {
        Some(said) => IntrospectError::Changed(format!("an object ({})", said.message())),
        None => error,
    }
}

fn read_whole(client: &mut Client, another: Option<&Another<'_>>) -> Result<Live, IntrospectError> {
    let mut transaction = begin(client, None)?;
    let tx = &mut transaction;
    let (major, standby) = server(tx)?;
    let mut rows = beside::read(tx, another)?;
    transaction.commit()?;
    let unmanaged = std::mem::take(&mut rows.unmanaged);
    let policies_unread = rows.partition_policies.is_none();
    let (mut catalog, names) = assemble(rows)?;
    ledger::leave_out(&mut catalog);
    let relations = names.facts();
    // To free it takes longer than others want to wait.
    rayon::spawn(move || drop(names));
    Ok(Live {
        major,
        standby,
        catalog,
        relations,
        unmanaged,
        policies_unread,
    })
}

/// A transaction that only reads, in one snapshot: its own, or that of another.
fn begin<'a>(
    client: &'a mut Client,
    snapshot: Option<&str>,
) -> Result<Transaction<'a>, postgres::Error> {
    let mut transaction = client
        .build_transaction()
        .isolation_level(IsolationLevel::RepeatableRead)
        .read_only(true)
        .start()?;
    if let Some(snapshot) = snapshot {
        let snapshot = snapshot.replace('\'', "''");
        transaction.batch_execute(&format!("SET TRANSACTION SNAPSHOT '{snapshot}'"))?;
    }
    transaction.batch_execute(SETTINGS)?;
    Ok(transaction)
}

/// How many bytes tables and materialized views have, with TOAST tables and indexes, as far as the server has counted: of those that
/// it has never looked at, and of partitioned tables, nothing is said.
///
/// # Errors
/// When the server refuses.
pub fn sizes(client: &mut Client) -> Result<BTreeMap<QualifiedName, u64>, IntrospectError> {
    let mut sizes = BTreeMap::new();
    for row in client.query(include_str!("queries/size.sql"), &[])? {
        let mut cells = Cells::new(&row);
        let name = cells.name()?;
        sizes.insert(
            name,
            u64::try_from(cells.take::<i64>()?).unwrap_or_default(),
        );
    }
    Ok(sizes)
}

/// What this session has made in its temporary schema, as the server prints it: tables, and of other kinds those that are asked for.
/// What is set for reading stays set for the rest of the transaction.
///
/// # Errors
/// See [`IntrospectError`].
pub fn read_temporary(
    tx: &mut Transaction<'_>,
    kinds: &[Kind],
) -> Result<Catalog, IntrospectError> {
    tx.batch_execute(SETTINGS)?;
    let mut relations = relation::read(tx, &Scope::Temporary(Vec::new()))?;
    let own = Scope::Temporary(relations.keys().copied().collect());
    column::read(tx, &own, &mut relations)?;
    let rows = Rows {
        relations,
        ..Rows::default()
    };
    let rows = Mutex::new(rows);
    for kind in [&Kind::Types].into_iter().chain(kinds) {
        kind.read(tx, &own, &rows)?;
    }
    let rows = rows.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(assemble(rows)?.0)
}

/// Whose objects are read.
#[derive(Debug)]
enum Scope {
    /// All that users have made to stay.
    Database,
    /// What this session has made for itself: the OIDs of these relations, as far as they are known, by which the server finds what
    /// belongs to them without looking at all others. None of it has a sequence or a policy.
    Temporary(Vec<u32>),
}

impl Scope {
    /// The only relations that are of interest, NULL where all are.
    fn parameter(&self) -> Parameter<'_> {
        match self {
            Self::Database => (&None::<&[u32]>, Type::OID_ARRAY),
            Self::Temporary(relations) => (relations, Type::OID_ARRAY),
        }
    }

    /// Whether only the session's own are.
    fn is_temporary(&self) -> Parameter<'_> {
        (
            if matches!(self, Self::Temporary(_)) {
                &true
            } else {
                &false
            },
            Type::BOOL,
        )
    }
}

/// Puts together what was read.
fn assemble(rows: Rows) -> Result<(Catalog, Names), IntrospectError> {
    let mut names = Names::new(
        rows.relations,
        rows.types,
        rows.operator_classes,
        rows.collations,
    );
    let needs = dependency::assemble(rows.dependencies, &names, &rows.functions);
    let sequences = sequence::assemble(&rows.sequences, &names)?;
    let mut tables = table::assemble(&mut names, &sequences, &needs)?;
    let mut views = view::assemble(&rows.views, &names, &needs)?;
    let of_constraints = constraint::assemble(rows.constraints, &names, &mut tables)?;
    index::assemble(
        rows.indexes,
        &names,
        &mut tables,
        &mut views,
        &of_constraints,
    );
    trigger::assemble(&rows.triggers, &names, &mut tables, &mut views)?;
    policy::assemble(&rows.policies, &names, &mut tables)?;
    let catalog = Catalog {
        schemas: rows.schemas,
        extensions: rows.extensions,
        enums: rows.enum_types,
        domains: domain::assemble(&rows.domains, &names, &needs)?,
        composite_types: composite_type::assemble(&names),
        sequences: sequences.of_users,
        functions: function::assemble(rows.functions, &needs),
        partition_policies: rows.partition_policies.unwrap_or_default(),
        tables: names.by_name(tables),
        views: names.by_name(views),
        // A database knows no former names.
        renames: Renames::default(),
    };
    Ok((catalog, names))
}

/// The server's major version, and whether it is a standby.
fn server(tx: &mut Transaction<'_>) -> Result<(i32, bool), IntrospectError> {
    let row = tx.query_typed_one(
        "SELECT current_setting('server_version_num')::int4, pg_is_in_recovery()",
        &[],
    )?;
    let major = row.try_get::<_, i32>(0)? / 10_000;
    if major < OLDEST {
        return Err(IntrospectError::TooOld { major });
    }
    Ok((major, row.try_get(1)?))
}
