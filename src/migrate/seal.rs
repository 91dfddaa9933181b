//! Files that somebody wrote or edited are taken into `specql.sum`.

use std::collections::BTreeMap;

use super::folder::Folder;
use super::sum::{self, Line, Sum};
use super::{MigrateError, Problem};

/// Accepts files as they are. What else is not in order stays so, and is refused.
///
/// # Errors
/// See [`MigrateError`]; nothing was written then.
pub fn seal(out: &std::path::Path, accepted: &[String]) -> Result<(), MigrateError> {
    let folder = Folder::read(out)?;
    if folder.sum.conflict {
        return Err(MigrateError::Folder(folder.problems()));
    }
    for name in accepted {
        if !folder.files.contains_key(name) {
            return Err(MigrateError::Unknown(name.clone()));
        }
    }
    let left: Vec<Problem> = folder
        .problems()
        .into_iter()
        .filter(|problem| match problem {
            Problem::Edited(name) | Problem::Unlisted(name) => !accepted.contains(name),
            _ => true,
        })
        .collect();
    if !left.is_empty() {
        return Err(MigrateError::Folder(left));
    }
    let sum = resealed(&folder)?;
    folder
        .at
        .write(&BTreeMap::new(), &[], (sum::FILE, &sum.text()))?;
    Ok(())
}

/// The chain over the files as they are; those that are new stand where their number belongs.
pub(super) fn resealed(folder: &Folder) -> Result<Sum, MigrateError> {
    let listed = |name: &str| folder.sum.lines.iter().any(|line| line.name == name);
    let mut names: Vec<&str> = folder
        .sum
        .lines
        .iter()
        .map(|line: &Line| line.name.as_str())
        .filter(|name| folder.files.contains_key(*name))
        .collect();
    let number = |name: &str| {
        let digits: String = name
            .chars()
            .skip_while(|c| !c.is_ascii_digit())
            .take_while(char::is_ascii_digit)
            .collect();
        digits.parse::<u32>().unwrap_or(u32::MAX)
    };
    for name in folder.files.keys().filter(|name| !listed(name)) {
        let at = names.partition_point(|other| number(other) <= number(name));
        names.insert(at, name);
    }
    let mut sum = Sum::new(folder.format);
    for name in names {
        if name.starts_with("snapshots/") {
            sum.push(name, &folder.at.text(name)?);
        } else {
            sum.push(name, folder.text(name));
        }
    }
    Ok(sum)
}
