//! Comments go with the object that they are on.

use super::node::{Nodes, Part, Work};
use super::world::World;
use super::{Statement, TableAction};
use crate::catalog::Catalog;
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

/// Takes what is said of an object out of the node of what it is a part of: it goes, and who makes it again says it of that. That
/// it is to have no comment any more is not said: it comes without one.
pub(super) fn of_what_comes_again<'a>(
    object: Object<'a>,
    nodes: &mut Nodes<'a>,
) -> Vec<(Object<'a>, Option<&'a str>)> {
    let (Object::Column(whole, _) | Object::Constraint(whole, _) | Object::Index(whole, _)) =
        object
    else {
        return Vec::new();
    };
    let Some(whole) = nodes.get_mut(Object::Table(whole)) else {
        return Vec::new();
    };
    let of_it = |on: &Object<'a>| match (object, *on) {
        // The index of a constraint comes and goes with it.
        (Object::Constraint(table, name), Object::Index(other, index)) => {
            (table, name) == (other, index)
        }
        (object, on) => object == on,
    };
    let comments = whole.comments.extract_if(.., |(on, _)| of_it(on));
    comments.filter(|(_, text)| text.is_some()).collect()
}

/// What is made in the place of another of its name has no comment: it gets the one that it is to have again.
pub(super) fn said_again<'a>(world: &World<'a>, nodes: &mut Nodes<'a>) {
    for node in nodes.0.values_mut() {
        let Work::Recipe(drafts) = &node.work else {
            continue;
        };
        if node.part != Part::Main {
            continue;
        }
        let own = node.object;
        let mut made: Vec<Object<'a>> = Vec::new();
        for draft in drafts {
            // A materialized view brings its indexes.
            let of_view = matches!(own, Object::MaterializedView(_));
            let object = if of_view { draft.object } else { own };
            if makes(object, &draft.statement) && !made.contains(&object) {
                made.push(object);
            }
        }
        for object in made {
            let said = node.comments.iter().any(|(on, _)| *on == object)
                || drafts.iter().any(
                    |draft| matches!(draft.statement, Statement::Comment { on, .. } if on == object),
                );
            if !said && let Some(text) = text(object, world.to) {
                node.comments.push((object, Some(text)));
            }
        }
    }
}

/// Whether a statement makes an object, under its name or one for the meantime.
fn makes(object: Object<'_>, statement: &Statement<'_>) -> bool {
    match (object, statement) {
        (Object::Function(_), Statement::CreateFunction { .. })
        | (Object::Index(..), Statement::CreateIndex { .. }) => true,
        (object, Statement::AlterTable { action, .. }) => matches!(
            (object, action.as_ref()),
            (
                Object::Constraint(..),
                TableAction::AddConstraint(..) | TableAction::UseIndex { .. },
            ) | (Object::Column(..), TableAction::AddColumn(_))
        ),
        _ => false,
    }
}

fn text<'a>(on: Object<'a>, catalog: &'a Catalog) -> Option<&'a str> {
    let comment = match on {
        Object::Function(name) => &catalog.functions.get(name)?.comment,
        Object::Column(table, name) => {
            let columns = &catalog.tables.get(table)?.columns;
            &columns.iter().find(|column| column.name == *name)?.comment
        }
        Object::Constraint(table, name) => {
            &catalog.tables.get(table)?.constraints.get(name)?.comment
        }
        Object::Index(relation, name) => {
            let table = catalog.tables.get(relation).map(|table| &table.indexes);
            let view = catalog.views.get(relation);
            let view = view.and_then(|view| Some(&view.materialized.as_ref()?.indexes));
            &table.or(view)?.get(name)?.comment
        }
        _ => return None,
    };
    comment.as_deref()
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
