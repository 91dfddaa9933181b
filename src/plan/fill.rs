//! Materialized views that come to tables with rows: as long as their queries take, nobody is to wait.
//!
//! They are filled and indexed in transactions of their own. Their triggers, for which writers wait, come when that is done,
//! and what was written meanwhile comes with a refresh.

use super::draft::Draft;
use super::hazard::HazardKind;
use super::node::{Nodes, Work, Zone};
use super::world::World;
use super::{Action, Duration, Hazard, order, refill, view};
use crate::catalog::View;
use crate::diff::Object;
use crate::sql::QualifiedName;

/// Takes those that come out of the transactions of others.
pub(super) fn apart<'a>(world: &World<'a>, nodes: &mut Nodes<'a>) {
    for (name, view) in &world.to.views {
        let object = Object::MaterializedView(name);
        // What takes the place of another relation comes in the transaction in which that goes.
        let comes = !world.exists(name)
            && nodes.get(object).is_some_and(|node| {
                matches!(node.work, Work::Create(_)) && node.zone != Zone::Views
            });
        let Some(materialized) = view.materialized.as_ref().filter(|_| comes) else {
            continue;
        };
        if rows_read(name, view, world).is_empty() {
            continue;
        }
        let indexes = materialized.indexes.keys();
        let indexes = indexes.map(|index| Object::Index(name, index));
        let filled: Vec<Object<'a>> = std::iter::once(object).chain(indexes).collect();
        for object in &filled {
            alone(*object, world, nodes);
        }
        let refresh = refill::refreshed(name, view);
        watched(name, &filled, refresh, world, nodes);
    }
}

/// What makes an object runs in a transaction of its own.
fn alone<'a>(object: Object<'a>, world: &World<'a>, nodes: &mut Nodes<'a>) {
    let Some(node) = nodes.get_mut(object) else {
        return;
    };
    match std::mem::replace(&mut node.work, Work::Nothing) {
        Work::Create(statement) => {
            node.needs.extend(order::needs(&statement, world.to));
            let create = Draft::new(Action::Create, object, statement);
            node.work = Work::Recipe(vec![create.alone(Duration::Build)]);
        }
        other => node.work = other,
    }
}

/// Its triggers come after it, and the refresh after the last of them.
fn watched<'a>(
    name: &QualifiedName,
    filled: &[Object<'a>],
    refresh: Draft<'a>,
    world: &World<'a>,
    nodes: &mut Nodes<'a>,
) {
    let triggers: Vec<Object<'a>> = refill::told(name, world.to)
        .map(|(trigger, ..)| trigger)
        .filter(|trigger| nodes.contains(trigger))
        .collect();
    for trigger in &triggers {
        if let Some(node) = nodes.get_mut(*trigger) {
            node.needs.extend(filled);
        }
    }
    let Some((last, others)) = triggers.split_last() else {
        return;
    };
    if let Some(node) = nodes.get_mut(*last) {
        node.needs.extend(others);
        let mut drafts = match std::mem::replace(&mut node.work, Work::Nothing) {
            Work::Create(statement) => {
                node.needs.extend(order::needs(&statement, world.to));
                vec![Draft::new(Action::Create, *last, statement)]
            }
            Work::Recipe(drafts) => drafts,
            Work::Nothing => Vec::new(),
        };
        drafts.push(refresh);
        node.work = Work::Recipe(drafts);
    }
}

/// What makes a materialized view where another relation was in the same transaction, for as long as its query takes.
pub(super) fn in_place<'a>(
    create: Draft<'a>,
    name: &'a QualifiedName,
    view: &'a View,
    world: &World<'a>,
) -> Draft<'a> {
    let read = rows_read(name, view, world);
    if view.materialized.is_none() || read.is_empty() {
        return create;
    }
    create.alone(Duration::Build).with(world.hazard(
        HazardKind::BlocksReads,
        name,
        "it is filled while all who read it wait",
    ))
}

/// That writers wait while it is filled, since its triggers change in the same transaction.
pub(super) fn writers_wait<'a>(
    name: &'a QualifiedName,
    view: &'a View,
    world: &World<'a>,
) -> Vec<Hazard> {
    let reason = format!("its triggers change in the transaction that fills `{name}`");
    let watched = refill::refreshing(name, world.to).into_iter();
    let mut watched: Vec<_> = watched.map(|(_, table, _)| table).collect();
    watched.dedup();
    watched.retain(|_| !rows_read(name, view, world).is_empty());
    watched
        .into_iter()
        .filter_map(|table| world.hazard(HazardKind::BlocksWrites, table, reason.clone()))
        .collect()
}

/// The tables that may have rows of those that a view reads, itself or by other views.
fn rows_read<'a>(
    name: &'a QualifiedName,
    view: &'a View,
    world: &World<'a>,
) -> Vec<&'a QualifiedName> {
    let mut tables = Vec::new();
    let mut views = vec![(name, view)];
    let mut next = 0;
    while let Some((name, view)) = views.get(next).copied() {
        next += 1;
        for need in view::needs(name, view, world.to) {
            match need {
                Object::Table(table) if world.may_have_rows(table) => tables.push(table),
                Object::View(other) | Object::MaterializedView(other) => {
                    let known = views.iter().any(|(name, _)| *name == other);
                    let found = world.to.views.get(other).filter(|_| !known);
                    views.extend(found.map(|view| (other, view)));
                }
                _ => {}
            }
        }
    }
    tables
}
