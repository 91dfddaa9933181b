//! Two branches took a number: one of them comes later.
//!
//! What the later one changed in the schema is planned anew, from the state that the other one leaves to what the merged specs
//! say. Steps by hand are kept as they are, under the next numbers.

use std::collections::{BTreeMap, BTreeSet};

use super::folder::{Folder, Kind};
use super::new::{Made, Wanted, made};
use super::seal::resealed;
use super::sum::{self, Sum};
use super::text::hazards;
use super::{MigrateError, Problem};
use crate::plan::HazardKind;

/// Lets the migrations of some names come after all others; `wanted.name` is what their schema changes are called afterwards.
///
/// # Errors
/// See [`MigrateError`]; nothing was written then.
pub fn rebase(
    out: &std::path::Path,
    names: &[String],
    mut wanted: Wanted<'_>,
) -> Result<Made, MigrateError> {
    let mut folder = Folder::read(out)?;
    for name in names {
        if !folder.migrations.iter().any(|one| one.name == *name) {
            return Err(MigrateError::Unknown(name.clone()));
        }
    }
    let is_later = |file: &str| names.iter().any(|name| belongs(&folder, file, name));
    let mut moved: BTreeMap<String, String> = BTreeMap::new();
    let mut removed: Vec<String> = Vec::new();
    let mut by_hand = Vec::new();
    for (file, text) in folder.files.iter().filter(|(file, _)| is_later(file)) {
        // What was allowed stays allowed: the same people reviewed the same change.
        wanted
            .allow
            .extend(hazards(text).into_iter().filter_map(HazardKind::named));
        removed.push(file.clone());
    }
    for migration in &folder.migrations {
        if migration.kind == Kind::Data && names.contains(&migration.name) {
            by_hand.push(migration.clone());
        }
    }
    let texts: BTreeMap<String, String> = by_hand
        .iter()
        .flat_map(|one| std::iter::once(&one.file).chain(&one.down))
        .map(|file| (file.clone(), folder.text(file).to_owned()))
        .collect();
    let later: BTreeSet<String> = removed.iter().cloned().collect();
    folder.files.retain(|file, _| !later.contains(file));
    folder.migrations.retain(|one| !names.contains(&one.name));
    folder.sum = remaining(&folder)?;
    let number = folder.next();
    let format = folder.format;
    let made = made(&folder, wanted, format, number, &folder.sum, &removed)?;
    let (files, mut sum) = match &made {
        Made::Refused(_) => return Ok(made),
        Made::Nothing => (Vec::new(), folder.sum.clone()),
        Made::Files { files, .. } => (files.clone(), Folder::read(out)?.sum),
    };
    let first = files
        .iter()
        .filter_map(|file| format.read(file))
        .map(|named| named.number + 1)
        .max()
        .unwrap_or(number);
    for (number, one) in (first..).zip(&by_hand) {
        for file in std::iter::once(&one.file).chain(&one.down) {
            let name = format
                .renumbered(file, number)
                .unwrap_or_else(|| file.clone());
            let text = texts.get(file).cloned().unwrap_or_default();
            sum.push(&name, &text);
            moved.insert(name, text);
        }
    }
    // Their new names may be the old ones of others.
    let written: BTreeSet<&String> = files.iter().chain(moved.keys()).collect();
    let still = match made {
        Made::Nothing => removed,
        Made::Files { .. } | Made::Refused(_) => Vec::new(),
    };
    let still: Vec<String> = still
        .into_iter()
        .filter(|file| !written.contains(file))
        .collect();
    folder.at.write(&moved, &still, (sum::FILE, &sum.text()))?;
    Ok(made)
}

/// Whether a file is a migration's of that name, or its snapshot.
fn belongs(folder: &Folder, file: &str, name: &str) -> bool {
    let snapshot = file
        .strip_prefix("snapshots/")
        .and_then(|file| file.strip_suffix(".json"))
        .and_then(|stem| stem.split_once('_'))
        .is_some_and(|(_, of)| of == name);
    let read = folder.format.read(file);
    snapshot || read.is_some_and(|named| named.name == name)
}

/// The chain of what comes first. Where version control has kept its lines they must hold; it may have taken the later one's
/// instead.
fn remaining(folder: &Folder) -> Result<Sum, MigrateError> {
    let mut kept = Sum {
        format: folder.sum.format,
        ..Sum::default()
    };
    let lines = folder.sum.lines.iter();
    kept.lines = lines
        .filter(|line| folder.files.contains_key(&line.name))
        .cloned()
        .collect();
    let mut problems = Vec::new();
    for (position, line) in kept.lines.iter().enumerate() {
        let text = if line.name.starts_with("snapshots/") {
            folder.at.text(&line.name)?
        } else {
            folder.text(&line.name).to_owned()
        };
        if !kept.holds(position, &text) {
            problems.push(Problem::Edited(line.name.clone()));
        }
    }
    problems.extend(
        folder
            .twice()
            .into_iter()
            .map(|(number, names)| Problem::Twice { number, names }),
    );
    problems.extend(folder.gaps());
    if !problems.is_empty() {
        return Err(MigrateError::Folder(problems));
    }
    resealed(folder)
}
