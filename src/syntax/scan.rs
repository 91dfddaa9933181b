//! Looking through a text that holds quotes and brackets.

use std::ops::Range;

/// A piece of a text and where it starts in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece<'t> {
    pub text: &'t str,
    pub start: usize,
}

impl<'t> Piece<'t> {
    pub fn new(text: &'t str) -> Self {
        Self { text, start: 0 }
    }

    /// What stands before a byte of it.
    pub fn before(self, at: usize) -> Self {
        Self {
            text: self.text.get(..at).unwrap_or_default(),
            start: self.start,
        }
    }

    /// What stands from a byte of it on.
    pub fn from(self, at: usize) -> Self {
        Self {
            text: self.text.get(at..).unwrap_or_default(),
            start: self.start + at.min(self.text.len()),
        }
    }

    pub fn trim(self) -> Self {
        let left = self.text.trim_start();
        Self {
            text: left.trim_end(),
            start: self.start + self.text.len() - left.len(),
        }
    }

    pub fn range(self) -> Range<usize> {
        self.start..self.start + self.text.len()
    }

    /// Its range, or that of another when it is empty.
    pub fn range_or(self, other: Self) -> Range<usize> {
        if self.text.is_empty() {
            other.range()
        } else {
            self.range()
        }
    }

    /// The letters at its end.
    pub fn last_word(self) -> Self {
        let before = self
            .text
            .trim_end_matches(|c: char| c.is_alphanumeric() || c == '_');
        self.from(before.len())
    }

    /// The pieces between commas that stand in no bracket and no quote.
    pub fn split_commas(self) -> Vec<Self> {
        let mut pieces = Vec::new();
        let mut rest = self;
        while let Some(at) = find(rest.text, |c| c == ',') {
            pieces.push(rest.before(at));
            rest = rest.from(at + 1);
        }
        pieces.push(rest);
        pieces
    }
}

/// A character outside quotes, with the depth of brackets around it; a bracket is outside of itself.
fn outside(text: &str) -> impl Iterator<Item = (usize, char, usize)> {
    let mut quote = None;
    let mut depth = 0_usize;
    text.char_indices().filter_map(move |(at, c)| {
        match (quote, c) {
            (Some(open), close) if open == close => {
                quote = None;
                return None;
            }
            (Some(_), _) => return None,
            (None, '\'' | '"') => {
                quote = Some(c);
                return None;
            }
            (None, '(' | '[') => {
                depth += 1;
                return Some((at, c, depth - 1));
            }
            (None, ')' | ']') => depth = depth.saturating_sub(1),
            _ => {}
        }
        Some((at, c, depth))
    })
}

/// The first such character that stands in no bracket and no quote.
pub(super) fn find(text: &str, is: impl Fn(char) -> bool) -> Option<usize> {
    outside(text)
        .find(|(_, c, depth)| *depth == 0 && is(*c))
        .map(|(at, ..)| at)
}

/// The last such character.
pub(super) fn rfind(text: &str, wanted: char) -> Option<usize> {
    outside(text)
        .filter(|(_, c, depth)| *depth == 0 && *c == wanted)
        .last()
        .map(|(at, ..)| at)
}

/// The first place of a text that stands in no bracket and no quote.
pub(super) fn find_text(text: &str, wanted: &str) -> Option<usize> {
    // Most texts do not have it at all, which is found out faster without counting brackets.
    text.find(wanted)?;
    outside(text)
        .find(|(at, _, depth)| {
            *depth == 0 && text.get(*at..).is_some_and(|rest| rest.starts_with(wanted))
        })
        .map(|(at, ..)| at)
}

/// The bracket that closes the one at a byte.
pub(super) fn closing(text: &str, open: usize) -> Option<usize> {
    outside(text)
        .find(|(at, c, depth)| *at > open && *depth == 0 && matches!(c, ')' | ']'))
        .map(|(at, ..)| at)
}

/// The first bracket or quote without its other half.
pub(super) fn unbalanced(text: &str) -> Option<(usize, char)> {
    let mut open = Vec::new();
    let mut quote: Option<(usize, char)> = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some((_, opened)), close) if opened == close => quote = None,
            (None, '\'' | '"') => quote = Some((at, c)),
            (None, '(' | '[') => open.push((at, c)),
            (None, ')' | ']') => match (open.pop(), c) {
                (Some((_, '(')), ')') | (Some((_, '[')), ']') => {}
                _ => return Some((at, c)),
            },
            _ => {}
        }
    }
    quote.or_else(|| open.first().copied())
}
