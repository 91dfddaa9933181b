//! What keeps or refreshes a projection changes together with what it works on.
//!
//! Its functions run with every write to a source. Where one of them names a column that is not there yet, or not any more, that
//! write fails: so they come after what they read, and in the same transaction where that is never as both versions need it.

use std::collections::{BTreeMap, BTreeSet};

use super::node::{Node, Nodes, Part, Stage, Work, Zone};
use super::world::World;
use super::{SCHEMA, Statement, TableAction, column, dependency, emptied, refill, trigger, view};
use crate::catalog::{Catalog, Column, Routine, Table};
use crate::diff::Object;
use crate::sql::QualifiedName;

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
            changes.then_some((object, projection, &function.routine))
        })
        .collect();
    let mut at_once = emptied::begin_anew(world, nodes);
    for (object, projection, routine) in &kept {
        let reads = reads(routine);
        let sources = sources(*object, world);
        let mut needs = reads.clone();
        for node in nodes.0.values_mut().filter(|node| is_of(node, &sources)) {
            if node.part == Part::Name {
                node.zone = Zone::Views;
                at_once.insert(*projection);
            } else if added(node).is_some() {
                needs.push(node.object);
            }
        }
        if let Some(node) = nodes.get_mut(*object) {
            node.needs.extend(needs);
        }
        for node in nodes.0.values_mut().filter(|node| concerns(node, &reads)) {
            if node.zone == Zone::Views || is_missed(node) {
                node.zone = Zone::Views;
                at_once.insert(*projection);
            }
        }
    }
    renamed_with_triggers(world, nodes);
    for (object, projection, _) in &kept {
        if at_once.contains(projection)
            && let Some(node) = nodes.get_mut(*object)
        {
            node.zone = Zone::Views;
        }
    }
    renamed_with_functions(world, nodes);
    parts_renamed_with_table(nodes);
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

/// Columns of a table of which triggers go, or get other functions because it has another name itself, get their names in the
/// transaction in which these do: the old functions know the old names.
fn renamed_with_triggers<'a>(world: &World<'a>, nodes: &mut Nodes<'a>) {
    let names = nodes.0.values().filter(|node| node.part == Part::Name);
    let renamed: BTreeSet<_> = names
        .filter_map(|node| match node.object {
            Object::Column(table, _) => Some(table),
            _ => None,
        })
        .collect();
    for table in renamed {
        let triggers = world.from.tables.get(table).map(|table| &table.triggers);
        let knowing = triggers.into_iter().flatten();
        let knowing = knowing.filter(|(_, trigger)| trigger::knows_columns(trigger));
        let knowing: Vec<_> = knowing
            .map(|(name, _)| Object::Trigger(table, name))
            .collect();
        // One that comes may come later, by its new function.
        let goes = |node: &Node<'_>| {
            !matches!(node.work, Work::Create(_)) && knowing.contains(&node.object)
        };
        if !nodes.0.values().any(goes) {
            continue;
        }
        let with_them = nodes.0.values_mut().filter(|node| {
            let is_name = node.part == Part::Name
                && matches!(node.object, Object::Column(of, _) if of == table);
            is_name || goes(node)
        });
        for node in with_them {
            node.zone = Zone::Views;
        }
    }
}

/// What a write to a source runs in the end locks and reads tables by their names: it learns others in the transaction in which these
/// get them, with all renames where nothing else is in the way.
fn renamed_with_functions<'a>(world: &World<'a>, nodes: &mut Nodes<'a>) {
    let renamed = |object: &Object<'a>| nodes.0.contains_key(&(*object, Part::Name));
    let functions = world.to.functions.iter();
    let functions = functions.filter(|(name, _)| name.schema.as_str() == SCHEMA);
    let with_functions: Vec<_> = functions
        .filter(|(name, function)| {
            let node = nodes.get(Object::Function(name));
            let changes = node.is_some_and(|node| matches!(node.work, Work::Recipe(_)));
            changes && refill::fills(name, function, world.to).is_none()
        })
        .map(|(name, function)| {
            let tables = tables(&function.routine, world).into_iter();
            let tables: Vec<_> = tables.filter(renamed).collect();
            (Object::Function(name), tables)
        })
        .filter(|(_, tables)| !tables.is_empty())
        .collect();
    let at_once = |(function, tables): &(Object<'a>, Vec<Object<'a>>)| {
        let name = |table: &Object<'a>| nodes.0.get(&(*table, Part::Name));
        let mut names = tables.iter().filter_map(name);
        names.all(|name| name.zone != Zone::Views) && needs_only_names(*function, world, nodes)
    };
    let stage = if with_functions.iter().all(at_once) {
        Stage::Rename
    } else {
        Stage::Make
    };
    for (function, tables) in with_functions {
        let node = nodes.of(function);
        node.stage = stage;
        node.needs.extend(&tables);
        if stage == Stage::Rename {
            continue;
        }
        node.zone = Zone::Views;
        for table in tables {
            if let Some(name) = nodes.0.get_mut(&(table, Part::Name)) {
                name.zone = Zone::Views;
            }
        }
    }
}

/// Whether a function can change as soon as what it works with has its names: nothing of that comes or changes otherwise.
fn needs_only_names<'a>(function: Object<'a>, world: &World<'a>, nodes: &Nodes<'a>) -> bool {
    let (Some(node), Object::Function(name)) = (nodes.get(function), function) else {
        return false;
    };
    let changes = |object: &Object<'a>| {
        let parts = [Part::Prepared, Part::First, Part::Main].into_iter();
        let mut nodes = parts.filter_map(|part| nodes.0.get(&(*object, part)));
        nodes.any(|node| !matches!(node.work, Work::Nothing))
    };
    let comes = |object: Object<'a>| matches!(object, Object::Table(table) if !world.exists(table));
    let routine = world
        .to
        .functions
        .get(name)
        .map(|function| &function.routine);
    let tables = routine.map_or_else(Vec::new, |routine| tables(routine, world));
    // What it forgets, triggers have to leave first.
    let waits = |other: &Node<'_>| other.zone == Zone::Views && other.frees.contains(&function);
    let is_free = node.zone == Zone::Short && !nodes.0.values().any(waits);
    is_free && !node.needs.iter().any(changes) && !tables.into_iter().any(comes)
}

/// What a table consists of gets its names with it.
fn parts_renamed_with_table(nodes: &mut Nodes<'_>) {
    let names = nodes.0.values();
    let tables = names.filter(|node| {
        let is_table = matches!(node.object, Object::Table(_));
        is_table && node.part == Part::Name && node.zone == Zone::Views
    });
    // A table's name waits for those of its partitions.
    let tables = tables.flat_map(|node| node.needs.iter().copied().chain([node.object]));
    let tables: BTreeSet<_> = tables.collect();
    for node in nodes.0.values_mut() {
        let of = match node.object {
            Object::Column(table, _) | Object::Index(table, _) | Object::Constraint(table, _) => {
                Object::Table(table)
            }
            object => object,
        };
        if node.part == Part::Name && tables.contains(&of) {
            node.zone = Zone::Views;
        }
    }
}

/// The tables that a function of a projection names.
fn tables<'a>(routine: &'a Routine, world: &World<'a>) -> Vec<Object<'a>> {
    match routine {
        Routine::RefreshRequested { sources, .. } => {
            sources.values().flatten().map(Object::Table).collect()
        }
        Routine::RefreshView(refresh) => refresh.sources.iter().map(Object::Table).collect(),
        Routine::Definition(definition) => {
            dependency::all_named_in(definition.text.as_str(), world.to)
        }
        routine => reads(routine),
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
                && !text.contains(" RETURNS trigger")
                && refill::fills(name, function, catalog).is_none()
                && dependency::all_named_in(text, catalog)
                    .into_iter()
                    .any(is_one)
        }
        _ => false,
    });
    own.map(|(name, _)| Object::Function(name)).collect()
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
    // What a server has printed does not say so: the other side does.
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
    let Work::Recipe(drafts) = &node.work else {
        return None;
    };
    drafts.iter().find_map(|draft| match &draft.statement {
        Statement::AlterTable { action, .. } => match action.as_ref() {
            TableAction::AddColumn(added) => Some(added.as_ref()),
            _ => None,
        },
        _ => None,
    })
}
