//! Transactions that touch projections of several modes at once take what they need in one order: who would not wait
//! crosswise without the projections does not with them.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper that fails fails its test; clippy knows it only of functions marked as tests"
)]

mod support;

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use postgres::{Client, NoTls};
use support::{Cluster, Project, said};

/// The names put a projection of each mode before and after one of the other.
const SPEC: &str = "
entity: Customer
fields: {id: integer!}
---
entity: Sale
fields: {customer: ref(Customer)!, amount: integer}
---
entity: Visit
fields: {customer: ref(Customer)!}
---
entity: Return
fields: {customer: ref(Customer)!}
---
projections:
  - name: a_kept
    includes: [{Customer: [id]}, {Sale: [COUNT(*) as sales, SUM(amount) as total]}]
    refresh: {materialized: true, mode: incremental}
  - name: b_refreshed
    includes: [{Customer: [id]}, {Visit: [COUNT(*) as visits]}, {Return: [COUNT(*) as returns]}]
    refresh: {materialized: true, on: all, mode: commit, concurrently: true}
  - name: c_kept
    includes: [{Customer: [id]}, {Visit: [COUNT(*) as visits]}, {Return: [COUNT(*) as returns]}]
    refresh: {materialized: true, mode: incremental}
  - name: d_refreshed
    includes: [{Customer: [id]}, {Sale: [COUNT(*) as sales]}]
    refresh: {materialized: true, on: all, mode: commit, concurrently: true}
";

fn database(name: &str) -> Arc<Cluster> {
    let cluster = Cluster::shared();
    cluster
        .psql("postgres", &format!("CREATE DATABASE {name}"))
        .unwrap();
    let project = Project::of(SPEC);
    let built = project.specqlc().args(["build", "-q"]).output().unwrap();
    assert!(built.status.success(), "{}", said(&built));
    let schema = project.path().join("generated/schema.sql");
    cluster.psql_file(name, &schema, &["-1"]).unwrap();
    cluster
        .psql(
            name,
            "INSERT INTO customers SELECT generate_series(1, 8); CALL specql.refresh_projections()",
        )
        .unwrap();
    cluster
}

fn connect(cluster: &Cluster, database: &str) -> Client {
    Client::connect(&cluster.url(database), NoTls).unwrap()
}

fn check(cluster: &Cluster, database: &str) {
    let right = "SELECT specql.verify_projection('a_kept'), specql.verify_projection('c_kept'),
        (SELECT sum(visits + returns) FROM b_refreshed) - (SELECT count(*) FROM visits) - (SELECT count(*) FROM returns),
        (SELECT sum(sales) FROM d_refreshed) - (SELECT count(*) FROM sales)";
    assert_eq!(cluster.psql(database, right).unwrap().trim(), "0\t0\t0\t0");
}

#[test]
fn writers_of_several_projections_never_wait_crosswise() {
    const WRITERS: u64 = 6;
    let cluster = database("crosswise");
    thread::scope(|scope| {
        for writer in 0..WRITERS {
            let cluster = &cluster;
            scope.spawn(move || {
                let mut client = connect(cluster, "crosswise");
                let mut random = writer * 7 + 1;
                let mut next = move |end: u64| {
                    random = random
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1_442_695_040_888_963_407);
                    (random >> 33) % end
                };
                for _ in 0..40 {
                    let mut statements = [
                        format!(
                            "INSERT INTO sales (customer_id, amount) VALUES ({}, 1)",
                            1 + next(8)
                        ),
                        format!("INSERT INTO visits (customer_id) VALUES ({})", 1 + next(8)),
                        format!(
                            "INSERT INTO sales (customer_id, amount) VALUES ({}, 2)",
                            1 + next(8)
                        ),
                        format!("INSERT INTO returns (customer_id) VALUES ({})", 1 + next(8)),
                    ];
                    statements.rotate_left(usize::try_from(next(4)).unwrap());
                    let used = usize::try_from(2 + next(3)).unwrap();
                    let transaction = format!("BEGIN; {}; COMMIT", statements[..used].join("; "));
                    client.batch_execute(&transaction).unwrap();
                }
            });
        }
    });
    check(&cluster, "crosswise");
    let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = 'crosswise'";
    assert_eq!(cluster.psql("postgres", deadlocks).unwrap().trim(), "0");
}

#[test]
fn who_has_emptied_a_source_is_not_waited_for_by_who_holds_a_projection() {
    let cluster = database("emptied");
    let (mut truncating, mut writing) =
        (connect(&cluster, "emptied"), connect(&cluster, "emptied"));
    truncating
        .batch_execute(
            "BEGIN; TRUNCATE returns; INSERT INTO sales (customer_id, amount) VALUES (1, 1)",
        )
        .unwrap();
    // Its projections read what the other has emptied, though it writes to none of that.
    writing
        .batch_execute("BEGIN; INSERT INTO sales (customer_id, amount) VALUES (1, 1); INSERT INTO visits (customer_id) VALUES (1)")
        .unwrap();
    let committing = thread::spawn(move || writing.batch_execute("COMMIT"));
    let queue = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = 'emptied'";
    for _ in 0..200 {
        if cluster.psql("postgres", queue).unwrap().trim() == "1" {
            break;
        }
        thread::sleep(Duration::from_millis(10));
    }
    truncating.batch_execute("COMMIT").unwrap();
    committing.join().unwrap().unwrap();
    check(&cluster, "emptied");
}
