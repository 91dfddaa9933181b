//! Migrations: written offline, applied to a real server, taken back; and everything that stops them from being applied.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper that fails fails its test"
)]

mod support;

use std::fs;
use std::process::{Command, Output};
use std::sync::Arc;

use support::{Cluster, Project, files_below, said};

const SHOP: &str = "\
entity: Order
fields: {total: integer}
";
/// A column comes in a transaction, an index outside of any.
const WITH_NOTE: &str = "\
entity: Order
fields: {total: integer, note: text}
indexes: [{columns: [total]}]
";
const WITH_STATE: &str = "\
entity: Order
fields: {total: integer!, note: text, state: {type: enum, values: [new, paid], default: new, required: true}}
indexes: [{columns: [total]}, {columns: [note], unique: true}]
---
entity: Line
fields: {order: ref(Order)!, amount: decimal(10..12)}
";
const WITHOUT_NOTE: &str = "\
entity: Order
fields: {total: integer!, state: {type: enum, values: [new, paid, sent], default: new, required: true}}
---
entity: Line
fields: {order: ref(Order)!, amount: decimal(10..12), count: integer!}
";

/// A project and a database of its own.
struct Shop {
    cluster: Arc<Cluster>,
    project: Project,
    database: String,
}

impl Shop {
    fn new(database: &str) -> Self {
        let cluster = Cluster::shared();
        cluster
            .psql("postgres", &format!("CREATE DATABASE {database}"))
            .unwrap();
        let project = Project::of(SHOP);
        project.write("specql.yaml", b"lock_timeout: 1s\n");
        Self {
            cluster,
            project,
            database: database.to_owned(),
        }
    }

    fn specs(&self, text: &str) {
        self.project.write("specs/spec.yaml", text.as_bytes());
    }

    fn migrate(&self, arguments: &[&str]) -> Output {
        let url = self.cluster.url(&self.database);
        let mut command = self.project.specqlc();
        command.arg("migrate").args(arguments);
        command.env("DATABASE_URL", url).output().unwrap()
    }

    fn good(&self, arguments: &[&str]) -> String {
        let output = self.migrate(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", said(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    /// What it says when it ends with that code.
    fn fails(&self, code: i32, arguments: &[&str]) -> String {
        let output = self.migrate(arguments);
        let said = said(&output);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        said
    }

    fn psql(&self, sql: &str) -> String {
        self.cluster.psql(&self.database, sql).unwrap()
    }

    fn dump(&self) -> String {
        let dump = self.cluster.dump(&self.database).unwrap();
        // Newer versions of pg_dump write a random word.
        let lines = dump.lines().filter(|line| !line.starts_with('\\'));
        lines.flat_map(|line| [line, "\n"]).collect()
    }

    /// A new migration to these specs.
    fn step(&self, name: &str, specs: &str, allow: &str) -> String {
        self.specs(specs);
        if allow.is_empty() {
            self.good(&["new", name])
        } else {
            self.good(&["new", name, "--allow", allow])
        }
    }

    fn folder(&self) -> std::path::PathBuf {
        self.project.path().join("generated/migrations")
    }

    fn names(&self) -> Vec<String> {
        files_below(&self.folder())
            .iter()
            .map(|path| path.display().to_string())
            .collect()
    }

    /// That the migrations lead to what the specs say, and the database is there.
    fn verify(&self) {
        let url = self.cluster.url("postgres");
        self.good(&["verify", "--shadow-url", &url]);
        let url = self.cluster.url(&self.database);
        let output = self
            .project
            .specqlc()
            .args(["diff", "--prune", "--as-of", TODAY, "--database-url", &url])
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", said(&output));
    }
}

/// The day of partitions, whenever the test is run.
const TODAY: &str = "2025-01-15";
const RISKS: &str = "may-fail-on-data,scans-table,breaks-old-code,deletes-data,drops-index,rewrites-table,blocks-writes,blocks-reads,not-reversible";

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
fn what_is_not_in_order_is_named_and_nothing_applied() {
    let shop = Shop::new("disorder");
    shop.step("initial", SHOP, "");
    shop.good(&["apply"]);
    shop.step("note", WITH_NOTE, "");
    let folder = shop.folder();
    let before = shop.dump();
    let refused = |wanted: &str| {
        let said = shop.fails(1, &["apply"]);
        assert!(said.contains(wanted), "{said}");
        assert_eq!(shop.dump(), before);
    };
    let edit = |name: &str, change: &dyn Fn(String) -> String| {
        let path = folder.join(name);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, change(text.clone())).unwrap();
        move || fs::write(&path, text).unwrap()
    };
    let more = |text: String| text + "SELECT 1;\n";

    let restore = edit("0002_note.sql", &more);
    refused("0002_note.sql is not what specql.sum says");
    restore();
    let restore = edit("0001_initial.down.sql", &more);
    refused("0001_initial.down.sql is not what specql.sum says");
    restore();
    // Accepted, but the database has another.
    let whole = fs::read_to_string(folder.join("specql.sum")).unwrap();
    let restore = edit("0001_initial.sql", &more);
    shop.fails(1, &["seal", "0002_note.sql"]);
    shop.good(&["seal", "0001_initial.sql"]);
    refused("0001_initial.sql was applied with another content");
    restore();
    fs::write(folder.join("specql.sum"), &whole).unwrap();

    let hidden = shop.project.path().join("hidden.sql");
    fs::rename(folder.join("0003_note.sql"), &hidden).unwrap();
    refused("0003_note.sql is in specql.sum and not in the folder");
    fs::rename(&hidden, folder.join("0003_note.sql")).unwrap();
    fs::write(folder.join("0007_more.sql"), "-- specql:transaction\n").unwrap();
    refused("there is no migration 0004");
    refused("0007_more.sql is not in specql.sum");
    fs::remove_file(folder.join("0007_more.sql")).unwrap();
    let restore = edit("specql.sum", &|text| {
        let lines = text
            .lines()
            .filter(|line| !line.starts_with("0002_note.sql "));
        lines.flat_map(|line| [line, "\n"]).collect()
    });
    refused("0002_note.sql is not in specql.sum");
    restore();
    let restore = edit("snapshots/0003_note.json", &|text| {
        text.replace("note", "nota")
    });
    let said = shop.fails(1, &["verify"]);
    assert!(said.contains("snapshots/0003_note.json is not"), "{said}");
    restore();

    shop.psql("ALTER TABLE orders ALTER COLUMN total TYPE bigint");
    let said = shop.fails(1, &["apply"]);
    assert!(
        said.contains("changed by hand") && said.contains("orders.total"),
        "{said}"
    );
    shop.psql("ALTER TABLE orders ALTER COLUMN total TYPE integer");
    assert_eq!(shop.dump(), before);

    shop.psql("INSERT INTO specql.migration VALUES (9, 'later', '', 'applied', 0, true, now(), now(), 'x', '9')");
    refused("the database has 0009_later, which the folder has not");
    let status = shop.fails(1, &["status", "--format", "json"]);
    assert!(
        status.contains("\"standing\": \"pending\"") && status.contains("0009_later"),
        "{status}"
    );
    shop.psql("DELETE FROM specql.migration WHERE number = 9");
    shop.psql("UPDATE specql.migration SET name = 'blog', checksum = 'x'");
    refused("another project's: its first migration is 0001_blog");
    // Specs that no migration leads to.
    shop.specs(WITH_STATE);
    let said = shop.fails(2, &["verify"]);
    assert!(
        said.contains("create table public.lines") && said.contains("do not lead"),
        "{said}"
    );
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

fn git(shop: &Shop, arguments: &[&str]) -> Output {
    Command::new("git")
        .current_dir(shop.project.path())
        .args(["-c", "user.name=a", "-c", "user.email=a@b"])
        .args(arguments)
        .output()
        .unwrap()
}

#[test]
fn two_branches_that_took_a_number_are_told_apart() {
    let shop = Shop::new("branches");
    let committed = |message: &str| {
        for arguments in [&["add", "."][..], &["commit", "-q", "-m", message]] {
            let output = git(&shop, arguments);
            assert!(output.status.success(), "{}", said(&output));
        }
    };
    git(&shop, &["init", "-q", "-b", "main"]);
    shop.step("initial", SHOP, "");
    committed("initial");
    git(&shop, &["checkout", "-q", "-b", "feature"]);
    shop.step("note", WITH_NOTE, "");
    shop.good(&["new", "fill", "--data"]);
    committed("note");
    git(&shop, &["checkout", "-q", "main"]);
    let customers = "entity: Customer\nfields: {name: text}\n";
    shop.project
        .write("specs/customer.yaml", customers.as_bytes());
    shop.good(&["new", "customers"]);
    committed("customers");
    // Version control does not merge it unseen.
    let merge = git(&shop, &["merge", "feature"]);
    assert!(!merge.status.success(), "{}", said(&merge));
    for arguments in [&["apply"][..], &["verify"], &["new", "more"]] {
        let said = shop.fails(1, arguments);
        assert!(said.contains("merge conflict"), "{said}");
        assert!(
            said.contains("number 0002 was taken by customers and note"),
            "{said}"
        );
        assert!(said.contains("migrate rebase note"), "{said}");
    }
    shop.good(&["rebase", "note", "fill"]);
    committed("merged");
    let ups: Vec<String> = shop
        .names()
        .into_iter()
        .filter(|name| {
            let stem = name.strip_suffix(".sql");
            stem.is_some_and(|stem| stem.strip_suffix(".down").is_none())
        })
        .collect();
    assert_eq!(
        ups,
        [
            "0001_initial.sql",
            "0002_customers.sql",
            "0003_note.sql",
            "0004_note.sql",
            "0005_fill.data.sql"
        ]
    );
    shop.good(&["apply"]);
    shop.verify();
    assert_eq!(shop.good(&["new", "nothing"]), "");
}

#[test]
fn each_runner_gets_its_names_and_marks() {
    let shop = Shop::new("formats");
    for (format, files, marks) in [
        (
            "flyway",
            "V0001__a.sql U0001__a.sql V0003__b.sql.conf",
            "executeInTransaction=false",
        ),
        (
            "dbmate",
            "0001_a.sql 0003_b.sql",
            "-- migrate:up transaction:false\n",
        ),
        (
            "sqlx",
            "0001_a.up.sql 0001_a.down.sql 0003_b.up.sql",
            "-- no-transaction\n",
        ),
        (
            "golang-migrate",
            "0001_a.up.sql 0001_a.down.sql",
            "CREATE INDEX CONCURRENTLY",
        ),
        (
            "refinery",
            "V0001__a.sql V0003__b.sql",
            "-- +refinery NO TRANSACTION\n",
        ),
        (
            "goose",
            "0001_a.sql 0003_b.sql",
            "-- +goose NO TRANSACTION\n-- +goose Up\n",
        ),
    ] {
        let _ = fs::remove_dir_all(shop.folder());
        shop.specs(SHOP);
        shop.good(&["new", "a", "--format", format]);
        shop.step("b", WITH_NOTE, "");
        let names = shop.names();
        for file in files.split(' ') {
            assert!(names.iter().any(|name| name == file), "{format}: {names:?}");
        }
        let texts: Vec<String> = names
            .iter()
            .map(|name| shop.project.read(&format!("generated/migrations/{name}")))
            .collect();
        assert!(
            texts
                .iter()
                .any(|text| text.starts_with(marks) || text.contains(marks)),
            "{format}"
        );
        shop.good(&["verify", "--offline"]);
        let said = shop.fails(1, &["apply"]);
        assert!(said.contains(&format!("are for {format}")), "{said}");
        let said = shop.fails(1, &["new", "c", "--format", "specql"]);
        assert!(said.contains("a folder has one format"), "{said}");
    }
}
