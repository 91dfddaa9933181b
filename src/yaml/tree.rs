//! The tree.

use std::ops::Range;

use super::problem::Problem;

/// A byte range of the file.
pub type Span = Range<u32>;

/// What a file holds.
#[derive(Debug, Clone, Default)]
pub struct Stream {
    /// The documents that were read to their end; an empty one is [`NodeValue::Null`].
    pub documents: Vec<Node>,
    /// What YAML does not allow.
    pub problems: Vec<Problem>,
    /// Whether the whole file was read. A duplicate key does not stop the reader, a syntax error does.
    pub complete: bool,
}

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Where it stands. What an alias stands for is where its anchor is.
    pub span: Span,
    /// What it is.
    pub value: NodeValue,
}

/// A value without its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NodeValue {
    /// `null`, `~` or nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as it was written.
    Number(String),
    /// Any other scalar, its quoting undone.
    String(String),
    /// A sequence.
    Sequence(Vec<Node>),
    /// A mapping; no key occurs twice.
    Mapping(Vec<Entry>),
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key, its quoting undone.
    pub key: String,
    /// Where the key stands.
    pub key_span: Span,
    /// The value.
    pub value: Node,
}

impl NodeValue {
    /// What this is, in words that fit "found …".
    pub fn describe(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::String(_) => "text",
            Self::Sequence(_) => "a list",
            Self::Mapping(_) => "a mapping",
        }
    }
}
