//! Changes of a schema while eight clients of pgbench write and read it: none of their statements fails, and none waits for a
//! lock longer than the changes' `lock_timeout` lets it.
//!
//! How long a statement waits is what the server says of it (`log_lock_waits`, `deadlock_timeout`), not what a clock beside a
//! busy machine reads. pgbench is the one beside the server programs, or that of another version.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a helper that fails fails its test; clippy knows it only of functions marked as tests"
)]

mod support;

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use support::{Cluster, Project, said};

/// The most that a statement of the load may wait.
const LIMIT: &str = "300ms";
/// The most that a change waits for its lock, while who comes after it waits behind it.
const CONFIG: &[u8] = b"lock_timeout: 200ms\ndefaults: {primary_key: bigint}\n";
const CLIENTS: usize = 8;
/// The day of partitions, whenever the test is run.
const TODAY: &str = "2025-01-15";

const SHOP: &str = "
entity: Customer
fields: {name: text!}
---
entity: Order
fields:
  customer_id: bigint
  state: text
  note: text
  amount: integer
---
entity: Visit
fields: {customer_id: bigint, at: timestamptz! = now()}
partitioning: {strategy: RANGE, column: at, intervals: monthly, start: 2025-01-01, premake: 2}
---
projections:
  - name: totals
    includes: [{Customer: [id]}]
    refresh: {materialized: true}
    indexes: [{name: idx_totals_id, columns: [id], unique: true}]
";

/// Each changes what is left by the one before.
const CHANGES: [(&str, &str, &str); 7] = [
    (
        "index",
        "amount: integer\n",
        "amount: integer\nindexes:\n  - columns: [state, amount]\n",
    ),
    (
        "foreign_key",
        "Order\nfields:\n  customer_id: bigint",
        "Order\nfields:\n  customer: ref(Customer)",
    ),
    ("not_null", "note: text\n", "note: text!\n"),
    ("check", "amount: integer\n", "amount: integer(0,1000000)\n"),
    ("partition", "premake: 2", "premake: 5"),
    (
        "search_index",
        "indexes:\n",
        "indexes:\n  - {columns: [\"to_tsvector('english', note)\"], type: gin}\n",
    ),
    ("materialized_view", "[id]}]\n", "[id, name]}]\n"),
];

const DATA: &str = "
INSERT INTO customers (name) SELECT 'customer ' || n FROM generate_series(1, 1000) n;
INSERT INTO orders (customer_id, state, note, amount)
    SELECT n % 1000 + 1, 'open', 'note ' || n, n FROM generate_series(1, 100000) n;
INSERT INTO visits (customer_id, at) SELECT n % 1000 + 1, '2025-01-10' FROM generate_series(1, 1000) n;
REFRESH MATERIALIZED VIEW totals;
VACUUM ANALYZE;
";

const LOAD: &str = "
\\set customer random(1, 1000)
\\set order random(1, 100000)
INSERT INTO orders (customer_id, state, note, amount) VALUES (:customer, 'new', 'one more', 1);
UPDATE orders SET amount = amount + 1 WHERE id = :order;
BEGIN;
UPDATE orders SET state = 'seen' WHERE id = :order;
INSERT INTO visits (customer_id, at) VALUES (:customer, '2025-02-10');
COMMIT;
SELECT c.name, o.amount FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o.id = :order;
SELECT count(*) FROM visits WHERE at >= '2025-02-09' AND customer_id = :customer;
SELECT id FROM totals WHERE id = :customer;
";

#[test]
fn changes_hold_up_no_load() {
    let shop = Shop::new(SHOP, DATA);
    let mut load = Load::start(&shop, LOAD);
    let mut specs = SHOP.to_owned();
    for (name, before, after) in CHANGES {
        assert!(specs.contains(before), "{name}");
        specs = specs.replacen(before, after, 1);
        load.goes_on();
        shop.change(name, &specs);
        load.goes_on();
        load.is_well(name);
    }
    drop(load);
    shop.differs_in_nothing();
}

const PARCELS: &str = "
entity: Parcel
fields: {state: text, created_at: timestamptz! = now(), weight: integer}
";
const PARTITIONED: &str = "partitioning: {strategy: RANGE, column: created_at, intervals: monthly, start: 2025-01-01, premake: 2}\n";

const PARCEL_DATA: &str = "
INSERT INTO parcels (state, created_at, weight)
    SELECT 'sent', timestamptz '2023-01-01' + n * interval '30 seconds', n FROM generate_series(1, 2000000) n;
CREATE TABLE written (parcel bigint);
VACUUM ANALYZE;
";

const PARCEL_LOAD: &str = "
\\set parcel random(1, 2000000)
WITH new AS (INSERT INTO parcels (state, created_at, weight) VALUES ('new', '2025-01-14', 1) RETURNING id)
    INSERT INTO written SELECT id FROM new;
UPDATE parcels SET weight = weight + 1 WHERE id = :parcel;
SELECT state FROM parcels WHERE id = :parcel;
";

#[test]
fn a_large_table_becomes_partitioned_where_it_lies() {
    let shop = Shop::new(PARCELS, PARCEL_DATA);
    let heap = shop
        .sql("SELECT 'parcels'::regclass::oid")
        .trim()
        .to_owned();
    let file = format!("SELECT relfilenode, relispartition FROM pg_class WHERE oid = {heap}");
    let before = shop.sql(&file);
    let mut load = Load::start(&shop, PARCEL_LOAD);
    load.goes_on();
    shop.change("partitioned", &format!("{PARCELS}{PARTITIONED}"));
    load.goes_on();
    load.is_well("partitioned");
    drop(load);
    assert_eq!(before.replace("\tf", "\tt"), shop.sql(&file), "a copy");
    let counted = shop.sql(
        "SELECT count(*) - 2000000 - (SELECT count(*) FROM written) FROM parcels;
         SELECT count(*) FROM written WHERE parcel NOT IN (SELECT id FROM parcels WHERE state = 'new');
         SELECT relkind FROM pg_class WHERE oid = 'parcels'::regclass",
    );
    assert_eq!(counted, "0\n0\np\n");
    shop.differs_in_nothing();
}

/// What judges the others sees who keeps a lock too long.
#[test]
fn a_lock_that_is_kept_is_seen() {
    let shop = Shop::new(PARCELS, "CREATE TABLE written (parcel bigint)");
    let mut load = Load::start(&shop, PARCEL_LOAD);
    load.goes_on();
    shop.sql("BEGIN; LOCK parcels IN SHARE MODE; SELECT pg_sleep(0.5); COMMIT");
    load.goes_on();
    let complaints = load.complaints();
    assert!(complaints.contains("still waiting"), "{complaints}");
}

/// A project and a database on a server of its own, whose log tells who waits.
struct Shop {
    cluster: Cluster,
    project: Project,
    _alone: MutexGuard<'static, ()>,
}

impl Shop {
    /// One at a time: a load is for the whole machine.
    fn new(specs: &str, data: &str) -> Self {
        static ALONE: Mutex<()> = Mutex::new(());
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let shop = Self {
            cluster: Cluster::start(),
            project: Project::empty(),
            _alone: alone,
        };
        shop.sql(&format!(
            "ALTER SYSTEM SET log_lock_waits = on;
             ALTER SYSTEM SET deadlock_timeout = '{LIMIT}';
             ALTER SYSTEM SET log_line_prefix = '%a|';
             ALTER SYSTEM SET synchronous_commit = off;
             SELECT pg_reload_conf()"
        ));
        shop.project.write("specql.yaml", CONFIG);
        shop.change("first", specs);
        shop.sql(data);
        shop
    }

    fn sql(&self, text: &str) -> String {
        self.cluster.psql("postgres", text).unwrap()
    }

    /// Writes the migration to these specs, and applies it. No hazard is allowed that holds up who writes or reads.
    fn change(&self, name: &str, specs: &str) {
        self.project.write("specs/spec.yaml", specs.as_bytes());
        self.run(&[
            "migrate",
            "new",
            name,
            "--as-of",
            TODAY,
            "--allow",
            "may-fail-on-data,scans-table,drops-index,breaks-old-code,stale-projection",
        ]);
        self.run(&["migrate", "apply"]);
    }

    fn differs_in_nothing(&self) {
        let printed = self.run(&["diff", "--as-of", TODAY]);
        assert_eq!(printed, "");
    }

    fn run(&self, arguments: &[&str]) -> String {
        let output = self
            .project
            .specqlc()
            .args(arguments)
            .env("DATABASE_URL", self.cluster.url("postgres"))
            .output()
            .unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", said(&output));
        String::from_utf8(output.stdout).unwrap()
    }
}

/// pgbench, until it is dropped.
struct Load<'a> {
    shop: &'a Shop,
    process: Child,
    errors: PathBuf,
}

impl<'a> Load<'a> {
    fn start(shop: &'a Shop, script: &str) -> Self {
        shop.project.write("load.sql", script.as_bytes());
        let errors = shop.project.path().join("load.log");
        let process = Command::new(pgbench())
            .args(["-n", "-T", "3600", "-c", &CLIENTS.to_string(), "-f"])
            .arg(shop.project.path().join("load.sql"))
            .arg(shop.cluster.url("postgres"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(&errors).unwrap())
            .spawn()
            .unwrap();
        Self {
            shop,
            process,
            errors,
        }
    }

    /// Waits until a thousand transactions more have begun.
    fn goes_on(&mut self) {
        let transactions = || -> u64 {
            let next = "SELECT pg_snapshot_xmax(pg_current_snapshot())";
            self.shop.sql(next).trim().parse().unwrap()
        };
        let goal = transactions() + 1_000;
        let end = Instant::now() + Duration::from_mins(1);
        while transactions() < goal {
            let ended = self.process.try_wait().unwrap();
            assert!(ended.is_none(), "{ended:?}: {}", self.complaints());
            assert!(
                Instant::now() < end,
                "the load stands: {}",
                self.complaints()
            );
            sleep(Duration::from_millis(10));
        }
    }

    /// No client has failed, or waited for too long.
    fn is_well(&self, change: &str) {
        let complaints = self.complaints();
        assert!(complaints.is_empty(), "{change}: {complaints}");
        let clients = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pgbench'";
        assert_eq!(self.shop.sql(clients), format!("{CLIENTS}\n"), "{change}");
    }

    /// What the server's log says of it, and pgbench itself.
    fn complaints(&self) -> String {
        let mut complaints = fs::read_to_string(&self.errors).unwrap();
        // pgbench says its name before it begins.
        complaints = complaints
            .lines()
            .filter(|line| !line.starts_with("pgbench (") && !line.trim().is_empty())
            .collect();
        for line in self.shop.cluster.log().lines() {
            if line.starts_with("pgbench|") && !line.contains(" acquired ") {
                complaints.push_str(line);
                complaints.push('\n');
            }
        }
        complaints
    }
}

impl Drop for Load<'_> {
    fn drop(&mut self) {
        // Nothing more can be done when it does not end.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn pgbench() -> PathBuf {
    let beside = std::env::var_os("SPECQLC_PG_BIN").map(PathBuf::from);
    let installed = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    beside
        .into_iter()
        .chain(installed.flatten().map(|entry| entry.path().join("bin")))
        .map(|folder| folder.join("pgbench"))
        .find(|program| program.is_file())
        .unwrap_or_else(|| "pgbench".into())
}
