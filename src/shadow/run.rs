//! The plan's steps run on the copy as they would run on the original, and are watched.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::resume_unwind;
use std::thread::{self, ScopedJoinHandle};
use std::time::Duration;

use postgres::Client;

use super::measure::{Locks, Relations, Watcher, relations, strongest};
use super::{ShadowError, interrupt, said};
use crate::changeset::{Change, Lock};
use crate::plan::LockMode;
use crate::render::lock_tables;
use crate::sql::QualifiedName;

/// How often a statement that runs outside of a transaction is looked at.
const PAUSE: Duration = Duration::from_millis(1);

/// As many tables are locked at once: a server with its usual settings has room for some thousands of locks.
/// <https://www.postgresql.org/docs/current/runtime-config-locks.html#GUC-MAX-LOCKS-PER-TRANSACTION>
const ALL_LOCKED: usize = 1_000;

/// Runs all changes, and writes into each what it was seen to do. What was not expected comes back, a sentence each.
pub(super) fn run(
    connect: &dyn Fn() -> Result<Client, ShadowError>,
    changes: &mut [Change],
) -> Result<Vec<String>, ShadowError> {
    let (mut session, mut client) = (connect()?, connect()?);
    let process = session.query_one("SELECT pg_catalog.pg_backend_pid()", &[])?;
    let known: BTreeSet<u32> = relations(&mut client)?.into_keys().collect();
    let mut watcher = Watcher {
        client,
        process: process.try_get(0)?,
        known: &known,
    };
    let mut unexpected = Vec::new();
    for group in changes.chunk_by_mut(|one, next| one.transaction == next.transaction) {
        interrupt::check()?;
        match group {
            [change] if !change.transactional => {
                alone(change, &mut session, &mut watcher, connect, &mut unexpected)?;
            }
            group => transaction(group, &mut session, &mut watcher, &mut unexpected)?,
        }
    }
    Ok(unexpected)
}

/// Runs the steps of one transaction. What is locked stays locked until it ends, so that each look shows all before it.
fn transaction(
    group: &mut [Change],
    session: &mut Client,
    watcher: &mut Watcher<'_>,
    unexpected: &mut Vec<String>,
) -> Result<(), ShadowError> {
    let mut transaction = session.transaction()?;
    let mut before = relations(&mut transaction)?;
    let mut held = Locks::new();
    let mut announced = BTreeMap::new();
    for change in &mut *group {
        let expected = expected(change, &before, watcher.known);
        transaction
            .batch_execute(&change.sql)
            .map_err(|error| refused(change, &error))?;
        let (now, _) = watcher.look()?;
        let after = relations(&mut transaction)?;
        let mut taken = strongest(now.difference(&held));
        let earlier = strongest(&held);
        for (relation, mode) in expected {
            raise(&mut announced, relation, mode);
            // What an earlier step holds is not taken again, and needed all the same.
            if earlier.get(&relation).is_some_and(|held| *held >= mode) {
                raise(&mut taken, relation, mode);
            }
        }
        Seen {
            before: &before,
            after: &after,
            taken,
            announced: &announced,
        }
        .note(change, unexpected);
        change.measured = true;
        (before, held) = (after, now);
    }
    let committed = transaction.commit();
    match group.last() {
        Some(last) => committed.map_err(|error| refused(last, &error)),
        None => Ok(committed?),
    }
}

/// Runs a step that cannot be in a transaction, and so may let go of a lock before anybody has looked. Others use the
/// tables meanwhile, as they would of the original: the step has to wait for them, and waiting it is seen.
fn alone(
    change: &mut Change,
    session: &mut Client,
    watcher: &mut Watcher<'_>,
    connect: &dyn Fn() -> Result<Client, ShadowError>,
    unexpected: &mut Vec<String>,
) -> Result<(), ShadowError> {
    let before = relations(&mut watcher.client)?;
    let expected = expected(change, &before, watcher.known);
    let tables = used_by_others(&before, &expected, watcher.known);
    let mut other = connect()?;
    let mut seen = Locks::new();
    let sql = change.sql.as_str();
    let ran = thread::scope(|scope| -> Result<_, ShadowError> {
        // The one stops what waits for those who write; the other even the first lock.
        let mut writes = other.transaction()?;
        lock(&mut writes, &tables, LockMode::RowExclusive)?;
        let mut stops = writes.transaction()?;
        lock(&mut stops, &tables, LockMode::Exclusive)?;
        let running = scope.spawn(|| session.batch_execute(sql));
        until_it_waits(&running, watcher, &mut seen)?;
        stops.rollback()?;
        until_it_waits(&running, watcher, &mut seen)?;
        writes.rollback()?;
        until_it_ends(&running, watcher, &mut seen)?;
        // Whoever joins a thread that panicked goes on panicking.
        Ok(running.join().unwrap_or_else(|panic| resume_unwind(panic)))
    })?;
    ran.map_err(|error| refused(change, &error))?;
    let after = relations(&mut watcher.client)?;
    let mut taken = strongest(&seen);
    // What was not seen in time is no proof that it was not there.
    change.measured = expected.keys().all(|relation| taken.contains_key(relation));
    for (relation, mode) in &expected {
        taken.entry(*relation).or_insert(*mode);
    }
    Seen {
        before: &before,
        after: &after,
        taken,
        announced: &expected,
    }
    .note(change, unexpected);
    Ok(())
}

/// The tables of the original, all of them where that is not beyond what a server can lock: a lock that nobody expects may
/// be on any.
fn used_by_others<'r>(
    before: &'r Relations,
    expected: &BTreeMap<u32, LockMode>,
    known: &BTreeSet<u32>,
) -> Vec<&'r QualifiedName> {
    let tables = before
        .iter()
        .filter(|(relation, is)| is.is_table && known.contains(relation));
    let few = tables.clone().count() <= ALL_LOCKED;
    tables
        .filter(|(relation, _)| few || expected.contains_key(relation))
        .map(|(_, is)| &is.name)
        .collect()
}

fn lock(
    transaction: &mut postgres::Transaction<'_>,
    tables: &[&QualifiedName],
    mode: LockMode,
) -> Result<(), ShadowError> {
    if !tables.is_empty() {
        transaction.batch_execute(&lock_tables(tables.iter().copied(), mode)?)?;
    }
    Ok(())
}

type Running<'s> = ScopedJoinHandle<'s, Result<(), postgres::Error>>;

fn until_it_waits(
    running: &Running<'_>,
    watcher: &mut Watcher<'_>,
    seen: &mut Locks,
) -> Result<(), postgres::Error> {
    while !running.is_finished() {
        let (locks, waits) = watcher.look()?;
        seen.extend(locks);
        if waits {
            break;
        }
        thread::sleep(PAUSE);
    }
    Ok(())
}

fn until_it_ends(
    running: &Running<'_>,
    watcher: &mut Watcher<'_>,
    seen: &mut Locks,
) -> Result<(), postgres::Error> {
    while !running.is_finished() {
        seen.extend(watcher.look()?.0);
        thread::sleep(PAUSE);
    }
    Ok(())
}

/// The locks that a step is said to take, of relations that were there before the plan.
fn expected(change: &Change, before: &Relations, known: &BTreeSet<u32>) -> BTreeMap<u32, LockMode> {
    let by_name: BTreeMap<String, u32> = before
        .iter()
        .filter(|(relation, _)| known.contains(relation))
        .map(|(relation, is)| (is.name.to_string(), *relation))
        .collect();
    let mut expected = BTreeMap::new();
    for lock in &change.locks {
        if let Some(relation) = by_name.get(&lock.relation) {
            raise(&mut expected, *relation, lock.mode);
        }
    }
    expected
}

fn raise(locks: &mut BTreeMap<u32, LockMode>, relation: u32, mode: LockMode) {
    let strongest = locks.entry(relation).or_insert(mode);
    *strongest = mode.max(*strongest);
}

/// What a step was seen to do.
struct Seen<'r> {
    before: &'r Relations,
    after: &'r Relations,
    taken: BTreeMap<u32, LockMode>,
    /// All that this step and those before it in its transaction were said to lock.
    announced: &'r BTreeMap<u32, LockMode>,
}

impl Seen<'_> {
    /// Puts it in the place of what was expected, and tells where it is worse.
    fn note(&self, change: &mut Change, unexpected: &mut Vec<String>) {
        let what = format!("{} {}", change.action, change.object);
        let mut locks = Vec::new();
        for (relation, mode) in &self.taken {
            let Some(known) = self.before.get(relation) else {
                continue;
            };
            let said = self.announced.get(relation);
            if said.is_none_or(|said| said < mode) {
                let said = said.map_or("none", |said| said.name());
                unexpected.push(format!(
                    "{what} takes {} on {}, where {said} was expected",
                    mode.name(),
                    known.name
                ));
            }
            locks.push(Lock {
                relation: known.name.to_string(),
                mode: *mode,
            });
        }
        locks.sort_unstable_by(|a, b| a.relation.cmp(&b.relation));
        change.lock = locks.iter().map(|lock| lock.mode).max();
        change.locks = locks;
        for (relation, old) in self.before {
            let rewritten = self
                .after
                .get(relation)
                .is_some_and(|new| new.file != old.file);
            if !rewritten {
                continue;
            }
            if old.is_table && change.duration != "rewrite" {
                unexpected.push(format!(
                    "{what} writes {} anew, which was not expected",
                    old.name
                ));
                change.duration = "rewrite";
            }
            change.rewrites.push(old.name.to_string());
        }
        change.rewrites.sort_unstable();
    }
}

fn refused(change: &Change, error: &postgres::Error) -> ShadowError {
    ShadowError::Refused {
        step: format!("{} {}", change.action, change.object),
        problem: said(error),
        code: error.code().map_or("", |code| code.code()).to_owned(),
        sql: change.sql.clone(),
    }
}
