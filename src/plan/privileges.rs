//! Who owns a relation and who may use it goes over to what takes its place.
//!
//! The server is asked when the plan runs: grants are given where a schema is used, and are in no specs. Both steps are
//! in the transaction that takes the one away and makes the other.

use std::collections::BTreeSet;

use super::draft::Draft;
use super::node::{Nodes, Part, Stage, Work, Zone};
use super::world::World;
use super::{Action, Statement, fill, order, trigger};
use crate::catalog::Catalog;
use crate::diff::Object;
use crate::sql::QualifiedName;

/// What notes it, before the relation goes.
pub(super) fn noted<'a>(object: Object<'a>, relation: &'a QualifiedName) -> Draft<'a> {
    let statement = Statement::NotePrivileges { relation };
    Draft::new(Action::Alter, object, statement)
}

/// What gives it to the relation that has the name now.
pub(super) fn given<'a>(object: Object<'a>, relation: &'a QualifiedName) -> Draft<'a> {
    let statement = Statement::GivePrivileges { relation };
    Draft::new(Action::Alter, object, statement)
}

/// Where a relation of another kind comes under the name of one that goes, such as a table for a materialized view.
pub(super) fn carried_over<'a>(world: &World<'a>, nodes: &mut Nodes<'a>) {
    let names = world.from.views.keys().chain(world.from.tables.keys());
    let mut changed = BTreeSet::new();
    for name in names {
        let (Some(before), Some(after)) = (relation(name, world.from), relation(name, world.to))
        else {
            continue;
        };
        if before == after {
            continue;
        }
        let goes = [Part::First, Part::Main]
            .into_iter()
            .find(|part| nodes.0.contains_key(&(before, *part)));
        let Some(gone) = goes.and_then(|part| nodes.0.get_mut(&(before, part))) else {
            continue;
        };
        let Work::Recipe(drops) = &mut gone.work else {
            continue;
        };
        drops.insert(0, noted(before, name));
        // What is noted is known as long as the transaction, and nobody is to miss what has the name.
        gone.zone = Zone::Views;
        changed.insert(name);
        let Some(node) = nodes.get_mut(after) else {
            continue;
        };
        node.zone = Zone::Views;
        match std::mem::replace(&mut node.work, Work::Nothing) {
            Work::Create(statement) => {
                node.needs.extend(order::needs(&statement, world.to));
                let mut create = Draft::new(Action::Create, after, statement);
                if let Some(view) = world.to.views.get(name) {
                    create = fill::in_place(create, name, view, world);
                    create = create.with(fill::writers_wait(name, view, world));
                }
                node.work = Work::Recipe(vec![create, given(after, name)]);
            }
            Work::Recipe(mut drafts) => {
                drafts.push(given(after, name));
                node.work = Work::Recipe(drafts);
            }
            Work::Nothing => {}
        }
    }
    if !changed.is_empty() {
        // The triggers of the one kind fail where the other has its name already, and those of the new kind where the
        // views that they work with are yet to come; REFRESH CONCURRENTLY needs the unique index.
        for node in nodes.0.values_mut() {
            let with_it = match node.object {
                Object::Trigger(table, name) => {
                    trigger::works_with_any(table, name, &changed, world)
                }
                Object::View(_) => node.stage == Stage::Make,
                Object::Index(on, _) => node.stage == Stage::Make && changed.contains(on),
                _ => false,
            };
            if with_it {
                node.zone = Zone::Views;
            }
        }
    }
}

fn relation<'a>(name: &'a QualifiedName, catalog: &'a Catalog) -> Option<Object<'a>> {
    if catalog.tables.contains_key(name) {
        return Some(Object::Table(name));
    }
    let view = catalog.views.get(name)?;
    Some(Object::of_view(name, view))
}
