//! Comments go with the object that they are on.

use super::Kind;
use super::node::{Node, Nodes};
use crate::diff::Object;

/// Adds a comment to the node of its object: to the table's for a column, or for a constraint that stands in it.
pub(super) fn attach<'a>(on: Object<'a>, text: &'a str, nodes: &mut Nodes<'a>) {
    let object = match on {
        Object::Column(table, _) => Object::Table(table),
        Object::Constraint(table, _) if !nodes.contains_key(&on) => Object::Table(table),
        other => other,
    };
    let node = nodes.entry(object).or_insert_with(|| Node {
        kind: Kind::of(object),
        object,
        statement: None,
        comments: Vec::new(),
    });
    node.comments.push((on, text));
}
