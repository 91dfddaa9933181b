//! Events → trees.

use std::collections::{BTreeMap, BTreeSet};

use serde_yaml::granit_parser::{self, Event, Parser, ScalarStyle, Tag};

use super::number::plain;
use super::problem::{Problem, ProblemKind, of_parser, offset};
use super::tree::{Entry, Node, NodeValue, Span, Stream};

/// Longest file.
pub const MAX_FILE_BYTES: usize = 4 * 1024 * 1024;
/// Deepest nesting, aliases expanded.
pub const MAX_DEPTH: usize = 64;
/// Most nodes of a file.
pub const MAX_NODES: usize = 500_000;
/// Most that aliases may add: each node counts one, and one more for each 32 bytes of its text.
const MAX_EXPANSION: usize = 200_000;

/// Most duplicate keys that are reported.
const MAX_PROBLEMS: usize = 1000;

/// Reads a file. Everything before the first syntax error is there.
pub fn read(text: &str) -> Stream {
    if text.len() > MAX_FILE_BYTES {
        return Stream {
            documents: Vec::new(),
            problems: vec![Problem::new(
                ProblemKind::TooLarge,
                0..0,
                format!("the file is larger than {} MiB", MAX_FILE_BYTES >> 20),
            )],
            complete: false,
        };
    }
    let mut options = granit_parser::Options::default();
    options.set_emit_comments(false);
    let mut builder = Builder::new(text);
    let mut parser = Parser::new_from_str_with_options(text, options);
    // A `for` would move the parser, which is large.
    while let Some(next) = parser.next_event() {
        let step = match next {
            Ok((event, span)) => builder.event(event, &span),
            Err(error) => Err(of_parser(&error, text)),
        };
        if let Err(problem) = step {
            builder.stream.problems.push(problem);
            return builder.stream;
        }
    }
    builder.stream.complete = true;
    builder.stream
}

/// A node that is finished, with what it would cost to copy it.
#[derive(Clone)]
struct Built {
    node: Node,
    /// A plain scalar's text may be the merge key.
    plain: bool,
    weight: usize,
    depth: usize,
}

/// A collection that is not finished.
struct Frame {
    start: u32,
    /// End of the last child: where a block collection ends.
    end: u32,
    anchor: usize,
    weight: usize,
    depth: usize,
    content: Content,
}

enum Content {
    Sequence(Vec<Node>),
    Mapping {
        slots: Vec<Slot>,
        key: Option<Key>,
        merges: bool,
    },
}

struct Key {
    text: String,
    span: Span,
    merge: bool,
}

enum Slot {
    Entry(Entry),
    Merge(Node),
}

struct Builder<'t> {
    text: &'t str,
    stream: Stream,
    frames: Vec<Frame>,
    anchors: BTreeMap<usize, Built>,
    nodes: usize,
    expansion: usize,
}

type Step = Result<(), Problem>;

impl<'t> Builder<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            text,
            stream: Stream::default(),
            frames: Vec::new(),
            anchors: BTreeMap::new(),
            nodes: 0,
            expansion: 0,
        }
    }

    fn event(&mut self, event: Event<'_>, span: &granit_parser::Span) -> Step {
        let range = byte_span(span);
        match event {
            Event::DocumentStart(..) => self.anchors.clear(),
            Event::Scalar(value, style, anchor, tag) => {
                self.count(&range)?;
                let node = self.scalar(&value, style, tag.as_deref(), range, span)?;
                let built = Built {
                    node,
                    plain: style == ScalarStyle::Plain,
                    weight: 1 + value.len() / 32,
                    depth: 0,
                };
                self.finished(built, anchor)?;
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.count(&range)?;
                collection_tag(tag.as_deref(), "seq", span)?;
                self.open(&range, anchor, Content::Sequence(Vec::new()))?;
            }
            Event::MappingStart(_, anchor, tag) => {
                self.count(&range)?;
                collection_tag(tag.as_deref(), "map", span)?;
                let content = Content::Mapping {
                    slots: Vec::new(),
                    key: None,
                    merges: false,
                };
                self.open(&range, anchor, content)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(&range)?,
            Event::Alias(anchor) => self.alias(anchor, &range)?,
            _ => {}
        }
        Ok(())
    }

    fn count(&mut self, at: &Span) -> Step {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err(Problem::new(
                ProblemKind::TooLarge,
                at.clone(),
                format!("the file holds more than {MAX_NODES} values"),
            ));
        }
        Ok(())
    }

    fn scalar(
        &self,
        value: &str,
        style: ScalarStyle,
        tag: Option<&Tag>,
        range: Span,
        span: &granit_parser::Span,
    ) -> Result<Node, Problem> {
        let value_of = |value: &str| match style {
            ScalarStyle::Plain => plain(value),
            _ => NodeValue::String(value.to_owned()),
        };
        let value = match tag {
            None => value_of(value),
            Some(tag) => tagged(value, tag, &range, span)?,
        };
        let span = match style {
            ScalarStyle::Literal | ScalarStyle::Folded => trim_end(self.text, range),
            _ => range,
        };
        Ok(Node { span, value })
    }

    fn open(&mut self, range: &Span, anchor: usize, content: Content) -> Step {
        if self.frames.len() >= MAX_DEPTH {
            return Err(too_deep(range));
        }
        self.frames.push(Frame {
            start: range.start,
            end: range.end,
            anchor,
            weight: 1,
            depth: 0,
            content,
        });
        Ok(())
    }

    fn close(&mut self, range: &Span) -> Step {
        let Some(frame) = self.frames.pop() else {
            return Ok(());
        };
        let value = match frame.content {
            Content::Sequence(items) => NodeValue::Sequence(items),
            Content::Mapping { slots, merges, .. } => {
                NodeValue::Mapping(self.entries(slots, merges)?)
            }
        };
        // A flow collection's end is its closing bracket; a block collection's is reported at the next token.
        let closes = matches!(
            self.text.get(range.start as usize..range.end as usize),
            Some("]" | "}")
        );
        let end = if closes { range.end } else { frame.end };
        let built = Built {
            node: Node {
                span: frame.start..end.max(frame.start),
                value,
            },
            plain: false,
            weight: frame.weight,
            depth: frame.depth + 1,
        };
        self.finished(built, frame.anchor)
    }

    fn alias(&mut self, anchor: usize, at: &Span) -> Step {
        self.count(at)?;
        let Some(built) =
            self.anchors
                .get(&anchor)
                .cloned_within(&mut self.expansion, self.frames.len(), at)?
        else {
            return Err(Problem::new(
                ProblemKind::Syntax,
                at.clone(),
                "this alias stands within its own anchor",
            ));
        };
        self.finished(built, 0)
    }

    /// Hands a finished node to what it belongs to.
    fn finished(&mut self, built: Built, anchor: usize) -> Step {
        if anchor != 0 {
            self.anchors.insert(anchor, built.clone());
        }
        let Some(frame) = self.frames.last_mut() else {
            self.stream.documents.push(built.node);
            return Ok(());
        };
        frame.weight += built.weight;
        frame.depth = frame.depth.max(built.depth);
        frame.end = frame.end.max(built.node.span.end);
        match &mut frame.content {
            Content::Sequence(items) => items.push(built.node),
            Content::Mapping { slots, key, merges } => match key.take() {
                None => *key = Some(key_of(built, self.text)?),
                Some(key) if key.merge => {
                    *merges = true;
                    slots.push(Slot::Merge(built.node));
                }
                Some(key) => slots.push(Slot::Entry(entry(key, built.node))),
            },
        }
        Ok(())
    }

    /// The entries of a mapping: the first of each key; those that a merge brings stand where the merge stands.
    fn entries(&mut self, slots: Vec<Slot>, merges: bool) -> Result<Vec<Entry>, Problem> {
        let mut entries: Vec<Entry> = Vec::with_capacity(slots.len());
        if !merges {
            for slot in slots {
                if let Slot::Entry(entry) = slot {
                    entries.push(entry);
                }
            }
            self.drop_duplicates(&mut entries);
            return Ok(entries);
        }
        let mut taken: BTreeSet<String> = slots
            .iter()
            .filter_map(|slot| match slot {
                Slot::Entry(entry) => Some(entry.key.clone()),
                Slot::Merge(_) => None,
            })
            .collect();
        for slot in slots {
            match slot {
                Slot::Entry(entry) => entries.push(entry),
                Slot::Merge(node) => merge(node, &mut taken, &mut entries)?,
            }
        }
        self.drop_duplicates(&mut entries);
        Ok(entries)
    }

    fn drop_duplicates(&mut self, entries: &mut Vec<Entry>) {
        if entries.len() <= FEW && few_are_unique(entries) {
            return;
        }
        let mut seen: BTreeMap<&str, &Span> = BTreeMap::new();
        let mut problems = Vec::new();
        let mut duplicates = Vec::new();
        for (index, entry) in entries.iter().enumerate() {
            if let Some(first) = seen.get(entry.key.as_str()) {
                let mut problem = Problem::new(
                    ProblemKind::DuplicateKey,
                    entry.key_span.clone(),
                    format!("the key `{}` stands twice", entry.key),
                );
                problem = problem.hint("remove one of the two, or give it another name");
                problem.related = Some(((*first).clone(), "first written here"));
                problems.push(problem);
                duplicates.push(index);
            } else {
                seen.insert(&entry.key, &entry.key_span);
            }
        }
        let mut duplicates = duplicates.into_iter().peekable();
        let mut index = 0;
        entries.retain(|_| {
            let duplicate = duplicates.next_if_eq(&index).is_some();
            index += 1;
            !duplicate
        });
        let room = MAX_PROBLEMS.saturating_sub(self.stream.problems.len());
        problems.truncate(room);
        self.stream.problems.append(&mut problems);
    }
}

/// Comparing so few keys with each other is cheaper than a tree.
const FEW: usize = 16;

fn few_are_unique(entries: &[Entry]) -> bool {
    entries.iter().enumerate().all(|(index, entry)| {
        entries
            .iter()
            .take(index)
            .all(|other| other.key != entry.key)
    })
}

trait CloneWithin {
    fn cloned_within(
        self,
        expansion: &mut usize,
        depth: usize,
        at: &Span,
    ) -> Result<Option<Built>, Problem>;
}

impl CloneWithin for Option<&Built> {
    /// A copy, unless it would pass a limit.
    fn cloned_within(
        self,
        expansion: &mut usize,
        depth: usize,
        at: &Span,
    ) -> Result<Option<Built>, Problem> {
        let Some(built) = self else {
            return Ok(None);
        };
        *expansion += built.weight;
        if *expansion > MAX_EXPANSION {
            return Err(Problem::new(
                ProblemKind::TooLarge,
                at.clone(),
                format!("the aliases of this file stand for more than {MAX_EXPANSION} values"),
            )
            .hint("let fewer aliases hold aliases, or split the file"));
        }
        if depth + built.depth > MAX_DEPTH {
            return Err(too_deep(at));
        }
        Ok(Some(built.clone()))
    }
}

fn too_deep(at: &Span) -> Problem {
    Problem::new(
        ProblemKind::TooLarge,
        at.clone(),
        format!("the document is nested more than {MAX_DEPTH} levels deep"),
    )
}

/// A key: any scalar, as text. What YAML would take for a number or a boolean is its text.
fn key_of(built: Built, text: &str) -> Result<Key, Problem> {
    let span = built.node.span;
    let raw = || {
        text.get(span.start as usize..span.end as usize)
            .unwrap_or_default()
            .to_owned()
    };
    let key = match built.node.value {
        NodeValue::String(key) => key,
        NodeValue::Number(_) | NodeValue::Bool(_) | NodeValue::Null => raw(),
        NodeValue::Sequence(_) | NodeValue::Mapping(_) => {
            return Err(Problem::new(
                ProblemKind::Syntax,
                span,
                "a key must be a single value, not a list or a mapping",
            )
            .hint("put a value that starts with `{` or `[` in quotes"));
        }
    };
    Ok(Key {
        merge: built.plain && key == "<<",
        text: key,
        span,
    })
}

fn entry(key: Key, mut value: Node) -> Entry {
    // Nothing stands nowhere: what is said of it is said of its key.
    if value.value == NodeValue::Null && value.span.is_empty() {
        value.span = key.span.clone();
    }
    Entry {
        key: key.text,
        key_span: key.span,
        value,
    }
}

/// `<<: *anchor`, `<<: [*a, *b]`: of two sources the first wins.
fn merge(
    source: Node,
    taken: &mut BTreeSet<String>,
    entries: &mut Vec<Entry>,
) -> Result<(), Problem> {
    match source.value {
        NodeValue::Mapping(merged) => {
            for entry in merged {
                if taken.insert(entry.key.clone()) {
                    entries.push(entry);
                }
            }
            Ok(())
        }
        NodeValue::Sequence(sources)
            if sources
                .iter()
                .all(|source| matches!(source.value, NodeValue::Mapping(_))) =>
        {
            for source in sources {
                merge(source, taken, entries)?;
            }
            Ok(())
        }
        NodeValue::Null => Ok(()),
        other => Err(Problem::new(
            ProblemKind::Syntax,
            source.span,
            format!("`<<` takes a mapping, found {}", other.describe()),
        )
        .hint("write `<<: *anchor`, where `&anchor` stands before a mapping")),
    }
}

fn tagged(
    value: &str,
    tag: &Tag,
    range: &Span,
    span: &granit_parser::Span,
) -> Result<NodeValue, Problem> {
    let wrong = |what: &str| {
        Problem::new(
            ProblemKind::Syntax,
            range.clone(),
            format!("`{value}` is not {what}"),
        )
    };
    match (tag.core_suffix(), plain(value)) {
        (Some("str"), _) => Ok(NodeValue::String(value.to_owned())),
        (Some("int" | "float"), number @ NodeValue::Number(_)) => Ok(number),
        (Some("int" | "float"), _) => Err(wrong("a number")),
        (Some("bool"), boolean @ NodeValue::Bool(_)) => Ok(boolean),
        (Some("bool"), _) => Err(wrong("`true` or `false`")),
        (Some("null"), NodeValue::Null) => Ok(NodeValue::Null),
        (Some("null"), _) => Err(wrong("`null`")),
        _ if tag.handle().is_empty() && tag.suffix() == "!" => {
            Ok(NodeValue::String(value.to_owned()))
        }
        _ => Err(unknown_tag(tag, span)),
    }
}

fn collection_tag(tag: Option<&Tag>, expected: &str, span: &granit_parser::Span) -> Step {
    match tag {
        Some(tag) if tag.core_suffix() != Some(expected) => Err(unknown_tag(tag, span)),
        _ => Ok(()),
    }
}

fn unknown_tag(tag: &Tag, span: &granit_parser::Span) -> Problem {
    let at = span
        .tag_span()
        .map_or_else(|| byte_span(span), |tag| byte_span(&tag));
    Problem::new(
        ProblemKind::Syntax,
        at,
        format!("the tag `{}` means nothing here", tag.original()),
    )
    .hint("put a value that starts with `!` in quotes")
}

fn byte_span(span: &granit_parser::Span) -> Span {
    let start = span.start.byte_offset().unwrap_or_default();
    let end = span.end.byte_offset().unwrap_or_default();
    offset(start)..offset(end.max(start))
}

/// A block scalar without the line ends that follow it.
fn trim_end(text: &str, span: Span) -> Span {
    let trimmed = text
        .get(span.start as usize..span.end as usize)
        .map_or(0, |raw| raw.trim_end().len());
    span.start..span.start + offset(trimmed)
}

#[cfg(test)]
#[path = "build_tests.rs"]
mod tests;
