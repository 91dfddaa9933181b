//! Triggers.

use std::collections::BTreeSet;

use super::draft::Draft;
use super::hazard::{Hazard, HazardKind};
use super::node::{Node, Nodes, Part, Stage, Work};
use super::partition::is_made_by_maintenance;
use super::world::World;
use super::{Action, Kind, SCHEMA, Statement, dependency, drop, maintained, view};
use crate::catalog::{Catalog, Duty, Routine, Trigger, TriggerEvent};
use crate::diff::{Change, Object, root};
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

/// What a write has to find that runs a trigger of a projection: what its function works with, directly or by the functions of the
/// projection.
fn works_with<'a>(trigger: &Trigger, catalog: &'a Catalog) -> Vec<Object<'a>> {
    let is_told = match trigger.duty() {
        Some(Duty::Refresh | Duty::Mark) => true,
        Some(Duty::Keep) => false,
        Some(Duty::Other) | None => return Vec::new(),
    };
    let requests = dependency::own_table("refresh_request", catalog);
    let arguments = trigger.arguments.iter();
    let mut objects: Vec<Object<'a>> = arguments
        .flat_map(|argument| dependency::all_named_in(argument, catalog))
        .collect();
    let function = catalog.functions.get(&trigger.function);
    match function.map(|function| &function.routine) {
        Some(Routine::NoteChanges(changes)) => {
            let tables = changes.notes().chain([&changes.projection]);
            objects.extend(tables.filter_map(|table| dependency::known_table(table, catalog)));
        }
        Some(Routine::Definition(definition)) if !is_told => {
            let named = dependency::all_named_in(definition.text.as_str(), catalog).into_iter();
            // Requests are those of all projections.
            objects.extend(named.filter(|object| {
                !matches!(object, Object::Function(_)) && Some(*object) != requests
            }));
        }
        _ => {}
    }
    let functions = maintained::functions_of(&objects, catalog);
    objects.extend(functions);
    if let Some(Object::Table(requests)) = requests {
        // Its trigger carries out in the end what is requested.
        let triggers = catalog.tables.get(requests).map(|table| &table.triggers);
        let triggers = triggers.into_iter().flatten();
        objects.extend(triggers.map(|(name, _)| Object::Trigger(requests, name)));
        objects.push(Object::Table(requests));
    }
    objects
}

/// The tables that a projection is computed from which a trigger keeps or refreshes, its own among them; none of a trigger of others.
pub(super) fn sources<'a>(
    table: &'a QualifiedName,
    trigger: &Trigger,
    catalog: &'a Catalog,
) -> Vec<Object<'a>> {
    let works_with = works_with(trigger, catalog);
    if works_with.is_empty() {
        return works_with;
    }
    let views = works_with.into_iter().filter_map(|object| match object {
        Object::MaterializedView(name) => Some((name, catalog.views.get(name)?)),
        _ => None,
    });
    let read = views.flat_map(|(name, definition)| view::needs(name, definition, catalog));
    read.chain([Object::Table(table)]).collect()
}

/// Whether a trigger works with one of some tables and views, before or afterwards.
pub(super) fn works_with_any(
    table: &QualifiedName,
    name: &Ident,
    relations: &BTreeSet<&QualifiedName>,
    world: &World<'_>,
) -> bool {
    [world.from, world.to].into_iter().any(|catalog| {
        let trigger = catalog.trigger(table, name);
        let works_with = trigger.map_or_else(Vec::new, |trigger| works_with(trigger, catalog));
        works_with.into_iter().any(|object| match object {
            Object::Table(name) | Object::View(name) | Object::MaterializedView(name) => {
                relations.contains(name)
            }
            _ => false,
        })
    })
}

/// What the triggers of this program work with when rows of a table get other values.
pub(super) fn written_on_update<'a>(
    table: &QualifiedName,
    catalog: &'a Catalog,
) -> impl Iterator<Item = Object<'a>> {
    let triggers = catalog.tables.get(table).map(|table| &table.triggers);
    let triggers = triggers.into_iter().flatten().map(|(_, trigger)| trigger);
    let on_update = triggers.filter(|trigger| trigger.events.contains(&TriggerEvent::Update));
    on_update.flat_map(|trigger| {
        let at_once = trigger.function.name.as_str() == "refresh_now";
        let works_with = works_with(trigger, catalog).into_iter();
        works_with.filter(move |object| at_once || !matches!(object, Object::MaterializedView(_)))
    })
}

/// Whether a trigger or its function may name a column of the table.
pub(super) fn may_name(trigger: &Trigger, column: &Ident, catalog: &Catalog) -> bool {
    let duty = trigger.duty();
    if let Some(Duty::Refresh | Duty::Mark) = duty {
        return false;
    }
    let function = catalog.functions.get(&trigger.function);
    match function.map(|function| &function.routine) {
        Some(Routine::NoteChanges(changes)) => changes.names(column),
        Some(Routine::Definition(definition)) if duty == Some(Duty::Keep) => {
            column.may_stand_in(definition.text.as_str())
        }
        _ => true,
    }
}

/// What the function of a trigger works with and only the plan brings: whoever writes before that would fail.
fn brought<'a>(trigger: &Trigger, world: &World<'a>) -> Vec<Object<'a>> {
    let objects = works_with(trigger, world.to).into_iter();
    objects
        .filter(|object| !is_in(*object, world.from))
        .collect()
}

/// Whether one side has what a trigger works with: not only something else of that name.
fn is_in(object: Object<'_>, catalog: &Catalog) -> bool {
    match object {
        Object::Table(name) => catalog.tables.contains_key(name),
        Object::View(name) | Object::MaterializedView(name) => {
            let view = catalog.views.get_key_value(name);
            view.is_some_and(|(name, view)| Object::of_view(name, view) == object)
        }
        Object::Function(name) => catalog.functions.contains_key(name),
        Object::Trigger(table, name) => catalog.trigger(table, name).is_some(),
        _ => true,
    }
}

/// Whether a trigger cannot come with a new form of its table: what it works with comes after that, or is told of it then.
pub(super) fn comes_after_table(
    table: &QualifiedName,
    trigger: &Trigger,
    world: &World<'_>,
) -> bool {
    !brought(trigger, world).is_empty() || asks_anew(table, trigger, world)
}

/// Whether a table did not ask before for the refresh that a trigger asks for. The projection and its function may be there all the
/// same, kept by a plan that let all forget them who are asked.
fn asks_anew(table: &QualifiedName, trigger: &Trigger, world: &World<'_>) -> bool {
    let is_refresh = |trigger: &Trigger| trigger.duty() == Some(Duty::Refresh);
    let before = world.from.tables.get(root(table, world.to));
    let mut before = before.into_iter().flat_map(|table| table.triggers.values());
    is_refresh(trigger)
        && !before.any(|before| is_refresh(before) && before.arguments == trigger.arguments)
}

/// Triggers come when all is there that their functions work with, and what is asked to refresh a projection knows it. What was
/// there before may change after them, so that no write is missed.
pub(super) fn come_last<'a>(world: &World<'a>, nodes: &mut Nodes<'a>) {
    if world.was_empty() {
        return;
    }
    for node in nodes.0.values_mut() {
        if let Work::Create(Statement::CreateTrigger { table, trigger, .. }) = node.work {
            if comes_after_table(table, trigger, world) {
                node.needs.extend(dispatchers(world.to));
            }
            node.needs.extend(brought(trigger, world));
        }
    }
}

/// A function under whose name another table has one from then on changes when the triggers that ran it run another: the new one knows
/// other columns.
pub(super) fn let_go_before<'a>(world: &World<'a>, nodes: &mut Nodes<'a>) {
    let mut left = Vec::new();
    for node in nodes.0.values() {
        let Object::Trigger(table, name) = node.object else {
            continue;
        };
        let [before, now] = [world.from, world.to].map(|all| all.trigger(table, name));
        if let (Some(before), Some(now)) = (before, now)
            && before.function != now.function
        {
            left.push((Object::Function(&before.function), node.object));
        }
    }
    for (function, trigger) in left {
        if let Some(node) = nodes.get_mut(function)
            && matches!(node.work, Work::Recipe(_))
        {
            node.needs.push(trigger);
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
    dropped(relation, name, trigger, None, world).at(Stage::Drop)
}

/// The same with what that does to a projection.
pub(super) fn dropped<'a>(
    relation: &'a QualifiedName,
    name: &'a Ident,
    trigger: &'a Trigger,
    hazard: Option<Hazard>,
    world: &World<'a>,
) -> Node<'a> {
    let object = Object::Trigger(relation, name);
    Node::recipe(object, vec![drop::draft(object).with(hazard)])
        .before(needs(relation, trigger))
        .before(works_with(trigger, world.from))
}

/// Triggers that work with something that goes, go before it, and before the functions that forget it: whoever writes
/// until then would fail. One of that name that is wanted comes again, where all new ones come.
pub(super) fn drop_first<'a>(changes: &[Change<'a>], world: &World<'a>, nodes: &mut Nodes<'a>) {
    let mut with_table = BTreeSet::new();
    let mut otherwise = BTreeSet::new();
    for change in changes {
        match change {
            Change::Drop(Object::Table(table)) => with_table.insert(*table),
            Change::Repartition { name, .. } => otherwise.insert(*name),
            _ => false,
        };
    }
    for (table, definition) in &world.from.tables {
        let has_another_form = otherwise.contains(table);
        for (name, trigger) in &definition.triggers {
            let object = Object::Trigger(table, name);
            let concerned =
                with_table.contains(table) || has_another_form || nodes.contains(&object);
            if !concerned || !goes_first(table, trigger, world) {
                continue;
            }
            let stale = abandoned(trigger, world, nodes);
            let first = dropped(table, name, trigger, stale, world);
            let first = first.before(dispatchers(world.from));
            // Another form of the table comes with those that are wanted.
            let again = again(table, name, world).filter(|_| !has_another_form);
            away(first, again, nodes);
        }
    }
}

/// Takes a trigger away first, and makes it again where it is wanted and does not come with its table.
pub(super) fn away<'a>(first: Node<'a>, again: Option<Node<'a>>, nodes: &mut Nodes<'a>) {
    if let Some(again) = again {
        nodes.insert(again);
    } else {
        nodes.0.shift_remove(&(first.object, Part::Main));
    }
    nodes.insert(first.part(Part::First));
}

/// That nothing keeps up any more what a trigger did, where that is in no spec and stays.
fn abandoned(trigger: &Trigger, world: &World<'_>, nodes: &Nodes<'_>) -> Option<Hazard> {
    let works_with = works_with(trigger, world.from).into_iter();
    let mut projections = works_with.filter_map(|object| match object {
        Object::Table(name) | Object::MaterializedView(name) if name.schema.as_str() != SCHEMA => {
            let stays = nodes.of_object(object).next().is_none();
            (is_gone(object, world) && stays).then_some(name)
        }
        _ => None,
    });
    let projection = projections.next()?;
    let reason = "it is in no spec, and nothing keeps it up any more";
    let stale = world.always(HazardKind::StaleProjection, projection, reason);
    Some(stale.safer("--prune drops it; a spec of it keeps it up"))
}

/// Whether a trigger works with something that goes, other than its table.
pub(super) fn goes_first(table: &QualifiedName, trigger: &Trigger, world: &World<'_>) -> bool {
    let works_with = works_with(trigger, world.from).into_iter();
    let mut others = works_with.filter(|other| *other != Object::Table(table));
    others.any(|other| is_gone(other, world))
}

/// Whether what a trigger works with is not there afterwards. Requests can be made without what carries them out in the end.
fn is_gone(object: Object<'_>, world: &World<'_>) -> bool {
    !matches!(object, Object::Trigger(..)) && !is_in(object, world.to)
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

/// Whether nothing carries out any more when a transaction commits what triggers have requested in it.
pub(super) fn forgets_requests(world: &World<'_>) -> bool {
    let requested = QualifiedName::new(SCHEMA, "refresh_requested");
    let [before, now] = [world.from, world.to].map(|all| all.functions.contains_key(&requested));
    before && !now
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
