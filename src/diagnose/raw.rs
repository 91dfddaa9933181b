//! A byte range of a scalar's text → the byte range of the file that it came from.

use std::ops::Range;

/// How a scalar is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    Plain,
    Single,
    Double,
}

/// Maps a range of `decoded`, which is what YAML makes of the bytes `span` of the file. Exact for all that stands on
/// one line; where lines are folded it is as near as whitespace allows.
pub(super) fn within(
    text: &str,
    span: Range<usize>,
    decoded: &str,
    range: &Range<usize>,
) -> Range<usize> {
    let Some(raw) = text.get(span.clone()) else {
        return span;
    };
    let style = style(text, raw, span.start);
    let (body, quoted) = match style {
        Style::Plain => (raw, 0),
        Style::Single | Style::Double => (raw.get(1..raw.len() - 1).unwrap_or_default(), 1),
    };
    let mut walk = Walk {
        raw: body,
        at: 0,
        style,
    };
    let mut start = None;
    let mut end = None;
    let mut chars = decoded.char_indices().peekable();
    while let Some((offset, c)) = chars.next() {
        let next = chars.peek().map(|(_, next)| *next);
        let (from, to) = walk.step(c, next);
        if offset >= range.start && start.is_none() {
            start = Some(from);
        }
        if offset < range.end {
            end = Some(to);
        }
    }
    let start = start.unwrap_or(body.len()).min(body.len());
    let end = if range.is_empty() {
        start
    } else {
        end.unwrap_or(start).clamp(start, body.len())
    };
    let base = span.start + quoted;
    base + start..base + end
}

/// A block scalar may start with a quote of its own, so its header decides.
fn style(text: &str, raw: &str, start: usize) -> Style {
    if raw.len() < 2 || is_block(text, start) {
        return Style::Plain;
    }
    match raw.chars().next() {
        Some('\'') => Style::Single,
        Some('"') => Style::Double,
        _ => Style::Plain,
    }
}

/// Whether the line before ends with `|` or `>` and its indicators.
fn is_block(text: &str, start: usize) -> bool {
    let before = text.get(..start).unwrap_or_default();
    let Some(line) = before
        .trim_end_matches([' ', '\t'])
        .strip_suffix('\n')
        .and_then(|before| before.trim_end().lines().next_back())
    else {
        return false;
    };
    let code = line.split(" #").next().unwrap_or_default().trim_end();
    code.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+'))
        .ends_with(['|', '>'])
}

/// Walks along the file's bytes, one decoded character after the other.
struct Walk<'t> {
    raw: &'t str,
    at: usize,
    style: Style,
}

impl Walk<'_> {
    /// The bytes that stand for a character.
    fn step(&mut self, c: char, next: Option<char>) -> (usize, usize) {
        if self.style == Style::Double {
            self.skip_continuations();
        }
        if !c.is_whitespace() {
            self.skip_whitespace();
        }
        let from = self.at;
        let rest = self.raw.get(from..).unwrap_or_default();
        let length = match self.style {
            Style::Double if rest.starts_with('\\') => escape(rest),
            Style::Single if c == '\'' && rest.starts_with("''") => 2,
            _ => literal(rest, c, next),
        };
        self.at += length;
        (from, self.at)
    }

    fn skip_whitespace(&mut self) {
        let rest = self.raw.get(self.at..).unwrap_or_default();
        self.at += rest.len() - rest.trim_start().len();
    }

    /// A backslash at the end of a line stands for nothing.
    fn skip_continuations(&mut self) {
        while let Some(rest) = self.raw.get(self.at..)
            && let Some(after) = rest.strip_prefix('\\')
            && after.starts_with(['\n', '\r'])
        {
            self.at += 1 + after.len() - after.trim_start().len();
        }
    }
}

/// Length of an escape.
fn escape(rest: &str) -> usize {
    let length = match rest.chars().nth(1) {
        Some('x') => 4,
        Some('u') => match rest.get(2..3) {
            // A high surrogate is one half of a pair.
            Some("d" | "D")
                if rest.get(3..4).is_some_and(|c| "89abAB".contains(c))
                    && rest.get(6..8) == Some("\\u") =>
            {
                12
            }
            _ => 6,
        },
        Some('U') => 10,
        Some(other) => 1 + other.len_utf8(),
        None => 1,
    };
    length.min(rest.len())
}

/// Length of what stands for itself, or of the line ends that are folded into a space or a line feed.
fn literal(rest: &str, c: char, next: Option<char>) -> usize {
    let blank = rest.len() - rest.trim_start().len();
    let folds = rest.get(..blank).is_some_and(|blank| blank.contains('\n'));
    if folds && matches!(c, ' ' | '\n') {
        return match next {
            Some(next) if next.is_whitespace() => rest.find('\n').map_or(blank, |at| at + 1),
            _ => blank,
        };
    }
    if rest.starts_with(c) { c.len_utf8() } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::{NodeValue, read};

    /// The source of `wanted` in the value of the first key.
    fn source<'t>(text: &'t str, wanted: &str) -> &'t str {
        let stream = read(text);
        let NodeValue::Mapping(entries) = &stream.documents[0].value else {
            panic!("a mapping is expected");
        };
        let node = &entries[0].value;
        let NodeValue::String(decoded) = &node.value else {
            panic!("text is expected, not {node:?}");
        };
        let at = decoded.find(wanted).unwrap();
        let span = node.span.start as usize..node.span.end as usize;
        &text[within(text, span, decoded, &(at..at + wanted.len()))]
    }

    #[test]
    fn one_line_is_exact() {
        assert_eq!(source("a: one two three", "two"), "two");
        assert_eq!(source("é: 'it''s é b c'", "b"), "b");
        assert_eq!(source("a: 'x''y z'", "'y"), "''y");
        assert_eq!(source(r#"a: "q\"\u00e9\x41\U0001F600 b\tc""#, "b"), "b");
        assert_eq!(source(r#"a: "\ud83d\ude00 b""#, "b"), "b");
        assert_eq!(source(r#"a: "x\"y\" z""#, "\"y\""), r#"\"y\""#);
    }

    #[test]
    fn lines_are_followed() {
        assert_eq!(source("a: one\n  two three\n", "three"), "three");
        assert_eq!(source("a: 'one\n\n  two three'\n", "three"), "three");
        assert_eq!(source("a: \"one \\\n  two three\"\n", "three"), "three");
        assert_eq!(
            source("a: |\n  one\n    two\n  three b\n", "three"),
            "three"
        );
        assert_eq!(source("a: |\n  one\n    two\n  three b\n", "two"), "two");
        assert_eq!(source("a: >-\n  one\n  two\n\n  three b\n", "b"), "b");
        assert_eq!(source("a: |\n  'x' || 'it''s' || y\n", "y"), "y");
        assert_eq!(source("a: one\r\n  two three\r\n", "three"), "three");
    }

    #[test]
    fn what_lies_outside_is_clamped() {
        assert_eq!(within("a: bc", 3..5, "bc", &(1..9)), 4..5);
        assert_eq!(within("a: bc", 3..5, "bc", &(7..9)), 5..5);
        assert_eq!(within("a: bc", 3..5, "bc", &(2..2)), 5..5);
        assert_eq!(within("a: 'c", 3..5, "'c", &(0..1)).start, 4);
    }
}
