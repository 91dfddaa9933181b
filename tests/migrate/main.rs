//! Migrations: written offline, applied to a real server, taken back; and everything that stops them from being applied.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper that fails fails its test"
)]

mod disorder;
mod fill;
mod formats;
mod interrupted;
mod live;
mod partitions;
mod progress;
mod runners;
mod shop;
#[path = "../support/mod.rs"]
mod support;

use std::fs;

use shop::{RISKS, SHOP, Shop, TODAY, WITH_NOTE, WITH_STATE, WITHOUT_NOTE};
use support::said;

#[test]
fn a_history_is_applied_and_taken_back() {
    let shop = Shop::new("round_trip");
    shop.step("initial", SHOP, "");
    shop.good(&["apply"]);
    let initial = shop.dump();
    shop.psql("INSERT INTO orders (total) SELECT generate_series(1, 1000)");
    shop.step("note", WITH_NOTE, "");
    shop.step("state", WITH_STATE, RISKS);
    let named = shop.fails(2, &["apply", "--dry-run"]);
    assert!(named.contains("0002_note.sql"), "{named}");
    shop.good(&["apply"]);
    shop.verify();
    shop.step("no_note", WITHOUT_NOTE, RISKS);
    shop.good(&["apply", "--no-wait"]);
    shop.verify();
    assert_eq!(shop.good(&["apply", "-q"]), "");
    shop.good(&["status"]);
    // Nothing of what is lost on the way back is lost unasked.
    let hazards = shop.fails(1, &["down", "--to", "1"]);
    assert!(hazards.contains("deletes-data"), "{hazards}");
    shop.good(&["down", "--to", "1", "--allow", RISKS]);
    assert_eq!(shop.dump(), initial);
    assert_eq!(shop.psql("SELECT count(*) FROM orders"), "1000\n");
    let pending = shop.fails(2, &["status"]);
    assert!(pending.contains("0001  initial  applied"), "{pending}");
    assert!(pending.contains("0002  note     pending"), "{pending}");
    shop.good(&["apply"]);
    shop.verify();
    // All the way, and up again.
    shop.good(&["down", "--to", "0", "--allow", RISKS]);
    shop.good(&["apply"]);
    shop.verify();
}

#[test]
fn the_ledger_stays_when_nothing_else_of_its_schema_does() {
    let shop = Shop::new("ledger_stays");
    // A trigger's function, in the schema of the ledger.
    shop.step(
        "initial",
        "entity: Order\npatterns: [audit_trail]\nfields: {total: integer}\n",
        "",
    );
    shop.good(&["apply"]);
    shop.step("plain", SHOP, RISKS);
    shop.good(&["apply"]);
    shop.good(&["status"]);
    shop.verify();
    shop.good(&["down", "--allow", RISKS]);
    shop.good(&["apply"]);
    shop.verify();
}

#[test]
fn the_example_application_is_applied_and_taken_back() {
    let shop = Shop::new("example");
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    fs::remove_dir_all(shop.project.path().join("specs")).unwrap();
    support::copy_folder(&root.join("specs"), &shop.project.path().join("specs"));
    fs::copy(
        root.join("specql.yaml"),
        shop.project.path().join("specql.yaml"),
    )
    .unwrap();
    shop.good(&["new", "initial", "--as-of", TODAY]);
    shop.good(&["apply"]);
    shop.verify();
    shop.good(&["down", "--allow", RISKS]);
    let left = "SELECT count(*) FROM pg_class WHERE relnamespace IN ('public'::regnamespace, 'specql'::regnamespace) \
                AND relkind IN ('r', 'v', 'm', 'p') AND relname <> 'migration'";
    assert_eq!(shop.psql(left), "0\n");
    shop.good(&["apply"]);
    shop.verify();
}

#[test]
fn partitions_that_the_database_has_made_get_their_indexes_too() {
    let shop = Shop::new("partitions");
    let event = "\
entity: Event
fields: {at: datetime, kind: text}
partitioning:
  {strategy: RANGE, column: at, intervals: yearly, start: 2024-01-01,
   partitioning: {strategy: HASH, column: id, partitions: 2}}
";
    shop.specs(event);
    shop.good(&["new", "initial", "--as-of", TODAY]);
    shop.good(&["apply"]);
    let made = "SELECT count(*) FROM specql.maintain_partitions('2027-06-01')";
    assert_ne!(shop.psql(made), "0\n");
    shop.psql("INSERT INTO events (at, kind) VALUES ('2027-01-01', 'a'), ('2024-02-01', 'a')");
    shop.step(
        "index",
        &format!("{event}indexes: [{{columns: [kind]}}]\n"),
        RISKS,
    );
    let output = shop.migrate(&["apply"]);
    assert!(
        said(&output).contains("first: CREATE INDEX CONCURRENTLY"),
        "{}",
        said(&output)
    );
    assert_eq!(
        shop.psql("SELECT count(*) FROM pg_index WHERE NOT indisvalid"),
        "0\n"
    );
    let parts = "SELECT count(*) FILTER (WHERE relkind = 'I') > 3, count(*) > 9 FROM pg_partition_tree('idx_events_kind') \
                 JOIN pg_class ON oid = relid";
    assert_eq!(shop.psql(parts), "t\tt\n");
    let url = shop.cluster.url("postgres");
    shop.good(&["verify", "--shadow-url", &url]);
    shop.good(&["down", "--allow", RISKS]);
    assert_eq!(
        shop.psql("SELECT count(*) FROM pg_class WHERE relname LIKE '%events_kind%'"),
        "0\n"
    );
}

#[test]
fn a_file_is_a_transaction_or_none() {
    let shop = Shop::new("parts");
    shop.step("initial", SHOP, "");
    let listed = shop.step("note", WITH_NOTE, "");
    assert_eq!(listed.lines().count(), 5, "{listed}");
    let first = shop.project.read("generated/migrations/0002_note.sql");
    let second = shop.project.read("generated/migrations/0003_note.sql");
    assert!(first.starts_with("-- specql:transaction\n"), "{first}");
    assert!(first.contains("part 1 of 2") && first.contains("SET LOCAL lock_timeout = '1s';"));
    assert!(second.starts_with("-- specql:no-transaction\n"), "{second}");
    assert!(second.contains("CREATE INDEX CONCURRENTLY") && !second.contains("ADD COLUMN"));
    let before = shop.names();
    assert_eq!(shop.good(&["new", "nothing"]), "");
    assert_eq!(shop.names(), before);
    // Refused: nothing is written either.
    shop.specs(WITHOUT_NOTE);
    let refused = shop.fails(2, &["new", "no_note"]);
    assert!(
        refused.contains("--allow") && refused.contains("deletes-data"),
        "{refused}"
    );
    assert_eq!(shop.names(), before);
    shop.good(&["new", "no_note", "--allow", RISKS]);
    let contract: String = shop
        .names()
        .iter()
        .filter(|name| name.ends_with("no_note.sql"))
        .map(|name| shop.project.read(&format!("generated/migrations/{name}")))
        .collect();
    assert!(
        contract.contains("-- Contract: ") && contract.contains("-- hazards: "),
        "{contract}"
    );
    assert!(contract.contains("allowed deletes-data"), "{contract}");
    for (name, wrong) in [
        ("no_note", "already"),
        ("Bad", "no name"),
        ("a__b", "no name"),
    ] {
        let said = shop.fails(1, &["new", name]);
        assert!(said.contains(wrong), "{said}");
    }
}

#[test]
fn two_phases_are_two_migrations() {
    let shop = Shop::new("phases");
    shop.step("initial", WITH_NOTE, "");
    shop.good(&["apply"]);
    shop.specs(WITHOUT_NOTE);
    let early = shop.fails(1, &["new", "done", "--contract", "--allow", RISKS]);
    assert!(early.contains("--expand-only"), "{early}");
    shop.good(&["new", "start", "--expand-only", "--allow", RISKS]);
    shop.good(&["apply"]);
    // What old code reads is there still, and what new code needs is.
    shop.psql("SELECT total, note, state FROM orders; SELECT count FROM lines");
    assert_eq!(shop.good(&["new", "nothing", "--expand-only"]), "");
    shop.good(&["new", "done", "--contract", "--allow", RISKS]);
    let texts: String = shop
        .names()
        .iter()
        .filter(|name| name.ends_with("_done.sql"))
        .map(|name| shop.project.read(&format!("generated/migrations/{name}")))
        .collect();
    assert!(
        texts.contains("DROP COLUMN note") && !texts.contains("CREATE TABLE"),
        "{texts}"
    );
    shop.good(&["apply"]);
    shop.verify();
}

#[test]
fn steps_by_hand_have_their_place() {
    let shop = Shop::new("by_hand");
    shop.step("initial", SHOP, "");
    shop.good(&["new", "fill", "--data"]);
    let file = "generated/migrations/0002_fill.data.sql";
    shop.project.write(
        file,
        b"-- specql:no-transaction\nINSERT INTO orders (total) VALUES (1);\nUPDATE orders SET total = total + 1;\n\
          DO $$ BEGIN FOR n IN 1..3 LOOP INSERT INTO orders (total) VALUES (n * 10); COMMIT; END LOOP; END $$;\n",
    );
    let unsealed = shop.fails(1, &["apply"]);
    assert!(
        unsealed.contains("migrate seal 0002_fill.data.sql"),
        "{unsealed}"
    );
    shop.good(&["seal", file]);
    shop.good(&["apply"]);
    assert_eq!(
        shop.psql("SELECT total FROM orders ORDER BY 1"),
        "2\n10\n20\n30\n"
    );
    let no_way = shop.fails(1, &["down"]);
    assert!(no_way.contains("by hand"), "{no_way}");
    shop.project.write(
        "generated/migrations/0002_fill.down.sql",
        b"-- specql:transaction\nDELETE FROM orders;\n",
    );
    shop.good(&["seal", "0002_fill.down.sql"]);
    shop.good(&["down"]);
    assert_eq!(shop.psql("SELECT count(*) FROM orders"), "0\n");
    // The next step of the specs goes on from the one before.
    shop.step("note", WITH_NOTE, "");
    shop.good(&["apply"]);
    shop.verify();
    // Whoever writes COMMIT into a transaction is told before anything is run.
    shop.good(&["new", "wrong", "--data"]);
    let file = "generated/migrations/0005_wrong.data.sql";
    shop.project
        .write(file, b"-- specql:transaction\nSELECT 1;\nCOMMIT;\n");
    shop.good(&["seal", file]);
    let said = shop.fails(1, &["apply"]);
    assert!(said.contains("0005_wrong.data.sql, line 3"), "{said}");
}

#[test]
fn a_database_that_was_there_before_is_taken_over() {
    let shop = Shop::new("taken_over");
    shop.step("initial", WITH_NOTE, "");
    let missing = shop.fails(1, &["baseline"]);
    assert!(missing.contains("create table public.orders"), "{missing}");
    let text = shop.project.read("generated/migrations/0001_initial.sql");
    shop.psql(&text);
    shop.good(&["baseline"]);
    shop.good(&["status"]);
    // In a server of its own.
    shop.good(&["verify"]);
    let twice = shop.fails(1, &["baseline"]);
    assert!(twice.contains("has a ledger"), "{twice}");
    shop.step("state", WITH_STATE, RISKS);
    shop.good(&["apply"]);
    shop.verify();
}
