//! The fuzzer's program: libFuzzer calls the target that `FUZZ_TARGET` names. `scripts/fuzz` builds and runs it.

#![no_main]

mod targets;

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;

static TARGET: OnceLock<targets::Target> = OnceLock::new();

/// The target, and a pool of which this thread is the only one: an execution that waits for another thread takes twice as
/// long, and what it covers depends on the moment.
fn start() -> targets::Target {
    let pool = rayon::ThreadPoolBuilder::new();
    if let Err(error) = pool.num_threads(1).use_current_thread().build_global() {
        panic!("no thread pool: {error}");
    }
    let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
    let found = targets::ALL.iter().find(|(known, _)| *known == name);
    let Some((_, target)) = found else {
        let known: Vec<&str> = targets::ALL.iter().map(|(name, _)| *name).collect();
        panic!("FUZZ_TARGET is `{name}`, and none of {}", known.join(", "));
    };
    *target
}

fuzz_target!(|data: &[u8]| {
    TARGET.get_or_init(start)(data);
    // What the compiler frees beside its work is freed before the next execution.
    while rayon::yield_now() == Some(rayon::Yield::Executed) {}
});
