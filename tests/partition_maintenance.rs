//! `specql.maintain_partitions` in a real server: the same partitions as a build would make, no row lost, nobody held up.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper that fails fails its test"
)]

mod support;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use postgres::{Client, NoTls};
use support::{Cluster, Project, said};

fn database(name: &str, spec: &str, as_of: &str) -> (Arc<Cluster>, Project, Client) {
    let cluster = Cluster::shared();
    cluster
        .psql("postgres", &format!("CREATE DATABASE {name}"))
        .unwrap();
    let project = Project::of(spec);
    build(&project, as_of);
    let schema = project.path().join("generated/schema.sql");
    cluster.psql_file(name, &schema, &["-1"]).unwrap();
    let client = connect(&cluster, name);
    (cluster, project, client)
}

fn connect(cluster: &Cluster, database: &str) -> Client {
    let mut client = Client::connect(&cluster.url(database), NoTls).unwrap();
    client.batch_execute("SET timezone = 'UTC'").unwrap();
    client
}

fn build(project: &Project, as_of: &str) {
    let output = project
        .specqlc()
        .args(["build", "-q", "--as-of", as_of])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", said(&output));
}

/// `parent partition bound` of all partitions that a build made.
fn built(project: &Project) -> BTreeSet<String> {
    let snapshot: serde_json::Value =
        serde_json::from_str(&project.read("generated/snapshot.json")).unwrap();
    let tables = snapshot["catalog"]["tables"].as_object().unwrap();
    tables
        .iter()
        .filter_map(|(name, table)| {
            let partition = table.get("partition")?;
            let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
            let bound = match partition["bound"].get("range") {
                Some(range) => format!("{} .. {}", text(&range["from"]), text(&range["to"])),
                None => "other".into(),
            };
            Some(format!("{} {name} {bound}", text(&partition["of"])))
        })
        .collect()
}

/// The same of a server.
fn live(client: &mut Client) -> BTreeSet<String> {
    client.batch_execute("SET search_path = ''").unwrap();
    let rows = client.query(
        "SELECT format('%s %s %s', i.inhparent::regclass, i.inhrelid::regclass, coalesce(r.lower || ' .. ' || r.upper, 'other'))
         FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
         LEFT JOIN LATERAL specql.partition_ranges(i.inhparent) r ON r.partition = i.inhrelid
         WHERE c.relkind IN ('r', 'p')",
        &[],
    );
    client.batch_execute("RESET search_path").unwrap();
    rows.unwrap().iter().map(|row| row.get(0)).collect()
}

/// Runs maintenance: `action partition error` of each row.
fn maintain(client: &mut Client, as_of: &str) -> Vec<String> {
    let rows = client.query(
        "SELECT concat_ws(' ', action, partition, error) FROM specql.maintain_partitions($1::text::timestamptz)",
        &[&as_of],
    );
    rows.unwrap().iter().map(|row| row.get(0)).collect()
}

fn one<T: for<'a> postgres::types::FromSql<'a>>(client: &mut Client, sql: &str) -> T {
    client.query_one(sql, &[]).unwrap().get(0)
}

/// Entities of every interval and type.
fn everything() -> String {
    let mut spec = String::new();
    let intervals = [
        "hourly",
        "5 hours",
        "daily",
        "10 days",
        "weekly",
        "3 weeks",
        "monthly",
        "5 months",
        "quarterly",
        "3 quarters",
        "yearly",
        "4 years",
    ];
    for (number, interval) in intervals.into_iter().enumerate() {
        for ty in ["date", "timestamp", "timestamptz"] {
            if ty == "date" && interval.contains("hour") {
                continue;
            }
            let keep = match interval.split(' ').next_back().unwrap() {
                "hourly" | "hours" => "2 days",
                "daily" | "days" | "weekly" | "weeks" => "3 weeks",
                "quarterly" | "quarters" => "3 quarters",
                _ => "13 months",
            };
            let more = match number % 3 {
                0 => format!(", retention: \"{keep}\", start: 2019-05-17"),
                1 => format!(", retention: \"{keep}\", default: true, premake: 1"),
                _ => ", premake: 2".into(),
            };
            let name = format!("{ty}{number}");
            // Names that fit, that do not, and that cannot be cut anywhere.
            let table = match number % 4 {
                0 => name,
                1 => format!("{name}_{}", "long".repeat(12)),
                2 => format!("x{name}_{}", "é".repeat(24)),
                _ => format!("Odd \\\" {name}"),
            };
            write!(
                spec,
                "---\nentity: E{ty}{number}\ntable: \"{table}\"\nfields: {{at: {ty}!, region: text!}}\n\
                 partitioning: {{strategy: RANGE, column: at, intervals: \"{interval}\"{more}}}\n"
            )
            .unwrap();
        }
    }
    spec.push_str(
        "---\nentity: ListFirst\nfields: {at: date!, region: text!}\n\
         partitioning: {strategy: LIST, column: region, intervals: {eu: [de, fr], us: [us]}, partitioning: {strategy: RANGE, column: at, intervals: monthly, start: 2019-05-01, retention: '1 year'}}\n\
         ---\nentity: RangeFirst\nfields: {at: date!, region: text!}\n\
         partitioning: {strategy: RANGE, column: at, intervals: quarterly, default: true, partitioning: {strategy: LIST, column: region, intervals: [\"d'e\", us], partitioning: {strategy: HASH, column: id, partitions: 2}}}\n\
         ---\nentity: Numbered\nfields: {n: bigint!}\n\
         partitioning: {strategy: RANGE, column: n, intervals: 1000, start: -2000}\n",
    );
    spec
}

#[test]
fn it_makes_what_a_build_would_make() {
    let (_cluster, project, mut client) = database("equal", &everything(), "2024-02-10");
    let mut dates: Vec<String> = [
        "2024-02-29",
        "2020-12-31",
        "2021-01-03",
        "2024-12-30",
        "2024-03-31",
        "2000-01-01",
        "1999-12-31",
    ]
    .map(str::to_owned)
    .to_vec();
    let mut random = 12_345_u64;
    for _ in 0..5 {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let day = (random >> 33) % 20_000;
        dates.push(one(
            &mut client,
            &format!("SELECT (date '1985-01-01' + {day})::text"),
        ));
    }
    for date in dates {
        // From nothing: no range is there, and no other name is in the way.
        let drop: String = one(
            &mut client,
            "SELECT coalesce(string_agg(format('DROP TABLE %s', r.partition), '; '), '')
             FROM pg_partitioned_table p CROSS JOIN LATERAL specql.partition_ranges(p.partrelid) r",
        );
        client.batch_execute(&drop).unwrap();
        let said = maintain(&mut client, &date);
        assert!(
            said.iter()
                .all(|row| row.starts_with("create ") && row.split(' ').count() < 5),
            "{said:?}"
        );
        build(&project, &date);
        assert_eq!(live(&mut client), built(&project), "as of {date}");
        assert_eq!(
            maintain(&mut client, &date),
            Vec::<String>::new(),
            "idle on {date}"
        );
    }
}

#[test]
fn it_keeps_up_with_builds_of_later_days() {
    // With `start:` a later build has all periods from there on, less those past retention.
    let spec: String = everything()
        .split("---\n")
        .filter(|entity| entity.contains("start: 2019") || entity.contains("Numbered"))
        .fold(String::new(), |spec, entity| spec + "---\n" + entity);
    let (_cluster, project, mut client) = database("later", &spec, "2023-11-30");
    for date in ["2023-12-01", "2024-02-29", "2024-12-31", "2025-01-06"] {
        maintain(&mut client, date);
        build(&project, date);
        assert_eq!(live(&mut client), built(&project), "as of {date}");
    }
}

const ORDERS: &str = "entity: Order\nfields: {at: date!, note: text, twice: {type: text, generated: \"note || note\"}}\n\
    partitioning: {strategy: RANGE, column: at, intervals: daily, default: true, premake: 2, retention: '3 days', retention_action: RETENTION}\n";

#[test]
fn rows_of_the_default_partition_move_and_nothing_fires() {
    let spec = ORDERS.replace("RETENTION", "detach");
    let (_cluster, _project, mut client) = database("moves", &spec, "2024-02-10");
    client
        .batch_execute(
            "CREATE TABLE log (what text);
             CREATE FUNCTION log() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO log VALUES (TG_OP); RETURN NULL; END $$;
             INSERT INTO orders (at, note) SELECT date '2024-02-10' + n / 10, n::text FROM generate_series(0, 199) n;
             CREATE TRIGGER log AFTER INSERT OR UPDATE OR DELETE ON orders FOR EACH ROW EXECUTE FUNCTION log();
             CREATE ROLE reader; GRANT SELECT ON orders TO reader; CREATE INDEX ON orders (note)",
        )
        .unwrap();
    let said = maintain(&mut client, "2024-02-20");
    assert!(said.iter().all(|row| !row.contains("error")), "{said:?}");
    // The days 10, 11 and 12 went with their partitions.
    assert_eq!(
        one::<i64>(
            &mut client,
            "SELECT count(*) FROM orders WHERE twice = note || note"
        ),
        170
    );
    // Those from 13 to 16 are past retention too, were never made, and stay; those after 22 are not due.
    assert_eq!(
        one::<i64>(&mut client, "SELECT count(*) FROM orders_default"),
        110
    );
    assert_eq!(one::<i64>(&mut client, "SELECT count(*) FROM log"), 0);
    assert!(one::<bool>(
        &mut client,
        "SELECT has_table_privilege('reader', 'orders_2024_02_21', 'SELECT')"
    ));
    assert_eq!(
        one::<i64>(
            &mut client,
            "SELECT count(*) FROM pg_trigger WHERE tgname = 'log' AND tgenabled = 'O' AND tgrelid IN ('orders_2024_02_21'::regclass, 'orders_default'::regclass)"
        ),
        2
    );
    assert_eq!(maintain(&mut client, "2024-02-20"), Vec::<String>::new());
}

#[test]
fn past_retention_is_detached_or_dropped_but_only_what_is_its_own() {
    for (action, left) in [("detach", true), ("drop", false)] {
        let spec = ORDERS.replace("RETENTION", action);
        let (_cluster, _project, mut client) =
            database(&format!("old_{action}"), &spec, "2024-02-10");
        client
            .batch_execute("CREATE TABLE by_hand PARTITION OF orders FOR VALUES FROM ('2024-01-01') TO ('2024-01-20')")
            .unwrap();
        let said = maintain(&mut client, "2024-02-14 12:00+00");
        assert!(
            said.contains(&format!("{action} orders_2024_02_10")),
            "{said:?}"
        );
        assert_eq!(
            one::<bool>(
                &mut client,
                "SELECT to_regclass('orders_2024_02_10') IS NOT NULL"
            ),
            left
        );
        assert!(one::<bool>(
            &mut client,
            "SELECT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = 'by_hand'::regclass)"
        ));
        assert_eq!(
            maintain(&mut client, "2024-02-14 12:00+00"),
            Vec::<String>::new()
        );
    }
}

#[test]
fn two_runs_exclude_each_other_and_nonsense_stops_nobody() {
    let spec = ORDERS.replace("RETENTION", "detach");
    let (cluster, _project, mut client) = database("two", &spec, "2024-02-10");
    let mut other = connect(&cluster, "two");
    let mut transaction = other.transaction().unwrap();
    transaction
        .query(
            "SELECT * FROM specql.maintain_partitions('2024-02-11')",
            &[],
        )
        .unwrap();
    assert_eq!(maintain(&mut client, "2024-02-11"), ["busy"]);
    transaction.commit().unwrap();
    client
        .batch_execute(
            "INSERT INTO specql.partition_policy (schema_name, table_name, level, unit, units, premake, retention, retention_action, starts_at)
             VALUES ('public', 'no''ne', 0, 'day', 1, 1, NULL, 'detach', NULL), ('public', 'orders', 5, 'fortnight', 1, 1, NULL, 'detach', NULL),
                ('public', 'orders', 6, 'day', -1, 1, NULL, 'detach', NULL), ('public', 'orders', 7, 'day', 1, 2000000000, NULL, 'detach', NULL),
                ('public', 'orders', 8, 'day', 1, 1, '-1 day', 'shred', NULL), ('specql', 'partition_policy', 0, 'day', 1, 1, NULL, 'detach', 'yesterday-ish')",
        )
        .unwrap();
    let said = maintain(&mut client, "2024-02-12");
    assert_eq!(
        said.iter()
            .filter(|row| row.starts_with("read policy"))
            .count(),
        6,
        "{said:?}"
    );
    assert!(
        said.contains(&"create orders_2024_02_14".to_owned()),
        "{said:?}"
    );
}

#[test]
fn an_idle_run_locks_nothing_and_a_key_finds_one_partition() {
    let spec = ORDERS.replace("RETENTION", "detach");
    let (_cluster, _project, mut client) = database("idle", &spec, "2024-02-10");
    let mut transaction = client.transaction().unwrap();
    transaction
        .query(
            "SELECT * FROM specql.maintain_partitions('2024-02-10')",
            &[],
        )
        .unwrap();
    let strong: i64 = transaction
        .query_one("SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND mode NOT IN ('AccessShareLock') AND locktype = 'relation'", &[])
        .unwrap()
        .get(0);
    assert_eq!(strong, 0);
    transaction.rollback().unwrap();
    let plan = client
        .query("EXPLAIN SELECT * FROM orders WHERE at = '2024-02-11'", &[])
        .unwrap();
    let plan: Vec<String> = plan.iter().map(|row| row.get(0)).collect();
    let scans: Vec<_> = plan.iter().filter(|line| line.contains("Scan")).collect();
    assert!(
        !scans.is_empty() && scans.iter().all(|line| line.contains("orders_2024_02_11")),
        "{plan:?}"
    );
}

#[test]
fn writers_are_not_held_up() {
    const PATIENCE: Duration = Duration::from_secs(1);
    let spec = format!(
        "entity: Customer\nfields: {{name: text}}\n---\n{}",
        ORDERS
            .replace("RETENTION", "detach")
            .replace("note: text", "customer: ref(Customer), note: text")
            .replace("'3 days', ", "'395 days', start: 2023-01-01, ")
    );
    let (cluster, _project, mut client) = database("load", &spec, "2024-02-01");
    client
        .batch_execute("INSERT INTO customers (name) SELECT n::text FROM generate_series(1, 50) n")
        .unwrap();
    assert!(
        one::<i64>(
            &mut client,
            "SELECT count(*) FROM pg_inherits WHERE inhparent = 'orders'::regclass"
        ) >= 395
    );
    let (stop, written) = (AtomicBool::new(false), AtomicU64::new(0));
    let slowest = thread::scope(|scope| {
        let writers: Vec<_> = (0..4_u64)
            .map(|writer| {
                let (stop, written, cluster) = (&stop, &written, &cluster);
                scope.spawn(move || {
                    let mut client = connect(cluster, "load");
                    let insert = client.prepare(
                        "INSERT INTO orders (at, customer_id, note) SELECT date '2023-02-01' + $1::int, id, 'x' FROM customers LIMIT 1",
                    );
                    let insert = insert.unwrap();
                    let (mut slowest, mut random) = (Duration::ZERO, writer);
                    while !stop.load(Ordering::Relaxed) {
                        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                        // Old days, days to come that wait in the default partition, and now.
                        let day = i32::try_from((random >> 33) % 400).unwrap();
                        let began = Instant::now();
                        client.execute(&insert, &[&day]).unwrap();
                        slowest = slowest.max(began.elapsed());
                        written.fetch_add(1, Ordering::Relaxed);
                    }
                    slowest
                })
            })
            .collect();
        for day in 1..=20 {
            let said = maintain(&mut client, &format!("2024-02-{day:02}"));
            assert!(
                said.iter().all(|row| row.split(' ').count() == 2
                    || row.contains("lock timeout")
                    || row.contains("put off")),
                "{said:?}"
            );
            thread::sleep(Duration::from_millis(50));
        }
        stop.store(true, Ordering::Relaxed);
        writers
            .into_iter()
            .map(|writer| writer.join().unwrap())
            .max()
            .unwrap()
    });
    let rows: String = one(
        &mut client,
        "SELECT string_agg(format('(SELECT count(*) FROM %s)', c.oid::regclass), ' + ')
         FROM pg_class c WHERE c.relname ~ '^orders' AND c.relkind = 'r'",
    );
    let rows: i64 = one(&mut client, &format!("SELECT {rows}"));
    assert_eq!(
        u64::try_from(rows).unwrap(),
        written.load(Ordering::Relaxed)
    );
    eprintln!("{rows} rows written, the slowest in {slowest:?}");
    assert!(slowest < PATIENCE, "a write took {slowest:?}");
}

#[test]
fn the_command_line_does_the_same() {
    let spec = "entity: Reading\nfields: {at: date!}\n\
        partitioning: {strategy: RANGE, column: at, intervals: daily, premake: 1, retention: '2 days', retention_action: drop}\n";
    let (cluster, project, mut client) = database("cli", spec, "2024-02-10");
    let run = |arguments: &[&str]| {
        let mut command = project.specqlc();
        command
            .args(["partitions"])
            .args(arguments)
            .args(["--database-url", &cluster.url("cli")]);
        let output = command.output().unwrap();
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stdout).into_owned(),
            said(&output),
        )
    };
    let (code, plan, all) = run(&["plan", "--as-of", "2024-02-13"]);
    assert_eq!(code, Some(2), "{all}");
    assert!(
        plan.contains(
            "create readings_2024_02_14 of public.readings from 2024-02-14 to 2024-02-15"
        ),
        "{plan}"
    );
    let (code, rolled, all) = run(&["roll", "--as-of", "2024-02-13"]);
    assert_eq!(code, Some(0), "{all}");
    assert!(
        rolled.contains("drop readings_2024_02_10 of public.readings")
            && rolled.contains("concurrently"),
        "{rolled}"
    );
    assert_eq!(run(&["plan", "--as-of", "2024-02-13"]).0, Some(0));
    let (code, list, all) = run(&["list"]);
    assert_eq!(code, Some(0), "{all}");
    assert!(
        list.contains("FOR VALUES FROM ('2024-02-14') TO ('2024-02-15')")
            && !list.contains("2024_02_10"),
        "{list}"
    );
    assert_eq!(
        one::<i64>(&mut client, "SELECT ahead FROM specql.partition_status"),
        0
    );
}

#[test]
fn plpgsql_check_finds_nothing() {
    let spec = ORDERS.replace("RETENTION", "drop");
    let (_cluster, _project, mut client) = database("checked", &spec, "2024-02-10");
    let there: i64 = one(
        &mut client,
        "SELECT count(*) FROM pg_available_extensions WHERE name = 'plpgsql_check'",
    );
    if there == 0 {
        assert!(
            std::env::var_os("SPECQLC_PLPGSQL_CHECK").is_none(),
            "plpgsql_check is not installed"
        );
        return;
    }
    client
        .batch_execute("CREATE EXTENSION plpgsql_check")
        .unwrap();
    let found = client.query(
        "SELECT p.proname || ': ' || c.* FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
         CROSS JOIN LATERAL plpgsql_check_function(p.oid, extra_warnings => true) c
         WHERE p.pronamespace = 'specql'::regnamespace AND l.lanname = 'plpgsql' AND p.prorettype <> 'trigger'::regtype",
        &[],
    );
    let found: Vec<String> = found.unwrap().iter().map(|row| row.get(0)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_large_default_partition_is_read_before_anybody_has_to_wait() {
    let spec = ORDERS.replace("RETENTION", "detach");
    let (cluster, project, mut client) = database("large", &spec, "2024-02-10");
    // With so little patience, so few rows are too many.
    client
        .batch_execute(
            "INSERT INTO orders (at, note) SELECT date '2030-01-01', repeat('x', 100) FROM generate_series(1, 10000);
             INSERT INTO orders (at, note) VALUES ('2024-02-14', 'waits');
             UPDATE specql.partition_policy SET lock_timeout = '4 milliseconds';
             ALTER DATABASE large SET log_min_messages = 'debug1'",
        )
        .unwrap();
    let mut command = project.specqlc();
    command
        .args(["partitions", "roll", "--as-of", "2024-02-12"])
        .args(["--database-url", &cluster.url("large")]);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let moved: i64 = one(
        &mut client,
        "SELECT count(*) FROM orders_2024_02_14 WHERE note = 'waits'",
    );
    assert_eq!(moved, 1);
    assert!(one::<bool>(
        &mut client,
        "SELECT to_regclass('orders_2024_02_13') IS NOT NULL"
    ));
    // Nothing is left of the proof, and rows of any day may come.
    let left: i64 = one(
        &mut client,
        "SELECT count(*) FROM pg_constraint WHERE conname LIKE '%excluded%'",
    );
    assert_eq!(left, 0);
    client
        .execute("INSERT INTO orders (at) VALUES ('2024-02-15')", &[])
        .unwrap();
    let log = cluster.log();
    let proved = "updated partition constraint for default partition \"orders_default\" is implied by existing constraints";
    assert_eq!(
        log.matches(proved).count(),
        1,
        "of two periods one is empty"
    );
}
