//! The `specqlc` program.

use std::process::ExitCode;

/// A compiler makes millions of small objects on all cores; the system's allocator took a quarter of the time of a build.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    specqlc::cli::run()
}
