//! Enumerated types.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::draft::Draft;
use super::node::Node;
use super::world::World;
use super::{Action, Duration, Statement, type_change};
use crate::catalog::{Catalog, Column};
use crate::diff::{LabelPlace, Object};
use crate::resolve::joined;
use crate::sql::QualifiedName;

/// For each type that a column has, the first table by name that has such a column.
pub(super) fn first_users(catalog: &Catalog) -> BTreeMap<&QualifiedName, &QualifiedName> {
    let mut users = BTreeMap::new();
    if catalog.enums.is_empty() {
        return users;
    }
    for (table, definition) in &catalog.tables {
        for column in &definition.columns {
            let Some(schema) = &column.ty.schema else {
                continue;
            };
            let name = QualifiedName {
                schema: schema.clone(),
                name: column.ty.name.clone(),
            };
            if let Some((name, _)) = catalog.enums.get_key_value(&name) {
                users.entry(name).or_insert(table);
            }
        }
    }
    users
}

/// Another label. A transaction cannot use a label that it has added itself, so it is added outside of any.
pub(super) fn add_label<'a>(
    name: &'a QualifiedName,
    label: &'a str,
    place: LabelPlace<'a>,
) -> Node<'a> {
    let object = Object::EnumType(name);
    let statement = Statement::AddEnumLabel { name, label, place };
    let draft = Draft::new(Action::Alter, object, statement).outside(Duration::CatalogChange);
    Node::recipe(object, vec![draft])
}

/// Labels that are fewer or stand in another order: the type is put aside, a new one made, and each column of it turned
/// into the new one by way of its text.
pub(super) fn replace<'a>(
    name: &'a QualifiedName,
    previous: &'a [String],
    next: &'a [String],
    world: &World<'a>,
) -> Node<'a> {
    let object = Object::EnumType(name);
    let aside = QualifiedName {
        schema: name.schema.clone(),
        name: joined(&[name.name.as_str(), "specql_old"]),
    };
    let draft = |statement| Draft::new(Action::Alter, object, statement);
    let mut drafts = vec![
        draft(Statement::RenameType {
            from: Cow::Borrowed(name),
            to: Cow::Owned(aside.clone()),
        }),
        draft(Statement::CreateEnumType { name, labels: next }),
    ];
    let narrows = previous.iter().any(|label| !next.contains(label));
    let is_used = |column: &Column| column.ty.qualified().is_some_and(|used| used == *name);
    for (table, definition) in &world.to.tables {
        for column in definition.columns.iter().filter(|column| is_used(column)) {
            if let Some(before) = world.column(table, &column.name) {
                drafts.extend(type_change::by_text(table, before, column, narrows, world));
            }
        }
    }
    // What goes is there until the end, and what is in no spec may stay.
    for (table, definition) in &world.from.tables {
        let wanted = world.to.tables.get(table);
        for column in definition.columns.iter().filter(|column| is_used(column)) {
            let mut wanted = wanted.into_iter().flat_map(|table| &table.columns);
            if !wanted.any(|wanted| wanted.name == column.name) {
                drafts.extend(type_change::by_text(table, column, column, narrows, world));
            }
        }
    }
    drafts.push(draft(Statement::DropType { name: aside }));
    Node::recipe(object, drafts)
}
