//! Writers at once, at all isolation levels, with rollbacks, savepoints and killed connections: whatever happened, a
//! projection equals its query, or a mark says that it has yet to be refreshed.
//!
//! The modes run side by side. `REFRESH_SEEDS=300` runs other than the default number of seeds in each, `REFRESH_SEED=17` one
//! of them again, both together as many from this one on, `REFRESH_MODE=queued` one mode only.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper that fails fails its test; clippy knows it only of functions marked as tests"
)]

mod support;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use postgres::{Client, NoTls, SimpleQueryMessage};
use support::{Cluster, Project};

const SEEDS: u64 = 60;
const WRITERS: u64 = 8;
const TRANSACTIONS: u64 = 6;

/// Region ← Customer ← Sale; the second projection reaches sales through customers.
const SPEC: &str = "
entity: Region
fields: {id: integer!, name: text!}
---
entity: Customer
fields:
  id: integer!
  name: text
  active: boolean = true
  region: ref(Region, on_delete=set_null)
---
entity: Sale
fields:
  id: integer!
  customer: ref(Customer, on_delete=cascade, on_update=cascade)
  amount: integer
---
projections:
  - name: totals
    includes: [{Customer: [id, name]}, {Region: [name as region_name]}, {Sale: [COUNT(*) as sales, SUM(amount) as total]}]
    filters: [{condition: active}]
    refresh: REFRESH
  - name: by_region
    includes: [{Region: [id, name]}, {Sale: [COUNT(*) as sales, MAX(amount) as biggest]}]
    refresh: REFRESH
";

const PROJECTIONS: [&str; 2] = ["totals", "by_region"];

/// How a database's projections are refreshed.
struct Mode {
    database: &'static str,
    refresh: &'static str,
    /// Whether one snapshot shows projection and sources as of the same time: an ordinary REFRESH shows its rows to
    /// snapshots that are older than it.
    in_one_snapshot: bool,
    /// Whether it is never out of date, nor marked: a table whose query is a view.
    always_right: bool,
}

const MODES: [Mode; 5] = [
    Mode {
        database: "incrementally",
        refresh: "{materialized: true, mode: incremental}",
        in_one_snapshot: true,
        always_right: true,
    },
    Mode {
        database: "at_commit",
        refresh: "{materialized: true, on: all, concurrently: true}",
        in_one_snapshot: true,
        always_right: false,
    },
    Mode {
        database: "exclusively",
        refresh: "{materialized: true, on: all, mode: commit}",
        in_one_snapshot: false,
        always_right: false,
    },
    Mode {
        database: "in_statement",
        refresh: "{materialized: true, on: all, mode: statement, concurrently: true}",
        in_one_snapshot: true,
        always_right: false,
    },
    Mode {
        database: "queued",
        refresh: "{materialized: true, on: all, mode: queued, concurrently: true}",
        in_one_snapshot: true,
        always_right: false,
    },
];

#[test]
fn projections_stay_right() {
    let seeds = match number("REFRESH_SEED") {
        Some(seed) => seed..seed + number("REFRESH_SEEDS").unwrap_or(1),
        None => 0..number("REFRESH_SEEDS").unwrap_or(SEEDS),
    };
    let cluster = Cluster::start();
    for mode in &MODES {
        let project = Project::of(&SPEC.replace("REFRESH", mode.refresh));
        let built = project.specqlc().arg("build").output().unwrap();
        assert!(built.status.success(), "{}", support::said(&built));
        // Many transactions wait crosswise for their rows, and should not wait long.
        let create = format!(
            "CREATE DATABASE {0}; ALTER DATABASE {0} SET deadlock_timeout = '20ms'",
            mode.database
        );
        cluster.psql("postgres", &create).unwrap();
        let schema = project.path().join("generated/schema.sql");
        cluster.psql_file(mode.database, &schema, &["-1"]).unwrap();
    }
    let only = std::env::var("REFRESH_MODE").ok();
    thread::scope(|scope| {
        for mode in &MODES {
            if only.as_ref().is_some_and(|only| only != mode.database) {
                continue;
            }
            let (cluster, seeds) = (&cluster, seeds.clone());
            scope.spawn(move || run_seeds(cluster, mode, seeds));
        }
    });
}

fn run_seeds(cluster: &Cluster, mode: &Mode, seeds: Range<u64>) {
    let first = seeds.start;
    let transactions = (seeds.end - first) * WRITERS * TRANSACTIONS;
    let mut ended = BTreeMap::new();
    for seed in seeds {
        let run = Run {
            cluster,
            mode,
            seed,
            ended: Mutex::default(),
            done: AtomicBool::new(false),
            definitions: definitions(cluster, mode),
        };
        run.run();
        for (how, count) in run.ended.into_inner().unwrap() {
            *ended.entry(how).or_insert(0) += count;
        }
    }
    let mode = mode.database;
    println!("from seed {first}: {transactions} transactions, {mode}: {ended:?}");
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

struct Run<'a> {
    cluster: &'a Cluster,
    mode: &'a Mode,
    seed: u64,
    /// How many transactions ended how.
    ended: Mutex<BTreeMap<String, u64>>,
    done: AtomicBool,
    /// The projections' queries.
    definitions: BTreeMap<&'static str, String>,
}

impl Run<'_> {
    fn run(&self) {
        let mut client = self.connect();
        client
            .batch_execute(
                "TRUNCATE regions, customers, sales;
                INSERT INTO regions SELECT g, 'r' || g FROM generate_series(1, 2) g;
                INSERT INTO customers SELECT g, 'c' || g, true, 1 + g % 2 FROM generate_series(1, 4) g;
                INSERT INTO sales SELECT g, 1 + g % 4, g FROM generate_series(1, 8) g",
            )
            .unwrap();
        client
            .batch_execute("CALL specql.refresh_projections()")
            .unwrap();
        thread::scope(|scope| {
            let others = [
                scope.spawn(|| self.kill_some()),
                scope.spawn(|| self.refresh_now_and_then()),
                scope.spawn(|| self.watch()),
            ];
            let writers: Vec<_> = (0..WRITERS)
                .map(|writer| scope.spawn(move || self.write(writer)))
                .collect();
            let writers: Vec<_> = writers
                .into_iter()
                .map(thread::ScopedJoinHandle::join)
                .collect();
            self.done.store(true, Ordering::Relaxed);
            for other in others {
                other.join().unwrap();
            }
            for writer in writers {
                writer.unwrap();
            }
        });
        // Nobody writes any more: right as it is, or marked.
        self.check(&mut client, "before the last refresh");
        if self.mode.always_right {
            let marks = value(&mut client, "SELECT count(*) FROM specql.refresh_request");
            assert_eq!(marks.unwrap(), "0", "marks are left; seed {}", self.seed);
        }
        client
            .batch_execute("CALL specql.refresh_projections()")
            .unwrap();
        let left = value(&mut client, "SELECT count(*) FROM specql.refresh_request").unwrap();
        assert_eq!(left, "0", "requests are left behind; seed {}", self.seed);
        self.check(&mut client, "at the end");
    }

    fn connect(&self) -> Client {
        Client::connect(&self.cluster.url(self.mode.database), NoTls).unwrap()
    }

    /// In one snapshot: a projection that no mark says is out of date equals its query.
    fn check(&self, client: &mut Client, when: &str) {
        for projection in PROJECTIONS {
            let definition = &self.definitions[projection];
            let query = format!(
                "SELECT count(*) FROM (
                    (TABLE {projection} EXCEPT ALL ({definition})) UNION ALL (({definition}) EXCEPT ALL TABLE {projection})
                ) AS differs
                WHERE NOT EXISTS (SELECT FROM specql.refresh_request WHERE projection = 'public.{projection}')"
            );
            // A deadlock with somebody who has emptied one source and reads another is nobody's fault.
            if let Ok(differing) = value(client, &query) {
                let (mode, seed) = (self.mode.database, self.seed);
                assert_eq!(
                    differing, "0",
                    "rows of {projection} differ {when}: {mode}, seed {seed}"
                );
            }
        }
    }

    fn watch(&self) {
        let mut client = self.connect();
        while self.mode.in_one_snapshot && !self.done.load(Ordering::Relaxed) {
            self.check(&mut client, "while others write");
            thread::sleep(Duration::from_millis(5));
        }
    }

    fn refresh_now_and_then(&self) {
        let mut client = self.connect();
        while !self.done.load(Ordering::Relaxed) {
            thread::sleep(Duration::from_millis(30));
            // It fails where it would deadlock; what was marked stays marked.
            let refreshed = client.batch_execute("CALL specql.refresh_projections()");
            self.count(format!("CALL: {}", how(&refreshed)));
        }
    }

    fn kill_some(&self) {
        let mut client = self.connect();
        let mut random = Random::new(self.seed, 99);
        while !self.done.load(Ordering::Relaxed) {
            thread::sleep(Duration::from_millis(50 + random.below(200)));
            let name = format!("writer {}", random.below(WRITERS));
            let kill = format!(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                WHERE application_name = '{name}' AND datname = current_database()"
            );
            value(&mut client, &kill).unwrap();
        }
    }

    fn write(&self, writer: u64) {
        let mut random = Random::new(self.seed, writer);
        let mut client = None;
        for _ in 0..TRANSACTIONS {
            let connected = client.get_or_insert_with(|| self.connect());
            let name = format!("SET application_name = 'writer {writer}'");
            let ended = connected
                .batch_execute(&name)
                .and_then(|()| transaction(connected, &mut random));
            let how = how(&ended);
            let expected = [
                "done", "killed", "40001", "40P01", "23503", "23505", "57P01",
            ];
            assert!(
                expected.contains(&how.as_str()),
                "{ended:?} of {}, seed {}",
                self.mode.database,
                self.seed
            );
            self.count(how);
            if connected.is_closed() || connected.batch_execute("ROLLBACK").is_err() {
                client = None;
            }
        }
    }

    fn count(&self, how: String) {
        *self.ended.lock().unwrap().entry(how).or_default() += 1;
    }
}

fn definitions(cluster: &Cluster, mode: &Mode) -> BTreeMap<&'static str, String> {
    let of = |projection: &'static str| {
        let view = if mode.always_right {
            format!("specql.definition_public_{projection}")
        } else {
            projection.to_owned()
        };
        let query = format!("SELECT rtrim(pg_get_viewdef('{view}'::regclass), ';')");
        (projection, cluster.psql(mode.database, &query).unwrap())
    };
    PROJECTIONS.map(of).into()
}

/// The first column of the first row.
fn value(client: &mut Client, query: &str) -> Result<String, postgres::Error> {
    let messages = client.simple_query(query)?;
    let row = messages.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    });
    Ok(row.unwrap_or_default().to_owned())
}

fn how(ended: &Result<(), postgres::Error>) -> String {
    match ended {
        Ok(()) => "done".into(),
        Err(error) => error
            .code()
            .map_or_else(|| "killed".into(), |code| code.code().to_owned()),
    }
}

fn transaction(client: &mut Client, random: &mut Random) -> Result<(), postgres::Error> {
    let level = random.one_of(&[
        "READ COMMITTED",
        "READ COMMITTED",
        "READ UNCOMMITTED",
        "REPEATABLE READ",
        "SERIALIZABLE",
    ]);
    client.batch_execute(&format!("BEGIN ISOLATION LEVEL {level}"))?;
    for _ in 0..=random.below(3) {
        match random.below(10) {
            0 | 1 => {
                client.batch_execute("SAVEPOINT a")?;
                client.batch_execute(&change(random))?;
                let end =
                    random.one_of(&["ROLLBACK TO a", "RELEASE a", "ROLLBACK TO a; RELEASE a"]);
                client.batch_execute(end)?;
            }
            2 => client.batch_execute("SET CONSTRAINTS ALL IMMEDIATE")?,
            3 => client.batch_execute("SET CONSTRAINTS ALL DEFERRED")?,
            4 => thread::sleep(Duration::from_millis(random.below(20))),
            _ => client.batch_execute(&change(random))?,
        }
    }
    match random.below(10) {
        0 => client.batch_execute("ROLLBACK"),
        1 => client.batch_execute("SELECT pg_terminate_backend(pg_backend_pid())"),
        _ => client.batch_execute("COMMIT"),
    }
}

/// A change of some of the few rows.
fn change(random: &mut Random) -> String {
    let (customer, other, sale) = (
        random.below(4) + 1,
        random.below(5) + 1,
        random.below(9) + 1,
    );
    let (region, amount) = (random.below(2) + 1, random.below(100));
    match random.below(22) {
        0..=3 => format!(
            "INSERT INTO sales VALUES ({sale}, {customer}, {amount}) ON CONFLICT (id) DO UPDATE SET amount = {amount}"
        ),
        4 => format!(
            "INSERT INTO sales SELECT g, {customer}, g FROM generate_series({sale}, 20) g ON CONFLICT DO NOTHING"
        ),
        5..=7 => format!("UPDATE sales SET amount = amount + 1 WHERE customer_id = {customer}"),
        8 | 9 => format!("UPDATE sales SET customer_id = {customer} WHERE id = {sale}"),
        10 | 11 => format!("DELETE FROM sales WHERE id = {sale}"),
        12 => format!(
            "UPDATE customers SET name = 'n{amount}', active = NOT active WHERE id = {customer}"
        ),
        13 => format!(
            "UPDATE customers SET id = {other} WHERE id = {customer} AND NOT EXISTS (SELECT FROM customers WHERE id = {other})"
        ),
        14 => format!("UPDATE customers SET region_id = {region} WHERE id = {customer}"),
        15 | 16 => format!(
            "INSERT INTO customers VALUES ({customer}, 'new', true, {region}) ON CONFLICT DO NOTHING"
        ),
        17 => format!("DELETE FROM customers WHERE id = {customer}"),
        18 => format!("UPDATE regions SET name = 'r{amount}' WHERE id = {region}"),
        19 => format!(
            "WITH moved AS (DELETE FROM sales WHERE customer_id = {customer} RETURNING amount) UPDATE regions SET name = 'm{amount}' WHERE id = {region} AND EXISTS (SELECT FROM moved)"
        ),
        20 => "TRUNCATE sales".into(),
        _ => "TRUNCATE customers CASCADE".into(),
    }
}

/// Numbers that follow from a seed.
struct Random(u64);

impl Random {
    fn new(seed: u64, stream: u64) -> Self {
        Self((seed * 1000 + stream + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    fn below(&mut self, end: u64) -> u64 {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % end
    }

    fn one_of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[usize::try_from(self.below(words.len() as u64)).unwrap()]
    }
}
