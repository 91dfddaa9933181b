//! Other names.

use std::borrow::Cow;

use super::draft::Draft;
use super::hazard::HazardKind;
use super::node::{Node, Part, Stage};
use super::world::World;
use super::{Action, Statement, TableAction};
use crate::diff::{Object, Rename};
use crate::sql::QualifiedName;

/// What gives an object another name. Who uses a table or a column by its old name fails from then on.
pub(super) fn node<'a>(rename: &'a Rename, world: &World<'a>) -> Node<'a> {
    let (object, statements, needs) = match rename {
        Rename::Table { from, to } => {
            let needs = vec![Object::Schema(&to.schema)];
            (Object::Table(to), table(from, to), needs)
        }
        Rename::Column { table, from, to } => {
            let action = TableAction::RenameColumn {
                from: Cow::Borrowed(from),
                to,
            };
            let needs = vec![Object::Table(table)];
            (
                Object::Column(table, to),
                vec![Statement::alter(table, action)],
                needs,
            )
        }
        Rename::Index { relation, from, to } => {
            let statement = Statement::RenameIndex {
                from: QualifiedName {
                    schema: relation.schema.clone(),
                    name: from.clone(),
                },
                to: Cow::Borrowed(to),
            };
            let needs = vec![Object::Table(relation)];
            (Object::Index(relation, to), vec![statement], needs)
        }
        Rename::Constraint { table, from, to } => {
            let action = TableAction::RenameConstraint {
                from: Cow::Borrowed(from),
                to: Cow::Borrowed(to),
            };
            let needs = vec![Object::Table(table)];
            (
                Object::Constraint(table, to),
                vec![Statement::alter(table, action)],
                needs,
            )
        }
        Rename::EnumType { from, to } => {
            let statement = Statement::RenameType {
                from: Cow::Borrowed(from),
                to: Cow::Borrowed(to),
            };
            let needs = vec![Object::Schema(&to.schema)];
            (Object::EnumType(to), vec![statement], needs)
        }
    };
    let breaks = match rename {
        Rename::Table { from, to } => Some((to, format!("`{from}` is `{to}` from then on"))),
        Rename::Column { table, from, to } => {
            Some((table, format!("`{table}.{from}` is `{to}` from then on")))
        }
        Rename::Index { .. } | Rename::Constraint { .. } | Rename::EnumType { .. } => None,
    };
    let drafts = statements
        .into_iter()
        .map(|statement| {
            let draft = Draft::new(Action::Rename, object, statement);
            match &breaks {
                Some((table, reason)) => draft.contract().with([world
                    .always(HazardKind::BreaksOldCode, table, reason.clone())
                    .safer("stop the old code first, or keep a view under the old name")]),
                None => draft,
            }
        })
        .collect();
    Node::recipe(object, drafts)
        .part(Part::First)
        .at(Stage::Rename)
        .after(needs)
}

fn table<'a>(from: &'a QualifiedName, to: &'a QualifiedName) -> Vec<Statement<'a>> {
    let mut statements = Vec::new();
    if from.schema != to.schema {
        statements.push(Statement::alter(from, TableAction::SetSchema(&to.schema)));
    }
    if from.name != to.name {
        let moved = QualifiedName {
            schema: to.schema.clone(),
            name: from.name.clone(),
        };
        statements.push(Statement::AlterTable {
            table: Cow::Owned(moved),
            only: false,
            action: Box::new(TableAction::RenameTo(Cow::Borrowed(&to.name))),
        });
    }
    statements
}
