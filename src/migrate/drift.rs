//! What separates a database from the state that its migrations have made.

use std::collections::BTreeSet;

use postgres::Client;

use super::MigrateError;
use crate::changeset::{Changeset, Located, Prune, Request, Unchanged, changeset};
use crate::introspect;
use crate::plan::{HazardKind, Situation};
use crate::project::State;
use crate::reconcile::reconcile;

/// What would lead back to a state, a line an object; nothing when the database is in it. What is there beside it is nobody's
/// drift, and neither are partitions, which come and go with time.
///
/// # Errors
/// When the database cannot be read.
pub fn drift(client: &mut Client, state: State) -> Result<Vec<String>, MigrateError> {
    differences(client, state, false)
}

/// The same with what is there beside it.
pub(super) fn differences(
    client: &mut Client,
    state: State,
    exactly: bool,
) -> Result<Vec<String>, MigrateError> {
    let mut live = introspect::read(client)?;
    let situation = Situation::unknown(state.postgres);
    let reconciled = reconcile(&mut live, state.catalog, client)?;
    let all: BTreeSet<HazardKind> = HazardKind::ALL.into_iter().collect();
    let request = Request {
        from: &live.catalog,
        to: &reconciled.catalog,
        situation: &situation,
        prune: Prune::all(exactly),
        schemas: &BTreeSet::new(),
        allow: &all,
    };
    let changeset = changeset(&request, &mut Located::nowhere())?;
    Ok(named(&changeset, exactly))
}

fn named(changeset: &Changeset, exactly: bool) -> Vec<String> {
    let changes = changeset
        .changes
        .iter()
        .filter(|change| exactly || change.kind != "partition")
        .map(|change| format!("{} {}", change.action, change.object));
    let mut lines: Vec<String> = changes.chain(unchanged(changeset)).collect();
    lines.dedup();
    lines
}

/// What no statement changes.
pub(super) fn unchanged(changeset: &Changeset) -> impl Iterator<Item = String> {
    let unchanged = changeset.unchanged.iter();
    unchanged.map(|Unchanged { object, why }| format!("{object}: {why}"))
}
