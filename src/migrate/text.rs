//! A changeset as the bodies of files: which statements share one, and what is said of them at its head.

use std::collections::BTreeSet;

use super::format::{Body, Format};
use crate::changeset::{Change, Changeset, text};
use crate::render::limit_lock_wait;

/// Longer lists of what a file does are cut: the statements follow.
const MOST_LINES: usize = 40;

/// What the line of a header begins with that names hazards for programs.
pub(super) const HAZARDS: &str = "-- hazards: ";

/// Which way the statements lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Up,
    Down,
}

/// The files' bodies, in the order in which they are run: each transaction is one, and what no transaction holds stands
/// together as far as the runner can take it apart.
pub(super) fn bodies(
    changeset: &Changeset,
    way: Way,
    format: Format,
    lock_timeout: &str,
) -> Vec<Body> {
    groups(&changeset.changes, format)
        .into_iter()
        .map(|changes| body(changes, way, lock_timeout))
        .collect()
}

/// Nothing, where one way has more files than the other.
pub(super) fn empty(way: Way) -> Body {
    let header = match way {
        Way::Up => "-- Nothing to do: this number is for a step of the way back.\n",
        Way::Down => {
            "-- Nothing to do: the way back of this change stands in the numbers after this one.\n"
        }
    };
    Body {
        transactional: true,
        header: header.to_owned(),
        statements: Vec::new(),
    }
}

fn groups(changes: &[Change], format: Format) -> Vec<&[Change]> {
    let together = |one: &Change, next: &Change| {
        let outside = !one.transactional && !next.transactional;
        one.transaction == next.transaction || (outside && format.splits_statements())
    };
    changes.chunk_by(together).collect()
}

fn body(changes: &[Change], way: Way, lock_timeout: &str) -> Body {
    let transactional = changes.iter().all(|change| change.transactional);
    let limit = transactional.then(|| limit_lock_wait(lock_timeout));
    let statements = changes.iter().map(|change| change.sql.clone());
    Body {
        transactional,
        header: header(changes, way),
        statements: limit.into_iter().chain(statements).collect(),
    }
}

fn header(changes: &[Change], way: Way) -> String {
    let mut header = String::new();
    let contract = changes.iter().any(|change| change.phase == "contract");
    comment(
        match (way, contract) {
            (Way::Up, false) => "Expand: old versions of the application do not notice.",
            (Way::Up, true) => {
                "Contract: apply it when no old version of the application runs any more."
            }
            (Way::Down, _) => "The way back: what was written since then may be lost.",
        },
        &mut header,
    );
    let hazards: BTreeSet<&str> = changes
        .iter()
        .flat_map(|change| &change.hazards)
        .map(|hazard| hazard.name)
        .collect();
    if !hazards.is_empty() {
        let names: Vec<&str> = hazards.into_iter().collect();
        header.push_str(HAZARDS);
        header.push_str(&names.join(", "));
        header.push('\n');
    }
    let whole = text(&Changeset {
        changes: changes.to_vec(),
        ..Changeset::default()
    });
    comment(
        "Review: is each line meant, can its lock be had, and does its time fit?",
        &mut header,
    );
    let lines = whole.lines().count();
    for line in whole.lines().take(MOST_LINES) {
        comment(&format!("  {line}"), &mut header);
    }
    if lines > MOST_LINES {
        comment(
            &format!("  and {} more lines", lines - MOST_LINES),
            &mut header,
        );
    }
    header
}

/// What the line of a header begins with that says where the file begins.
const LIVE: &str = "-- Written against the live database ";

/// The line that says so.
pub(super) fn written_against(database: &str) -> String {
    let mut line = String::new();
    let database: String = database.split(char::is_control).collect();
    let name = LIVE.trim_start_matches("-- ");
    comment(
        &format!("{name}{database}: what was changed there by hand is mended."),
        &mut line,
    );
    line
}

/// Whether a file begins where a database was, whatever had been changed there.
pub(super) fn is_live(text: &str) -> bool {
    let mut head = text.lines().take_while(|line| line.starts_with("--"));
    head.any(|line| line.starts_with(LIVE))
}

/// No line of it is anything else: a name may hold a line break.
fn comment(text: &str, header: &mut String) {
    for line in text.split(['\n', '\r']) {
        header.push_str("-- ");
        header.push_str(line.trim_end());
        header.push('\n');
    }
}

/// The hazards that a file's header names.
pub(super) fn hazards(text: &str) -> Vec<&str> {
    text.lines()
        .take_while(|line| line.starts_with("--"))
        .filter_map(|line| line.strip_prefix(HAZARDS))
        .flat_map(|names| names.split(", "))
        .collect()
}
