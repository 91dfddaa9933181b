//! What keeps or refreshes a projection changes together with what it works on.
//!
//! Its functions run with every write to a source. Where one of them names a column that is not there yet, or not any more, that
//! write fails: so they come after what they read, and in the same transaction where that is never as both versions need it.

pub(super) mod names;

use std::collections::{BTreeMap, BTreeSet};

use super::node::{Node, Nodes, Part, Stage, Work, Zone};
use super::world::World;
use super::{
    SCHEMA, Statement, TableAction, column, dependency, emptied, refill, repartition, view,
};
use crate::catalog::{Catalog, Column, Routine, Table};
use crate::diff::Object;
use crate::sql::{Ident, QualifiedName};

/// Puts functions after what they work on, and what fills a projection after them.
pub(super) fn in_step<'a>(world: &World<'a>, nodes: &mut Nodes<'a>) {
    let functions = world.to.functions.iter();
    let kept: Vec<_> = functions
        .filter_map(|(name, function)| {
            let object = Object::Function(name);
            let changes = matches!(nodes.get(object)?.work, Work::Recipe(_));
            let before = world.from.functions.get(name)?;
            let projection =
                projection(&function.routine).or_else(|| projection(&before.routine))?;
            // What a server has printed does not say what it works on: the other side does.
            let routines = [&function.routine, &before.routine].into_iter();
            let reads = routines.map(reads).find(|reads| !reads.is_empty());
            changes.then_some((object, projection, reads.unwrap_or_default()))
        })
        .collect();
    let mut at_once = emptied::begin_anew(world, nodes);
    for (object, projection, reads) in &kept {
        let sources = sources(*object, world);
        let mut needs = reads.clone();
        for node in nodes.0.values_mut().filter(|node| is_of(node, &sources)) {
            if node.part == Part::Name || repartition::is_copied(node) {
                node.zone = Zone::Views;
                at_once.insert(*projection);
            } else if added(node).is_some() {
                needs.push(node.object);
            }
        }
        if let Some(node) = nodes.get_mut(*object) {
            node.needs.extend(needs);
        }
        for node in nodes.0.values_mut().filter(|node| concerns(node, reads)) {
            if node.zone == Zone::Views || is_missed(node) {
                node.zone = Zone::Views;
                at_once.insert(*projection);
            }
        }
    }
    names::with_triggers(world, nodes);
    for (object, projection, _) in &kept {
        if at_once.contains(projection)
            && let Some(node) = nodes.get_mut(*object)
        {
            node.zone = Zone::Views;
        }
    }
    triggers_at_once(&at_once, world, nodes);
    names::with_functions(world, nodes);
    names::of_parts(nodes);
    for (name, function) in &world.to.functions {
        if let Routine::RebuildStored(rebuild) = &function.routine
            && let Some(node) = nodes.get_mut(Object::Function(name))
        {
            let of_it = kept
                .iter()
                .filter(|(_, projection, _)| **projection == rebuild.stored.table);
            node.needs.extend(of_it.map(|(object, ..)| *object));
        }
    }
}

/// The functions by which a write to a source ends in some materialized views, or in tables of incremental projections; not those
/// that fill these, which come when writes are noted already.
pub(super) fn functions_of<'a>(objects: &[Object<'_>], catalog: &'a Catalog) -> Vec<Object<'a>> {
    let is_one = |object: Object<'_>| objects.contains(&object);
    let functions = catalog.functions.iter();
    let own = functions.filter(|(name, function)| match &function.routine {
        Routine::RefreshView(refresh) => is_one(Object::MaterializedView(&refresh.view)),
        Routine::MaintainProjection(maintain) => is_one(Object::Table(&maintain.projection)),
        Routine::WriteProjection(write) => is_one(Object::Table(&write.stored.table)),
        Routine::Definition(definition) if name.schema.as_str() == SCHEMA => {
            let text = definition.text.as_str();
            let may_name = |object: &Object<'_>| match object {
                Object::Table(name) | Object::MaterializedView(name) => {
                    name.name.may_stand_in(text)
                }
                _ => false,
            };
            objects.iter().any(may_name)
                && !definition.is_of_triggers()
                && refill::fills(name, function, catalog).is_none()
                && dependency::all_named_in(text, catalog)
                    .into_iter()
                    .any(is_one)
        }
        _ => false,
    });
    own.map(|(name, _)| Object::Function(name)).collect()
}

/// A trigger that notes changes by another function from then on, since its table gets another name, does so when what it notes them in
/// changes.
fn triggers_at_once<'a>(
    at_once: &BTreeSet<&QualifiedName>,
    world: &World<'a>,
    nodes: &mut Nodes<'a>,
) {
    let kept_by = |catalog: &'a Catalog, table: &QualifiedName, name: &Ident| {
        let function = &catalog.trigger(table, name)?.function;
        projection(&catalog.functions.get(function)?.routine)
    };
    for node in nodes.0.values_mut() {
        if let (Object::Trigger(table, name), Work::Recipe(_), Stage::Make) =
            (node.object, &node.work, node.stage)
        {
            let mut sides = [world.from, world.to].into_iter();
            if sides.any(|side| kept_by(side, table, name).is_some_and(|p| at_once.contains(p))) {
                node.zone = Zone::Views;
            }
        }
    }
}

/// The projection that a function keeps while others write.
fn projection(routine: &Routine) -> Option<&QualifiedName> {
    match routine {
        Routine::NoteChanges(note) => Some(&note.projection),
        Routine::MaintainProjection(maintain) => Some(&maintain.projection),
        Routine::WriteProjection(write) => Some(&write.stored.table),
        _ => None,
    }
}

/// The tables in which it is noted what each projection has to compute.
pub(super) fn notes<'a>(
    world: &World<'a>,
) -> BTreeMap<&'a QualifiedName, BTreeSet<&'a QualifiedName>> {
    let mut found = BTreeMap::<_, BTreeSet<_>>::new();
    // As above: of the two sides one says so.
    let functions = [world.from, world.to].map(|catalog| &catalog.functions);
    for routine in functions.into_iter().flatten().map(|(_, f)| &f.routine) {
        if let Some(projection) = projection(routine)
            && !matches!(routine, Routine::WriteProjection(_))
        {
            let tables = reads(routine)
                .into_iter()
                .filter_map(|object| match object {
                    Object::Table(table) => Some(table),
                    _ => None,
                });
            found.entry(projection).or_default().extend(tables);
        }
    }
    found
}

/// The tables and views that it works on.
fn reads(routine: &Routine) -> Vec<Object<'_>> {
    match routine {
        Routine::NoteChanges(note) => note.notes().map(Object::Table).collect(),
        Routine::MaintainProjection(maintain) => {
            let links = maintain.links.iter();
            let of_links = links.flat_map(|link| {
                let mut reads = view::sources(&link.roots);
                reads.push(Object::Table(&link.notes));
                reads
            });
            of_links.chain([Object::Table(&maintain.notes)]).collect()
        }
        Routine::WriteProjection(write) => {
            vec![
                Object::Table(&write.stored.table),
                Object::View(&write.keyed),
            ]
        }
        _ => Vec::new(),
    }
}

/// The tables whose writes run a function by a trigger: it knows columns of theirs by their names.
fn sources<'a>(function: Object<'a>, world: &World<'a>) -> Vec<Object<'a>> {
    let Object::Function(function) = function else {
        return Vec::new();
    };
    let runs = |table: &&Table| {
        let mut triggers = table.triggers.values();
        triggers.any(|trigger| trigger.function == *function)
    };
    let tables = world.to.tables.iter();
    let tables = tables.filter(|(_, table)| runs(table));
    tables.map(|(name, _)| Object::Table(name)).collect()
}

/// Whether what works on some objects has to change with a node.
fn concerns(node: &Node<'_>, objects: &[Object<'_>]) -> bool {
    node.part == Part::Main && node.stage == Stage::Make && is_of(node, objects)
}

/// Whether a node is of one of some objects, or of a column of one.
fn is_of(node: &Node<'_>, objects: &[Object<'_>]) -> bool {
    let of = match node.object {
        Object::Column(table, _) => Object::Table(table),
        object => object,
    };
    objects.contains(&of)
}

/// Whether a column comes that who does not know it cannot leave out.
pub(super) fn is_missed(node: &Node<'_>) -> bool {
    added(node).is_some_and(|column| !column::has_value(column))
}

/// The column that comes with a node.
fn added<'n>(node: &'n Node<'_>) -> Option<&'n Column> {
    node.drafts()
        .iter()
        .find_map(|draft| match &draft.statement {
            Statement::AlterTable { action, .. } => match action.as_ref() {
                TableAction::AddColumn(added) => Some(added.as_ref()),
                _ => None,
            },
            _ => None,
        })
}
