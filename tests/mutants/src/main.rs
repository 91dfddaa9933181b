//! Makes a copy of the package in which every mutant of `src/diff`, `src/plan`, `src/lower` and `src/render` is there at once,
//! each asleep until `SPECQLC_MUTANT` has its number: one build serves all of them. `scripts/mutants` runs it.
//!
//!     specqlc-mutants prepare ROOT FOLDER   writes FOLDER/source, checks it with cargo, and lists its mutants in FOLDER/mutants.tsv
//!     specqlc-mutants choose LIST COUNT SEED   prints COUNT lines of that list, as many of each room as its share

mod body;
mod check;
mod choose;
mod copy;
mod edit;
mod find;

use std::error::Error;
use std::fs;
use std::path::Path;

/// What a failure is told with.
pub type Fallible<T> = Result<T, Box<dyn Error>>;

/// The rooms whose code is changed.
pub const ROOMS: [&str; 4] = ["diff", "plan", "lower", "render"];

fn main() -> Fallible<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["prepare", root, folder] => {
            fs::create_dir_all(folder)?;
            check::prepare(&fs::canonicalize(root)?, &fs::canonicalize(folder)?)
        }
        ["choose", list, count, seed] => {
            choose::choose(Path::new(list), count.parse()?, seed.parse()?)
        }
        _ => Err("specqlc-mutants prepare ROOT FOLDER, or choose LIST COUNT SEED".into()),
    }
}
