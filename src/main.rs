//! The `specqlc` program.

use std::process::ExitCode;

/// A compiler makes millions of small objects on all cores; the system's allocator took a quarter of the time of a build.
/// It asks for no pages of two megabytes (`no_thp`): those are cleared whole for what needs a part of them, a tenth more memory for no
/// less time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    specqlc::cli::run()
}
