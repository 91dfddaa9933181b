//! What is written for other runners, run by them: on a database with rows, forth and back.
//!
//! `scripts/lib/runners.sh` installs them, and `scripts/test` calls it. Those that no registry has (goose, golang-migrate,
//! Flyway) are not here.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::shop::{RISKS, Shop};
use super::support::dump::{Lines, same};
use super::support::said;

const FIRST: &str = "\
entity: Customer
fields: {name: text}
---
entity: Order
fields: {customer: ref(Customer)!, total: integer, note: text}
";
/// Indexes come outside of transactions, and between them a view with the bodies of functions that keep it fresh.
const INDEXED: &str = "\
entity: Customer
fields: {name: text}
indexes: [{columns: [name]}]
---
entity: Order
fields: {customer: ref(Customer)!, total: integer, note: text, state: {type: enum, values: [new, paid], default: new, required: true}}
indexes: [{columns: [total]}, {columns: [note], unique: true}]
---
projections:
  - name: totals
    includes:
      - Customer: [id, name]
      - Order: [COUNT(*) as orders]
    refresh: {materialized: true, mode: statement, on: all, concurrently: true}
";
/// And one goes.
const STRICT: &str = "\
entity: Customer
fields: {name: text}
indexes: [{columns: [name]}]
---
entity: Order
fields: {customer: ref(Customer)!, total: integer!, state: {type: enum, values: [new, paid, sent], default: new, required: true}}
---
projections:
  - name: totals
    includes:
      - Customer: [id, name]
      - Order: [COUNT(*) as orders, SUM(total) as total]
    refresh: {materialized: true, mode: statement, on: all, concurrently: true}
";

/// A program of somebody else's.
fn program(path: &str) -> Command {
    let program = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("target/runners")
        .join(path);
    assert!(
        program.exists(),
        "{} is missing: scripts/lib/runners.sh installs it, and scripts/test calls that",
        program.display()
    );
    Command::new(program)
}

/// Its socket as the name of a host: not everybody knows sockets otherwise.
fn url(shop: &Shop) -> String {
    let url = shop.url();
    let (_, socket) = url.split_once("host=").unwrap();
    let socket = socket.replace('/', "%2F");
    format!("postgres://postgres@{socket}:5432/{}", shop.database)
}

fn sqlx(shop: &Shop, arguments: &[&str]) -> Output {
    program("bin/sqlx")
        .arg("migrate")
        .args(arguments)
        .args(["--source".as_ref(), shop.folder().as_os_str()])
        .args(["--database-url", &url(shop)])
        .output()
        .unwrap()
}

fn dbmate(shop: &Shop, arguments: &[&str]) -> Output {
    program("node/node_modules/.bin/dbmate")
        .args(["--migrations-dir".as_ref(), shop.folder().as_os_str()])
        .args(["--url", &format!("{}&sslmode=disable", shop.url())])
        .arg("--no-dump-schema")
        .args(arguments)
        .output()
        .unwrap()
}

fn refinery(shop: &Shop, arguments: &[&str]) -> Output {
    program("bin/refinery")
        .args(["migrate", "-e", "DATABASE_URL", "-p"])
        .arg(shop.folder())
        .args(arguments)
        .env("DATABASE_URL", url(shop))
        .output()
        .unwrap()
}

fn succeeds(output: &Output) {
    assert!(output.status.success(), "{}", said(output));
}

/// The first migrations, applied, with rows; what the schema is then; and all others, written.
fn begun(format: &str, apply: impl Fn(&Shop) -> Output, ledger: &str) -> (Shop, Lines) {
    let shop = Shop::new(&format!("runner_{format}"));
    shop.specs(FIRST);
    shop.good(&["new", "first", "--format", format]);
    succeeds(&apply(&shop));
    shop.psql(
        "INSERT INTO customers (name) SELECT 'c' || n FROM generate_series(1, 10) AS n;
         INSERT INTO orders (customer_id, total) SELECT id, n FROM customers, generate_series(1, 100) AS n",
    );
    let first = schema(&shop, ledger);
    shop.step("indexed", INDEXED, RISKS);
    shop.step("strict", STRICT, &format!("{RISKS},stale-projection"));
    let texts = texts(&shop);
    assert!(texts.iter().any(|(_, text)| text.contains("$function$")));
    (shop, first)
}

/// The files that are run, without those that lead back.
fn texts(shop: &Shop) -> Vec<(PathBuf, String)> {
    let names = shop.names().into_iter();
    names
        .filter(|name| {
            let stem = name.strip_suffix(".sql");
            stem.is_some_and(|stem| stem.strip_suffix(".down").is_none())
        })
        .map(|name| shop.folder().join(name))
        .map(|path| (path.clone(), fs::read_to_string(path).unwrap()))
        .collect()
}

/// Without its mark a file is a transaction, in which an index cannot be built while others write: so it is the mark that does it.
fn needs_its_mark(shop: &Shop, mark: &str, apply: impl Fn(&Shop) -> Output) {
    let files = texts(shop).into_iter();
    let outside: Vec<_> = files.filter(|(_, text)| text.contains(mark)).collect();
    assert!(outside.len() > 2, "{}", outside.len());
    let (path, text) = &outside[0];
    fs::write(path, text.replacen(mark, "", 1)).unwrap();
    let output = apply(shop);
    assert!(
        !output.status.success() && said(&output).contains("transaction block"),
        "{}",
        said(&output)
    );
    fs::write(path, text).unwrap();
}

/// A copy of the database without the runner's own ledger.
fn without(shop: &Shop, ledger: &str) -> String {
    let copy = shop.copy();
    shop.cluster
        .psql(&copy, &format!("DROP TABLE {ledger}"))
        .unwrap();
    copy
}

fn schema(shop: &Shop, ledger: &str) -> Lines {
    shop.lines(&without(shop, ledger))
}

/// That it is what a fresh build is, that nothing differs, and that rows are there and seen.
fn has_arrived(shop: &Shop, ledger: &str) {
    same(&schema(shop, ledger), &shop.built()).unwrap();
    let nothing_differs = |database: &str, prune: &[&str]| {
        let url = shop.cluster.url(database);
        let mut command = shop.project.specqlc();
        command.args(["diff", "--database-url", &url]).args(prune);
        let output = command.output().unwrap();
        assert!(
            output.status.success() && output.stdout.is_empty(),
            "{}",
            said(&output)
        );
    };
    nothing_differs(&shop.database, &[]);
    nothing_differs(&without(shop, ledger), &["--prune"]);
    assert_eq!(
        shop.psql("SELECT count(*) FROM pg_index WHERE NOT indisvalid"),
        "0\n"
    );
    shop.psql("INSERT INTO orders (customer_id, total) SELECT id, 0 FROM customers");
    let totals = "SELECT count(*), min(orders), max(total) FROM totals";
    assert_eq!(shop.psql(totals), "10\t101\t5050\n");
}

/// That it is what it was, with its rows.
fn is_back(shop: &Shop, first: &Lines, ledger: &str) {
    same(&schema(shop, ledger), first).unwrap();
    let rows = "SELECT count(*), sum(total) FROM orders";
    assert_eq!(shop.psql(rows), "1010\t50500\n");
}

#[test]
fn sqlx_applies_what_is_written_for_it_and_takes_it_back() {
    let ledger = "_sqlx_migrations";
    let apply = |shop: &Shop| sqlx(shop, &["run"]);
    let (shop, first) = begun("sqlx", apply, ledger);
    needs_its_mark(&shop, "-- no-transaction\n", apply);
    succeeds(&apply(&shop));
    has_arrived(&shop, ledger);
    succeeds(&sqlx(&shop, &["revert", "--target-version", "1"]));
    is_back(&shop, &first, ledger);
    succeeds(&apply(&shop));
    assert_eq!(
        shop.psql("SELECT count(*) FROM _sqlx_migrations WHERE success"),
        format!("{}\n", texts(&shop).len())
    );
}

#[test]
fn dbmate_applies_what_is_written_for_it_and_takes_it_back() {
    let ledger = "schema_migrations";
    let apply = |shop: &Shop| dbmate(shop, &["migrate"]);
    let (shop, first) = begun("dbmate", apply, ledger);
    needs_its_mark(&shop, " transaction:false", apply);
    succeeds(&apply(&shop));
    has_arrived(&shop, ledger);
    let count = texts(&shop).len();
    // One at a time.
    for _ in 1..count {
        succeeds(&dbmate(&shop, &["rollback"]));
    }
    is_back(&shop, &first, ledger);
    succeeds(&apply(&shop));
    assert_eq!(
        shop.psql("SELECT count(*) FROM schema_migrations"),
        format!("{count}\n")
    );
}

#[test]
fn refinery_applies_what_is_written_for_it() {
    let ledger = "refinery_schema_history";
    let (shop, _) = begun("refinery", |shop| refinery(shop, &[]), ledger);
    let files = texts(&shop);
    let mut by_hand = 0;
    loop {
        let output = refinery(&shop, &[]);
        if output.status.success() {
            break;
        }
        // It runs each file in a transaction, whatever is written in it: as the head of such a file says, psql runs it then.
        assert!(
            said(&output).contains("transaction block"),
            "{}",
            said(&output)
        );
        let last = format!("SELECT max(version) FROM {ledger}");
        let next: usize = shop.psql(&last).trim().parse().unwrap();
        let (path, text) = &files[next];
        let advice = format!("refinery migrate -t {} -f", next + 1);
        assert!(text.contains(&advice), "{text}");
        shop.cluster.psql_file(&shop.database, path, &[]).unwrap();
        succeeds(&refinery(&shop, &["-t", &(next + 1).to_string(), "-f"]));
        by_hand += 1;
        assert!(by_hand < files.len(), "{}", said(&output));
    }
    assert!(by_hand > 2, "{by_hand}");
    has_arrived(&shop, ledger);
}
