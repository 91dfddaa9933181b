//! YAML text → trees of nodes that know their byte spans.
//!
//! In: the text of one file. Out: one tree a document, with anchors and merge keys expanded, and a [`Problem`] for
//! each thing that YAML does not allow. The tree is built from the parser's events, so a span costs two integers.
//!
//! Architecture invariant: knows nothing of `SpecQL`. Whatever the text, it ends in bounded time and memory.

mod build;
mod number;
mod problem;
mod tree;

pub use build::{MAX_DEPTH, MAX_FILE_BYTES, MAX_NODES, read};
pub use problem::{Problem, ProblemKind};
pub use tree::{Entry, Node, NodeValue, Span, Stream};
