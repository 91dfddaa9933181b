//! A changeset as one reads it, short enough for a pull request.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::{Change, Changeset, Hazard, Verified};
use crate::diagnose::printable;

/// One line for each object and what is done to it, its hazards below. The comments of what comes are left out, and what
/// comes into the schema that the program keeps for itself is one line.
pub fn text(changeset: &Changeset) -> String {
    let shown = without_comments_of_new(&changeset.changes);
    let (own, shown): (Vec<&Change>, Vec<&Change>) = shown.into_iter().partition(|change| {
        change.action == "create" && change.hazards.is_empty() && is_own(&change.name)
    });
    let mut lines: Vec<Line<'_>> = shown
        .chunk_by(|one, next| one.object == next.object && one.action == next.action)
        .map(Line::of)
        .collect();
    if !own.is_empty() {
        let line = Line::of_own(&own);
        lines.insert(0, line);
    }
    let width = lines.iter().map(|line| line.what.chars().count()).max();
    let width = width.unwrap_or(0).min(MAX_WIDTH);
    let mut text = String::new();
    // Writing to a string cannot fail.
    for line in &lines {
        let _ = writeln!(text, "{:width$}  {}", line.what, line.costs);
        // Several hazards of one cause are one line.
        for hazards in line.hazards.chunk_by(|one, next| one.reason == next.reason) {
            let _ = writeln!(text, "    {}", printable(&self::hazards(hazards)));
            if let Some(safer) = hazards.iter().find_map(|hazard| hazard.safer) {
                let _ = writeln!(text, "      safer: {safer}");
            }
        }
    }
    for unchanged in &changeset.unchanged {
        let _ = writeln!(
            text,
            "! {}: {}",
            printable(&unchanged.object),
            printable(&unchanged.why)
        );
    }
    if let Some(verified) = &changeset.verified {
        let _ = writeln!(text, "\n{}", verified_on(verified));
        for unexpected in &verified.unexpected {
            let _ = writeln!(text, "! UNEXPECTED: {}", printable(unexpected));
        }
    }
    if changeset.refused {
        let _ = writeln!(
            text,
            "\nrefused; allow it with --allow {}",
            refused(changeset)
        );
    }
    text
}

/// That the plan was tried, and what its locks are therefore.
pub(super) fn verified_on(verified: &Verified) -> String {
    format!(
        "verified on PostgreSQL {}: the plan leads to what is wanted; locks and rewrites are as measured",
        verified.server
    )
}

/// What is no difference, a line each.
pub fn notes(changeset: &Changeset) -> Vec<String> {
    let kept = changeset
        .kept
        .iter()
        .map(|object| format!("kept: {object} is in no spec; --prune drops it"));
    let hints = changeset.hints.iter().map(|hint| format!("hint: {hint}"));
    let not_compared = changeset.not_compared.iter().map(|object| {
        format!(
            "not compared: {object}, for which nothing temporary can be made (this role lacks TEMP on the database, most often; a standby makes none)"
        )
    });
    let unmanaged = changeset
        .unmanaged
        .iter()
        .map(|object| format!("unmanaged: {object}"));
    hints
        .chain(not_compared)
        .chain(kept)
        .chain(unmanaged)
        .map(|note| printable(&note))
        .collect()
}

/// Longer names do not push the costs of all others out of sight.
const MAX_WIDTH: usize = 72;

struct Line<'a> {
    what: String,
    costs: String,
    hazards: Vec<&'a Hazard>,
}

/// Without the comments of objects that come with the same plan.
fn without_comments_of_new(changes: &[Change]) -> Vec<&Change> {
    let new: BTreeSet<&str> = changes
        .iter()
        .filter(|change| change.action == "create")
        .map(|change| change.name.as_str())
        .collect();
    let owner = |name: &'_ str| name.rsplit_once('.').map(|(owner, _)| owner.to_owned());
    changes
        .iter()
        .filter(|change| {
            let of_new = new.contains(change.name.as_str())
                || owner(&change.name).is_some_and(|owner| new.contains(owner.as_str()));
            change.action != "comment" || !of_new
        })
        .collect()
}

/// Whether an object is the program's own schema, or in it.
fn is_own(name: &str) -> bool {
    name == "specql" || name.starts_with("specql.")
}

impl<'a> Line<'a> {
    fn of_own(changes: &[&'a Change]) -> Self {
        let objects = if changes.len() == 1 {
            "object"
        } else {
            "objects"
        };
        Self {
            what: format!("+ create {} {objects} of schema specql", changes.len()),
            costs: costs(changes),
            hazards: Vec::new(),
        }
    }

    fn of(changes: &[&'a Change]) -> Self {
        let mut hazards: Vec<&Hazard> = Vec::new();
        for hazard in changes.iter().flat_map(|change| &change.hazards) {
            let known = hazards
                .iter()
                .any(|known| known.name == hazard.name && known.reason == hazard.reason);
            if !known {
                hazards.push(hazard);
            }
        }
        let what = changes.first().map_or_else(String::new, |change| {
            let object = printable(&change.object);
            format!("{} {} {object}", sign(change.action), change.action)
        });
        Self {
            what,
            costs: costs(changes),
            hazards,
        }
    }
}

fn sign(action: &str) -> char {
    match action {
        "create" => '+',
        "drop" => '-',
        _ => '~',
    }
}

/// The strongest lock, what takes time, and whether it cannot be undone as one.
fn costs(changes: &[&Change]) -> String {
    let lock = changes.iter().filter_map(|change| change.lock).max();
    let mut costs =
        vec![lock.map_or_else(|| "no lock".to_owned(), |lock| lock.name().to_lowercase())];
    let durations = ["rewrite", "build", "scan"];
    let words = ["rewrites", "builds", "scans"];
    let slow = durations
        .iter()
        .zip(words)
        .find(|(duration, _)| changes.iter().any(|change| change.duration == **duration));
    costs.extend(slow.map(|(_, word)| word.to_owned()));
    if changes.len() > 1 {
        costs.push(format!("{} steps", changes.len()));
    }
    if changes.iter().any(|change| !change.transactional) {
        costs.push("outside a transaction".to_owned());
    }
    if changes.iter().any(|change| change.phase == "contract") {
        costs.push("contract".to_owned());
    }
    costs.join(" · ")
}

fn hazards(hazards: &[&Hazard]) -> String {
    let [hazard, ..] = hazards else {
        return String::new();
    };
    let states = hazards.chunk_by(|one, next| one.allowed == next.allowed);
    let states: Vec<String> = states
        .map(|alike| {
            let state = if alike.iter().all(|hazard| hazard.allowed) {
                "allowed"
            } else {
                "refused"
            };
            let names: Vec<&str> = alike.iter().map(|hazard| hazard.name).collect();
            format!("{state} {}", names.join(", "))
        })
        .collect();
    let about = match (&hazard.relation, hazard.rows, hazard.bytes) {
        (Some(relation), Some(rows), Some(bytes)) => {
            format!(" ({relation}: about {rows} rows, {})", size(bytes))
        }
        (Some(relation), Some(rows), None) => format!(" ({relation}: about {rows} rows)"),
        (Some(relation), None, Some(bytes)) => format!(" ({relation}: {})", size(bytes)),
        (Some(relation), None, None) => format!(" ({relation})"),
        (None, ..) => String::new(),
    };
    format!("{}: {}{about}", states.join(", "), hazard.reason)
}

/// Bytes in the largest unit of which there is one.
pub fn size(bytes: u64) -> String {
    const UNITS: [(&str, u64); 4] = [
        ("TB", 1 << 40),
        ("GB", 1 << 30),
        ("MB", 1 << 20),
        ("kB", 1 << 10),
    ];
    let unit = UNITS.into_iter().find(|(_, unit)| bytes >= *unit);
    unit.map_or_else(
        || format!("{bytes} B"),
        |(name, unit)| format!("{} {name}", bytes / unit),
    )
}

/// The hazards that would have to be allowed, with commas.
fn refused(changeset: &Changeset) -> String {
    let mut names: Vec<&str> = changeset
        .changes
        .iter()
        .flat_map(|change| &change.hazards)
        .filter(|hazard| !hazard.allowed)
        .map(|hazard| hazard.name)
        .collect();
    names.sort_unstable();
    names.dedup();
    names.join(",")
}
