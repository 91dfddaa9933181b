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

mod shop;
mod soak;
#[path = "../support/mod.rs"]
mod support;

use shop::{Load, Shop};

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
