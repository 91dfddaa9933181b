//! Two versions of a project that nobody wrote, the first with rows in a real server: the plan between them does what it
//! promises.
//!
//! | promise | where |
//! |---|---|
//! | what compiles loads, and what was loaded differs in nothing from what it was loaded from | [`Pair::load`] |
//! | the plan runs, and fails only where it said that rows might be in its way | [`Pair::forward`] |
//! | between its transactions others can write to every table | `tests/support/others.sql` |
//! | what it leads to differs in nothing from the specs, and dumps like a fresh build of them | [`Pair::arrived`] |
//! | no row is lost that `deletes-data` does not name | [`Pair::counts`] |
//! | projections equal their queries, and tables take writes | [`Pair::projections`] |
//! | the way back leads back | [`Pair::back`] |
//! | where what is in no spec is kept, others can write as well, and nothing else differs afterwards | [`Pair::keeps`] |
//! | locks and rewrites are those that it said, and its JSON is as documented | [`carry_out`] |
//!
//! `PAIRS_CASES=1000` makes it more than the default number of pairs, `PAIRS_SEED=17` makes them others; the same seed makes
//! the same pairs. A failure prints both specs after they were made as small as they get; `PAIRS_SHRINK=0` prints them
//! as they are.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper that fails fails its test; clippy knows it only of functions marked as tests"
)]

mod database;
mod edit;
mod kind;
mod partitioning;
mod project;
mod projection;
mod rows;
#[path = "../support/mod.rs"]
mod support;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::test_runner::{Config as Runs, RngAlgorithm, TestRng, TestRunner};
use specqlc::catalog::{Catalog, Partition, PartitionStrategy};
use specqlc::changeset::{Changeset, script};
use specqlc::diff::{Former, keep_partitions};
use specqlc::introspect::Live;
use specqlc::sql::QualifiedName;
use specqlc::syntax::{Config, EnumStyle, PrimaryKeyStyle};

use database::{Database, compiled, is_about_data};
use edit::{Edit, grown};
use project::Project;
use rows::{count, inserts};
use support::Cluster;
use support::dump::{Lines, same_but_for_numbers};
use support::json_schema;
use support::share::at_most_half;

/// Pairs of each seed, and the seeds, where nothing else is said.
const CASES: u32 = 12;
const SEEDS: [u32; 2] = [5, 6];

#[test]
fn plans_lead_where_they_say() {
    let number = |variable: &str| std::env::var(variable).ok()?.parse::<u32>().ok();
    let runs = Runs {
        cases: number("PAIRS_CASES").unwrap_or(CASES),
        max_shrink_iters: number("PAIRS_SHRINK").unwrap_or(150),
        failure_persistence: None,
        ..Runs::default()
    };
    let cluster = Cluster::shared();
    for seed in number("PAIRS_SEED").map_or(SEEDS.to_vec(), |seed| vec![seed]) {
        pairs_of(seed, runs.clone(), &cluster);
    }
}

/// All pairs of a seed.
fn pairs_of(seed: u32, runs: Runs, cluster: &Arc<Cluster>) {
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(&seed.to_le_bytes());
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let (run, blocked) = (Cell::new(0), Cell::new(0));
    let styles = prop::sample::select(vec![(false, false), (true, false), (false, true)]);
    let pairs = (styles, edit::making(), edit::changing());
    let outcome =
        TestRunner::new_with_rng(runs, random).run(&pairs, |(style, making, changing)| {
            let pair = Pair::new(cluster, style, &making, &changing);
            run.set(run.get() + 1);
            let ran = pair.holds().and_then(|ran| pair.keeps().map(|()| ran));
            let ran = ran.map_err(|why| TestCaseError::fail(format!("{why}\n{pair}")))?;
            blocked.set(blocked.get() + u32::from(!ran));
            Ok(())
        });
    let (run, blocked) = (run.get(), blocked.get());
    println!("seed {seed}: {run} pairs, {blocked} of which had rows in their way");
    if let Err(failure) = outcome {
        panic!("seed {seed}: {failure}");
    }
    assert!(at_most_half(blocked, run), "rows are in the way too often");
}

/// Two versions of a project.
struct Pair {
    cluster: Arc<Cluster>,
    config: Config,
    from: (Project, Catalog),
    to: (Project, Catalog),
    /// Whether it is the way there that is watched, or the way back; the other is run as it is printed.
    watched: bool,
    /// Whether what is in no spec is kept once, too.
    kept: bool,
}

impl std::fmt::Display for Pair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let config = &self.config;
        writeln!(f, "{:?}, {:?}", config.primary_key, config.enums)?;
        let (from, to) = (self.from.0.specs(), self.to.0.specs());
        writeln!(f, "--- from\n{from}\n--- what changes")?;
        let changes = similar::TextDiff::from_lines(&from, &to);
        write!(f, "{}", changes.unified_diff().header("from", "to"))
    }
}

impl Pair {
    fn new(
        cluster: &Arc<Cluster>,
        (bigint, native): (bool, bool),
        making: &[Edit],
        changing: &[Edit],
    ) -> Self {
        let mut config = Config::default();
        if bigint {
            config.primary_key = PrimaryKeyStyle::BigInt;
        }
        if native {
            config.enums = EnumStyle::Native;
        }
        let from = grown((Project::default(), Catalog::default()), making, &config);
        let settled = (from.0.settled(), from.1.clone());
        let specs = settled.0.specs();
        let from = (settled.0, compiled(&specs, &config).unwrap_or(from.1));
        let to = grown(from.clone(), changing, &config);
        Self {
            cluster: Arc::clone(cluster),
            config,
            from,
            to,
            watched: making.len().is_multiple_of(2),
            kept: making.len().is_multiple_of(3),
        }
    }

    /// Whether the plan could run to its end.
    fn holds(&self) -> Result<bool, String> {
        let (mut database, live) = self.load()?;
        let before = database.dump()?;
        let rows = inserts(&self.from.0, &self.from.1, 0..4);
        database
            .write(&rows)
            .map_err(|why| format!("a row before: {why}"))?;
        let counts = Self::counts(&mut database, &self.from.0)?;
        // Rows make no difference.
        let (plan, back) = database.plans_from(live, &self.to.1)?;
        if plan.changes.is_empty() && plan.unchanged.is_empty() {
            return Ok(true);
        }
        if !carry_out(&database, &plan, self.watched)? {
            return Ok(false);
        }
        let context = |why: String| format!("{why}\n--- the plan\n{}", script(&plan, "3s"));
        self.forward(&mut database, &plan, &counts)
            .map_err(context)?;
        let context = |why: String| {
            let (plan, back) = (script(&plan, "3s"), script(&back, "3s"));
            format!("{why}\n--- the plan\n{plan}\n--- the way back\n{back}")
        };
        self.back(&mut database, &plan, &back, &before)
            .map_err(context)
    }

    /// The same plan without `--prune`, of each third pair.
    fn keeps(&self) -> Result<(), String> {
        if !self.kept {
            return Ok(());
        }
        let mut database = Database::of(&self.cluster, "pair", &self.from.1)?;
        let rows = inserts(&self.from.0, &self.from.1, 0..4);
        database.write(&rows)?;
        let before = database.dump()?;
        let (plan, back) = database.plans_that_keep(&self.to.1)?;
        let text = script(&plan, "3s");
        let context = |why: String| format!("{why}\n--- without --prune\n{text}");
        match database.run(&text) {
            Ok(()) if plan.unchanged.is_empty() => {}
            // What is kept may be in the way of the plan, but never of others.
            Err((code, why)) if is_of_others(&why) && !is_about_data(&code) => {
                return Err(context(why));
            }
            _ => return Ok(()),
        }
        let (left, _) = database.plans_that_keep(&self.to.1).map_err(context)?;
        if !left.is_empty() {
            let left = script(&left, "3s");
            return Err(context(format!("what was kept differs otherwise:\n{left}")));
        }
        let mut kept = plan.kept.iter();
        if let Some(gone) = kept.find(|object| !left.kept.contains(object)) {
            return Err(context(format!("{gone} was to be kept, and is gone")));
        }
        let back_text = script(&back, "3s");
        let context = |why: String| {
            format!(
                "without --prune, the way back: {why}\n--- there\n{text}\n--- back\n{back_text}"
            )
        };
        self.keeps_back(&mut database, [&plan, &back], &before)
            .map_err(context)
    }

    /// The way back from where a plan has kept what is in no spec.
    fn keeps_back(
        &self,
        database: &mut Database,
        [plan, back]: [&Changeset; 2],
        before: &Lines,
    ) -> Result<(), String> {
        if hazardous(plan, "not-reversible") || !carry_out(database, back, false)? {
            return Ok(());
        }
        if !back.unchanged.is_empty() {
            return Ok(());
        }
        let (left, _) = database.plans(&self.from.1)?;
        nothing("what the way back led to and what was there", &left)?;
        if keeps_rows_in_place(back) || leaves_partitions(&self.to.1, &self.from.1) {
            return Ok(());
        }
        same_but_for_numbers(&database.dump()?, before)
    }

    fn load(&self) -> Result<(Database, Live), String> {
        let mut database = Database::of(&self.cluster, "pair", &self.from.1)?;
        let live = database.read()?;
        let (plan, back) = database.plans_from(live.clone(), &self.from.1)?;
        nothing("what was loaded and what it was loaded from", &plan)?;
        nothing("what it was loaded from and what was loaded", &back)?;
        Ok((database, live))
    }

    fn forward(
        &self,
        database: &mut Database,
        plan: &Changeset,
        counts: &BTreeMap<usize, String>,
    ) -> Result<(), String> {
        let after = Self::counts(database, &self.to.0)?;
        if !hazardous(plan, "deletes-data") {
            for (entity, rows) in counts {
                let now = after.get(entity).unwrap_or(rows);
                if now != rows {
                    return Err(format!("of {rows} rows of entity {entity} {now} are left"));
                }
            }
        }
        if !plan.unchanged.is_empty() {
            // A partition with bounds of its own, a label by which a table is partitioned: it stays, as the plan says.
            return Ok(());
        }
        let (left, _) = database.plans(&self.to.1)?;
        nothing("what the plan led to and what was wanted", &left)?;
        if !keeps_rows_in_place(plan) && !leaves_partitions(&self.from.1, &self.to.1) {
            let fresh = Database::of(&self.cluster, "pair_fresh", &self.to.1)?;
            same_but_for_numbers(&database.dump()?, &fresh.dump()?)?;
        }
        Self::projections(&self.to.0, database, plan)?;
        let rows = inserts(&self.to.0, &self.to.1, 4..6);
        database
            .write(&rows)
            .map_err(|why| format!("a row after: {why}"))?;
        Self::projections(&self.to.0, database, plan)
    }

    /// How many rows each entity's table has.
    fn counts(
        database: &mut Database,
        project: &Project,
    ) -> Result<BTreeMap<usize, String>, String> {
        let mut counts = BTreeMap::new();
        for entity in &project.entities {
            let rows = database.ask(&count(entity))?.unwrap_or_default();
            counts.insert(entity.number, rows);
        }
        Ok(counts)
    }

    fn projections(
        project: &Project,
        database: &mut Database,
        plan: &Changeset,
    ) -> Result<(), String> {
        for projection in &project.projections {
            let Some(root) = project.entity(projection.root) else {
                continue;
            };
            let name = QualifiedName::new(root.schema(), projection.name.clone()).to_string();
            let literal = name.replace('\'', "''");
            match projection.mode() {
                "incremental" => {
                    let query = format!("SELECT specql.verify_projection('{literal}')::text");
                    let differ = database.ask(&query)?;
                    if differ.as_deref() != Some("0") {
                        return Err(format!("{differ:?} rows of {name} differ from its query"));
                    }
                }
                "commit" | "statement" if !hazardous(plan, "stale-projection") => {
                    let query =
                        format!("SELECT string_agg(p::text, ' ' ORDER BY p::text) FROM {name} p");
                    let was = database.ask(&query)?;
                    database.write(&[format!("REFRESH MATERIALIZED VIEW {name}")])?;
                    if was != database.ask(&query)? {
                        return Err(format!("{name} is stale: {was:?}"));
                    }
                }
                _ => {
                    let query = format!("SELECT count(*)::text FROM {name}");
                    database.ask(&query)?;
                }
            }
        }
        Ok(())
    }

    fn back(
        &self,
        database: &mut Database,
        plan: &Changeset,
        back: &Changeset,
        before: &Lines,
    ) -> Result<bool, String> {
        if hazardous(plan, "not-reversible") || !plan.unchanged.is_empty() {
            return Ok(true);
        }
        // The way back knows nothing of a partition that the way there has made of the old table, nor of those that it has left of
        // a renamed one, and says nothing of their locks.
        let mut after = self.to.1.clone();
        keep_partitions(&self.from.1, &mut after);
        let leaves = keeps_rows_in_place(plan) || leaves_partitions(&self.from.1, &after);
        let watched = !self.watched && !leaves;
        if !carry_out(database, back, watched).map_err(|why| format!("the way back: {why}"))? {
            return Ok(false);
        }
        if !back.unchanged.is_empty() {
            return Ok(true);
        }
        let (left, _) = database.plans(&self.from.1)?;
        nothing("what the way back led to and what was there", &left)?;
        if !keeps_rows_in_place(back) && !leaves_partitions(&self.to.1, &self.from.1) {
            same_but_for_numbers(&database.dump()?, before)
                .map_err(|why| format!("the way back: {why}"))?;
        }
        Self::projections(&self.from.0, database, back)
            .map_err(|why| format!("the way back: {why}"))?;
        Ok(true)
    }
}

fn hazardous(plan: &Changeset, name: &str) -> bool {
    let mut hazards = plan.changes.iter().flat_map(|change| &change.hazards);
    hazards.any(|hazard| hazard.name == name)
}

/// Whether a table becomes a partition of what takes its place, of which a fresh build has another.
fn keeps_rows_in_place(plan: &Changeset) -> bool {
    script(plan, "3s").contains("FOR VALUES FROM (MINVALUE) TO")
}

/// Whether there are partitions that nobody wants any more, or not so long: those that come and go with time stay until they are due.
fn leaves_partitions(from: &Catalog, to: &Catalog) -> bool {
    let former = Former::new(from, to);
    let partitions = former.catalog.tables.iter().filter_map(|(name, table)| {
        let partition = table.partition.as_ref()?;
        let wanted = to
            .tables
            .get(name)
            .and_then(|table| table.partition.as_ref());
        wanted
            .is_none_or(|wanted| wanted.bound != partition.bound)
            .then_some(partition)
    });
    let stay = |partition: &Partition| {
        let parent = to.tables.get(&partition.of);
        let key = parent.and_then(|parent| parent.partition_key.as_ref());
        key.is_some_and(|key| key.strategy == PartitionStrategy::Range)
            || to.partition_policies.contains_key(&partition.of)
    };
    partitions.into_iter().any(stay)
}

/// Whether a plan could run to its end: rows that it said might be in its way may be. Watched, it does no more than it said.
fn carry_out(database: &Database, plan: &Changeset, watched: bool) -> Result<bool, String> {
    let document = serde_json::to_value(plan).map_err(|error| error.to_string())?;
    json_schema::check(&document, &json_schema::of_diff())?;
    let text = script(plan, "3s");
    let ran = if watched {
        database.watch(&mut plan.clone())
    } else {
        database.run(&text).map(|()| Vec::new())
    };
    match ran {
        Ok(unexpected) if unexpected.is_empty() => Ok(true),
        Ok(unexpected) => Err(format!("{}\n{text}", unexpected.join("\n"))),
        Err((code, _)) if is_about_data(&code) && hazardous(plan, "may-fail-on-data") => Ok(false),
        Err((_, error)) => Err(format!("the plan fails: {error}\n{text}")),
    }
}

/// Whether it is what others write that fails, and not the plan.
fn is_of_others(error: &str) -> bool {
    // What is deferred runs after the block that wrote.
    ["inline_code_block", "specql.refresh_requested()"]
        .iter()
        .any(|context| error.contains(context))
}

fn nothing(what: &str, plan: &Changeset) -> Result<(), String> {
    if plan.is_empty() && plan.kept.is_empty() {
        return Ok(());
    }
    let unchanged = &plan.unchanged;
    Err(format!(
        "{what} differ:\n{}{unchanged:?} {:?}",
        script(plan, "3s"),
        plan.kept
    ))
}
