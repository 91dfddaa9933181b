//! A catalog becomes a database, with sizes and without rows.

use std::collections::{BTreeMap, BTreeSet};

use postgres::Client;

use super::{ShadowError, interrupt, said};
use crate::catalog::Catalog;
use crate::diff::Former;
use crate::plan::Size;
use crate::plan::build;
use crate::render::{create_role, create_tablespace, render};
use crate::sql::{Ident, QualifiedName};

const MISSING_EXTENSIONS: &str = include_str!("queries/missing_extensions.sql");
const STATISTICS: &str = include_str!("queries/statistics.sql");

/// Bodies of functions name what comes after them, and nothing of this has to survive a crash.
const SETTINGS: &str = "SET check_function_bodies = off; SET synchronous_commit = off; \
     SET client_min_messages = error";

/// As many statements are sent at once: of tens of thousands, each would wait for its answer.
const AT_ONCE: usize = 64;

/// Bytes of a page: that of nearly all servers, and an estimate where it is not.
const PAGE: u64 = 8192;

/// What a schema needs of its server, and no database holds: roles that policies name, and tablespaces.
pub(super) fn prepare(client: &mut Client, catalogs: [&Catalog; 2]) -> Result<(), ShadowError> {
    let (mut roles, mut tablespaces) = (BTreeSet::new(), BTreeSet::new());
    for catalog in catalogs {
        for table in catalog.tables.values() {
            let named = table.policies.values().flat_map(|policy| &policy.roles);
            roles.extend(named);
            tablespaces.extend(&table.tablespace);
            let indexes = table.indexes.values();
            tablespaces.extend(indexes.filter_map(|index| index.tablespace.as_ref()));
            let constraints = table.constraints.values();
            tablespaces
                .extend(constraints.filter_map(|constraint| constraint.index.tablespace.as_ref()));
        }
        for view in catalog
            .views
            .values()
            .filter_map(|view| view.materialized.as_ref())
        {
            tablespaces.extend(&view.tablespace);
            let indexes = view.indexes.values();
            tablespaces.extend(indexes.filter_map(|index| index.tablespace.as_ref()));
        }
    }
    // Those are there already.
    let is_new = |name: &&&Ident| name.as_str() != "postgres" && !name.as_str().starts_with("pg_");
    for role in roles.iter().filter(is_new) {
        client.batch_execute(&create_role(role)?)?;
    }
    for tablespace in tablespaces.iter().filter(is_new) {
        client.batch_execute(&create_tablespace(tablespace)?)?;
    }
    Ok(())
}

/// Refuses what the server cannot make for want of extensions, all of which are named.
pub(super) fn extensions(client: &mut Client, catalogs: [&Catalog; 2]) -> Result<(), ShadowError> {
    let named: BTreeSet<&str> = catalogs
        .into_iter()
        .flat_map(|catalog| catalog.extensions.keys())
        .map(Ident::as_str)
        .collect();
    let named: Vec<&str> = named.into_iter().collect();
    let rows = client.query(MISSING_EXTENSIONS, &[&named])?;
    let missing: Result<Vec<String>, _> = rows.iter().map(|row| row.try_get(0)).collect();
    let missing = missing?;
    if missing.is_empty() {
        return Ok(());
    }
    Err(ShadowError::MissingExtensions { names: missing })
}

/// Makes all objects of a catalog.
pub(super) fn load(client: &mut Client, catalog: &Catalog) -> Result<(), ShadowError> {
    let nothing = Catalog::default();
    let nothing = Former::new(&nothing, catalog);
    let plan = build(&nothing, catalog)?;
    let texts = render(&plan.steps)?;
    client.batch_execute(SETTINGS)?;
    for (steps, texts) in plan.steps.chunks(AT_ONCE).zip(texts.chunks(AT_ONCE)) {
        interrupt::check()?;
        // Nothing of them is done when one fails; then one by one, to know which.
        if client.batch_execute(&texts.join("\n")).is_ok() {
            continue;
        }
        for (step, text) in steps.iter().zip(texts) {
            client
                .batch_execute(text)
                .map_err(|error| ShadowError::NotCopied {
                    object: step.object.to_string(),
                    problem: said(&error),
                })?;
        }
    }
    Ok(())
}

/// Gives the copy the sizes of the original, where this role may write them.
pub(super) fn statistics(
    client: &mut Client,
    sizes: &BTreeMap<QualifiedName, Size>,
) -> Result<(), ShadowError> {
    let superuser = client.query_one("SHOW is_superuser", &[])?;
    if superuser.try_get::<_, &str>(0)? != "on" {
        return Ok(());
    }
    let known: Vec<_> = sizes
        .iter()
        .filter_map(|(name, size)| Some((name, size.rows?, size.bytes.unwrap_or(0))))
        .collect();
    let schemas: Vec<&str> = known
        .iter()
        .map(|(name, ..)| name.schema.as_str())
        .collect();
    let names: Vec<&str> = known.iter().map(|(name, ..)| name.name.as_str()).collect();
    #[allow(
        clippy::cast_precision_loss,
        reason = "the server keeps no more digits of it"
    )]
    let rows: Vec<f32> = known.iter().map(|(_, rows, _)| *rows as f32).collect();
    let pages: Vec<i32> = known
        .iter()
        .map(|(.., bytes)| i32::try_from(bytes.div_ceil(PAGE)).unwrap_or(i32::MAX))
        .collect();
    client.execute(STATISTICS, &[&schemas, &names, &rows, &pages])?;
    Ok(())
}
