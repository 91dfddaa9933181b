//! How long `specqlc diff` takes and how much memory it needs where nothing differs, measured from outside on the release
//! binary beside `pg_dump -s`, which reads the same catalogs, and beside the programs that others would use, in one run: 200, 1,000 and
//! 5,000 tables of 8 columns, 4 indexes, a key, a reference and a check; every 20th has 12 partitions.
//!
//!     scripts/bench diff [15|16|17|18]             prints the table
//!     scripts/bench diff [15|16|17|18] --peers     with migra, pg-delta and pgkit, which it installs under target/
//!     scripts/bench diff [15|16|17|18] --enforce   and fails where a target is missed
//!
//! `scripts/bench` starts the server, and names it by PGHOST.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "a measurement that cannot go on has failed; its numbers are small"
)]

mod measure;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use measure::{Run, Target, judge, machine, median, run};

/// Runs of each kind, in which all take turns; the median counts. Peers run once: they take a minute each.
const RUNS: usize = 5;
const SIZES: [usize; 3] = [200, 1_000, 5_000];
/// So many entities differ in the second measurement.
const CHANGED: usize = 10;

/// Of the time of `pg_dump -s`, at the largest size.
const SHARE_OF_DUMP: f64 = 0.25;
/// Of the time of the fastest peer.
const SHARE_OF_PEER: f64 = 0.1;
const PEAK_MEGABYTES: f64 = 250.0;
/// The last fivefold growth of the schema may take this much more.
const GROWTH: f64 = 5.5;
/// What ten changed objects may take more than none.
const CHANGED_SHARE: f64 = 1.3;

fn main() -> ExitCode {
    let said = |flag: &str| std::env::args().any(|argument| argument == flag);
    let peers = if said("--peers") { peers() } else { Vec::new() };
    println!("{}", machine(RUNS));
    println!(
        "{:>6} {:<24} {:>9} {:>9} {:>17}",
        "tables", "", "wall", "peak", "times pg_dump -s"
    );
    let measured = SIZES.map(|tables| measure(tables, &peers));
    let [_, middle, large] = &measured;
    let mut targets = vec![
        target(
            "share of pg_dump -s",
            large.unchanged.seconds / large.dump.seconds,
            SHARE_OF_DUMP,
        ),
        target(
            "growth from 1,000 to 5,000",
            large.unchanged.seconds / middle.unchanged.seconds,
            GROWTH,
        ),
    ];
    for (of, tables) in measured.iter().zip(SIZES) {
        let share = of.changed.seconds / of.unchanged.seconds;
        let peak = of.unchanged.megabytes.max(of.changed.megabytes);
        targets.push(target(
            &format!("{CHANGED} changed of {tables}, times unchanged"),
            share,
            CHANGED_SHARE,
        ));
        targets.push(target(
            &format!("peak at {tables}, MB"),
            peak,
            PEAK_MEGABYTES,
        ));
        if let Some(fastest) = of.fastest_peer {
            let share = of.unchanged.seconds / fastest;
            targets.push(target(
                &format!("share of the fastest peer at {tables}"),
                share,
                SHARE_OF_PEER,
            ));
        }
    }
    ExitCode::from(u8::from(!judge(&targets) && said("--enforce")))
}

fn target(what: &str, value: f64, most: f64) -> Target {
    Target {
        what: what.to_owned(),
        value,
        most,
    }
}

struct Measured {
    unchanged: Run,
    changed: Run,
    dump: Run,
    fastest_peer: Option<f64>,
}

fn measure(tables: usize, peers: &[Peer]) -> Measured {
    let project = tempfile::tempdir().unwrap();
    let [one, two] = [format!("bench_{tables}"), format!("bench_{tables}_same")];
    generate(&project.path().join("specs"), tables, 0);
    generate(&project.path().join("changed"), tables, CHANGED);
    let built = Command::new(env!("CARGO_BIN_EXE_specqlc"))
        .args(["build", "--quiet", "--as-of", "2024-02-10"])
        .current_dir(project.path())
        .status();
    assert!(built.unwrap().success(), "build fails");
    sql("postgres", &format!("CREATE DATABASE {one}"));
    psql(
        &one,
        &["-f", path(&project.path().join("generated/schema.sql"))],
    );
    sql(&one, "VACUUM ANALYZE");
    sql("postgres", &format!("CREATE DATABASE {two} TEMPLATE {one}"));
    let [mut unchanged, mut changed, mut dumps] = [Vec::new(), Vec::new(), Vec::new()];
    // The first round only warms up.
    for round in 0..=RUNS {
        let costs = [
            diff(project.path(), &one, "specs", 0),
            diff(project.path(), &one, "changed", 2),
            dump(&one),
        ];
        if round > 0 {
            unchanged.push(costs[0]);
            changed.push(costs[1]);
            dumps.push(costs[2]);
        }
    }
    let [unchanged, changed, dump] = [unchanged, changed, dumps].map(median);
    row(tables, "specqlc, unchanged", unchanged, dump);
    row(tables, "specqlc, 10 changed", changed, dump);
    row(tables, "pg_dump -s", dump, dump);
    let costs: Vec<f64> = peers
        .iter()
        .map(|peer| {
            let cost = peer.compare(&one, &two);
            row(tables, peer.name, cost, dump);
            cost.seconds
        })
        .collect();
    for database in [one, two] {
        sql("postgres", &format!("DROP DATABASE {database}"));
    }
    Measured {
        unchanged,
        changed,
        dump,
        fastest_peer: costs.into_iter().min_by(f64::total_cmp),
    }
}

fn row(tables: usize, who: &str, cost: Run, dump: Run) {
    println!(
        "{tables:>6} {who:<24} {:>7.3} s {:>6.0} MB {:>16.2}x",
        cost.seconds,
        cost.megabytes,
        cost.seconds / dump.seconds
    );
}

/// Compares a folder of specs with a database; something that differs has a hazard in it, which exit code 2 says.
fn diff(project: &Path, database: &str, specs: &str, code: i32) -> Run {
    let (cost, status) = run(Command::new(env!("CARGO_BIN_EXE_specqlc"))
        .args(["diff", "--quiet", "--as-of", "2024-02-10", "--specs", specs])
        .env("PGDATABASE", database)
        .env_remove("DATABASE_URL")
        .current_dir(project)
        .stdout(Stdio::null()));
    assert_eq!(status.code(), Some(code), "diff of {specs} with {database}");
    cost
}

fn dump(database: &str) -> Run {
    let (cost, status) = run(Command::new(program("BENCH_PG_DUMP", "pg_dump"))
        .args(["-s", "-d", database])
        .stdout(Stdio::null()));
    assert!(status.success(), "pg_dump fails: {status}");
    cost
}

fn sql(database: &str, text: &str) {
    psql(database, &["-c", text]);
}

fn psql(database: &str, arguments: &[&str]) {
    let status = Command::new(program("BENCH_PSQL", "psql"))
        .args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", database])
        .args(arguments)
        .env("PGOPTIONS", "-c client_min_messages=warning")
        .stdout(Stdio::null())
        .status();
    assert!(status.unwrap().success(), "psql fails");
}

fn program(variable: &str, name: &str) -> PathBuf {
    std::env::var_os(variable).map_or_else(|| name.into(), PathBuf::from)
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Somebody else's program that compares two databases.
struct Peer {
    name: &'static str,
    program: PathBuf,
    arguments: &'static [&'static str],
}

fn peers() -> Vec<Peer> {
    let folder =
        PathBuf::from(std::env::var_os("BENCH_PEERS").expect("BENCH_PEERS names a folder"));
    let peer = |name, program, arguments| Peer {
        name,
        program: folder.join(program),
        arguments,
    };
    vec![
        peer("migra", "python/bin/migra", &[ONE, TWO]),
        peer(
            "pg-delta",
            "node/node_modules/.bin/pgdelta",
            &["diff", "--source", ONE, "--desired", TWO],
        ),
        peer("pgkit", "node/node_modules/.bin/migra", &[ONE, TWO]),
    ]
}

const ONE: &str = "ONE";
const TWO: &str = "TWO";

impl Peer {
    fn compare(&self, one: &str, two: &str) -> Run {
        let port = std::env::var("BENCH_TCP_PORT").expect("BENCH_TCP_PORT is a port");
        let url = |database: &str| format!("postgresql://postgres@127.0.0.1:{port}/{database}");
        let arguments = self.arguments.iter().map(|argument| match *argument {
            ONE => url(one),
            TWO => url(two),
            other => other.to_owned(),
        });
        let python = self.program.parent().unwrap().parent().unwrap();
        let (cost, status) = run(Command::new(&self.program)
            .args(arguments)
            .env("PYTHONPATH", python)
            .stdout(Stdio::null())
            // pg-delta warns of each partition.
            .stderr(Stdio::null()));
        // Two databases of which one is a copy of the other: 0 is all that can be right.
        assert!(status.success(), "{} fails: {status}", self.name);
        cost
    }
}

/// One entity a file. The first `changed` of those that are not partitioned get a column, another default, a check with one
/// more value, an index or a comment.
fn generate(specs: &Path, tables: usize, changed: usize) {
    let mut left = changed;
    for number in 0..tables {
        let folder = specs.join(format!("module_{:03}", number / 100));
        if number % 100 == 0 {
            fs::create_dir_all(&folder).unwrap();
        }
        let partitioned = number % 20 == 0;
        let change = (!partitioned && left > 0).then(|| {
            left -= 1;
            left % 5
        });
        let spec = entity(number, tables, partitioned, change);
        fs::write(folder.join(format!("thing_{number}.yaml")), spec).unwrap();
    }
}

fn entity(number: usize, tables: usize, partitioned: bool, change: Option<usize>) -> String {
    // Each refers to another one; a partitioned table's key is no key of one column.
    let other = (number * 7 + 3) % tables;
    let other = other + usize::from(other.is_multiple_of(20));
    let or = |this: usize, changed: &'static str, plain: &'static str| {
        if change == Some(this) { changed } else { plain }
    };
    let mut spec = format!(
        "entity: Thing{number}\n\
         description: {}\n\
         fields:\n  \
           name: text!\n  \
           email: text(120)\n  \
           status: enum(draft, live, retired{}) = draft\n  \
           price: decimal(12,2) = {}\n  \
           tags: list(text)\n  \
           created_at: timestamptz! = now()\n  \
           other: ref(Thing{other})\n{}\
         indexes:\n  \
           - columns: [status, created_at DESC]\n    \
             condition: \"status <> 'retired'\"\n  \
           - columns: [lower(email)]\n  \
           - columns: [tags]\n    \
             type: gin\n{}",
        or(0, "The changed thing", "The thing"),
        or(1, ", gone", ""),
        or(2, "1", "0"),
        or(3, "  note: text\n", ""),
        or(4, "  - columns: [name, price]\n", ""),
    );
    if partitioned {
        writeln!(
            spec,
            "partitioning: {{strategy: RANGE, column: created_at, intervals: monthly, start: 2023-06-01, premake: 3}}"
        )
        .unwrap();
    }
    spec
}
