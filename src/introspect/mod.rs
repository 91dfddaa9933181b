//! A live database as a catalog, with what only a live database has.
//!
//! In: a connection. Out: [`Live`]: the [`Catalog`] of all that users have made and that this program knows, facts about
//! its relations, and the names of everything else that a dump would hold.
//!
//! One read-only transaction of one snapshot, and one query for each kind of object, whatever their number. Names are printed with
//! their schemas (`search_path` is empty) and values in one form (UTC, ISO dates), so that equal objects read equal. It needs no more
//! than CONNECT: the system catalogs are open to everybody.
//!
//! Architecture invariant: what was read is never judged here: no comparison, no defaults but the server's own, no SQL but queries.

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
mod schema;
mod sequence;
mod table;
mod trigger;
mod unmanaged;
mod view;

use std::collections::{BTreeMap, BTreeSet};

use postgres::{Client, IsolationLevel, Transaction};

use crate::catalog::{Catalog, Renames, Table, View};
use crate::connect::chain;
use crate::sql::QualifiedName;

pub use relation::{RelationFacts, RelationKind};
pub use unmanaged::Unmanaged;

use cells::Cells;
use names::Names;

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
    /// The server refused, or is gone.
    #[error("cannot read the database: {}", chain(.0))]
    Postgres(#[from] postgres::Error),
}

/// Reads a database.
///
/// # Errors
/// See [`IntrospectError`].
pub fn read(client: &mut Client) -> Result<Live, IntrospectError> {
    let mut transaction = client
        .build_transaction()
        .isolation_level(IsolationLevel::RepeatableRead)
        .read_only(true)
        .start()?;
    transaction.batch_execute(SETTINGS)?;
    let tx = &mut transaction;
    let (major, standby) = server(tx)?;
    let Relations {
        names,
        functions,
        needs,
        sequences,
        tables,
        views,
    } = relations(tx, Scope::Database)?;
    let mut catalog = Catalog {
        schemas: schema::read(tx)?,
        extensions: extension::read(tx)?,
        enums: enum_type::read(tx)?,
        domains: domain::read(tx, &names, &needs)?,
        composite_types: composite_type::assemble(&names),
        sequences: sequences.of_users,
        functions: function::assemble(functions, &needs),
        partition_policies: partition_policy::read(tx, &names)?,
        tables: names.by_name(tables),
        views: names.by_name(views),
        // A database knows no former names.
        renames: Renames::default(),
    };
    ledger::leave_out(&mut catalog);
    let unmanaged = unmanaged::read(tx)?;
    transaction.commit()?;
    Ok(Live {
        major,
        standby,
        catalog,
        relations: names.facts(),
        unmanaged,
    })
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

/// The tables, views and functions that this session has made in its temporary schema, as the server prints them. What is
/// set for reading stays set for the rest of the transaction.
///
/// # Errors
/// See [`IntrospectError`].
pub fn read_temporary(tx: &mut Transaction<'_>) -> Result<Catalog, IntrospectError> {
    tx.batch_execute(SETTINGS)?;
    let relations = relations(tx, Scope::Temporary)?;
    Ok(Catalog {
        functions: function::assemble(relations.functions, &relations.needs),
        tables: relations.names.by_name(relations.tables),
        views: relations.names.by_name(relations.views),
        ..Catalog::default()
    })
}

/// Whose objects are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// All that users have made to stay.
    Database,
    /// What this session has made for itself.
    Temporary,
}

impl Scope {
    fn is_temporary(self) -> bool {
        self == Self::Temporary
    }
}

/// What takes several queries to put together, with what these have found out.
struct Relations {
    names: Names,
    functions: function::Functions,
    needs: dependency::Needs,
    sequences: sequence::Sequences,
    tables: BTreeMap<u32, Table>,
    views: BTreeMap<u32, View>,
}

fn relations(tx: &mut Transaction<'_>, scope: Scope) -> Result<Relations, IntrospectError> {
    let mut relations = relation::read(tx, scope)?;
    column::read(tx, scope, &mut relations)?;
    let names = Names::read(tx, relations)?;
    let functions = function::read(tx, scope)?;
    // What is made for a question is compared as it is printed, and never ordered.
    let needs = match scope {
        Scope::Database => dependency::read(tx, &names, &functions)?,
        Scope::Temporary => dependency::Needs::default(),
    };
    let sequences = sequence::read(tx, &names)?;
    let mut tables = table::assemble(&names, &sequences, &needs)?;
    let mut views = view::read(tx, scope, &names, &needs)?;
    let of_constraints = constraint::read(tx, scope, &names, &mut tables)?;
    index::read(tx, scope, &names, &mut tables, &mut views, &of_constraints)?;
    trigger::read(tx, &names, &mut tables, &mut views)?;
    policy::read(tx, &names, &mut tables)?;
    Ok(Relations {
        names,
        functions,
        needs,
        sequences,
        tables,
        views,
    })
}

/// The server's major version, and whether it is a standby.
fn server(tx: &mut Transaction<'_>) -> Result<(i32, bool), IntrospectError> {
    let row = tx.query_one(
        "SELECT current_setting('server_version_num')::int4, pg_is_in_recovery()",
        &[],
    )?;
    let major = row.try_get::<_, i32>(0)? / 10_000;
    if major < OLDEST {
        return Err(IntrospectError::TooOld { major });
    }
    Ok((major, row.try_get(1)?))
}
