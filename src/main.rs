//! The `specqlc` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    specqlc::cli::run()
}
