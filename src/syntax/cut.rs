//! Values that YAML has cut in a flow collection: `{price: decimal(10,2)}`, `[coalesce(a, b)]`.

use super::context::Item;
use crate::yaml::{Entry, Node, NodeValue};

/// Most pieces that one value is put together from: what goes on for longer is something else.
const MOST_PIECES: usize = 64;

/// An entry of a mapping that is left when the pieces of cut values are put aside.
pub(super) struct Whole<'n> {
    pub entry: &'n Entry,
    pub cut: Option<String>,
}

/// The entries of a mapping.
pub(super) fn entries<'n>(entries: &'n [Entry], of: &Node, text: &str) -> Vec<Whole<'n>> {
    let flow = is_flow(of, text);
    let mut whole = Vec::with_capacity(entries.len());
    let mut rest = entries.iter();
    while let Some(entry) = rest.next() {
        let pieces = rest.as_slice().iter().map(piece_of_entry);
        let cut = flow.then(|| glue(&entry.value, pieces)).flatten();
        let (cut, eaten) = cut.map_or((None, 0), |(cut, eaten)| (Some(cut), eaten));
        for _ in 0..eaten {
            rest.next();
        }
        whole.push(Whole { entry, cut });
    }
    whole
}

/// The elements of a list.
pub(super) fn items<'n>(nodes: &'n [Node], of: &Item<'n>, text: &str) -> Vec<Item<'n>> {
    let flow = is_flow(of.node, text);
    let mut items = Vec::with_capacity(nodes.len());
    let mut rest = nodes.iter().enumerate();
    while let Some((index, node)) = rest.next() {
        let pieces = nodes.get(index + 1..).unwrap_or_default().iter().map(piece);
        let cut = flow.then(|| glue(node, pieces)).flatten();
        let (cut, eaten) = cut.map_or((None, 0), |(cut, eaten)| (Some(cut), eaten));
        for _ in 0..eaten {
            rest.next();
        }
        items.push(Item {
            node,
            place: of.place.index(index),
            cut,
        });
    }
    items
}

fn is_flow(node: &Node, text: &str) -> bool {
    text.get(node.span.start as usize..)
        .is_some_and(|rest| rest.starts_with(['{', '[']))
}

/// The value with the pieces that follow it, up to the one that closes its last parenthesis, and how many they are.
fn glue(first: &Node, pieces: impl Iterator<Item = Option<String>>) -> Option<(String, usize)> {
    let NodeValue::String(text) = &first.value else {
        return None;
    };
    let mut depth = open_parentheses(text);
    if depth <= 0 {
        return None;
    }
    let mut whole = text.clone();
    for (index, piece) in pieces.take(MOST_PIECES).enumerate() {
        let piece = piece?;
        depth += open_parentheses(&piece);
        whole.push_str(", ");
        whole.push_str(&piece);
        if depth <= 0 {
            return Some((whole, index + 1));
        }
    }
    None
}

fn piece_of_entry(entry: &Entry) -> Option<String> {
    match piece(&entry.value)? {
        value if value.is_empty() => Some(entry.key.clone()),
        value => Some(format!("{}: {value}", entry.key)),
    }
}

fn piece(node: &Node) -> Option<String> {
    match &node.value {
        NodeValue::Null => Some(String::new()),
        NodeValue::Bool(value) => Some(value.to_string()),
        NodeValue::Number(text) | NodeValue::String(text) => Some(text.clone()),
        NodeValue::Sequence(_) | NodeValue::Mapping(_) => None,
    }
}

/// Parentheses that are opened and not closed, outside SQL quotes.
fn open_parentheses(text: &str) -> i32 {
    let mut depth = 0;
    let mut quote = None;
    for c in text.chars() {
        match (quote, c) {
            (None, '(') => depth += 1,
            (None, ')') => depth -= 1,
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), close) if open == close => quote = None,
            _ => {}
        }
    }
    depth
}
