//! What stops a run of migrations, and what the next run makes of it: always the same database, with every row, and with every
//! statement run once.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper that fails fails its test"
)]

mod proxy;
#[path = "../support/mod.rs"]
mod support;

use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use postgres::{Client, NoTls};
use proxy::{Fault, Proxy, Victim};
use support::{Cluster, Project, said};

const INITIAL: &str = "entity: Order\nfields: {total: integer}\n";
const INDEXED: &str = "\
entity: Order
fields: {total: integer, note: text}
indexes: [{columns: [total]}, {columns: [note], unique: true}]
";
const CHECKED: &str = "\
entity: Order
fields: {total: integer!, note: text, state: {type: enum, values: [new, paid], default: new, required: true}}
indexes: [{columns: [note], unique: true}]
---
entity: Line
fields: {order: ref(Order)!}
";
const NARROWED: &str = "\
entity: Order
fields: {total: integer!, state: {type: enum, values: [new, paid], default: new, required: true}}
---
entity: Line
fields: {order: ref(Order)!}
";

/// Each statement shows in the rows when it is run twice, or not at all; but for the loop, which may be.
const FILL: &str = "\
-- specql:no-transaction
UPDATE orders SET total = total + 1;
INSERT INTO orders (total) VALUES (-1);
DO $$
BEGIN
    LOOP
        UPDATE orders SET note = id::text WHERE ctid = ANY (ARRAY(SELECT ctid FROM orders WHERE note IS NULL LIMIT 1000));
        EXIT WHEN NOT FOUND;
        COMMIT;
    END LOOP;
END $$;
UPDATE orders SET total = total * 2;
";

const ROWS: u32 = 2000;

/// A project with a history, and a database with rows that has the first migration.
struct History {
    cluster: Arc<Cluster>,
    project: Project,
}

impl History {
    fn new(database: &str) -> Self {
        let history = Self {
            cluster: Cluster::shared(),
            project: Project::of(INITIAL),
        };
        history.project.write("specql.yaml", b"lock_timeout: 1s\n");
        history.good(&["new", "initial"]);
        history.sql("postgres", &format!("CREATE DATABASE {database}"));
        let url = history.cluster.url(database);
        history.good(&["apply", "--database-url", &url]);
        let rows = format!("INSERT INTO orders (total) SELECT generate_series(1, {ROWS})");
        history.sql(database, &rows);
        history
    }

    fn step(&self, name: &str, specs: &str) {
        self.project.write("specs/spec.yaml", specs.as_bytes());
        let risks = "may-fail-on-data,scans-table,breaks-old-code,deletes-data,drops-index";
        self.good(&["new", name, "--allow", risks]);
    }

    fn by_hand(&self, name: &str, file: &str, text: &str) {
        self.good(&["new", name, "--data"]);
        self.project
            .write(&format!("generated/migrations/{file}"), text.as_bytes());
        self.good(&["seal", file]);
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.project.specqlc();
        command.arg("migrate").args(arguments);
        command
    }

    fn good(&self, arguments: &[&str]) -> Output {
        let output = self.command(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", said(&output));
        output
    }

    fn start(&self, url: &str) -> Child {
        self.command(&["apply", "--database-url", url])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// Without a comparison of the database before, of which many messages are and none changes anything.
    fn start_unchecked(&self, url: &str) -> Child {
        self.command(&["apply", "--allow-drift", "--database-url", url])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    fn sql(&self, database: &str, sql: &str) -> String {
        self.cluster.psql(database, sql).unwrap()
    }

    fn client(&self, database: &str) -> Client {
        Client::connect(&self.cluster.url(database), NoTls).unwrap()
    }

    /// Structure, rows and ledger.
    fn everything(&self, database: &str) -> String {
        let dump = self.cluster.dump(database).unwrap();
        // Newer versions of pg_dump write a random word.
        let lines = dump.lines().filter(|line| !line.starts_with('\\'));
        let dump: String = lines.flat_map(|line| [line, "\n"]).collect();
        let rows = "SELECT count(*), sum(total), min(total), max(total) FROM orders;
            SELECT number, name, checksum, state FROM specql.migration ORDER BY 1;
            SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid";
        dump + &self.sql(database, rows)
    }
}

#[test]
fn a_fault_at_any_message_changes_nothing_in_the_end() {
    let history = History::new("fault_origin");
    history.step("indexed", INDEXED);
    history.by_hand("fill", "0004_fill.data.sql", FILL);
    history.step("checked", CHECKED);
    history.step("narrowed", NARROWED);
    let copy = |name: &str| {
        let sql = format!("CREATE DATABASE {name} TEMPLATE fault_origin");
        history.sql("postgres", &sql);
    };
    copy("fault_none");
    let proxy = Proxy::start(&history.cluster.url("fault_none"), None);
    let output = history
        .start_unchecked(&proxy.url)
        .wait_with_output()
        .unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let messages = proxy.messages();
    let wanted = history.everything("fault_none");
    assert!(wanted.contains(&format!("{}\t", ROWS + 1)), "{wanted}");

    let kinds = [
        (Victim::Process, false),
        (Victim::Backend, false),
        (Victim::Process, true),
    ];
    // One kind at each message by itself; `FAULTS=all` for each kind at each.
    let all = std::env::var_os("FAULTS").is_some_and(|value| value == "all");
    let faults: Vec<Fault> = (1..=messages)
        .flat_map(|message| (0..kinds.len()).map(move |kind| (message, kind)))
        .filter(|(message, kind)| all || message % kinds.len() == *kind)
        .map(|(message, kind)| Fault {
            victim: kinds[kind].0,
            message,
            answered: kinds[kind].1,
        })
        .collect();
    assert!(messages > 50, "{messages}");
    let next = std::sync::atomic::AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    let Some(fault) = faults.get(number) else {
                        return;
                    };
                    let name = format!("fault_{number}");
                    // A template must have no session; two copies at once are none.
                    copy(&name);
                    check(&history, &name, *fault, &wanted);
                    history.sql("postgres", &format!("DROP DATABASE {name} WITH (FORCE)"));
                }
            });
        }
    });
}

/// One run that is stopped, and one that is not.
fn check(history: &History, database: &str, fault: Fault, wanted: &str) {
    let proxy = Proxy::start(&history.cluster.url(database), Some(fault));
    let child = history.start_unchecked(&proxy.url);
    let stopped = proxy.wait(child);
    let output = history
        .command(&["apply", "--database-url", &history.cluster.url(database)])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{fault:?}: {}\nafter: {}",
        said(&output),
        said(&stopped)
    );
    assert_eq!(history.everything(database), wanted, "{fault:?}");
}

/// An index build that waits for an old transaction, and the process that runs it.
fn half_built(history: &History, database: &str) -> (Child, Client) {
    let mut old = history.client(database);
    old.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM orders; INSERT INTO orders DEFAULT VALUES")
        .unwrap();
    let child = history.start(&history.cluster.url(database));
    let waiting = "SELECT count(*) FROM pg_stat_progress_create_index AS p JOIN pg_stat_activity AS a USING (pid) \
                   WHERE a.datname = current_database() AND p.phase LIKE 'waiting%'";
    let begun = Instant::now();
    while history.sql(database, waiting) == "0\n" {
        assert!(begun.elapsed() < Duration::from_secs(30), "no build begins");
        thread::sleep(Duration::from_millis(20));
    }
    (child, old)
}

const BUILDS: &str =
    "SELECT 1 FROM pg_stat_progress_create_index WHERE datname = current_database()";
const LEFT: &str = "SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid";

#[test]
fn an_index_that_was_left_half_built_is_built_anew() {
    for (database, victim) in [
        ("half_process", Victim::Process),
        ("half_backend", Victim::Backend),
    ] {
        let history = History::new(database);
        history.step("indexed", INDEXED);
        // The columns come in a transaction that an old one would hold up.
        let url = history.cluster.url(database);
        history.good(&["apply", "--to", "2", "--database-url", &url]);
        let (mut child, old) = half_built(&history, database);
        match victim {
            Victim::Process => child.kill().unwrap(),
            Victim::Backend => {
                history.sql(database, "SELECT pg_terminate_backend(pid) FROM pg_stat_progress_create_index WHERE datname = current_database()");
            }
        }
        let output = child.wait_with_output().unwrap();
        assert!(!output.status.success());
        // A server that has lost its client lets go of the build within a second.
        let begun = Instant::now();
        while history.sql(database, LEFT).is_empty() || !history.sql(database, BUILDS).is_empty() {
            assert!(
                begun.elapsed() < Duration::from_secs(30),
                "{}",
                said(&output)
            );
            thread::sleep(Duration::from_millis(50));
        }
        let status = history
            .command(&["status", "--database-url", &history.cluster.url(database)])
            .output()
            .unwrap();
        assert!(
            said(&status).contains("applying  at statement 1"),
            "{}",
            said(&status)
        );
        drop(old);
        let again = history.good(&["apply", "--database-url", &history.cluster.url(database)]);
        assert!(
            said(&again).contains("first: DROP INDEX CONCURRENTLY"),
            "{}",
            said(&again)
        );
        assert_eq!(history.sql(database, LEFT), "");
        let indexes = "SELECT count(*) FROM pg_indexes WHERE tablename = 'orders'";
        assert_eq!(history.sql(database, indexes), "3\n");
    }
}

#[test]
fn rows_that_break_a_key_stop_it_until_they_are_mended() {
    let history = History::new("duplicates");
    history.by_hand(
        "note",
        "0002_note.data.sql",
        "-- specql:transaction\nSELECT 1;\n",
    );
    history.step(
        "columns",
        "entity: Order\nfields: {total: integer, note: text}\n",
    );
    history.step("key", INDEXED);
    let url = history.cluster.url("duplicates");
    history.good(&["apply", "--to", "3", "--database-url", &url]);
    history.sql("duplicates", "UPDATE orders SET note = 'same'");
    let output = history
        .command(&["apply", "--database-url", &url])
        .output()
        .unwrap();
    let text = said(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(
        text.contains("0004_key.sql, line") && text.contains("the next run goes on"),
        "{text}"
    );
    history.sql("duplicates", "UPDATE orders SET note = id");
    history.good(&["apply", "--database-url", &url]);
    assert_eq!(history.sql("duplicates", LEFT), "");
}

#[test]
fn eight_runners_at_once_run_each_migration_once() {
    let history = History::new("eight");
    history.step("indexed", INDEXED);
    history.by_hand("fill", "0004_fill.data.sql", FILL);
    history.step("checked", CHECKED);
    history.step("narrowed", NARROWED);
    let url = history.cluster.url("eight");
    let children: Vec<Child> = (0..8).map(|_| history.start(&url)).collect();
    let outputs = children
        .into_iter()
        .map(|child| child.wait_with_output().unwrap());
    let texts: Vec<String> = outputs
        .map(|output| {
            assert!(output.status.success(), "{}", said(&output));
            said(&output)
        })
        .collect();
    let done: usize = texts.iter().map(|text| text.matches("done ").count()).sum();
    let applied = history.sql(
        "eight",
        "SELECT count(*) FROM specql.migration WHERE state = 'applied'",
    );
    assert_eq!(format!("{}\n", done + 1), applied);
    let totals = "SELECT count(*), min(total), max(total) FROM orders";
    assert_eq!(
        history.sql("eight", totals),
        format!("{}\t-2\t{}\n", ROWS + 1, (ROWS + 1) * 2)
    );
    // Who does not want to wait is told so.
    let mut holder = history.client("eight");
    let lock = "SELECT pg_advisory_lock(hashtextextended('specql.migration', 0))";
    holder.batch_execute(lock).unwrap();
    let busy = history
        .command(&["apply", "--no-wait", "--database-url", &url])
        .output()
        .unwrap();
    assert_eq!(busy.status.code(), Some(2), "{}", said(&busy));
}

#[test]
fn who_stands_in_the_way_is_named_and_waited_for() {
    let history = History::new("in_the_way");
    history.step(
        "note",
        "entity: Order\nfields: {total: integer, note: text}\n",
    );
    let mut reader = history.client("in_the_way");
    reader
        .batch_execute("SET application_name = 'report'; BEGIN; SELECT count(*) FROM orders")
        .unwrap();
    let child = history.start(&history.cluster.url("in_the_way"));
    thread::sleep(Duration::from_millis(2500));
    // It does not hold up others for longer than its lock_timeout.
    let begun = Instant::now();
    history.sql("in_the_way", "SELECT count(*) FROM orders");
    assert!(begun.elapsed() < Duration::from_millis(1900));
    reader.batch_execute("COMMIT").unwrap();
    let output = child.wait_with_output().unwrap();
    let text = said(&output);
    assert!(output.status.success(), "{text}");
    assert!(
        text.contains("waiting for process")
            && text.contains("(report), idle in transaction since"),
        "{text}"
    );
    assert!(text.contains("lock timeout; again in"), "{text}");
}
