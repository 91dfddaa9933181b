//! A changeset as a script for psql.

use super::text::verified_on;
use super::{Change, Changeset};
use crate::sql::Literal;

/// Each transaction between BEGIN and COMMIT, with a limit on how long it waits for a lock (`lock_timeout`, a duration as
/// the server reads it), and what cannot run in one between them. Hazards stand before their statements; what is
/// refused is a comment.
pub fn script(changeset: &Changeset, lock_timeout: &str) -> String {
    let mut script = String::new();
    if changeset.refused {
        script.push_str(
            "-- REFUSED: what has hazards that were not allowed stands here as comments, and what needs it will fail.\n",
        );
    }
    if let Some(verified) = &changeset.verified {
        comment(&verified_on(verified), &mut script);
        for unexpected in &verified.unexpected {
            comment(&format!("UNEXPECTED: {unexpected}"), &mut script);
        }
    }
    let timeout = Literal::new(lock_timeout).to_string();
    for group in changeset
        .changes
        .chunk_by(|one, next| one.transaction == next.transaction)
    {
        if !script.is_empty() {
            script.push('\n');
        }
        let block = group.iter().all(|change| change.transactional)
            && group.iter().any(|change| !change.refused);
        if block {
            script.push_str("BEGIN;\nSET LOCAL lock_timeout = ");
            script.push_str(&timeout);
            script.push_str(";\n");
        }
        for change in group {
            push(change, &mut script);
        }
        if block {
            script.push_str("COMMIT;\n");
        }
    }
    script
}

fn push(change: &Change, script: &mut String) {
    for hazard in &change.hazards {
        comment(&format!("{}: {}", hazard.name, hazard.reason), script);
    }
    if change.refused {
        comment(&change.sql, script);
    } else {
        script.push_str(&change.sql);
        script.push('\n');
    }
}

/// No line of it is anything else: a name may hold a line break.
fn comment(text: &str, script: &mut String) {
    for line in text.split(['\n', '\r']) {
        script.push_str("-- ");
        script.push_str(line);
        script.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_refused_cannot_run() {
        let mut script = String::new();
        comment("DROP TABLE a;\nDROP TABLE b;\rDROP TABLE c;", &mut script);
        assert!(script.lines().all(|line| line.starts_with("-- ")));
        assert_eq!(script.lines().count(), 3);
    }
}
