//! What stops a run of migrations, and what the next run makes of it: always the same database, with every row, and with every
//! statement run once.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper that fails fails its test"
)]

mod history;
mod proxy;
#[path = "../support/mod.rs"]
mod support;

use std::process::Child;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use history::{History, INDEXED, ROWS};
use postgres::Client;
use proxy::{Faults, Proxy, Victim, When};
use support::{Cluster, read_until, said};

fn cluster_for(victim: Victim) -> Arc<Cluster> {
    match victim {
        Victim::Process | Victim::Backend => Cluster::shared(),
        // Others would miss theirs.
        Victim::Server => Arc::new(Cluster::start()),
    }
}

/// Stops a victim at each question that a run ever asks, again and again until a run comes to its end: each one goes on where the
/// one before was stopped, so that what is asked to mend things is stopped as well.
fn stopped_at_every_question(victim: Victim, database: &str) {
    let history = History::on(cluster_for(victim), database);
    history.grow();
    let copy = |name: &str| {
        let sql = format!("CREATE DATABASE {name} TEMPLATE {database}");
        history.sql("postgres", &sql);
        history.cluster.url(name)
    };
    let calm = format!("{database}_calm");
    history.good(&["apply", "--database-url", &copy(&calm)]);
    let wanted = history.everything(&calm);
    assert!(wanted.contains(&format!("\n{}\t", ROWS + 1)), "{wanted}");

    let texts = history.texts();
    assert!(texts.len() >= 12, "{}", texts.len());
    for when in [When::Asked, When::Answered] {
        let name = format!("{database}_{when:?}").to_lowercase();
        let url = copy(&name);
        let faults = Faults::new(victim, when, &history.cluster);
        loop {
            let proxy = Proxy::start(&url, &faults);
            let (output, struck) = proxy.wait(history.start_unchecked(&proxy.url));
            if !struck {
                assert!(output.status.success(), "{}", said(&output));
                break;
            }
            if victim == Victim::Server {
                history.cluster.recover();
            }
        }
        println!(
            "{victim:?} stopped at {} questions, {when:?}",
            faults.count()
        );
        history.good(&["status", "--database-url", &url]);
        assert_eq!(history.everything(&name), wanted, "{victim:?}, {when:?}");
        for statement in texts.iter().flat_map(|text| statements(text)) {
            assert!(faults.have_met(&statement), "{when:?}: {statement}");
        }
    }
}

fn statements(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut statement = String::new();
    for line in text.lines().filter(|line| !line.starts_with("--")) {
        statement.push_str(line);
        statement.push('\n');
        if line.ends_with(';') && statement.matches("$$").count().is_multiple_of(2) {
            found.push(std::mem::take(&mut statement).trim().to_owned());
        }
    }
    found
}

#[test]
fn a_process_that_is_killed_at_any_question_changes_nothing_in_the_end() {
    stopped_at_every_question(Victim::Process, "killed");
}

#[test]
fn a_session_that_is_ended_at_any_question_changes_nothing_in_the_end() {
    stopped_at_every_question(Victim::Backend, "ended");
}

#[test]
fn a_server_that_stops_at_any_question_changes_nothing_in_the_end() {
    stopped_at_every_question(Victim::Server, "stopped");
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
        ("half_server", Victim::Server),
    ] {
        let history = History::on(cluster_for(victim), database);
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
            Victim::Server => history.cluster.stop_immediately(),
        }
        let output = child.wait_with_output().unwrap();
        if victim == Victim::Server {
            history.cluster.recover();
        }
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
    history.by_hand("note", "-- specql:transaction\nSELECT 1;\n");
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
    history.grow();
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
    let totals = "SELECT count(*), min(amount), max(amount) FROM orders";
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
    let mut child = history.start(&history.cluster.url("in_the_way"));
    let waits = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let begun = Instant::now();
    while history.sql("in_the_way", waits).is_empty() {
        assert!(begun.elapsed() < Duration::from_secs(30), "nobody waits");
        thread::sleep(Duration::from_millis(20));
    }
    // It does not hold up others for longer than its lock_timeout.
    let begun = Instant::now();
    history.sql("in_the_way", "SELECT count(*) FROM orders");
    assert!(begun.elapsed() < Duration::from_millis(1900));
    let text = read_until(child.stderr.as_mut().unwrap(), "lock timeout; again in");
    assert!(
        text.contains("waiting for process")
            && text.contains("(report), idle in transaction since"),
        "{text}"
    );
    reader.batch_execute("COMMIT").unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
}
