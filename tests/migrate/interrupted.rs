//! Ctrl-C, while the server is at work.

use std::process::{Child, Command, Output};
use std::thread;
use std::time::{Duration, Instant};

use super::shop::{BUILD_WAITS, SHOP, Shop, WITH_NOTE};
use super::support::{read_until, said};

const LOCK_WAITS: &str = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";

/// As the terminal does it. Well before the lock that it waits for would time out, it is over.
fn interrupted(mut child: Child) -> Output {
    let pid = child.id().to_string();
    let kill = Command::new("kill").args(["-INT", &pid]).status();
    assert!(kill.unwrap().success());
    let begun = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if begun.elapsed() > Duration::from_secs(30) {
            child.kill().unwrap();
            panic!("it goes on: {}", said(&child.wait_with_output().unwrap()));
        }
        thread::sleep(Duration::from_millis(20));
    }
    child.wait_with_output().unwrap()
}

#[test]
fn a_transaction_is_taken_back() {
    let shop = Shop::new("interrupted_transaction");
    shop.project.write("specql.yaml", b"lock_timeout: 1min\n");
    shop.step("initial", SHOP, "");
    shop.good(&["apply"]);
    shop.step("note", WITH_NOTE, "");
    let before = shop.dump();
    let mut reader = shop.client();
    reader
        .batch_execute("BEGIN; SELECT count(*) FROM orders")
        .unwrap();
    let child = shop.start(&["apply"]);
    shop.wait_for(LOCK_WAITS);
    let output = interrupted(child);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(130), "{text}");
    assert!(
        text.contains("interrupted: 0002_note.sql, line ")
            && text.contains("nothing of this file was applied; the next run begins with it"),
        "{text}"
    );
    // The server has stopped as well, though the reader is still there.
    assert_eq!(shop.psql(LOCK_WAITS), "");
    reader.batch_execute("COMMIT").unwrap();
    assert_eq!(shop.dump(), before);
    assert_eq!(shop.psql("SELECT max(number) FROM specql.migration"), "1\n");
    shop.good(&["apply"]);
    shop.verify();
}

#[test]
fn an_index_that_is_half_built_is_built_by_the_next_run() {
    let shop = Shop::before_an_index("interrupted_index");
    let old = shop.old_transaction();
    let child = shop.start(&["apply"]);
    shop.wait_for(BUILD_WAITS);
    let output = interrupted(child);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(130), "{text}");
    assert!(
        text.contains("interrupted: 0003_note.sql, line ")
            && text.contains("the next run goes on from here"),
        "{text}"
    );
    // The server has stopped as well, though the old transaction is still there.
    assert_eq!(shop.psql(BUILD_WAITS), "");
    let invalid = "SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid";
    assert_eq!(shop.psql(invalid), "idx_orders_total\n");
    drop(old);
    let again = shop.migrate(&["apply"]);
    assert!(
        again.status.success() && said(&again).contains("first: DROP INDEX CONCURRENTLY"),
        "{}",
        said(&again)
    );
    assert_eq!(shop.psql(invalid), "");
    shop.verify();
}

#[test]
fn a_pause_between_attempts_is_cut_short() {
    let shop = Shop::new("interrupted_pause");
    shop.project.write("specql.yaml", b"lock_timeout: 10ms\n");
    shop.step("initial", SHOP, "");
    shop.good(&["apply"]);
    shop.step("note", WITH_NOTE, "");
    let mut reader = shop.client();
    reader
        .batch_execute("BEGIN; SELECT count(*) FROM orders")
        .unwrap();
    let mut child = shop.start(&["apply"]);
    read_until(child.stderr.as_mut().unwrap(), "lock timeout; again in");
    let output = interrupted(child);
    assert_eq!(output.status.code(), Some(130), "{}", said(&output));
    reader.batch_execute("COMMIT").unwrap();
    shop.good(&["apply"]);
    shop.verify();
}
