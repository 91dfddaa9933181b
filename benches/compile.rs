//! How long `specqlc build` takes and how much memory it needs, measured from outside on the release binary: entities of
//! 8 fields, one reference and two indexes each, one file an entity.
//!
//!     scripts/bench             prints the table
//!     scripts/bench --enforce   and fails where a target is missed

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
use std::path::Path;
use std::process::{Command, ExitCode};

use measure::{Run, Target, judge, machine, median, run};

/// Runs of each kind; the median counts.
const RUNS: usize = 5;
const SMALL: usize = 1_000;
const LARGE: usize = 10_000;

/// Targets for `LARGE` entities on two cores.
const COLD_SECONDS: f64 = 1.0;
const AGAIN_SECONDS: f64 = 0.6;
const PEAK_MEGABYTES: f64 = 400.0;
/// Tenfold input may take this much more.
const GROWTH: f64 = 11.0;

fn main() -> ExitCode {
    let enforce = std::env::args().any(|argument| argument == "--enforce");
    println!("{}", machine(RUNS));
    println!(
        "{:>9} {:>12} {:>12} {:>10} {:>10}",
        "entities", "from nothing", "unchanged", "peak", "SQL"
    );
    let small = measure(SMALL);
    let large = measure(LARGE);
    let growth = large.cold.seconds / small.cold.seconds;
    println!("growth from {SMALL} to {LARGE}: {growth:.1}-fold");
    let targets = [
        ("from nothing, s", large.cold.seconds, COLD_SECONDS),
        ("unchanged, s", large.again.seconds, AGAIN_SECONDS),
        (
            "peak, MB",
            large.cold.megabytes.max(large.again.megabytes),
            PEAK_MEGABYTES,
        ),
        ("growth", growth, GROWTH),
    ]
    .map(|(what, value, most)| Target {
        what: what.to_owned(),
        value,
        most,
    });
    ExitCode::from(u8::from(!judge(&targets) && enforce))
}

struct Measured {
    cold: Run,
    again: Run,
}

fn measure(entities: usize) -> Measured {
    let project = tempfile::tempdir().unwrap();
    generate(project.path(), entities);
    let mut cold = Vec::new();
    let mut again = Vec::new();
    for round in 0..RUNS {
        // Into a new folder each time: ext4 does not reuse the inodes of files that were removed within the last five
        // seconds, and looks past ten thousand of them for each file that is made.
        let out = format!("generated_{round}");
        cold.push(build(project.path(), &out));
        again.push(build(project.path(), &out));
    }
    let measured = Measured {
        cold: median(cold),
        again: median(again),
    };
    let sql = fs::metadata(project.path().join("generated_0/schema.sql"))
        .unwrap()
        .len();
    println!(
        "{entities:>9} {:>10.3} s {:>10.3} s {:>7.0} MB {:>7.1} MB",
        measured.cold.seconds,
        measured.again.seconds,
        measured.cold.megabytes.max(measured.again.megabytes),
        sql as f64 / 1e6
    );
    measured
}

fn build(project: &Path, out: &str) -> Run {
    let (cost, status) = run(Command::new(env!("CARGO_BIN_EXE_specqlc"))
        .args(["build", "--quiet", "--as-of", "2024-02-10", "--out", out])
        .current_dir(project));
    assert!(status.success(), "build fails: {status}");
    cost
}

fn generate(project: &Path, entities: usize) {
    for number in 0..entities {
        let folder = project.join(format!("specs/module_{:03}", number / 100));
        if number % 100 == 0 {
            fs::create_dir_all(&folder).unwrap();
        }
        let mut spec = String::new();
        // Each refers to another one, most to one in another file that comes later.
        let other = (number * 7 + 3) % entities;
        write!(
            spec,
            "entity: Thing{number}\n\
             schema: module_{:02}\n\
             description: The thing with the number {number}\n\
             fields:\n  \
               name: text!\n  \
               email: email! unique\n  \
               status: enum(draft, live, retired) = draft\n  \
               price: decimal(12,2) = 0\n  \
               tags: list(text)\n  \
               created_at: timestamptz! = now()\n  \
               doc: jsonb\n  \
               other: ref(module_{:02}.Thing{other}, on_delete=cascade)\n\
             indexes:\n  \
               - columns: [status, created_at DESC]\n    \
                 condition: \"status <> 'retired'\"\n  \
               - columns: [doc]\n    \
                 type: gin\n",
            number % 20,
            other % 20,
        )
        .unwrap();
        fs::write(folder.join(format!("thing_{number}.yaml")), spec).unwrap();
    }
}
