//! Some mutants by chance, as many of each room as its share of all.

use std::fs;
use std::path::Path;

use crate::{Fallible, ROOMS};

/// Prints `count` lines of the list; the same for the same seed.
pub fn choose(list: &Path, count: usize, seed: u64) -> Fallible<()> {
    let text = fs::read_to_string(list)?;
    let total = text.lines().count();
    if total == 0 {
        return Err("no mutants".into());
    }
    let mut random = fastrand::Rng::with_seed(seed);
    let (mut before, mut chosen_before) = (0, 0);
    for room in ROOMS {
        let mut of_room: Vec<&str> = text
            .lines()
            .filter(|line| line.contains(&format!("\tsrc/{room}/")))
            .collect();
        before += of_room.len();
        // Rounded from the beginning on, so that the parts add up to the whole.
        let chosen = (count * before + total / 2) / total;
        random.shuffle(&mut of_room);
        of_room.truncate(chosen - chosen_before);
        chosen_before = chosen;
        of_room.sort_by_key(|line| {
            line.split('\t')
                .next()
                .and_then(|number| number.parse::<usize>().ok())
        });
        for line in of_room {
            println!("{line}");
        }
    }
    Ok(())
}
