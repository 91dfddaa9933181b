//! What projections know by name gets another one: who knows it learns that in the same transaction.

use std::collections::{BTreeMap, BTreeSet};

use super::reads;
use crate::catalog::{Duty, Routine};
use crate::diff::Object;
use crate::plan::hazard::HazardKind;
use crate::plan::node::{Node, Nodes, Part, Stage, Work, Zone};
use crate::plan::world::World;
use crate::plan::{SCHEMA, Statement, dependency, refill, retyped, trigger};

/// Columns of a table of which triggers go, or get other functions because it has another name itself, get their names in the
/// transaction in which these do: the old functions know the old names.
pub(super) fn with_triggers<'a>(world: &World<'a>, nodes: &mut Nodes<'a>) {
    tables_with_triggers(world, nodes);
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
        let knowing = knowing.filter(|(_, trigger)| trigger.duty() == Some(Duty::Keep));
        let knowing: Vec<_> = knowing
            .map(|(name, _)| Object::Trigger(table, name))
            .collect();
        // One that comes may come later, by its new function.
        let goes = |node: &Node<'_>| {
            !matches!(node.work, Work::Create(_)) && knowing.contains(&node.object)
        };
        // A new form of the table has others.
        let of_table = nodes.get(Object::Table(table));
        let has_new_form = of_table.is_some_and(retyped::makes_table) && !knowing.is_empty();
        if !has_new_form && !nodes.0.values().any(goes) {
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

/// Tables that what goes with a trigger knows by their names get others in the transaction in which it goes, or in which it
/// requests otherwise what a function has carried out that goes.
fn tables_with_triggers<'a>(world: &World<'a>, nodes: &mut Nodes<'a>) {
    let is_renamed = |object: &Object<'a>| nodes.0.contains_key(&(*object, Part::Name));
    let unheard = trigger::forgets_requests(world);
    let mut together = BTreeSet::new();
    for ((object, part), node) in &nodes.0 {
        let Object::Trigger(table, name) = *object else {
            continue;
        };
        let Some(trigger) = world.from.trigger(table, name) else {
            continue;
        };
        let requests = unheard && trigger.duty() == Some(Duty::Refresh);
        let changes = matches!(node.work, Work::Recipe(_));
        if *part != Part::First && !(requests && changes) {
            continue;
        }
        let known = trigger::sources(table, trigger, world.from);
        let renamed: Vec<_> = known.into_iter().filter(is_renamed).collect();
        if !renamed.is_empty() {
            together.insert((*object, *part));
            together.extend(renamed.into_iter().map(|table| (table, Part::Name)));
        }
    }
    for node in together {
        if let Some(node) = nodes.0.get_mut(&node) {
            node.zone = Zone::Views;
        }
    }
}

/// What a write to a source runs in the end locks and reads tables by their names: it learns others in the transaction in which these
/// get them, with all renames where nothing else is in the way.
pub(super) fn with_functions<'a>(world: &World<'a>, nodes: &mut Nodes<'a>) {
    let renamed = |object: &Object<'a>| nodes.0.contains_key(&(*object, Part::Name));
    let functions = world.to.functions.iter();
    let functions = functions.filter(|(name, _)| name.schema.as_str() == SCHEMA);
    let with_functions: Vec<_> = functions
        .filter(|(name, function)| {
            let node = nodes.get(Object::Function(name));
            let changes = node.is_some_and(|node| matches!(node.work, Work::Recipe(_)));
            changes && refill::fills(name, function, world.to).is_none()
        })
        .map(|(name, function)| (Object::Function(name), tables(&function.routine, world)))
        .filter(|(_, tables)| tables.iter().any(renamed))
        .collect();
    let at_once = |(function, tables): &(Object<'a>, Vec<Object<'a>>)| {
        let name = |table: &Object<'a>| nodes.0.get(&(*table, Part::Name));
        let mut names = tables.iter().filter_map(name);
        names.all(|name| name.zone != Zone::Views)
            && needs_only_names(*function, tables, world, nodes)
    };
    let stage = if with_functions.iter().all(at_once) {
        Stage::Rename
    } else {
        Stage::Make
    };
    for (function, mut tables) in with_functions {
        tables.retain(|table| nodes.0.contains_key(&(*table, Part::Name)));
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
fn needs_only_names<'a>(
    function: Object<'a>,
    tables: &[Object<'a>],
    world: &World<'a>,
    nodes: &Nodes<'a>,
) -> bool {
    let Some(node) = nodes.get(function) else {
        return false;
    };
    let changes = |object: &Object<'a>| {
        let parts = [Part::Prepared, Part::First, Part::Main].into_iter();
        let mut nodes = parts.filter_map(|part| nodes.0.get(&(*object, part)));
        nodes.any(|node| !matches!(node.work, Work::Nothing))
    };
    let comes =
        |object: &Object<'a>| matches!(object, Object::Table(table) if !world.exists(table));
    // What it forgets, triggers have to leave first.
    let waits = |other: &Node<'_>| other.zone == Zone::Views && other.frees.contains(&function);
    let is_free = node.zone == Zone::Short && !nodes.0.values().any(waits);
    is_free && !node.needs.iter().any(changes) && !tables.iter().any(comes)
}

/// Where names come before the functions that know them can change, the triggers that run these are away until then. What is written
/// meanwhile is computed in the end.
pub(in crate::plan) fn without_triggers<'a>(world: &World<'a>, nodes: &mut Nodes<'a>) {
    let names = nodes.0.values().filter(|node| node.part == Part::Name);
    let mut renamed = BTreeMap::<_, Vec<_>>::new();
    for node in names {
        if let Object::Column(table, _) | Object::Table(table) = node.object {
            renamed.entry(table).or_default().push(node.object);
        }
    }
    for (table, names) in renamed {
        let parts = std::iter::once(table).chain(world.below(table));
        let definitions = parts.filter_map(|part| world.from.tables.get_key_value(part));
        let knowing: Vec<_> = definitions
            .flat_map(|(part, definition)| {
                let triggers = definition.triggers.iter();
                let knowing = triggers.filter(|(_, t)| t.duty() == Some(Duty::Keep));
                knowing.map(move |(name, trigger)| (part, name, trigger))
            })
            .collect();
        if knowing.is_empty() {
            continue;
        }
        let of_table = nodes.get(Object::Table(table));
        let has_new_form = of_table.is_some_and(retyped::makes_table);
        let computed = refill::all_of(table, world, nodes);
        for (part, name, trigger) in knowing {
            let object = Object::Trigger(part, name);
            let mut missed = computed.iter().filter(|projection| {
                let one = BTreeSet::from([**projection]);
                world.stays(projection) && trigger::works_with_any(part, name, &one, world)
            });
            let reason = "what is written from then on is not in it until it is filled anew";
            let stale = missed
                .next()
                .map(|projection| world.always(HazardKind::StaleProjection, projection, reason));
            let first = trigger::dropped(part, name, trigger, stale, world);
            let first = first.at(Stage::Rename).after(names.clone());
            if let Some(node) = nodes.get_mut(Object::Table(table))
                && let Work::Recipe(drafts) = &mut node.work
            {
                drafts.retain(|draft| !drops(&draft.statement, object));
            }
            let mut again = trigger::again(part, name, world).filter(|_| !has_new_form);
            if let Some(again) = &mut again {
                again.zone = Zone::Views;
            }
            trigger::away(first, again, nodes);
        }
    }
    trigger::come_last(world, nodes);
}

fn drops(statement: &Statement<'_>, trigger: Object<'_>) -> bool {
    matches!(statement, Statement::Drop { object, .. } if *object == trigger)
}

/// What a table consists of gets its names with it.
pub(super) fn of_parts(nodes: &mut Nodes<'_>) {
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
