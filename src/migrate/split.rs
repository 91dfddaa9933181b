//! What old code can live with, and what it cannot.
//!
//! The state between the two is a catalog of its own: what is wanted, in which everything that only the contract phase may
//! take away or narrow is still as it was. Planning towards it gives the expand phase; planning from it, the rest.

use std::collections::BTreeSet;

use super::MigrateError;
use crate::catalog::Catalog;
use crate::diff::{Former, Object, Options, diff, put_back};
use crate::plan::{Phase, Situation, plan};

/// Keeping one object can bring others back into the plan, such as an index on a column that stays; not for ever.
const MOST_ROUNDS: usize = 16;

/// What is wanted, as far as old code does not notice.
pub(super) fn expand_only(
    before: &Catalog,
    wanted: &Catalog,
    situation: &Situation,
) -> Result<Catalog, MigrateError> {
    let mut between = wanted.clone();
    for _ in 0..MOST_ROUNDS {
        let next = {
            let former = Former::new(before, &between);
            let difference = diff(&former, &between, Options { prune: true });
            let plan = plan(&difference, &former, &between, situation)
                .map_err(crate::changeset::ChangesetError::from)?;
            let contract: BTreeSet<Object<'_>> = plan
                .steps
                .iter()
                .filter(|step| step.phase == Phase::Contract)
                .map(|step| step.object)
                .collect();
            let mut next = between.clone();
            let mut stuck = Vec::new();
            for object in contract {
                if !put_back(object, before, &mut next) {
                    stuck.push(object.to_string());
                }
            }
            if !stuck.is_empty() {
                return Err(MigrateError::Split {
                    problem: "these changes cannot be put off, so the change cannot be split",
                    objects: stuck,
                });
            }
            next
        };
        if next == between {
            return Ok(between);
        }
        between = next;
    }
    Err(MigrateError::Split {
        problem: "the change cannot be split",
        objects: Vec::new(),
    })
}

/// Whether all that old code does not notice is done already.
pub(super) fn contract_only(
    before: &Catalog,
    wanted: &Catalog,
    situation: &Situation,
) -> Result<(), MigrateError> {
    let between = expand_only(before, wanted, situation)?;
    let former = Former::new(before, &between);
    let difference = diff(&former, &between, Options { prune: true });
    if difference.changes.is_empty() {
        return Ok(());
    }
    let changes = difference.changes.iter();
    Err(MigrateError::Split {
        problem: "these changes come first, with --expand-only",
        objects: changes.map(|change| change.object().to_string()).collect(),
    })
}
