//! Partitions of a live database, from outside: what `specql.maintain_partitions` does in one transaction, with a transaction
//! for each step and `DETACH … CONCURRENTLY`.
//!
//! In: a connection to a database that a build was loaded into. Out: what is due, what was done, what is there.
//!
//! Architecture invariant: which step is due, and how it is done, the functions in the database say; nothing here makes SQL.

use std::collections::BTreeSet;
use std::thread;
use std::time::Duration;

use postgres::error::SqlState;
use postgres::{Client, Row, Transaction};
use serde::Serialize;

use crate::connect::chain;

const PLAN: &str = include_str!("queries/plan.sql");
const RUN: &str = include_str!("queries/run.sql");
const DETACH: &str = include_str!("queries/detach.sql");
const LIST: &str = include_str!("queries/list.sql");

/// The same lock that the function in the database takes.
const LOCK: &str = "SELECT pg_catalog.pg_try_advisory_lock(pg_catalog.hashtextextended('specql.maintain_partitions', 0))";

/// How often a step is tried that gets no lock.
const ATTEMPTS: u32 = 5;

/// Why nothing could be found out or done.
#[derive(Debug, thiserror::Error)]
pub enum MaintainError {
    /// There is no `specql.partition_policy`.
    #[error(
        "this database has no partition policy: load the output of `specqlc build` for an entity that is partitioned by range"
    )]
    NoPolicy,
    /// Another run has the lock.
    #[error("another run is at work")]
    Busy,
    /// The server said no.
    #[error("{}", chain(.0))]
    Postgres(#[from] postgres::Error),
}

/// One thing that is due.
#[derive(Debug, Clone, Serialize)]
pub struct Step {
    /// The partitioned table.
    pub table: Option<String>,
    /// The partition.
    pub partition: Option<String>,
    /// create, detach, drop, finish; skip and `read policy` where nothing can be done.
    pub action: String,
    /// Lower bound.
    pub from: Option<String>,
    /// Upper bound.
    pub to: Option<String>,
    /// Why it cannot be done.
    pub problem: Option<String>,
    #[serde(skip)]
    level: i32,
    #[serde(skip)]
    parent: Option<u32>,
    #[serde(skip)]
    subpartitions: Option<String>,
    #[serde(skip)]
    lock_timeout: i64,
    /// Whether to prove first that a large default partition holds nothing of a new period.
    #[serde(skip)]
    prove: bool,
    #[serde(skip)]
    concurrently: bool,
}

/// One thing that was tried.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    /// What was due.
    #[serde(flatten)]
    pub step: Step,
    /// What came of it.
    pub detail: Option<String>,
    /// Why nothing came of it.
    pub error: Option<String>,
}

/// A partition that is there.
#[derive(Debug, Clone, Serialize)]
pub struct Partition {
    /// The partitioned table.
    pub table: String,
    /// Its name.
    pub partition: String,
    /// FOR VALUES.
    pub bound: String,
    /// Bytes with indexes; `None` where it is partitioned itself.
    pub bytes: Option<i64>,
    /// An estimate; `None` before the first ANALYZE.
    pub rows: Option<i64>,
    /// A DETACH CONCURRENTLY was interrupted.
    pub detaching: bool,
}

/// What is due at a moment: text that the server reads as one, or now.
pub fn plan(client: &mut Client, as_of: Option<&str>) -> Result<Vec<Step>, MaintainError> {
    let mut transaction = read_only(client)?;
    steps(&mut transaction, as_of)
}

/// Every partition of every partitioned table.
pub fn list(client: &mut Client) -> Result<Vec<Partition>, MaintainError> {
    let mut transaction = read_only(client)?;
    let rows = transaction.query(LIST, &[])?;
    rows.iter()
        .map(|row| {
            Ok(Partition {
                table: row.try_get(0)?,
                partition: row.try_get(1)?,
                bound: row.try_get(2)?,
                bytes: row.try_get(3)?,
                rows: row.try_get(4)?,
                detaching: row.try_get(5)?,
            })
        })
        .collect()
}

/// Does what is due, each step in a transaction of its own, and tells of each as soon as it is done.
pub fn roll(
    client: &mut Client,
    as_of: Option<&str>,
    tell: &mut dyn FnMut(&Outcome),
) -> Result<(), MaintainError> {
    session(client)?;
    if !client.query_one(LOCK, &[])?.try_get::<_, bool>(0)? {
        return Err(MaintainError::Busy);
    }
    let mut tried = BTreeSet::new();
    loop {
        let mut transaction = client.build_transaction().read_only(true).start()?;
        let due = steps(&mut transaction, as_of)?;
        transaction.commit()?;
        // A level below has something to do only when the one above is made.
        let level = due
            .iter()
            .filter(|step| !tried.contains(&identity(step)))
            .map(|step| step.level)
            .min();
        let Some(level) = level else { return Ok(()) };
        for step in due.into_iter().filter(|step| step.level == level) {
            if tried.insert(identity(&step)) {
                tell(&attempt(client, step)?);
            }
        }
    }
}

type Identity = (i32, Option<u32>, Option<String>, String, Option<String>);

fn identity(step: &Step) -> Identity {
    (
        step.level,
        step.parent,
        step.partition.clone(),
        step.action.clone(),
        step.problem.clone(),
    )
}

/// Bounds in UTC, and names with their schemas.
fn session(client: &mut Client) -> Result<(), MaintainError> {
    client
        .batch_execute("SET timezone = 'UTC'; SET datestyle = 'ISO, MDY'; SET search_path = ''")?;
    Ok(())
}

fn read_only(client: &mut Client) -> Result<Transaction<'_>, MaintainError> {
    session(client)?;
    Ok(client.build_transaction().read_only(true).start()?)
}

fn steps(
    transaction: &mut Transaction<'_>,
    as_of: Option<&str>,
) -> Result<Vec<Step>, MaintainError> {
    let rows = transaction.query(PLAN, &[&as_of]);
    let rows = rows.map_err(|error| match error.code() {
        Some(&SqlState::UNDEFINED_FUNCTION | &SqlState::INVALID_SCHEMA_NAME) => {
            MaintainError::NoPolicy
        }
        _ => error.into(),
    })?;
    rows.iter().map(|row| Ok(step(row)?)).collect()
}

fn step(row: &Row) -> Result<Step, postgres::Error> {
    Ok(Step {
        level: row.try_get(0)?,
        table: row.try_get(1)?,
        parent: row.try_get(2)?,
        partition: row.try_get(3)?,
        action: row.try_get(4)?,
        from: row.try_get(5)?,
        to: row.try_get(6)?,
        subpartitions: row.try_get(7)?,
        lock_timeout: row.try_get::<_, Option<i64>>(8)?.unwrap_or(1000),
        problem: row.try_get(9)?,
        prove: row.try_get(10)?,
        concurrently: row.try_get(11)?,
    })
}

/// A step that fails is told of and stops no other; only a lost connection does.
fn attempt(client: &mut Client, step: Step) -> Result<Outcome, MaintainError> {
    if let Some(problem) = step.problem.clone() {
        return Ok(Outcome {
            step,
            detail: None,
            error: Some(problem),
        });
    }
    let mut last = None;
    for number in 1..=ATTEMPTS {
        let result = if step.concurrently {
            detach(client, &step)
        } else if step.prove {
            create_by_proof(client, &step)
        } else {
            run(client, &step)
        };
        match result {
            Ok(detail) => {
                return Ok(Outcome {
                    step,
                    detail: Some(detail),
                    error: None,
                });
            }
            Err(error) if client.is_closed() => return Err(error.into()),
            Err(error) => {
                let again = matches!(
                    error.code(),
                    Some(&SqlState::LOCK_NOT_AVAILABLE | &SqlState::T_R_DEADLOCK_DETECTED)
                );
                last = Some(chain(&error));
                if !again {
                    break;
                }
                // Who queued up behind the attempt goes first.
                thread::sleep(Duration::from_millis(100) * number);
            }
        }
    }
    Ok(Outcome {
        step,
        detail: None,
        error: last,
    })
}

/// Half of a writer's patience goes on waiting, half on holding.
fn lock_timeout(step: &Step) -> String {
    (step.lock_timeout / 2).max(1).to_string()
}

fn run(client: &mut Client, step: &Step) -> Result<String, postgres::Error> {
    let mut transaction = client.transaction()?;
    transaction.execute(
        "SELECT pg_catalog.set_config('lock_timeout', $1, true)",
        &[&lock_timeout(step)],
    )?;
    let row = transaction.query_one(
        RUN,
        &[
            &step.parent,
            &step.partition,
            &step.action,
            &step.from,
            &step.to,
            &step.subpartitions,
        ],
    )?;
    let detail = row.try_get(0)?;
    transaction.commit()?;
    Ok(detail)
}

/// Nobody waits while the default partition is read. Where that finds rows, they have to be moved, and writers wait for that.
fn create_by_proof(client: &mut Client, step: &Step) -> Result<String, postgres::Error> {
    let part = |action: &str| Step {
        action: action.into(),
        ..step.clone()
    };
    run(client, &part("exclude"))?;
    let proved = run(client, &part("prove"));
    let found = |error: &postgres::Error| error.code() == Some(&SqlState::CHECK_VIOLATION);
    let created = match proved {
        Err(error) if !found(&error) => Err(error),
        Ok(_) | Err(_) => run(client, step),
    };
    if created.is_err() {
        // The next attempt begins anew; until then rows are not refused.
        run(client, &part("include"))?;
    }
    created
}

/// Nobody waits for this one; it waits for the transactions that use the partition, so without a lock timeout it might for long.
fn detach(client: &mut Client, step: &Step) -> Result<String, postgres::Error> {
    let row = client.query_one(DETACH, &[&step.parent, &step.partition])?;
    let (detach, drop): (String, String) = (row.try_get(0)?, row.try_get(1)?);
    // Before, for a run that is killed in between; and after, for a refresh that has come in between and took the mark away.
    let mark = Step {
        action: "mark".into(),
        ..step.clone()
    };
    run(client, &mark)?;
    client.execute(
        "SELECT pg_catalog.set_config('lock_timeout', $1, false)",
        &[&lock_timeout(step)],
    )?;
    client.batch_execute(&detach)?;
    run(client, &mark)?;
    if step.action == "drop" {
        client.batch_execute(&drop)?;
    }
    let (from, to) = (step.from.as_deref(), step.to.as_deref());
    Ok(format!(
        "from {} to {}, concurrently",
        from.unwrap_or_default(),
        to.unwrap_or_default()
    ))
}
