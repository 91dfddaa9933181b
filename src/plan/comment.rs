//! Comments go with the object that they are on.

use super::node::Nodes;
use crate::diff::Object;

/// Adds a comment to the node of its object, or of the object that it is a part of and that brings it: a column, a
/// constraint that stands in its table, the index of that constraint.
pub(super) fn attach<'a>(on: Object<'a>, text: Option<&'a str>, nodes: &mut Nodes<'a>) {
    let object = if nodes.contains(&on) {
        on
    } else {
        whole(on, nodes)
    };
    nodes.of(object).comments.push((on, text));
}

/// What an object is a part of; itself where it is none.
fn whole<'a>(on: Object<'a>, nodes: &Nodes<'a>) -> Object<'a> {
    match on {
        Object::Column(relation, _) => [
            Object::View(relation),
            Object::MaterializedView(relation),
            Object::CompositeType(relation),
        ]
        .into_iter()
        .find(|object| nodes.contains(object))
        .unwrap_or(Object::Table(relation)),
        Object::Constraint(table, _) => Object::Table(table),
        Object::Index(table, name) => {
            let constraint = Object::Constraint(table, name);
            if nodes.contains(&constraint) {
                constraint
            } else {
                Object::Table(table)
            }
        }
        Object::DomainCheck(domain, _) => Object::Domain(domain),
        Object::Overload(name, _) => Object::Function(name),
        Object::Schema(_)
        | Object::Extension(_)
        | Object::EnumType(_)
        | Object::CompositeType(_)
        | Object::Domain(_)
        | Object::Sequence(_)
        | Object::SequenceOwner(_)
        | Object::Function(_)
        | Object::Table(_)
        | Object::Trigger(..)
        | Object::Policy(..)
        | Object::View(_)
        | Object::PartitionPolicy(_)
        | Object::MaterializedView(_) => on,
    }
}
