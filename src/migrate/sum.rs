//! `specql.sum`: what the files of the folder were when they were written.
//!
//! Each line holds a file's name and a checksum of the line before, the name and the content. An edited file shows in its own
//! line, a line that was taken out shows in the next. Two branches that both add a migration change the same
//! line, so that version control does not merge them unseen.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use super::Format;

/// The file's name.
pub(super) const FILE: &str = "specql.sum";

/// What its first line begins with; the name of the format follows.
const HEAD: &str = "specql-migrations 1 ";

/// The file, read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Sum {
    pub format: Option<Format>,
    pub lines: Vec<Line>,
    /// Whether version control has left both sides of a conflict in it.
    pub conflict: bool,
}

/// A file and its link of the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub name: String,
    pub link: String,
}

impl Sum {
    /// Reads it; `Err` is the line that cannot be read.
    pub fn parse(text: &str) -> Result<Self, usize> {
        let mut sum = Self::default();
        for (number, line) in (1_usize..).zip(text.lines()) {
            if let Some(format) = line.strip_prefix(HEAD) {
                sum.format = Some(Format::named(format).ok_or(number)?);
            } else if ["<<<<<<<", "|||||||", "=======", ">>>>>>>"]
                .iter()
                .any(|mark| line.starts_with(mark))
            {
                sum.conflict = true;
            } else {
                // A name may hold spaces, a checksum none.
                let (name, link) = line.rsplit_once(' ').ok_or(number)?;
                sum.lines.push(Line {
                    name: name.to_owned(),
                    link: link.to_owned(),
                });
            }
        }
        sum.format.map(|_| sum).ok_or(1)
    }

    /// An empty one.
    pub fn new(format: Format) -> Self {
        Self {
            format: Some(format),
            ..Self::default()
        }
    }

    /// Adds a file.
    pub fn push(&mut self, name: &str, text: &str) {
        let link = link(self.lines.last(), name, text);
        self.lines.push(Line {
            name: name.to_owned(),
            link,
        });
    }

    /// Whether a line is what it has to be after the one before it.
    pub fn holds(&self, position: usize, text: &str) -> bool {
        let before = position.checked_sub(1).and_then(|at| self.lines.get(at));
        self.lines
            .get(position)
            .is_some_and(|line| line.link == link(before, &line.name, text))
    }

    /// The bytes of the file.
    pub fn text(&self) -> String {
        let format = self.format.unwrap_or_default().name();
        let mut text = format!("{HEAD}{format}\n");
        for line in &self.lines {
            text.push_str(&line.name);
            text.push(' ');
            text.push_str(&line.link);
            text.push('\n');
        }
        text
    }
}

fn link(before: Option<&Line>, name: &str, text: &str) -> String {
    let before = before.map_or("", |line| line.link.as_str());
    // Neither a link nor a name holds a line break: no two inputs run together to the same.
    digest(&[before, "\n", name, "\n", text])
}

/// The checksum of a file by itself, for the ledger.
pub(super) fn checksum(text: &str) -> String {
    digest(&[text])
}

fn digest(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
    }
    let mut text = String::new();
    for byte in hash.finalize() {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_shows_in_its_own_line_and_a_gap_in_the_next() {
        let mut sum = Sum::new(Format::Specql);
        for (name, text) in [("1", "a"), ("2 of b", "b"), ("3", "c")] {
            sum.push(name, text);
        }
        let mut read = Sum::parse(&sum.text()).unwrap();
        assert_eq!(read, sum);
        assert!(read.holds(0, "a") && read.holds(1, "b") && read.holds(2, "c"));
        assert!(!read.holds(1, "x") && read.holds(2, "c"));
        read.lines.remove(1);
        assert!(read.holds(0, "a") && !read.holds(1, "c"));
    }

    #[test]
    fn a_conflict_is_seen() {
        let text = "specql-migrations 1 specql\n<<<<<<< HEAD\n1 a\n=======\n2 b\n>>>>>>> x\n";
        let sum = Sum::parse(text).unwrap();
        assert!(sum.conflict);
        assert_eq!(sum.lines.len(), 2);
        assert_eq!(Sum::parse("1 a\n"), Err(1));
    }
}
