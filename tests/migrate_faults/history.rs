//! A project with a history, and a database with rows that has its first migration.

use std::fs;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;

use postgres::{Client, NoTls};

use super::support::{Cluster, Project, said};

pub const INITIAL: &str = "entity: Order\nfields: {total: integer}\n";
pub const INDEXED: &str = "\
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
const DIVIDED: &str = "\
entity: Order
fields:
  total: integer!
  state: {type: enum, values: [new, paid], default: new, required: true}
  kind: {type: 'enum(shop, web)', native: true, required: true, default: shop}
---
entity: Line
fields: {order: ref(Order)!}
---
entity: Event
fields: {kind: text!, amount: integer}
constraints: [{type: primary_key, fields: [id, kind]}]
partitioning: {strategy: LIST, column: kind, intervals: {a: [a], b: [b]}}
";
const WIDENED: &str = "\
entity: Order
fields:
  amount: {type: integer, required: true, renamed_from: total}
  state: {type: enum, values: [new, paid, sent], default: new, required: true}
  kind: {type: 'enum(shop, web, phone)', native: true, required: true, default: shop}
---
entity: Line
fields: {order: ref(Order)!}
---
entity: Event
fields: {kind: text!, amount: integer}
constraints: [{type: primary_key, fields: [id, kind]}]
indexes: [{columns: [amount]}]
partitioning: {strategy: LIST, column: kind, intervals: {a: [a], b: [b]}}
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
/// The same as a transaction, and what can be in none.
const BOOK: &str = "\
-- specql:transaction
INSERT INTO lines (order_id) SELECT id FROM orders WHERE total > 0;
INSERT INTO events (kind, amount) SELECT (ARRAY['a', 'b', 'c'])[1 + total % 3], total FROM orders WHERE total > 0;
UPDATE events SET amount = amount + 1;
";
const DETACH: &str = "\
-- specql:no-transaction
CREATE TABLE log (day integer) PARTITION BY LIST (day);
CREATE TABLE log_1 PARTITION OF log FOR VALUES IN (1);
INSERT INTO log VALUES (1);
ALTER TABLE log DETACH PARTITION log_1 CONCURRENTLY;
INSERT INTO log_1 VALUES (1);
VACUUM log_1;
";

/// How many orders there are at first.
pub const ROWS: u32 = 2000;

pub struct History {
    pub cluster: Arc<Cluster>,
    pub project: Project,
}

impl History {
    pub fn new(database: &str) -> Self {
        Self::on(Cluster::shared(), database)
    }

    pub fn on(cluster: Arc<Cluster>, database: &str) -> Self {
        let history = Self {
            cluster,
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

    /// Everything that comes after the first migration.
    pub fn grow(&self) {
        self.step("indexed", INDEXED);
        self.by_hand("fill", FILL);
        self.step("checked", CHECKED);
        self.step("narrowed", NARROWED);
        self.step("divided", DIVIDED);
        self.by_hand("book", BOOK);
        self.by_hand("detach", DETACH);
        self.step("widened", WIDENED);
    }

    pub fn step(&self, name: &str, specs: &str) {
        self.project.write("specs/spec.yaml", specs.as_bytes());
        let risks = "may-fail-on-data,scans-table,breaks-old-code,deletes-data,drops-index";
        self.good(&["new", name, "--allow", risks]);
    }

    pub fn by_hand(&self, name: &str, text: &str) {
        let output = self.good(&["new", name, "--data"]);
        let file = String::from_utf8(output.stdout).unwrap();
        fs::write(self.project.path().join(file.trim()), text).unwrap();
        self.good(&["seal", file.trim()]);
    }

    /// The texts of the migrations after the first one.
    pub fn texts(&self) -> Vec<String> {
        let folder = self.project.path().join("generated/migrations");
        let files = super::support::files_below(&folder).into_iter();
        files
            .filter(|file| {
                let name = file.to_str().unwrap();
                let stem = name.strip_suffix(".sql").unwrap_or("0001");
                stem.strip_suffix(".down").is_none() && !stem.starts_with("0001")
            })
            .map(|file| fs::read_to_string(folder.join(file)).unwrap())
            .collect()
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.project.specqlc();
        command.arg("migrate").args(arguments);
        command
    }

    pub fn good(&self, arguments: &[&str]) -> Output {
        let output = self.command(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", said(&output));
        output
    }

    pub fn start(&self, url: &str) -> Child {
        spawned(&mut self.command(&["apply", "--database-url", url]))
    }

    /// Without a comparison of the database before, which asks much and changes nothing.
    pub fn start_unchecked(&self, url: &str) -> Child {
        spawned(&mut self.command(&["apply", "--allow-drift", "--database-url", url]))
    }

    pub fn sql(&self, database: &str, sql: &str) -> String {
        self.cluster.psql(database, sql).unwrap()
    }

    pub fn client(&self, database: &str) -> Client {
        Client::connect(&self.cluster.url(database), NoTls).unwrap()
    }

    /// Structure, rows and ledger.
    pub fn everything(&self, database: &str) -> String {
        let dump = self.cluster.dump(database).unwrap();
        // Newer versions of pg_dump write a random word.
        let lines = dump.lines().filter(|line| !line.starts_with('\\'));
        let dump: String = lines.flat_map(|line| [line, "\n"]).collect();
        let rows = "SELECT count(*), sum(amount), min(amount), max(amount) FROM orders;
            SELECT count(*), sum(amount), min(amount), max(amount) FROM events;
            SELECT count(*), count(DISTINCT order_id) FROM lines;
            SELECT day FROM log_1 ORDER BY 1;
            SELECT number, name, checksum, state FROM specql.migration ORDER BY 1;
            SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid";
        dump + &self.sql(database, rows)
    }
}

fn spawned(command: &mut Command) -> Child {
    command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}
