//! Enumerated types.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::draft::Draft;
use super::node::{Node, Nodes, Part, Work, Zone};
use super::world::World;
use super::{Action, Duration, SCHEMA, Statement, function, retyped, type_change, view};
use crate::catalog::{Catalog, Column, Function, Routine};
use crate::diff::{LabelPlace, Object};
use crate::resolve::joined;
use crate::sql::{QualifiedName, TypeName, has_word};

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

/// Another label, after those that are added already. A transaction cannot use a label that it has added itself, so it is added outside
/// of any.
pub(super) fn add_label<'a>(
    name: &'a QualifiedName,
    label: &'a str,
    place: LabelPlace<'a>,
    nodes: &mut Nodes<'a>,
) {
    let object = Object::EnumType(name);
    let statement = Statement::AddEnumLabel { name, label, place };
    let draft = Draft::new(Action::Alter, object, statement).outside(Duration::CatalogChange);
    match nodes.get_mut(object).map(|node| &mut node.work) {
        Some(Work::Recipe(drafts)) => drafts.push(draft),
        _ => nodes.insert(Node::recipe(object, vec![draft])),
    }
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
    // What is computed of the type goes before it and comes again after it.
    let is_used = |column: &Column| column.generated.is_none() && column.ty.is_named(name);
    for (table, definition) in &world.to.tables {
        for column in definition.columns.iter().filter(|column| is_used(column)) {
            if let Some(before) = world.column(table, &column.name) {
                drafts.extend(type_change::by_text(table, before, column, narrows, world));
            }
        }
    }
    // What goes is there until the end, but for what a view takes the name of, and what is in no spec may stay.
    for (table, definition) in &world.from.tables {
        if world.to.views.contains_key(table) {
            continue;
        }
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

/// Whether these only add labels.
pub(super) fn only_adds(drafts: &[Draft<'_>]) -> bool {
    let mut statements = drafts.iter().map(|draft| &draft.statement);
    statements.any(|statement| matches!(statement, Statement::AddEnumLabel { .. }))
}

/// Whether these take the type away and make it anew.
pub(super) fn is_made_anew(drafts: &[Draft<'_>]) -> bool {
    let mut statements = drafts.iter().map(|draft| &draft.statement);
    statements.any(|statement| matches!(statement, Statement::CreateEnumType { .. }))
}

/// What reads columns of a native enum that is made anew, and what has arguments or variables of it, is in step with it.
pub(super) fn in_step<'a>(world: &World<'a>, nodes: &mut Nodes<'a>) {
    let made_anew = nodes.0.values().filter_map(|node| match node.object {
        Object::EnumType(name) if is_made_anew(node.drafts()) => Some((name, node.zone)),
        _ => None,
    });
    for (name, zone) in made_anew.collect::<Vec<_>>() {
        new_views(name, world, nodes);
        functions(name, zone, world, nodes);
    }
}

/// A new view holds the type of what it reads.
fn new_views<'a>(ty: &'a QualifiedName, world: &World<'a>, nodes: &mut Nodes<'a>) {
    for node in nodes.0.values_mut() {
        let Work::Create(
            Statement::CreateView { name, view, .. }
            | Statement::CreateMaterializedView {
                name: Cow::Borrowed(name),
                view,
                ..
            },
        ) = &node.work
        else {
            continue;
        };
        if view::enums(name, view, world.to).contains(&Object::EnumType(ty)) {
            node.needs.push(Object::EnumType(ty));
        }
    }
}

/// Functions of this program that have the type as one of an argument hold it, and one with a variable of it goes on with the type that
/// is gone, in sessions that have run it before: they go before the type is made anew, and come again after it.
fn functions<'a>(ty: &'a QualifiedName, zone: Zone<'a>, world: &World<'a>, nodes: &mut Nodes<'a>) {
    for (name, function) in &world.from.functions {
        let object = Object::Function(name);
        let next = world.to.functions.get_key_value(name);
        let routines = std::iter::once(function).chain(next.map(|(_, next)| next));
        let mut routines = routines.map(|function| &function.routine);
        if !routines.any(|routine| knows_type(name, routine, ty)) {
            continue;
        }
        // What is in no spec may stay.
        let next = next.or_else(|| (!nodes.goes(object)).then_some((name, function)));
        let again = next.map(|(name, Function { routine, .. })| {
            let create = Statement::CreateFunction { name, routine };
            let create = Draft::new(Action::Create, object, create);
            let needs = function::needs(name, routine, world.to);
            let again = Node::recipe(object, vec![create]).after(needs);
            again.after([Object::EnumType(ty)])
        });
        let drop = Statement::Drop {
            object,
            concurrently: false,
        };
        let drop = Draft::new(Action::Alter, object, drop);
        let frees = [Object::EnumType(ty)].into_iter();
        retyped::taken(object, drop, frees, again, nodes);
        for part in [Part::First, Part::Main] {
            if let Some(node) = nodes.0.get_mut(&(object, part)) {
                node.zone = zone;
            }
        }
    }
}

/// Whether a function of this program has a type in its arguments or variables. One that a server has printed may where the type's name
/// is a word of it; those of triggers have none.
fn knows_type(name: &QualifiedName, routine: &Routine, ty: &QualifiedName) -> bool {
    let has = |types: &[TypeName]| types.iter().any(|own| own.is_named(ty));
    match routine {
        Routine::WriteProjection(write) => has(&write.stored.key_types),
        Routine::MaintainProjection(maintain) => has(&maintain.key_types),
        Routine::Definition(definition) => {
            name.schema.as_str() == SCHEMA
                && !definition.is_of_triggers()
                && has_word(definition.text.as_str(), ty.name.as_str())
        }
        _ => false,
    }
}
