//! A place → the bytes of the file, its lines and columns.

use std::collections::BTreeMap;
use std::ops::Range;

use super::place::{Place, Spot, Step};
use super::raw;
use crate::yaml::{self, Node, NodeValue, Span};

/// The files that places speak of.
pub trait Files {
    /// The path of a file, as the user knows it.
    fn path(&self, file: u32) -> &str;
    /// The text of a file, as it was compiled.
    fn text(&self, file: u32) -> &str;
}

/// Where something stands in a file. Lines and columns count from 1, columns in characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// Index of the file.
    pub file: u32,
    /// Bytes of the file.
    pub span: Range<usize>,
    /// Line of the first byte.
    pub line: usize,
    /// Column of the first byte.
    pub column: usize,
    /// Line of the byte after the last.
    pub end_line: usize,
    /// Column of the byte after the last.
    pub end_column: usize,
}

/// Locates places; a file is read once.
pub struct Locator<'f> {
    files: &'f dyn Files,
    read: BTreeMap<u32, ReadFile>,
}

struct ReadFile {
    documents: Vec<Node>,
    line_starts: Vec<usize>,
}

impl<'f> Locator<'f> {
    /// Locates places in these files.
    pub fn new(files: &'f dyn Files) -> Self {
        Self {
            files,
            read: BTreeMap::new(),
        }
    }

    /// Where a place is. A place that is not there is the nearest one that is.
    pub fn locate(&mut self, place: &Place) -> Location {
        let file = place.origin().file;
        let text = self.files.text(file);
        let read = self.read.entry(file).or_insert_with(|| ReadFile {
            documents: yaml::read(text).documents,
            line_starts: line_starts(text),
        });
        let span = bytes(place, text, &read.documents);
        let span = on_boundaries(text, &span);
        let (line, column) = position(text, &read.line_starts, span.start);
        let (end_line, end_column) = position(text, &read.line_starts, span.end);
        Location {
            file,
            span,
            line,
            column,
            end_line,
            end_column,
        }
    }
}

/// The bytes of a place.
fn bytes(place: &Place, text: &str, documents: &[Node]) -> Range<usize> {
    if let Spot::Bytes(range) = place.spot() {
        return range.clone();
    }
    let Some(root) = documents.get(place.origin().document as usize) else {
        return 0..0;
    };
    let steps = place.steps();
    let found = follow(root, &steps);
    let value = || wide(&found.node.span);
    match place.spot() {
        Spot::Key if found.whole => found.key.map_or_else(value, wide),
        Spot::Within(range) if found.whole => match &found.node.value {
            NodeValue::String(decoded) => raw::within(text, value(), decoded, range),
            _ => value(),
        },
        _ => value(),
    }
}

struct Found<'n> {
    node: &'n Node,
    /// The key that leads to the node.
    key: Option<&'n Span>,
    /// Whether every step was there.
    whole: bool,
}

fn follow<'n>(root: &'n Node, steps: &[&Step]) -> Found<'n> {
    let mut found = Found {
        node: root,
        key: None,
        whole: true,
    };
    for step in steps {
        let next = match (step, &found.node.value) {
            (Step::Key(key), NodeValue::Mapping(entries)) => entries
                .iter()
                .find(|entry| entry.key == *key)
                .map(|entry| (&entry.value, Some(&entry.key_span))),
            (Step::Index(index), NodeValue::Sequence(items)) => {
                items.get(*index).map(|item| (item, None))
            }
            _ => None,
        };
        let Some((node, key)) = next else {
            found.whole = false;
            return found;
        };
        found.node = node;
        found.key = key;
    }
    found
}

fn wide(span: &Span) -> Range<usize> {
    span.start as usize..span.end as usize
}

/// The range, moved out of the middle of characters.
fn on_boundaries(text: &str, range: &Range<usize>) -> Range<usize> {
    let start = text.floor_char_boundary(range.start.min(text.len()));
    let end = text.ceil_char_boundary(range.end.clamp(start, text.len()));
    start..end
}

fn line_starts(text: &str) -> Vec<usize> {
    std::iter::once(0)
        .chain(text.match_indices('\n').map(|(at, _)| at + 1))
        .collect()
}

fn position(text: &str, line_starts: &[usize], at: usize) -> (usize, usize) {
    let line = line_starts.partition_point(|start| *start <= at);
    let start = line_starts
        .get(line.saturating_sub(1))
        .copied()
        .unwrap_or_default();
    let before = text.get(start..at).unwrap_or_default();
    // A byte order mark is no column.
    let before = match start {
        0 => before.trim_start_matches('\u{feff}'),
        _ => before,
    };
    (line, before.chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnose::Origin;

    struct One(&'static str);

    impl Files for One {
        fn path(&self, _: u32) -> &'static str {
            "a.yaml"
        }
        fn text(&self, _: u32) -> &str {
            self.0
        }
    }

    fn at(text: &'static str, place: impl Fn(Place) -> Place) -> String {
        let root = Place::document(Origin {
            file: 0,
            document: 0,
        });
        let files = One(text);
        let found = Locator::new(&files).locate(&place(root));
        format!(
            "{}:{}-{}:{} {}",
            found.line, found.column, found.end_line, found.end_column, &text[found.span]
        )
    }

    #[test]
    fn paths_keys_and_pieces() {
        let text = "é: {b: [one, 'é''two']}\nc:\n  d: e\n";
        assert_eq!(at(text, |p| p.key("é").key("b").index(0)), "1:9-1:12 one");
        assert_eq!(at(text, |p| p.key("é").key("b").the_key()), "1:5-1:6 b");
        assert_eq!(
            at(text, |p| p.key("é").key("b").index(1).within(3..6)),
            "1:18-1:21 two"
        );
        assert_eq!(at(text, |p| p.key("c")), "3:3-3:7 d: e");
        assert_eq!(at(text, |p| p.bytes(1..2)), "1:1-1:2 é");
    }

    #[test]
    fn what_is_not_there_is_the_nearest_that_is() {
        let text = "a: text!\nb: &x {c: d}\ne: *x\n";
        assert_eq!(at(text, |p| p.key("a").key("default")), "1:4-1:9 text!");
        assert_eq!(
            at(text, |p| p.key("a").key("default").within(0..1)),
            "1:4-1:9 text!"
        );
        assert_eq!(at(text, |p| p.key("e").key("c")), "2:11-2:12 d");
        assert_eq!(at(text, |p| p.bytes(90..99)), "4:1-4:1 ");
    }

    #[test]
    fn a_byte_order_mark_is_no_column() {
        assert_eq!(at("\u{feff}a: b", |p| p.key("a")), "1:4-1:5 b");
        assert_eq!(at("a: b\r\nc: d\r\n", |p| p.key("c")), "2:4-2:5 d");
    }
}
