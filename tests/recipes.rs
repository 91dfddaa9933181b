//! Every folder of `tests/plans` is a change of a schema with rows in it, carried out on a real server step by step.
//!
//! | file | what it is |
//! |---|---|
//! | `from/`, `to/` | the specs before and after |
//! | `args` | optional lines: `as-of DATE`; `key bigint`; `prune`; `differs` (`there`, `back`: the schema is not that of a fresh build, which is what the case is about); `no-way-back` (what is gone does not come back) |
//! | `live.sql` | optional SQL that changes the database by hand before; the plan does not know of it |
//! | `data.sql` | optional SQL that runs after `from` was loaded |
//! | `between.sql` | optional SQL of others, which has to succeed after each transaction, there and back |
//! | `check.sql` | queries after the plan: a row that one of them returns is a failure and says what is wrong |
//! | `expect.txt` | the hazards, and each statement with its transaction, locks and what they cost |
//!
//! A second connection looks at the locks that each transaction holds before it commits, and at the files of all tables
//! before and after it: both are what the plan says. A transaction of which it says that it changes no more than catalogs reads
//! no table as a whole, which the server has counted. The schema is that of a fresh build of `to` afterwards, and that of
//! the fresh build of `from`, with which it began, after the plan of the way back.
//!
//! `UPDATE_EXPECT=1` rewrites `expect.txt`. `CASE=NAME` runs one case. `FAIL_FAST=1` ends with the first case that fails.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper that fails fails its test; clippy knows it only of functions marked as tests"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use postgres::{Client, NoTls};
use specqlc::catalog::Catalog;
use specqlc::diff::Former;
use specqlc::pg::Version;
use specqlc::plan::{Duration, LockMode, Plan, Situation, Size, Statement, Step, build, plan};
use specqlc::render::statement;
use specqlc::sql::QualifiedName;
use support::dump::{Lines, counted, lines, same};
use support::plans::{Change, cases, name};
use support::statements::parse_error;
use support::{Cluster, update_expectations};

#[test]
fn every_plan_does_what_it_says() {
    let cluster = Cluster::shared();
    let cases = cases();
    let mut failures = Vec::new();
    for path in &cases {
        if let Err(why) = Case::read(path, &cluster).and_then(|case| case.run()) {
            failures.push(format!("{}: {why}", name(path)));
            if std::env::var_os("FAIL_FAST").is_some() {
                break;
            }
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {} cases failed\n\n{}",
        failures.len(),
        cases.len(),
        failures.join("\n\n")
    );
}

struct Case {
    change: Change,
    cluster: Arc<Cluster>,
}

impl Case {
    fn read(path: &Path, cluster: &Arc<Cluster>) -> Result<Self, String> {
        Ok(Self {
            change: Change::read(path)?,
            cluster: Arc::clone(cluster),
        })
    }

    fn run(&self) -> Result<(), String> {
        let database = format!("plan_{}", name(&self.change.path).replace('-', "_"));
        let mut session = self.fresh(&database, &self.change.from)?;
        let before = self.dump(&database)?;
        for file in ["live.sql", "data.sql"] {
            self.file(&database, file)?;
        }
        let report = self.apply(&mut session, &database, false)?;
        let left = self.file(&database, "check.sql")?;
        if !left.trim().is_empty() {
            return Err(format!("check.sql found\n{left}\n{report}"));
        }
        if !self.change.differs.contains("there") {
            let fresh = format!("{database}_fresh");
            drop(self.fresh(&fresh, &self.change.to)?);
            same(&self.dump(&database)?, &self.dump(&fresh)?)
                .map_err(|why| format!("{why}\n{report}"))?;
            self.forget(&fresh)?;
        }
        self.expected(&report)?;
        if !self.change.no_way_back {
            let back = self
                .apply(&mut session, &database, true)
                .map_err(|why| format!("the way back: {why}"))?;
            if !self.change.differs.contains("back") {
                same(&self.dump(&database)?, &before)
                    .map_err(|why| format!("the way back: {why}\n{back}"))?;
            }
        }
        drop(session);
        self.forget(&database)
    }

    fn forget(&self, database: &str) -> Result<(), String> {
        let statement = format!("DROP DATABASE \"{database}\"");
        self.cluster.psql("postgres", &statement)?;
        Ok(())
    }

    fn connect(&self, database: &str) -> Client {
        Client::connect(&self.cluster.url(database), NoTls).unwrap()
    }

    /// A database with a catalog's objects in it.
    fn fresh(&self, database: &str, catalog: &Catalog) -> Result<Client, String> {
        self.cluster
            .psql("postgres", &format!("CREATE DATABASE \"{database}\""))?;
        let nothing = Catalog::default();
        let nothing = Former::new(&nothing, catalog);
        let plan = build(&nothing, catalog).map_err(|error| error.to_string())?;
        let mut session = self.connect(database);
        for step in &plan.steps {
            let text = statement(&step.statement).map_err(|error| error.to_string())?;
            session
                .batch_execute(&text)
                .map_err(|error| told(&text, &error))?;
        }
        Ok(session)
    }

    fn file(&self, database: &str, file: &str) -> Result<String, String> {
        let path = self.change.path.join(file);
        if !path.is_file() {
            return Ok(String::new());
        }
        self.cluster
            .psql_file(database, &path, &[])
            .map_err(|error| format!("{file}: {error}"))
    }

    /// Carries out the plan, and compares what it costs with what it says.
    fn apply(&self, session: &mut Client, database: &str, back: bool) -> Result<String, String> {
        let situation = Situation {
            version: self.cluster.version(),
            sizes: sizes_of(&mut self.connect(database)),
            printed: false,
        };
        let (from, to) = self.change.way(back);
        let former = Former::new(from, to);
        let difference = self.change.difference(&former, back);
        let plan = plan(&difference, &former, to, &situation).map_err(|error| error.to_string())?;
        if let Some(unchanged) = difference.unchanged.first() {
            return Err(format!("{} stays as it is", unchanged.object));
        }
        let mut watcher = self.connect(database);
        let known: BTreeSet<u32> = relations(&mut watcher).names.into_values().collect();
        let mut report = hazards(&plan);
        for group in plan.groups() {
            run_group(session, &mut watcher, group, &known, &mut report)
                .and_then(|()| self.file(database, "between.sql"))
                .map_err(|why| format!("{why}\nafter\n{report}"))?;
        }
        Ok(report)
    }

    fn dump(&self, database: &str) -> Result<Lines, String> {
        let dump = self.cluster.dump(database)?;
        Ok(counted(lines(&dump).map(str::to_owned)))
    }

    fn expected(&self, report: &str) -> Result<(), String> {
        // Recipes differ between versions; what is written down is that of the oldest.
        if self.cluster.version() != Version::V15 {
            return Ok(());
        }
        let path = self.change.path.join("expect.txt");
        let expected = fs::read_to_string(&path).unwrap_or_default();
        if expected == *report {
            return Ok(());
        }
        if update_expectations() {
            fs::write(path, report).unwrap();
            return Ok(());
        }
        let diff = similar::TextDiff::from_lines(expected.as_str(), report);
        let diff = diff.unified_diff().header("expected", "actual").to_string();
        Err(format!("expect.txt differs\n{diff}"))
    }
}

fn sizes_of(client: &mut Client) -> BTreeMap<QualifiedName, Size> {
    let query = "SELECT n.nspname, c.relname, c.reltuples::float8, pg_relation_size(c.oid) FROM pg_class c \
                 JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'm')";
    let rows = client.query(query, &[]).unwrap();
    rows.iter()
        .map(|row| {
            let name = QualifiedName::new(row.get::<_, String>(0), row.get::<_, String>(1));
            let (rows, bytes): (f64, i64) = (row.get(2), row.get(3));
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "an estimate"
            )]
            let size = Size {
                rows: (rows >= 0.0).then_some(rows as u64),
                bytes: u64::try_from(bytes).ok(),
            };
            (name, size)
        })
        .collect()
}

fn told(statement: &str, error: &postgres::Error) -> String {
    let message = error.as_db_error().map_or_else(
        || error.to_string(),
        |db| format!("{} {}", db.message(), db.detail().unwrap_or_default()),
    );
    format!("{message}\n{statement}")
}

fn hazards(plan: &Plan<'_>) -> String {
    let names: BTreeSet<&str> = plan
        .steps
        .iter()
        .flat_map(|step| &step.hazards)
        .map(|hazard| hazard.kind.name())
        .collect();
    let names: Vec<&str> = names.into_iter().collect();
    format!("hazards: {}\n", names.join(", "))
}

/// Tables and materialized views with their files, and the names of all relations.
struct Relations {
    names: BTreeMap<String, u32>,
    files: BTreeMap<u32, u32>,
}

fn relations(client: &mut Client) -> Relations {
    let query = "SELECT format('%I.%I', n.nspname, c.relname), c.oid, c.relfilenode, c.relkind::text FROM pg_class c \
                 JOIN pg_namespace n ON n.oid = c.relnamespace \
                 WHERE c.relkind IN ('r', 'p', 'm', 'v') AND n.nspname !~ '^(pg_|information_schema)'";
    let rows = client.query(query, &[]).unwrap();
    let mut relations = Relations {
        names: BTreeMap::new(),
        files: BTreeMap::new(),
    };
    for row in rows {
        let (name, oid, file, kind): (String, u32, u32, String) =
            (row.get(0), row.get(1), row.get(2), row.get(3));
        relations.names.insert(name, oid);
        if kind == "r" {
            relations.files.insert(oid, file);
        }
    }
    relations
}

/// Runs one transaction, or one statement outside of any.
fn run_group(
    session: &mut Client,
    watcher: &mut Client,
    group: &[Step<'_>],
    known: &BTreeSet<u32>,
    report: &mut String,
) -> Result<(), String> {
    let transactional = group.iter().all(|step| step.transactional);
    let before = relations(watcher);
    report.push_str(if transactional {
        "\ntransaction\n"
    } else {
        "\nalone\n"
    });
    if transactional {
        // What it has counted up to here is of other transactions.
        let forget = "SELECT pg_stat_force_next_flush()";
        session.batch_execute(forget).unwrap();
        session.batch_execute("BEGIN").unwrap();
    }
    let mut expected = BTreeMap::<u32, LockMode>::new();
    let mut names = before.names.clone();
    for step in group {
        let text = statement(&step.statement).map_err(|error| error.to_string())?;
        for lock in &step.locks {
            if let Some(oid) = names.get(&lock.relation.to_string()) {
                let mode = expected.entry(*oid).or_insert(lock.mode);
                *mode = lock.mode.max(*mode);
            }
        }
        write_step(step, &text, report);
        for statement in support::statements::statements(&text) {
            if let Some(problem) = parse_error(statement) {
                return Err(problem);
            }
        }
        session
            .batch_execute(&text)
            .map_err(|error| told(&text, &error))?;
        if transactional {
            // Names as the transaction itself sees them: it may have given a relation another one.
            let seen = relations(session);
            names.extend(seen.names);
        }
    }
    if transactional {
        let measured = locks_of(session, watcher, known);
        let scanned = scans(session, &before);
        if !scanned.is_empty() && group.iter().all(|s| s.duration == Duration::CatalogChange) {
            return Err(format!(
                "the plan says that no row is read, and {scanned:?} are read as a whole"
            ));
        }
        expected.retain(|oid, _| known.contains(oid));
        if group.iter().any(|step| depends_on_rows(&step.statement)) {
            // It may take fewer.
            expected.retain(|oid, _| measured.contains_key(oid));
        }
        if measured != expected {
            let show = |locks: &BTreeMap<u32, LockMode>| -> String {
                let name = |oid| before.names.iter().find(|(_, known)| *known == oid);
                let locks = locks.iter();
                let lines: Vec<String> = locks
                    .map(|(oid, mode)| format!("{} {}", name(oid).unwrap().0, mode.name()))
                    .collect();
                lines.join("\n    ")
            };
            return Err(format!(
                "locks differ\n  said\n    {}\n  measured\n    {}",
                show(&expected),
                show(&measured)
            ));
        }
        session
            .batch_execute("COMMIT")
            .map_err(|error| told("COMMIT", &error))?;
    }
    let after = relations(watcher);
    let rewritten: Vec<&u32> = before
        .files
        .iter()
        .filter(|(oid, file)| after.files.get(oid).is_some_and(|now| now != *file))
        .map(|(oid, _)| oid)
        .collect();
    let said = group.iter().any(|step| step.duration == Duration::Rewrite);
    if said == rewritten.is_empty() && !writes_in_place(group) {
        return Err(format!(
            "the plan says rewrite: {said}; rewritten: {rewritten:?}"
        ));
    }
    Ok(())
}

/// The tables with rows that the transaction has read as a whole, by their names before it.
fn scans(session: &mut Client, before: &Relations) -> Vec<String> {
    let query = "SELECT oid FROM pg_class WHERE relkind IN ('r', 'm') AND pg_relation_size(oid) > 0 \
                 AND pg_stat_get_xact_numscans(oid) > 0";
    let rows = session.query(query, &[]).unwrap();
    let scanned: BTreeSet<u32> = rows.iter().map(|row| row.get(0)).collect();
    let known = before.names.iter();
    known
        .filter(|(_, oid)| scanned.contains(oid))
        .map(|(name, _)| name.clone())
        .collect()
}

/// Whether a statement looks first whether there is something to do.
fn depends_on_rows(statement: &Statement<'_>) -> bool {
    matches!(
        statement,
        Statement::KeepOut { .. }
            | Statement::ValidateWhereItHolds { .. }
            | Statement::MoveWaiting { .. }
    )
}

/// Rows are written anew without a new file.
fn writes_in_place(group: &[Step<'_>]) -> bool {
    group.iter().any(|step| {
        matches!(
            step.statement,
            Statement::Backfill { .. } | Statement::CopyRows { .. }
        )
    })
}

fn write_step(step: &Step<'_>, text: &str, report: &mut String) {
    let cost = match step.duration {
        Duration::CatalogChange => "",
        Duration::Scan => " scan",
        Duration::Build => " build",
        Duration::Rewrite => " rewrite",
    };
    let locks: Vec<String> = step
        .locks
        .iter()
        .map(|lock| format!("{} {}", lock.relation, lock.mode.name()))
        .collect();
    // What a function takes and does is no part of how it comes.
    let shown = match text.find("$function") {
        Some(_) => text.split('(').next().unwrap(),
        None => text,
    };
    for line in shown.lines() {
        writeln!(report, "  {line}").unwrap();
    }
    let phase = match step.phase {
        specqlc::plan::Phase::Expand => "expand",
        specqlc::plan::Phase::Contract => "contract",
        specqlc::plan::Phase::Either => "either",
    };
    writeln!(report, "    {phase}{cost}: {}", locks.join(", ")).unwrap();
    for hazard in &step.hazards {
        let relation = hazard.relation.as_ref().map(ToString::to_string);
        writeln!(
            report,
            "    {} ({}): {}",
            hazard.kind.name(),
            relation.unwrap_or_default(),
            hazard.reason
        )
        .unwrap();
    }
}

/// What another connection sees of the locks on relations that were there before.
fn locks_of(
    session: &mut Client,
    watcher: &mut Client,
    known: &BTreeSet<u32>,
) -> BTreeMap<u32, LockMode> {
    let pid: i32 = session
        .query_one("SELECT pg_backend_pid()", &[])
        .unwrap()
        .get(0);
    let rows = watcher
        .query(
            "SELECT relation, mode FROM pg_locks WHERE pid = $1 AND locktype = 'relation' AND granted",
            &[&pid],
        )
        .unwrap();
    let mut found = BTreeMap::new();
    for row in rows {
        let (oid, mode): (u32, String) = (row.get(0), row.get(1));
        let mode = match mode.as_str() {
            "RowShareLock" => LockMode::RowShare,
            "RowExclusiveLock" => LockMode::RowExclusive,
            "ShareUpdateExclusiveLock" => LockMode::ShareUpdateExclusive,
            "ShareLock" => LockMode::Share,
            "ShareRowExclusiveLock" => LockMode::ShareRowExclusive,
            "ExclusiveLock" => LockMode::Exclusive,
            "AccessExclusiveLock" => LockMode::AccessExclusive,
            _ => continue,
        };
        if known.contains(&oid) {
            let strongest = found.entry(oid).or_insert(mode);
            *strongest = mode.max(*strongest);
        }
    }
    found
}
