//! A snapshot that somebody edited or merged: read as a whole and by its head, planned from and towards, and written again.

use std::io;

use specqlc::project::{ProjectOptions, State, Target, describe, generate, load};

use super::catalog::planned;
use super::everything;
use super::folder::{put, scratch};

pub fn run(data: &[u8]) {
    let tried = tried(data);
    assert!(tried.is_ok(), "{tried:?}");
}

fn tried(data: &[u8]) -> io::Result<()> {
    let root = scratch()?;
    std::fs::create_dir_all(root.path().join("specs"))?;
    std::fs::create_dir_all(root.path().join("generated"))?;
    put(root.path(), "specs/a.yaml", b"entity: A\n")?;
    let path = put(root.path(), "generated/snapshot.json", data)?;
    let project = ProjectOptions {
        root: Some(root.path().to_path_buf()),
        ..ProjectOptions::default()
    };
    let _ = load(&project);
    let target = Target::Snapshot(path);
    let Some(state) = state(&target) else {
        return Ok(());
    };
    let _ = planned(&state.catalog, everything(), true);
    let _ = planned(everything(), &state.catalog, false);
    if let Ok(output) = generate(&state.catalog, state.postgres, state.as_of)
        && let Some(bytes) = output.get("snapshot.json")
    {
        put(root.path(), "generated/snapshot.json", bytes)?;
        let again = self::state(&target);
        let same =
            again.is_some_and(|again| again.catalog == state.catalog && again.as_of == state.as_of);
        assert!(same, "what was written reads otherwise");
    }
    Ok(())
}

fn state(target: &Target) -> Option<State> {
    describe(target, &ProjectOptions::default(), None)
        .ok()?
        .state
}
