//! Ten versions of a project that nobody wrote, as migrations: applied to a database with rows they lead to what a fresh build of
//! the last version is, and taken back one by one to where each began.
//!
//! A step that rows are in the way of, as it said, is stopped by them and gone on with when they are gone. Nothing is taken
//! back further than to a step that is `not-reversible`.
//!
//! `CHAINS_CASES=100` makes it more than the default number of chains, `CHAINS_SEED=17` makes them others; the same seed makes
//! the same chains. `CHAINS_SHRINK=100` makes one that fails smaller before it is printed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper that fails fails its test; clippy knows it only of functions marked as tests"
)]

#[allow(dead_code, reason = "it plans as well, for tests/pairs")]
#[path = "../pairs/database.rs"]
mod database;
#[path = "../pairs/edit.rs"]
mod edit;
#[path = "../pairs/kind.rs"]
mod kind;
#[path = "../pairs/partitioning.rs"]
mod partitioning;
#[allow(dead_code, reason = "tests/pairs asks it more")]
#[path = "../pairs/project.rs"]
mod project;
#[path = "../pairs/projection.rs"]
mod projection;
#[allow(dead_code, reason = "tests/pairs counts them")]
#[path = "../pairs/rows.rs"]
mod rows;
#[path = "../support/mod.rs"]
mod support;

use std::cell::Cell;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::test_runner::{Config as Runs, RngAlgorithm, TestError, TestRng, TestRunner};
use specqlc::catalog::Catalog;
use specqlc::connect::connect;
use specqlc::migrate::{Folder, Made, MigrateError, Options, Part, Runner, Wanted, new};
use specqlc::pg::Version;
use specqlc::plan::HazardKind;
use specqlc::project::State;
use specqlc::syntax::{Config, EnumStyle, PrimaryKeyStyle};

use database::{AS_OF, Database, compiled};
use edit::{Edit, grown};
use project::Project;
use rows::inserts;
use support::Cluster;
use support::dump::{Lines, same_but_for_numbers};
use support::share::at_most_half;

/// Chains of each seed, and the seeds, where nothing else is said.
const CASES: u32 = 2;
const SEEDS: [u32; 2] = [1, 2];
/// How many versions there are after the first.
const STEPS: usize = 10;

#[test]
fn migrations_lead_to_each_version_and_back() {
    let number = |variable: &str| std::env::var(variable).ok()?.parse::<u32>().ok();
    let runs = Runs {
        cases: number("CHAINS_CASES").unwrap_or(CASES),
        max_shrink_iters: number("CHAINS_SHRINK").unwrap_or(0),
        failure_persistence: None,
        ..Runs::default()
    };
    let cluster = Cluster::shared();
    for seed in number("CHAINS_SEED").map_or(SEEDS.to_vec(), |seed| vec![seed]) {
        let mut bytes = [0; 32];
        bytes[..4].copy_from_slice(&seed.to_le_bytes());
        let random = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let styles = prop::sample::select(vec![(false, false), (true, false), (false, true)]);
        let changes = prop::collection::vec(edit::changing(), STEPS);
        let (applied, undone) = (Cell::new(0), Cell::new(0));
        let (chains, stuck) = (Cell::new(0), Cell::new(0));
        let outcome = TestRunner::new_with_rng(runs.clone(), random).run(
            &(styles, edit::making(), changes),
            |(style, making, changes)| {
                let chain = Chain::new(&cluster, style, &making, &changes);
                let (steps, back) = chain.holds().map_err(TestCaseError::fail)?;
                applied.set(applied.get() + steps);
                undone.set(undone.get() + back);
                chains.set(chains.get() + 1);
                stuck.set(stuck.get() + u32::from(steps > 0 && back == 0));
                Ok(())
            },
        );
        match outcome {
            // The edits tell less than what they made.
            Err(TestError::Fail(why, _)) => panic!("seed {seed}: {why}"),
            Err(abort) => panic!("seed {seed}: {abort}"),
            Ok(()) => {}
        }
        let (applied, undone) = (applied.get(), undone.get());
        println!("seed {seed}: {applied} steps, {undone} of which were taken back");
        assert!(
            at_most_half(stuck.get(), chains.get()),
            "hardly anything leads back"
        );
    }
}

/// Versions of a project.
struct Chain {
    cluster: Arc<Cluster>,
    config: Config,
    versions: Vec<(Project, Catalog)>,
}

/// A step that was applied.
struct Step {
    version: usize,
    reversible: bool,
    /// What the database was before it.
    before: Lines,
}

impl Chain {
    fn new(
        cluster: &Arc<Cluster>,
        (bigint, native): (bool, bool),
        making: &[Edit],
        changes: &[Vec<Edit>],
    ) -> Self {
        let mut config = Config::default();
        if bigint {
            config.primary_key = PrimaryKeyStyle::BigInt;
        }
        if native {
            config.enums = EnumStyle::Native;
        }
        let first = grown((Project::default(), Catalog::default()), making, &config);
        let mut versions = vec![first];
        for change in changes {
            let (project, catalog) = &versions[versions.len() - 1];
            // What was renamed is not renamed again.
            let settled = project.settled();
            let catalog = compiled(&settled.specs(), &config).unwrap_or_else(|_| catalog.clone());
            versions.push(grown((settled, catalog), change, &config));
        }
        Self {
            cluster: Arc::clone(cluster),
            config,
            versions,
        }
    }

    /// How many steps were applied, and how many of them taken back.
    fn holds(&self) -> Result<(usize, usize), String> {
        let mut life = Life::of(&self.cluster, "chain")?;
        let mut steps: Vec<Step> = Vec::new();
        for (version, (project, catalog)) in self.versions.iter().enumerate() {
            let before = life.database.dump()?;
            let told = |why: String| format!("version {version}: {why}\n{}", self.change(version));
            let Some(reversible) = life.step(version, catalog).map_err(told)? else {
                continue;
            };
            steps.push(Step {
                version,
                reversible,
                before,
            });
            let from = u32::try_from(version).unwrap() * 4;
            let rows = inserts(project, catalog, from..from + 3);
            life.database
                .write(&rows)
                .map_err(|why| told(format!("a row: {why}")))?;
        }
        let (_, last) = &self.versions[self.versions.len() - 1];
        let mut fresh = Life::of(&self.cluster, "chain_fresh")?;
        fresh.step(0, last)?;
        same_but_for_numbers(&life.database.dump()?, &fresh.database.dump()?)
            .map_err(|why| format!("{why}\n{}", self.changes()))?;
        let applied = steps.len();
        let back = steps.iter().rev().take_while(|step| step.reversible);
        let mut undone = 0;
        for step in back {
            let told = |why: String| {
                let version = step.version;
                format!(
                    "the way back from version {version}: {why}\n{}",
                    self.change(version)
                )
            };
            life.run(Way::Down).map_err(told)?;
            same_but_for_numbers(&life.database.dump()?, &step.before).map_err(told)?;
            undone += 1;
        }
        Ok((applied, undone))
    }

    /// What came with a version.
    fn change(&self, version: usize) -> String {
        let before = version
            .checked_sub(1)
            .map(|before| &self.versions[before].0);
        let before = before.map(|project| project.settled().specs());
        let (before, after) = (before.unwrap_or_default(), self.versions[version].0.specs());
        let change = similar::TextDiff::from_lines(&before, &after);
        let config = &self.config;
        format!(
            "{:?}, {:?}\n--- before\n{before}\n--- what changed\n{}",
            config.primary_key,
            config.enums,
            change.unified_diff().header("before", "after")
        )
    }

    fn changes(&self) -> String {
        let changes = (0..self.versions.len()).map(|version| self.change(version));
        changes.collect::<Vec<_>>().join("\n=== next\n")
    }
}

#[derive(Clone, Copy)]
enum Way {
    Up,
    Down,
}

/// A folder of migrations, and a database that they are applied to.
struct Life {
    folder: tempfile::TempDir,
    database: Database,
    version: Version,
    url: String,
}

impl Life {
    fn of(cluster: &Arc<Cluster>, name: &str) -> Result<Self, String> {
        let mut life = Self {
            folder: tempfile::tempdir().map_err(|error| error.to_string())?,
            database: Database::of(cluster, name, &Catalog::default())?,
            version: cluster.version(),
            url: cluster.url(name),
        };
        // The ledger is there from the beginning to the end.
        life.run(Way::Up)?;
        Ok(life)
    }

    /// Writes the migration to a version and applies it. Whether it can be taken back; `None` where nothing differs.
    fn step(&mut self, version: usize, catalog: &Catalog) -> Result<Option<bool>, String> {
        let folder = Folder::open(self.folder.path()).map_err(|error| error.to_string())?;
        let name = format!("version_{version}");
        let wanted = Wanted {
            name: &name,
            state: State {
                catalog: catalog.clone(),
                claims: specqlc::lower::Claims::default(),
                postgres: self.version,
                as_of: AS_OF,
            },
            part: Part::All,
            allow: HazardKind::ALL.into_iter().collect(),
            lock_timeout: "3s",
            format: None,
            live: None,
        };
        let made = new(&folder, wanted).map_err(|error| error.to_string())?;
        let (changeset, no_way_back) = match made {
            Made::Nothing => return Ok(None),
            Made::Refused(_) => return Err("it is refused".to_owned()),
            Made::Files {
                changeset,
                no_way_back,
                files: _,
            } => (changeset, no_way_back),
        };
        self.run(Way::Up)?;
        let mut hazards = changeset.changes.iter().flat_map(|change| &change.hazards);
        let reversible = !hazards.any(|hazard| hazard.name == "not-reversible");
        Ok(Some(
            reversible && no_way_back.is_empty() && changeset.unchanged.is_empty(),
        ))
    }

    /// Runs migrations; rows that are in the way of one that said so are taken out of it once.
    fn run(&mut self, way: Way) -> Result<(), String> {
        let folder = Folder::open(self.folder.path()).map_err(|error| error.to_string())?;
        let options = Options {
            to: None,
            wait: true,
            allow_drift: false,
            allow: HazardKind::ALL.into_iter().collect(),
            lock_timeout: "3s".to_owned(),
        };
        let url = self.url.clone();
        let open = || connect(Some(&url), &|_| None);
        let runner = Runner {
            folder: &folder,
            options: &options,
            connect: &open,
            tell: &|_| {},
        };
        let work = || match way {
            Way::Up => runner.apply(),
            Way::Down => runner.down(),
        };
        match work() {
            Err(MigrateError::Statement {
                file,
                line,
                problem,
                ..
            }) => {
                let text =
                    std::fs::read_to_string(self.folder.path().join("migrations").join(&file))
                        .unwrap();
                if !text.contains("may-fail-on-data") {
                    return Err(format!(
                        "{}, line {line}: {problem}\n{text}",
                        file.display()
                    ));
                }
                self.database
                    .write(&[NO_ROWS.to_owned()])
                    .map_err(|why| format!("after {}: {why}", file.display()))?;
                work()
                    .map(drop)
                    .map_err(|error| format!("without rows: {error}\n{text}"))
            }
            result => result.map(drop).map_err(|error| error.to_string()),
        }
    }
}

/// Takes all rows out of all tables but those of the program itself.
const NO_ROWS: &str = "
    DO $$
    DECLARE
        name text;
    BEGIN
        FOR name IN
            SELECT c.oid::regclass FROM pg_class AS c
            WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace::regnamespace::text !~ '^(pg_|information_schema|specql$)'
        LOOP
            EXECUTE format('TRUNCATE %s CASCADE', name);
        END LOOP;
    END $$";
