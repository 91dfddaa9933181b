//! `specql.status` in a real server: one row for each projection and each partitioned table, and what is wrong in plain words;
//! and what becomes of projections when a partition of a source goes.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper that fails fails its test; clippy knows it only of functions marked as tests"
)]

mod support;

use std::sync::Arc;

use support::{Cluster, Project, said};

const CUSTOMERS: &str = "entity: Customer\nfields: {id: bigint!, since: timestamptz!}\n";

const SALES: &str = "entity: Sale
fields: {id: bigint!, at: date!, customer: ref(Customer)!, amount: 'decimal(12,2)'}
partitioning: {strategy: RANGE, column: at, intervals: monthly, premake: 2, retention: '3 months', retention_action: detach}
";

const PLAIN_SALES: &str =
    "entity: Sale\nfields: {id: bigint!, customer: ref(Customer)!, amount: 'decimal(12,2)'}\n";

/// Two kinds of incremental projections, with and without time, and the others.
const PROJECTIONS: &str = "projections:
  - name: kept
    includes: [{Customer: [id]}, {Sale: [COUNT(*) as sales, SUM(amount) as total]}]
    refresh: {materialized: true, mode: incremental}
  - name: recent
    includes: [{Customer: [id, since]}, {Sale: [COUNT(*) as sales]}]
    filters: [{condition: \"since > now() - interval '90 days'\"}]
    refresh: {materialized: true, mode: incremental}
  - name: at_commit
    includes: [{Customer: [id]}, {Sale: [COUNT(*) as sales]}]
    refresh: {materialized: true, on: all, mode: commit}
  - name: queued
    includes: [{Customer: [id]}, {Sale: [COUNT(*) as sales]}]
    refresh: {materialized: true, on: all, mode: queued}
";

fn database(name: &str, documents: &[&str]) -> (Arc<Cluster>, Project) {
    let cluster = Cluster::shared();
    cluster
        .psql("postgres", &format!("CREATE DATABASE {name}"))
        .unwrap();
    let project = Project::of(&documents.join("---\n"));
    let built = project
        .specqlc()
        .args(["build", "-q", "--as-of", "2025-01-15"])
        .output()
        .unwrap();
    assert!(built.status.success(), "{}", said(&built));
    let schema = project.path().join("generated/schema.sql");
    cluster.psql_file(name, &schema, &["-1"]).unwrap();
    (cluster, project)
}

fn rows(cluster: &Cluster, database: &str, sql: &str) -> Vec<String> {
    let text = cluster.psql(database, sql).unwrap();
    text.lines().map(|line| line.replace('\t', " | ")).collect()
}

#[test]
fn a_project_with_neither_has_no_status() {
    let (cluster, _project) = database("neither", &[CUSTOMERS]);
    let found = rows(
        &cluster,
        "neither",
        "SELECT to_regnamespace('specql') IS NULL",
    );
    assert_eq!(found, ["t"]);
}

#[test]
fn projections_alone_have_a_status() {
    let (cluster, _project) = database("only_projections", &[CUSTOMERS, PLAIN_SALES, PROJECTIONS]);
    let all = |sql| rows(&cluster, "only_projections", sql);
    assert_eq!(
        all("SELECT kind, name, ok, problem IS NULL FROM specql.status ORDER BY name"),
        [
            "projection | public.at_commit | f | f",
            "projection | public.kept | t | t",
            "projection | public.queued | f | f",
            "projection | public.recent | t | t"
        ]
    );
    all("CALL specql.refresh_projections(); INSERT INTO customers VALUES (1, now());");
    assert_eq!(
        all(
            "SELECT name, ok, last_refresh > now() - interval '1 minute', pending_marks, pending_since IS NOT NULL,
                partitions_ahead, next_expiry, rows_in_default, problem FROM specql.status ORDER BY name"
        ),
        [
            "public.at_commit | t | t | 0 | f |  |  |  | ",
            "public.kept | t | t | 0 | f |  |  |  | ",
            "public.queued | t | t | 1 | t |  |  |  | ",
            "public.recent | t | t | 0 | f |  |  |  | "
        ]
    );
    all("UPDATE specql.refresh_request SET requested_at = now() - interval '2 hours'");
    assert_eq!(
        all("SELECT name FROM specql.status WHERE NOT ok AND problem LIKE '%wait%'"),
        ["public.queued"]
    );
}

#[test]
fn partitions_alone_have_a_status() {
    let sales = PLAIN_SALES.replace("customer: ref(Customer)!", "at: date!");
    let sales = format!(
        "{sales}partitioning: {{strategy: RANGE, column: at, intervals: monthly, premake: 2, default: true, retention: '3 months'}}\n"
    );
    let (cluster, _project) = database("only_partitions", &[&sales]);
    let all = |sql| rows(&cluster, "only_partitions", sql);
    let status = "SELECT kind, name, ok, pending_marks, last_refresh, partitions_ahead, next_expiry IS NULL, rows_in_default, problem
        FROM specql.status ORDER BY name";
    assert_eq!(
        all(status),
        [
            "partitioned table | public.sales | f |  |  | 0 | f | 0 | no period is ready ahead: run specql.maintain_partitions()"
        ]
    );
    all(
        "SELECT * FROM specql.maintain_partitions(); INSERT INTO sales (id, at) VALUES (1, '1999-01-01'), (2, '1999-01-01')",
    );
    assert_eq!(
        all(status),
        ["partitioned table | public.sales | t |  |  | 2 | f | 2 | "]
    );
    // Somebody's nonsense is a problem of its own row.
    all(
        "INSERT INTO specql.partition_policy (schema_name, table_name, level, unit, units, premake, retention_action)
        VALUES ('public', 'nowhere', 0, 'fortnight', 1, 1, 'detach')",
    );
    assert_eq!(
        all("SELECT name, ok, problem FROM specql.status ORDER BY name"),
        [
            "public.nowhere | f | there is no table public.nowhere",
            "public.sales | t | "
        ]
    );
    all("INSERT INTO sales (id, at) SELECT g, '1999-01-01' FROM generate_series(10, 20000) g");
    assert_eq!(
        all(
            "SELECT rows_in_default, problem LIKE '%default partition%' FROM specql.status WHERE name = 'public.sales'"
        ),
        ["10000 | t"]
    );
}

const FILL: &str = "INSERT INTO customers VALUES (1, now()), (2, now());
    INSERT INTO sales SELECT g, date '2025-01-01' + (g % 28)::int, 1 + g % 2, 1 FROM generate_series(1, 100) g;
    INSERT INTO sales SELECT g, date '2025-02-01' + (g % 28)::int, 1 + g % 2, 1 FROM generate_series(101, 110) g;
    CALL specql.refresh_projections();";

/// Each projection's rows that differ from its query.
const DIFFERING: &str = "SELECT specql.verify_projection('kept'), specql.verify_projection('recent'),
    (SELECT sum(sales) FROM at_commit) - (SELECT count(*) FROM sales), (SELECT sum(sales) FROM queued) - (SELECT count(*) FROM sales)";

/// What holds when January has gone, however it went.
fn check_marks(cluster: &Cluster, database: &str) {
    let all = |sql| rows(cluster, database, sql);
    assert_eq!(all(DIFFERING), ["2 | 2 | 100 | 100"]);
    assert_eq!(
        all("SELECT name FROM specql.status WHERE pending_marks > 0 ORDER BY name"),
        [
            "public.at_commit",
            "public.kept",
            "public.queued",
            "public.recent"
        ]
    );
    assert_eq!(
        all(
            "SELECT name FROM specql.status WHERE NOT ok AND problem LIKE '%partition%' AND kind = 'projection' ORDER BY name"
        ),
        ["public.kept", "public.recent"]
    );
    all("CALL specql.refresh_projections()");
    assert_eq!(all(DIFFERING), ["0 | 0 | 0 | 0"]);
    assert_eq!(
        all("SELECT count(*) FROM specql.status WHERE pending_marks > 0"),
        ["0"]
    );
}

#[test]
fn a_partition_that_goes_marks_the_projections_that_read_it() {
    let (cluster, _project) = database("detached", &[CUSTOMERS, SALES, PROJECTIONS]);
    let all = |sql| rows(&cluster, "detached", sql);
    all(FILL);
    assert_eq!(all(DIFFERING), ["0 | 0 | 0 | 0"]);
    let done = all("SELECT action, partition, error FROM specql.maintain_partitions('2025-05-02')");
    assert!(
        done.contains(&"detach | sales_2025_01 | ".to_owned()),
        "{done:?}"
    );
    check_marks(&cluster, "detached");
    // Making partitions changes no projection.
    all("SELECT * FROM specql.maintain_partitions('2025-05-02')");
    assert_eq!(
        all("SELECT count(*) FROM specql.status WHERE pending_marks > 0"),
        ["0"]
    );
}

#[test]
fn a_partition_that_goes_concurrently_marks_them_too() {
    let (cluster, project) = database("rolled", &[CUSTOMERS, SALES, PROJECTIONS]);
    let all = |sql| rows(&cluster, "rolled", sql);
    all(FILL);
    let rolled = project
        .specqlc()
        .args(["partitions", "roll", "--as-of", "2025-05-02"])
        .args(["--database-url", &cluster.url("rolled")])
        .output()
        .unwrap();
    let told = said(&rolled);
    assert!(rolled.status.success(), "{told}");
    assert!(
        told.contains("detach sales_2025_01") && told.contains("concurrently"),
        "{told}"
    );
    check_marks(&cluster, "rolled");
}

#[test]
fn a_write_in_the_transaction_of_maintenance_is_not_lost() {
    let (cluster, _project) = database("same", &[CUSTOMERS, SALES, PROJECTIONS]);
    let all = |sql| rows(&cluster, "same", sql);
    all(FILL);
    all(
        "BEGIN; SELECT * FROM specql.maintain_partitions('2025-05-02'); INSERT INTO sales VALUES (999, '2025-02-03', 1, 1); COMMIT",
    );
    let found = all("SELECT sales, total FROM kept WHERE id = 1");
    assert_eq!(found, ["6 | 6.00"]);
    all("CALL specql.refresh_projections()");
    assert_eq!(all(DIFFERING), ["0 | 0 | 0 | 0"]);
}

#[test]
fn marks_that_a_crash_has_taken_are_made_good() {
    let (cluster, _project) = database("crashed", &[CUSTOMERS, SALES, PROJECTIONS]);
    let all = |sql| rows(&cluster, "crashed", sql);
    all(FILL);
    all("SELECT * FROM specql.maintain_partitions('2025-05-02')");
    // What a crash does to unlogged tables.
    all("TRUNCATE specql.refresh_request, specql.projection_refresh");
    assert_eq!(
        all("SELECT count(*) FROM specql.status WHERE kind = 'projection' AND NOT ok"),
        ["4"]
    );
    all("CALL specql.refresh_projections()");
    assert_eq!(all(DIFFERING), ["0 | 0 | 0 | 0"]);
}

#[test]
fn who_watches_needs_three_rights() {
    let (cluster, _project) = database("watched", &[CUSTOMERS, SALES, PROJECTIONS]);
    let all = |sql| rows(&cluster, "watched", sql);
    all("CREATE ROLE watcher;
        GRANT USAGE ON SCHEMA specql TO watcher;
        GRANT SELECT ON specql.status TO watcher;
        GRANT EXECUTE ON FUNCTION specql.partition_report TO watcher");
    assert_eq!(
        all(
            "SET ROLE watcher; SELECT kind, count(*) FROM specql.status GROUP BY kind ORDER BY kind"
        ),
        ["partitioned table | 1", "projection | 4"]
    );
    let policy = cluster.psql("watched", "SET ROLE watcher; TABLE specql.partition_policy");
    assert!(policy.unwrap_err().contains("permission denied"));
}
