//! Triggers.

use super::draft::Draft;
use super::node::{Node, Nodes, Stage};
use super::world::World;
use super::{Action, Statement, dependency, drop};
use crate::catalog::{Catalog, Routine, Trigger};
use crate::diff::{Change, Object};
use crate::sql::{Ident, QualifiedName};

/// The schema of what this program brings.
const SCHEMA: &str = "specql";

/// What a trigger needs: its table or view, its function, and the other table that it is about.
pub(super) fn needs<'a>(relation: &'a QualifiedName, trigger: &'a Trigger) -> Vec<Object<'a>> {
    let mut needs = vec![
        Object::Table(relation),
        Object::View(relation),
        Object::Function(&trigger.function),
    ];
    needs.extend(trigger.referenced.as_ref().map(Object::Table));
    needs
}

/// The tables and views that the function of a trigger works with: it fails without them.
pub(super) fn works_with<'a>(trigger: &Trigger, catalog: &'a Catalog) -> Vec<Object<'a>> {
    let of_this_program = trigger.function.schema.as_str() == SCHEMA;
    let arguments = trigger.arguments.iter().filter(|_| of_this_program);
    let mut objects: Vec<Object<'a>> = arguments
        .flat_map(|argument| dependency::all_named_in(argument, catalog))
        .collect();
    let function = catalog.functions.get(&trigger.function);
    match function.map(|function| &function.routine) {
        Some(Routine::NoteChanges(changes)) => {
            let by_event = [&changes.insert, &changes.update, &changes.delete];
            let notes = by_event.into_iter().flatten().map(|noted| &noted.notes);
            let tables = notes.chain([&changes.projection]);
            objects.extend(tables.filter_map(|table| {
                let (name, _) = catalog.tables.get_key_value(table)?;
                Some(Object::Table(name))
            }));
        }
        Some(Routine::Definition(definition)) if of_this_program => {
            let named = dependency::all_named_in(definition.text.as_str(), catalog).into_iter();
            objects.extend(named.filter(|object| !matches!(object, Object::Function(_))));
        }
        _ => {}
    }
    objects
}

/// What takes a trigger away.
pub(super) fn drop<'a>(
    relation: &'a QualifiedName,
    name: &'a Ident,
    trigger: &'a Trigger,
    world: &World<'a>,
) -> Node<'a> {
    let object = Object::Trigger(relation, name);
    Node::recipe(object, vec![drop::draft(object)])
        .at(Stage::Drop)
        .before(needs(relation, trigger))
        .before(works_with(trigger, world.from))
}

/// A trigger goes with its table. One that works with something else that goes goes before that: whoever writes to the table
/// until then would fail.
pub(super) fn drop_first<'a>(changes: &[Change<'a>], world: &World<'a>, nodes: &mut Nodes<'a>) {
    for change in changes {
        let Change::Drop(Object::Table(table)) = *change else {
            continue;
        };
        let triggers = world.table(table).map(|table| &table.triggers);
        for (name, trigger) in triggers.into_iter().flatten() {
            let goes = |object: &Object<'a>| {
                let node = nodes.get(*object);
                *object != Object::Table(table) && node.is_some_and(|n| n.stage == Stage::Drop)
            };
            if works_with(trigger, world.from).iter().any(goes) {
                nodes.insert(drop(table, name, trigger, world));
            }
        }
    }
}

/// Another trigger of the same name, in one transaction: no write goes by it.
pub(super) fn replace<'a>(
    table: &'a QualifiedName,
    name: &'a Ident,
    previous: &'a Trigger,
    next: &'a Trigger,
) -> Node<'a> {
    let object = Object::Trigger(table, name);
    let drop = Statement::Drop {
        object,
        concurrently: false,
    };
    let create = Statement::CreateTrigger {
        table,
        name,
        trigger: next,
    };
    let drafts = [drop, create].map(|statement| Draft::new(Action::Alter, object, statement));
    Node::recipe(object, drafts.into())
        .after(needs(table, next))
        .before(needs(table, previous))
}
