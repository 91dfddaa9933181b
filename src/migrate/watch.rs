//! Beside a statement that takes long: whom it waits for, and how far an index is built.

use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use postgres::{Client, Error};

use super::run::Event;
use crate::connect::ConnectError;
use crate::interrupt;

const BLOCKERS: &str = include_str!("queries/blockers.sql");
const BUILDING: &str = include_str!("queries/building.sql");
const CANCEL: &str = "SELECT pg_catalog.pg_cancel_backend($1)";

/// What is done before anybody wonders needs no watching.
const PATIENCE: Duration = Duration::from_millis(300);
/// How often is looked.
const INTERVAL: Duration = Duration::from_millis(500);

/// Opens the connection that looks on.
pub(super) type Connect<'a> = dyn Fn() -> Result<Client, ConnectError> + Sync + 'a;

/// A session that another one waits for.
#[derive(Debug, Clone, PartialEq)]
pub struct Blocker {
    /// Its process.
    pub pid: i32,
    /// What it calls itself.
    pub application: String,
    /// `active`, `idle in transaction`, …
    pub state: String,
    /// The age of its transaction in seconds, where it may be seen.
    pub seconds: Option<f64>,
    /// Its statement, or its last one.
    pub query: String,
}

/// How far an index is built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Building {
    /// Which index.
    pub index: String,
    /// In the server's words.
    pub phase: String,
    /// Blocks or rows that are done, or transactions that were waited for.
    pub done: u64,
    /// Of how many; 0 where that is not known.
    pub total: u64,
}

/// What the runner is at.
#[derive(Default)]
pub(super) struct Watch {
    state: Mutex<Work>,
    changed: Condvar,
}

#[derive(Default)]
struct Work {
    since: Option<Instant>,
    over: bool,
}

impl Watch {
    /// Runs a statement while somebody looks on. Nobody is woken for it: most statements are done before anybody would look.
    pub fn during<T>(&self, work: impl FnOnce() -> T) -> T {
        self.set(|state| state.since = Some(Instant::now()));
        let result = work();
        self.set(|state| state.since = None);
        result
    }

    fn end(&self) {
        self.set(|state| state.over = true);
        self.changed.notify_all();
    }

    fn set(&self, change: impl FnOnce(&mut Work)) {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Waits until a statement takes long; `false` when all is over.
    fn wait(&self) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if state.over {
                return false;
            }
            let pause = match state.since {
                Some(since) if since.elapsed() >= PATIENCE => return true,
                Some(since) => PATIENCE.saturating_sub(since.elapsed()),
                None => PATIENCE,
            };
            let waited = self.changed.wait_timeout(state, pause);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Ends the statement that runs, in the server, when the user has had enough. Where that cannot be, it goes on to its end, or to
    /// the second signal.
    fn end_when_interrupted(&self, pid: i32, connect: &Connect<'_>) {
        let mut client = None;
        while self.pause(interrupt::INTERVAL) {
            if !interrupt::came() || !self.is_running() {
                continue;
            }
            if client.is_none() {
                client = connect().ok();
            }
            if let Some(open) = client.as_mut() {
                // It may have come to its end meanwhile.
                let _ = open.query(CANCEL, &[&pid]);
            }
            self.pause(INTERVAL);
        }
    }

    fn is_running(&self) -> bool {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.since.is_some()
    }

    /// Waits before the next look; `false` when all is over.
    fn pause(&self, interval: Duration) -> bool {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self
            .changed
            .wait_timeout_while(state, interval, |state| !state.over);
        !waited.unwrap_or_else(PoisonError::into_inner).0.over
    }

    /// Looks at the session of a process. That nothing can be seen stops nothing.
    fn observe(&self, pid: i32, connect: &Connect<'_>, tell: &(dyn Fn(Event<'_>) + Sync)) {
        let mut client = None;
        let mut told: Vec<i32> = Vec::new();
        while self.wait() {
            if client.is_none() {
                client = connect().ok();
            }
            let Some(open) = client.as_mut() else {
                return;
            };
            let Ok(blockers) = blockers(open, pid) else {
                return;
            };
            let pids: Vec<i32> = blockers.iter().map(|blocker| blocker.pid).collect();
            if pids != told {
                if !blockers.is_empty() {
                    tell(Event::Blocked(&blockers));
                }
                told = pids;
            }
            if let Ok(Some(building)) = building(open, pid) {
                tell(Event::Building(&building));
            }
            self.pause(INTERVAL);
        }
    }
}

/// Does work in a session of a process while another one looks on.
pub(super) fn watching<T>(
    pid: i32,
    connect: &Connect<'_>,
    tell: &(dyn Fn(Event<'_>) + Sync),
    work: impl FnOnce(&Watch) -> T,
) -> T {
    let watch = Watch::default();
    thread::scope(|scope| {
        scope.spawn(|| watch.observe(pid, connect, tell));
        scope.spawn(|| watch.end_when_interrupted(pid, connect));
        let result = work(&watch);
        watch.end();
        result
    })
}

fn blockers(client: &mut Client, pid: i32) -> Result<Vec<Blocker>, Error> {
    let rows = client.query(BLOCKERS, &[&pid])?;
    rows.iter()
        .map(|row| {
            Ok(Blocker {
                pid: row.try_get(0)?,
                application: row.try_get(1)?,
                state: row.try_get(2)?,
                seconds: row.try_get(3)?,
                query: row.try_get(4)?,
            })
        })
        .collect()
}

fn building(client: &mut Client, pid: i32) -> Result<Option<Building>, Error> {
    let row = client.query_opt(BUILDING, &[&pid])?;
    row.map(|row| {
        let count = |column: usize| {
            let count: Result<i64, Error> = row.try_get(column);
            Ok::<_, Error>(count?.unsigned_abs())
        };
        Ok(Building {
            index: row.try_get(0)?,
            phase: row.try_get(1)?,
            done: count(2)?,
            total: count(3)?,
        })
    })
    .transpose()
}
