//! What specs do not speak of is as the live database has it.

use std::collections::BTreeSet;

use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};

use crate::catalog::{
    Bound, Catalog, Column, Constraint, Function, Index, Partition, Table, Trigger, View,
};
use crate::diff::{root, shared};
use crate::sql::QualifiedName;

use super::expressions::shared_columns;

/// Takes over from the live catalog, for objects that both have, what no spec can say.
pub(super) fn adopt(live: &Catalog, wanted: &mut Catalog) {
    for (_, live, wanted) in shared(&live.extensions, &mut wanted.extensions) {
        wanted.clone_from(live);
    }
    for (_, live, wanted) in shared(&live.functions, &mut wanted.functions) {
        function(live, wanted);
    }
    let tables: Vec<_> = shared(&live.tables, &mut wanted.tables).collect();
    tables
        .into_par_iter()
        .for_each(|(_, live, wanted)| table(live, wanted));
    partitions_of_plain(live, wanted);
    for (_, live, wanted) in shared(&live.views, &mut wanted.views) {
        view(live, wanted);
    }
    without_expired(live, wanted);
}

/// Partitions that come with a table's becoming partitioned are stored as it was.
fn partitions_of_plain(live: &Catalog, wanted: &mut Catalog) {
    let new = wanted
        .tables
        .iter()
        .filter(|(name, table)| table.partition.is_some() && !live.tables.contains_key(*name));
    let leaves = new.filter(|(_, table)| table.partition_key.is_none());
    let stored = leaves.filter_map(|(name, _)| {
        let whole = live.tables.get(root(name, wanted))?;
        let is_plain = whole.partition_key.is_none() && !whole.storage_parameters.is_empty();
        is_plain.then(|| (name.clone(), whole.storage_parameters.clone()))
    });
    let stored: Vec<_> = stored.collect();
    for (name, parameters) in stored {
        if let Some(table) = wanted.tables.get_mut(&name) {
            table.storage_parameters = parameters;
        }
    }
}

/// Partitions that lie before all that the live table has are those that its policy has detached or dropped since: to
/// make them again would only be undone by the next run.
fn without_expired(live: &Catalog, wanted: &mut Catalog) {
    let keeps_for_a_while = |table: &QualifiedName| {
        let policy = wanted.partition_policies.get(table);
        policy.is_some_and(|policy| {
            let mut levels = policy.levels.iter();
            levels.any(|level| level.level == 0 && level.retention.is_some())
        })
    };
    let mut expired: BTreeSet<QualifiedName> = wanted
        .tables
        .iter()
        .filter_map(|(name, table)| Some((name, table.partition.as_ref()?)))
        .filter(|(name, partition)| {
            let there = live
                .tables
                .get(*name)
                .and_then(|table| table.partition.as_ref());
            there.is_none_or(|there| there.of != partition.of) && keeps_for_a_while(&partition.of)
        })
        .filter(|(_, partition)| is_before_all(partition, live))
        .map(|(name, _)| name.clone())
        .collect();
    // What is below them goes with them.
    loop {
        let below: Vec<QualifiedName> = wanted
            .tables
            .iter()
            .filter(|(name, table)| {
                let parent = table.partition.as_ref().map(|partition| &partition.of);
                parent.is_some_and(|parent| expired.contains(parent)) && !expired.contains(*name)
            })
            .map(|(name, _)| name.clone())
            .collect();
        if below.is_empty() {
            break;
        }
        expired.extend(below);
    }
    wanted.tables.retain(|name, _| !expired.contains(name));
}

/// Whether a range ends where the first of the live table's begins, or before. Bounds of one key have one form, whose
/// order as text is that of the times that they stand for.
fn is_before_all(partition: &Partition, live: &Catalog) -> bool {
    let Bound::Range { to, .. } = &partition.bound else {
        return false;
    };
    let first = live
        .tables
        .values()
        .filter_map(|table| table.partition.as_ref())
        .filter(|other| other.of == partition.of)
        .filter_map(|other| match &other.bound {
            Bound::Range { from, .. } => Some(from),
            _ => None,
        })
        .min();
    first.is_some_and(|first| to <= first)
}

/// Routines of the same name that somebody else brought.
fn function(live: &Function, wanted: &mut Function) {
    wanted.overloads.clone_from(&live.overloads);
}

fn table(live: &Table, wanted: &mut Table) {
    // A partitioned table has neither storage parameters nor an index by which it is clustered.
    // <https://www.postgresql.org/docs/current/sql-createtable.html#SQL-CREATETABLE-STORAGE-PARAMETERS>
    let becomes_partitioned = live.partition_key.is_none() && wanted.partition_key.is_some();
    if !becomes_partitioned {
        wanted
            .storage_parameters
            .clone_from(&live.storage_parameters);
    }
    wanted.tablespace.clone_from(&live.tablespace);
    wanted.access_method.clone_from(&live.access_method);
    wanted.row_security = live.row_security;
    wanted.policies.clone_from(&live.policies);
    wanted.replica_identity.clone_from(&live.replica_identity);
    wanted.needs.clone_from(&live.needs);
    // A partition that was attached has its columns in an order of its own.
    if wanted.partition.is_some() {
        wanted.columns.clone_from(&live.columns);
    }
    for (live, wanted) in shared_columns(&live.columns, &mut wanted.columns) {
        column(live, wanted);
    }
    for (_, live, wanted) in shared(&live.constraints, &mut wanted.constraints) {
        constraint(live, wanted);
    }
    for (_, live, wanted) in shared(&live.indexes, &mut wanted.indexes) {
        index(live, wanted);
        wanted.clustered &= !becomes_partitioned;
    }
    for (_, live, wanted) in shared(&live.triggers, &mut wanted.triggers) {
        trigger(live, wanted);
    }
}

fn column(live: &Column, wanted: &mut Column) {
    wanted.identity_sequence.clone_from(&live.identity_sequence);
    wanted.storage = live.storage;
    wanted.compression = live.compression;
    wanted.statistics = live.statistics;
    wanted.options.clone_from(&live.options);
    // Another collation of the same type is a difference; another name of a NOT NULL is none.
    if live.not_null && wanted.not_null {
        wanted
            .not_null_constraint
            .clone_from(&live.not_null_constraint);
        if let Some(not_null) = &mut wanted.not_null_constraint {
            not_null.not_valid = false;
        }
    }
}

pub(super) fn constraint(live: &Constraint, wanted: &mut Constraint) {
    wanted
        .index
        .storage_parameters
        .clone_from(&live.index.storage_parameters);
    wanted.index.tablespace.clone_from(&live.index.tablespace);
    wanted.index.comment.clone_from(&live.index.comment);
}

pub(super) fn index(live: &Index, wanted: &mut Index) {
    wanted.tablespace.clone_from(&live.tablespace);
    wanted.clustered = live.clustered;
    wanted.replica_identity = live.replica_identity;
}

fn trigger(live: &Trigger, wanted: &mut Trigger) {
    // A trigger that somebody disabled is a difference: a projection goes stale behind it. One that also fires for what
    // replication writes is somebody's choice.
    if live.enabled == crate::catalog::TriggerState::Always {
        wanted.enabled = live.enabled;
    }
}

fn view(live: &View, wanted: &mut View) {
    wanted.options.clone_from(&live.options);
    wanted.triggers.clone_from(&live.triggers);
    if let (Some(live), Some(wanted)) = (&live.materialized, &mut wanted.materialized) {
        wanted.tablespace.clone_from(&live.tablespace);
        for (_, live, wanted) in shared(&live.indexes, &mut wanted.indexes) {
            index(live, wanted);
        }
    }
}
