//! Who owns a relation and who may use it goes over to what takes its place.
//!
//! The server is asked when the plan runs: grants are given where a schema is used, and are in no specs. Both steps are
//! in the transaction that takes the one away and makes the other.

use super::draft::Draft;
use super::node::{Nodes, Part, Work};
use super::world::World;
use super::{Action, Statement, order};
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
        let Some(Work::Recipe(drops)) = goes
            .and_then(|part| nodes.0.get_mut(&(before, part)))
            .map(|node| &mut node.work)
        else {
            continue;
        };
        drops.insert(0, noted(before, name));
        let Some(node) = nodes.get_mut(after) else {
            continue;
        };
        match std::mem::replace(&mut node.work, Work::Nothing) {
            Work::Create(statement) => {
                node.needs.extend(order::needs(&statement, world.to));
                let create = Draft::new(Action::Create, after, statement);
                node.work = Work::Recipe(vec![create, given(after, name)]);
            }
            Work::Recipe(mut drafts) => {
                drafts.push(given(after, name));
                node.work = Work::Recipe(drafts);
            }
            Work::Nothing => {}
        }
    }
}

fn relation<'a>(name: &'a QualifiedName, catalog: &'a Catalog) -> Option<Object<'a>> {
    if catalog.tables.contains_key(name) {
        return Some(Object::Table(name));
    }
    let view = catalog.views.get(name)?;
    Some(match view.materialized {
        None => Object::View(name),
        Some(_) => Object::MaterializedView(name),
    })
}
