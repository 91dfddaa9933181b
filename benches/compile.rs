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

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

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
    println!("{}", machine());
    println!(
        "{:>9} {:>12} {:>12} {:>10} {:>10}",
        "entities", "from nothing", "unchanged", "peak", "SQL"
    );
    let small = measure(SMALL);
    let large = measure(LARGE);
    let growth = large.cold.seconds / small.cold.seconds;
    println!("growth from {SMALL} to {LARGE}: {growth:.1}-fold");
    let missed: Vec<String> = [
        ("from nothing, s", large.cold.seconds, COLD_SECONDS),
        ("unchanged, s", large.again.seconds, AGAIN_SECONDS),
        (
            "peak, MB",
            large.cold.megabytes.max(large.again.megabytes),
            PEAK_MEGABYTES,
        ),
        ("growth", growth, GROWTH),
    ]
    .into_iter()
    .filter(|(_, value, target)| value > target)
    .map(|(what, value, target)| format!("{what}: {value:.2}, target {target}"))
    .collect();
    if missed.is_empty() {
        println!("all targets met");
        return ExitCode::SUCCESS;
    }
    println!("missed: {}", missed.join("; "));
    ExitCode::from(u8::from(enforce))
}

struct Measured {
    cold: Run,
    again: Run,
}

#[derive(Clone, Copy)]
struct Run {
    seconds: f64,
    megabytes: f64,
}

fn measure(entities: usize) -> Measured {
    let project = tempfile::tempdir().unwrap();
    generate(project.path(), entities);
    let mut cold = Vec::new();
    let mut again = Vec::new();
    for run in 0..RUNS {
        // Into a new folder each time: ext4 does not reuse the inodes of files that were removed within the last five
        // seconds, and looks past ten thousand of them for each file that is made.
        let out = format!("generated_{run}");
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
    let start = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_specqlc"))
        .args(["build", "--quiet", "--as-of", "2024-02-10", "--out", out])
        .current_dir(project)
        .stdin(Stdio::null())
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut megabytes = 0.0_f64;
    loop {
        if let Some(code) = child.try_wait().unwrap() {
            assert!(code.success(), "build fails: {code}");
            break;
        }
        // The kernel keeps the peak; the last look before the end is short of it by a millisecond's growth.
        megabytes = megabytes.max(peak(&status).unwrap_or_default());
        sleep(Duration::from_millis(1));
    }
    Run {
        seconds: start.elapsed().as_secs_f64(),
        megabytes,
    }
}

fn peak(status: &str) -> Option<f64> {
    let text = fs::read_to_string(status).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: f64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024.0 / 1e6)
}

fn median(mut runs: Vec<Run>) -> Run {
    runs.sort_by(|a, b| a.seconds.total_cmp(&b.seconds));
    Run {
        megabytes: runs.iter().map(|run| run.megabytes).fold(0.0, f64::max),
        ..runs[runs.len() / 2]
    }
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

/// Numbers mean nothing without it.
fn machine() -> String {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .map_or("unknown processor", |rest| {
            rest.trim_start_matches([' ', '\t', ':'])
        });
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or("?");
    format!("{model}, {cores} cores, load {load} at the start; median of {RUNS} runs, peak of all")
}
