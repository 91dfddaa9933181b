//! Triggers.

use std::collections::BTreeSet;

use super::draft::Draft;
use super::node::{Node, Nodes, Part, Stage, Work};
use super::partition::is_made_by_maintenance;
use super::world::World;
use super::{Action, Kind, SCHEMA, Statement, dependency, drop};
use crate::catalog::{Catalog, Routine, Trigger};
use crate::diff::{Change, Object};
use crate::sql::{Ident, QualifiedName};

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
fn works_with<'a>(trigger: &Trigger, catalog: &'a Catalog) -> Vec<Object<'a>> {
    let of_this_program = trigger.function.schema.as_str() == SCHEMA;
    let arguments = trigger.arguments.iter().filter(|_| of_this_program);
    let mut objects: Vec<Object<'a>> = arguments
        .flat_map(|argument| dependency::all_named_in(argument, catalog))
        .collect();
    let function = catalog.functions.get(&trigger.function);
    let routine = function.map(|function| &function.routine);
    let marks = matches!(
        routine,
        Some(
            Routine::NoteChanges(_)
                | Routine::QueueRefresh
                | Routine::RequestRefresh
                | Routine::RefreshNow
        )
    );
    let requests = QualifiedName::new(SCHEMA, "refresh_request");
    let requests = catalog.tables.get_key_value(&requests).filter(|_| marks);
    objects.extend(requests.map(|(name, _)| Object::Table(name)));
    match routine {
        Some(Routine::NoteChanges(changes)) => {
            let tables = changes.notes().chain([&changes.projection]);
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

/// What the function of a trigger works with and only the plan brings: whoever writes before that would fail.
fn brought<'a>(trigger: &Trigger, world: &World<'a>) -> Vec<Object<'a>> {
    let comes = |object: &Object<'_>| match object {
        Object::Table(name) => !world.from.tables.contains_key(*name),
        Object::View(name) | Object::MaterializedView(name) => {
            !world.from.views.contains_key(*name)
        }
        _ => false,
    };
    let objects = works_with(trigger, world.to).into_iter();
    objects.filter(comes).collect()
}

/// Whether a trigger cannot come with a new form of its table: what it works with comes after that.
pub(super) fn comes_after_table(trigger: &Trigger, world: &World<'_>) -> bool {
    !brought(trigger, world).is_empty()
}

/// Triggers come when all is there that their functions work with, and what is asked to refresh a projection knows it. What was
/// there before may change after them, so that no write is missed.
pub(super) fn come_last<'a>(world: &World<'a>, nodes: &mut Nodes<'a>) {
    if world.was_empty() {
        return;
    }
    for node in nodes.0.values_mut() {
        if let Work::Create(Statement::CreateTrigger { trigger, .. }) = node.work {
            let brought = brought(trigger, world);
            if !brought.is_empty() {
                node.needs.extend(dispatchers(world.to));
            }
            node.needs.extend(brought);
        }
    }
}

/// What makes a trigger. A partition that maintenance makes as well may be there already, and have it.
pub(super) fn create<'a>(
    table: &'a QualifiedName,
    name: &'a Ident,
    trigger: &'a Trigger,
    world: &World<'_>,
) -> Statement<'a> {
    let definition = world.to.tables.get(table);
    let partition = definition.and_then(|definition| definition.partition.as_ref());
    Statement::CreateTrigger {
        table,
        name,
        trigger,
        or_replace: !world.exists(table)
            && !trigger.constraint
            && partition.is_some_and(|partition| is_made_by_maintenance(partition, world)),
    }
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

/// Triggers that work with something that goes, go before it, and before the functions that forget it: whoever writes
/// until then would fail. One of that name that is wanted comes again, where all new ones come.
pub(super) fn drop_first<'a>(changes: &[Change<'a>], world: &World<'a>, nodes: &mut Nodes<'a>) {
    let with_table: BTreeSet<&QualifiedName> = changes
        .iter()
        .filter_map(|change| match change {
            Change::Drop(Object::Table(table)) => Some(*table),
            _ => None,
        })
        .collect();
    for (table, definition) in &world.from.tables {
        for (name, trigger) in &definition.triggers {
            let object = Object::Trigger(table, name);
            let concerned = with_table.contains(table) || nodes.contains(&object);
            let goes =
                |other: &Object<'a>| *other != Object::Table(table) && is_gone(*other, world);
            if !concerned || !works_with(trigger, world.from).iter().any(goes) {
                continue;
            }
            let first = drop(table, name, trigger, world).before(dispatchers(world.from));
            if let Some(again) = again(table, name, world) {
                nodes.insert(again);
            } else {
                nodes.0.shift_remove(&(object, Part::Main));
            }
            nodes.insert(first.part(Part::First).at(Stage::Make));
        }
    }
}

fn is_gone(object: Object<'_>, world: &World<'_>) -> bool {
    match object {
        // Where something else takes the name, it is gone all the same.
        Object::Table(name) => !world.to.tables.contains_key(name),
        Object::View(name) | Object::MaterializedView(name) => !world.to.views.contains_key(name),
        _ => false,
    }
}

/// What makes a trigger, where it is wanted.
pub(super) fn again<'a>(
    table: &QualifiedName,
    name: &Ident,
    world: &World<'a>,
) -> Option<Node<'a>> {
    let (table, definition) = world.to.tables.get_key_value(table)?;
    let (name, trigger) = definition.triggers.get_key_value(name)?;
    let object = Object::Trigger(table, name);
    let statement = create(table, name, trigger, world);
    Some(Node::create(Kind::Trigger, object, statement))
}

/// The functions that know all projections, and refuse those that they do not know.
fn dispatchers(catalog: &Catalog) -> impl Iterator<Item = Object<'_>> {
    ["refresh_projection", "refresh_requested"]
        .into_iter()
        .filter_map(|name| {
            let name = QualifiedName::new(SCHEMA, name);
            let (name, _) = catalog.functions.get_key_value(&name)?;
            Some(Object::Function(name))
        })
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
        or_replace: false,
    };
    let drafts = [drop, create].map(|statement| Draft::new(Action::Alter, object, statement));
    Node::recipe(object, drafts.into())
        .after(needs(table, next))
        .before(needs(table, previous))
}
