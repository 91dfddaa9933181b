//! What somebody has changed by hand in a database: `diff` says it, its plan takes it back, and nothing is left of it.
//! What somebody has added is named, and stays.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a helper that fails fails its test; clippy knows it only of functions marked as tests"
)]

mod support;

use std::process::Output;
use std::sync::Arc;

use support::{Cluster, Project, said};

const SPEC: &str = "
entity: Customer
description: Who buys
fields:
  name: text(80)! unique
  email: email
  balance: decimal(10,2)! = 0
  kind: {type: 'enum(new, regular)', native: true, default: new}
  joined_at: timestamptz! = now()
  label: {type: text, generated: \"upper(name)\", description: How it is printed}
indexes:
  - {name: idx_balance, columns: [balance DESC], condition: 'balance > 0'}
constraints:
  - {name: fair, type: check, condition: 'balance >= -100', error_message: Too deep in debt}
---
entity: Order
patterns: [audit_trail]
fields:
  id: bigint
  customer: 'ref(Customer, on_delete=cascade)!'
  total: decimal(10,2)
---
entity: Event
fields: {happened_at: timestamptz!, note: text}
partitioning: {strategy: RANGE, column: happened_at, intervals: monthly, premake: 1}
---
projections:
  - name: customer_orders
    includes: [{Customer: [id, name]}, {Order: [COUNT(*) as orders]}]
  - name: customer_totals
    includes: [{Customer: [id, name]}, {Order: [SUM(total) as total]}]
    refresh: {materialized: true, on: all}
";

/// What is done by hand, and a piece of what `diff` says of it.
const CHANGES: &[(&str, &str)] = &[
    (
        "ALTER TABLE customers ALTER email TYPE varchar(200)",
        "customers.email",
    ),
    (
        "ALTER TABLE customers ALTER balance TYPE numeric(12,3)",
        "customers.balance",
    ),
    (
        "ALTER TABLE customers ALTER balance SET DEFAULT 5",
        "customers.balance",
    ),
    (
        "ALTER TABLE customers ALTER joined_at DROP DEFAULT",
        "customers.joined_at",
    ),
    (
        "ALTER TABLE customers ALTER name DROP NOT NULL",
        "customers.name",
    ),
    (
        "ALTER TABLE orders ALTER total SET NOT NULL",
        "orders.total",
    ),
    (
        "ALTER TABLE customers ALTER label DROP EXPRESSION",
        "customers.label",
    ),
    (
        "ALTER TABLE customers ALTER email TYPE text COLLATE \"C\"",
        "customers.email",
    ),
    (
        "ALTER TABLE orders ALTER id SET GENERATED ALWAYS",
        "orders.id",
    ),
    ("DROP INDEX idx_balance", "idx_balance"),
    (
        "DROP INDEX idx_balance; CREATE INDEX idx_balance ON customers (balance)",
        "idx_balance",
    ),
    (
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'idx_balance'::regclass",
        "idx_balance",
    ),
    (
        "DROP INDEX idx_orders_customer_id",
        "idx_orders_customer_id",
    ),
    ("ALTER TABLE orders DISABLE TRIGGER USER", "orders"),
    (
        "DROP TRIGGER customer_totals_refresh_create ON orders",
        "customer_totals",
    ),
    (
        "ALTER TABLE orders DROP CONSTRAINT orders_customer_id_fkey",
        "orders_customer_id_fkey",
    ),
    (
        "ALTER TABLE orders DROP CONSTRAINT orders_customer_id_fkey, ADD CONSTRAINT orders_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES customers NOT VALID",
        "orders_customer_id_fkey",
    ),
    (
        "ALTER TABLE orders DROP CONSTRAINT orders_customer_id_fkey, ADD CONSTRAINT orders_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES customers ON DELETE CASCADE NOT VALID",
        "orders_customer_id_fkey",
    ),
    ("ALTER TABLE customers DROP CONSTRAINT fair", "fair"),
    (
        "ALTER TABLE customers DROP CONSTRAINT fair, ADD CONSTRAINT fair CHECK (balance >= -5)",
        "fair",
    ),
    (
        "ALTER TABLE customers DROP CONSTRAINT customers_name_key",
        "customers_name_key",
    ),
    ("COMMENT ON TABLE customers IS NULL", "customers"),
    (
        "COMMENT ON COLUMN customers.label IS 'other'",
        "customers.label",
    ),
    ("COMMENT ON CONSTRAINT fair ON customers IS NULL", "fair"),
    (
        "CREATE OR REPLACE VIEW customer_orders AS SELECT id, name, 7::bigint AS orders FROM customers",
        "customer_orders",
    ),
    ("DROP VIEW customer_orders", "customer_orders"),
    (
        "DROP VIEW customer_orders; CREATE VIEW customer_orders AS SELECT 1 AS one",
        "customer_orders",
    ),
    (
        "DROP MATERIALIZED VIEW customer_totals; CREATE MATERIALIZED VIEW customer_totals AS SELECT id FROM customers",
        "customer_totals",
    ),
    (
        "CREATE OR REPLACE FUNCTION specql.refresh_requested() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "refresh_requested",
    ),
    (
        "ALTER TABLE customers DROP COLUMN joined_at",
        "customers.joined_at",
    ),
];

/// What is added by hand, and the name under which it is left alone.
const ADDITIONS: &[(&str, &str)] = &[
    ("CREATE TABLE extra (id int)", "extra"),
    ("CREATE VIEW seen AS SELECT id FROM customers", "seen"),
    ("CREATE INDEX by_hand ON customers (email)", "by_hand"),
    ("ALTER TABLE customers ADD COLUMN nick text", "nick"),
    (
        "ALTER TABLE customers ADD CONSTRAINT by_hand CHECK (name <> '')",
        "by_hand",
    ),
    ("CREATE SEQUENCE counter", "counter"),
    ("CREATE TYPE mood AS ENUM ('good')", "mood"),
    (
        "CREATE DOMAIN short AS text CHECK (length(VALUE) < 9)",
        "short",
    ),
    (
        "CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "one",
    ),
    (
        "CREATE TRIGGER by_hand BEFORE UPDATE ON customers FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "by_hand",
    ),
    ("CREATE SCHEMA elsewhere", "elsewhere"),
    (
        "CREATE AGGREGATE total(int) (sfunc = int4pl, stype = int)",
        "total",
    ),
    (
        "CREATE RULE quiet AS ON DELETE TO extra DO INSTEAD NOTHING",
        "quiet",
    ),
    (
        "CREATE STATISTICS both_names ON name, email FROM customers",
        "both_names",
    ),
    ("CREATE COLLATION german FROM \"C\"", "german"),
    (
        "CREATE PUBLICATION everything FOR TABLE customers",
        "everything",
    ),
    (
        "CREATE OPERATOR === (leftarg = int, rightarg = int, function = int4eq)",
        "===",
    ),
    (
        "CREATE TEXT SEARCH CONFIGURATION plain_words (COPY = simple)",
        "plain_words",
    ),
];

/// What is the user's own, and no difference.
const OWN: &[&str] = &[
    "ALTER TABLE customers SET (fillfactor = 70, autovacuum_enabled = false)",
    "ALTER TABLE customers ALTER name SET STATISTICS 500",
    "ALTER TABLE customers ALTER name SET STORAGE EXTERNAL",
    "ALTER TABLE customers ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE customers REPLICA IDENTITY FULL",
    "ALTER TABLE orders ALTER id SET CACHE 10",
    "GRANT SELECT ON customers TO PUBLIC",
    "CLUSTER customers USING customers_pkey",
];

struct Live {
    cluster: Arc<Cluster>,
    database: &'static str,
    project: Project,
}

impl Live {
    fn new(database: &'static str) -> Self {
        let cluster = Cluster::shared();
        let project = Project::of(SPEC);
        let built = project.specqlc().arg("build").output().unwrap();
        assert!(built.status.success(), "{}", said(&built));
        let create = format!("CREATE DATABASE {database}");
        cluster.psql("postgres", &create).unwrap();
        let schema = project.path().join("generated/schema.sql");
        cluster.psql_file(database, &schema, &["-1"]).unwrap();
        let live = Self {
            cluster,
            database,
            project,
        };
        live.psql(
            "INSERT INTO customers (name, balance) SELECT 'n' || n, n FROM generate_series(1, 9) n;
             INSERT INTO orders (customer_id, total) SELECT id, balance FROM customers",
        );
        live
    }

    fn psql(&self, sql: &str) {
        self.cluster
            .psql(self.database, sql)
            .unwrap_or_else(|error| panic!("{sql}\n{error}"));
    }

    fn diff(&self, arguments: &[&str]) -> Output {
        let mut command = self.project.specqlc();
        let url = self.cluster.url(self.database);
        command.args(["diff", "--database-url", &url]);
        command.args(arguments).output().unwrap()
    }

    /// Why there is still a difference.
    fn differs(&self) -> Option<String> {
        let output = self.diff(&[]);
        let differs = output.status.code() != Some(0) || !output.stdout.is_empty();
        differs.then(|| said(&output))
    }
}

#[test]
fn what_was_changed_by_hand_is_said_and_taken_back() {
    let live = Live::new("drift_changes");
    let mut failures = Vec::new();
    for (change, expected) in CHANGES {
        live.psql(change);
        let told = live.diff(&[]);
        let text = String::from_utf8_lossy(&told.stdout).into_owned();
        if told.status.code() != Some(2) || !text.contains(expected) {
            failures.push(format!("{change}\n  is not said: {}", said(&told)));
        }
        let hazards = "deletes-data,may-fail-on-data,rewrites-table,blocks-reads,blocks-writes,scans-table,\
                       breaks-old-code,drops-index,not-reversible,stale-projection";
        let plan = live.diff(&["--format", "sql", "--allow", hazards]);
        let plan = String::from_utf8_lossy(&plan.stdout).into_owned();
        if let Err(error) = live.cluster.psql(live.database, &plan) {
            failures.push(format!("{change}\n  is not taken back: {error}\n{plan}"));
        } else if let Some(left) = live.differs() {
            failures.push(format!("{change}\n  is not gone: {left}\nafter\n{plan}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

#[test]
fn what_was_added_by_hand_is_named_and_stays() {
    let live = Live::new("drift_additions");
    let mut failures = Vec::new();
    for (addition, name) in ADDITIONS {
        live.psql(addition);
        if let Some(left) = live.differs() {
            failures.push(format!("{addition}\n  is a difference: {left}"));
        }
        let told = live.diff(&["-v"]);
        if !String::from_utf8_lossy(&told.stderr).contains(name) {
            failures.push(format!("{addition}\n  is not named: {}", said(&told)));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

#[test]
fn what_specs_do_not_speak_of_is_the_users_own() {
    let live = Live::new("drift_own");
    let mut failures = Vec::new();
    for change in OWN {
        live.psql(change);
        if let Some(left) = live.differs() {
            failures.push(format!("{change}\n  is a difference: {left}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

#[test]
fn a_partition_with_other_bounds_is_said() {
    let live = Live::new("drift_bounds");
    live.psql(
        "CREATE TABLE wide PARTITION OF events FOR VALUES FROM ('2031-01-01') TO ('2041-01-01')",
    );
    assert_eq!(
        live.differs(),
        None,
        "a period that no spec has is nobody's difference"
    );
    live.psql("ALTER TYPE customers_kind ADD VALUE 'lapsed'");
    let told = live.diff(&[]);
    assert!(
        String::from_utf8_lossy(&told.stdout).contains("customers_kind"),
        "{}",
        said(&told)
    );
}
