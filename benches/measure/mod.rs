//! A program as a whole process: how long it takes, and how much memory it needs at its peak.

use std::fs;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// What one run cost.
#[derive(Clone, Copy)]
pub struct Run {
    pub seconds: f64,
    pub megabytes: f64,
}

/// Runs a program to its end.
pub fn run(command: &mut Command) -> (Run, ExitStatus) {
    let start = Instant::now();
    let mut child = command.stdin(Stdio::null()).spawn().unwrap();
    let process = child.id();
    let over = AtomicBool::new(false);
    let (status, seconds, megabytes) = thread::scope(|threads| {
        // The kernel keeps the peak; the last look before the end is short of it by the growth of some milliseconds. To look more often
        // costs the time of a processor, which is that of whoever uses all of them.
        let watch = threads.spawn(|| {
            let mut megabytes = 0.0_f64;
            while !over.load(Ordering::Relaxed) {
                megabytes = megabytes.max(peak(process).unwrap_or_default());
                thread::sleep(Duration::from_millis(5));
            }
            megabytes
        });
        let status = child.wait().unwrap();
        let seconds = start.elapsed().as_secs_f64();
        over.store(true, Ordering::Relaxed);
        (status, seconds, watch.join().unwrap())
    });
    let run = Run { seconds, megabytes };
    (run, status)
}

fn peak(process: u32) -> Option<f64> {
    let text = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: f64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024.0 / 1e6)
}

/// The time in the middle, with the highest of all peaks.
pub fn median(mut runs: Vec<Run>) -> Run {
    runs.sort_by(|a, b| a.seconds.total_cmp(&b.seconds));
    Run {
        megabytes: runs.iter().map(|run| run.megabytes).fold(0.0, f64::max),
        ..runs[runs.len() / 2]
    }
}

/// A value with the most that it may be.
pub struct Target {
    pub what: String,
    pub value: f64,
    pub most: f64,
}

/// Prints each target with what was measured, and says whether all are held.
pub fn judge(targets: &[Target]) -> bool {
    println!();
    for Target { what, value, most } in targets {
        let verdict = if value <= most { "held" } else { "MISSED" };
        let what = format!("{what}, at most {most}");
        println!("{what:<86} {value:>10.3}  {verdict}");
    }
    targets.iter().all(|target| target.value <= target.most)
}

/// Numbers mean nothing without it.
pub fn machine(runs: usize) -> String {
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
    format!("{model}, {cores} cores, load {load} at the start; median of {runs} runs, peak of all")
}
