//! Projections that show something else than they did are computed anew, where nothing that changes does it by itself.

use super::draft::Draft;
use super::hazard::HazardKind;
use super::node::{Node, Nodes, Part, Stage, Work};
use super::world::World;
use super::{Action, Duration, SCHEMA, Statement, TableAction, dependency, function, view};
use crate::catalog::{
    Catalog, Duty, Function, Routine, RoutineDefinition, Trigger, TriggerEvent, View,
};
use crate::diff::{Object, root};
use crate::sql::{Ident, QualifiedName};

/// Adds what computes them.
pub(super) fn add<'a>(world: &World<'a>, nodes: &mut Nodes<'a>) {
    other_queries(world, nodes);
    functions_of_server(world, nodes);
    watched_from_now_on(world, nodes);
    partitions_gone(world, nodes);
}

/// Those whose query is another while their columns are the same, and those whose table comes while what fills it is there.
fn other_queries<'a>(world: &World<'a>, nodes: &mut Nodes<'a>) {
    for (name, function) in &world.to.functions {
        let Routine::RebuildStored(rebuild) = &function.routine else {
            continue;
        };
        let is_another = is_other_query(&rebuild.definition, world);
        let comes = !world.stays(&rebuild.stored.table);
        if is_untouched(Object::Function(name), nodes) && (is_another || comes) {
            let routine = &function.routine;
            nodes.insert(function::replace(name, routine, routine, world));
        }
    }
}

/// Whether nothing is done to an object, or only comments are.
fn is_untouched(object: Object<'_>, nodes: &Nodes<'_>) -> bool {
    nodes
        .get(object)
        .is_none_or(|node| matches!(node.work, Work::Nothing))
}

/// REFRESH of a materialized view.
pub(super) fn refreshed<'a>(name: &'a QualifiedName, view: &View) -> Draft<'a> {
    let concurrently = view::can_be_compared(view);
    let refresh = Statement::Refresh { name, concurrently };
    Draft::new(Action::Alter, Object::MaterializedView(name), refresh).alone(Duration::Build)
}

/// Whether a view was there before and selects something else.
fn is_other_query(view: &QualifiedName, world: &World<'_>) -> bool {
    let query = |catalog: &Catalog| catalog.views.get(view).map(|view| view.query.clone());
    let before = query(world.from);
    before.is_some() && before != query(world.to)
}

/// Of what a server has printed, also of what is wanted and the same, the function that fills a projection is only text: it
/// is called when it is there, with all that it works with.
fn functions_of_server<'a>(world: &World<'a>, nodes: &mut Nodes<'a>) {
    for (name, function) in &world.to.functions {
        let Some((definition, table)) = filling(name, function, world.to) else {
            continue;
        };
        let of_projection = world.from.functions.get(name).map(|before| &before.routine);
        let other = match of_projection {
            Some(Routine::RebuildStored(rebuild)) => is_other_query(&rebuild.definition, world),
            Some(Routine::Definition(_)) => reads_other_query(definition, world),
            _ => false,
        };
        if other || !world.stays(table) {
            called(name, function, (definition, table), world, nodes);
        }
    }
}

/// Calls a function of a server's text that fills a projection, with all that it works with there, once.
fn called<'a>(
    name: &'a QualifiedName,
    function: &'a Function,
    (definition, table): (&'a RoutineDefinition, &'a QualifiedName),
    world: &World<'a>,
    nodes: &mut Nodes<'a>,
) {
    let object = Object::Function(name);
    let call = filled(name, table, world);
    let node = nodes.of(object);
    let mut drafts = match std::mem::replace(&mut node.work, Work::Nothing) {
        Work::Nothing => Vec::new(),
        Work::Create(statement) => vec![Draft::new(Action::Create, object, statement)],
        Work::Recipe(drafts) => drafts,
    };
    let is_call = |draft: &Draft<'_>| matches!(draft.statement, Statement::Fill { .. });
    if !drafts.iter().any(is_call) {
        drafts.push(call);
    }
    node.work = Work::Recipe(drafts);
    node.needs
        .extend(function::needs(name, &function.routine, world.to));
    node.needs
        .extend(dependency::all_named_in(definition.text.as_str(), world.to));
    node.needs.extend(watching(world.to));
    node.needs.extend(key(table, world.to));
    node.needs.extend(function::shared_tables(world.to));
}

/// The key by which a projection's rows are written.
fn key<'a>(table: &'a QualifiedName, to: &'a Catalog) -> Option<Object<'a>> {
    let (name, _) = to.tables.get(table)?.primary_key()?;
    Some(Object::Constraint(table, name))
}

/// The call of what fills a projection.
fn filled<'a>(name: &'a QualifiedName, table: &'a QualifiedName, world: &World<'a>) -> Draft<'a> {
    let call = Statement::Fill { name, table };
    let call = Draft::new(Action::Alter, Object::Function(name), call);
    let sources = world.to.functions.get(name);
    let sources = sources.and_then(|function| sources_of(name, function, world.to));
    // Of tables that only come there is nothing to read.
    let has_rows = |sources: Vec<&QualifiedName>| sources.into_iter().any(|s| world.exists(s));
    if world.stays(table) || sources.is_none_or(has_rows) {
        return function::filled(call, table, world);
    }
    call
}

/// Whether a function names a view that selects something else than before.
fn reads_other_query(definition: &RoutineDefinition, world: &World<'_>) -> bool {
    let named = dependency::all_named_in(definition.text.as_str(), world.to);
    named.into_iter().any(|object| match object {
        Object::View(view) => is_other_query(view, world),
        _ => false,
    })
}

/// What fills a projection, and the projection, where a function is one that this program once made for that.
fn filling<'a>(
    name: &QualifiedName,
    function: &'a Function,
    to: &'a Catalog,
) -> Option<(&'a RoutineDefinition, &'a QualifiedName)> {
    let Routine::Definition(definition) = &function.routine else {
        return None;
    };
    let text = definition.text.as_str();
    if name.schema.as_str() != SCHEMA || !text.contains("PERFORM specql.take_projection(") {
        return None;
    }
    let (_, rest) = text.split_once("DELETE FROM specql.refresh_request")?;
    let (_, rest) = rest.split_once("INSERT INTO ")?;
    let (table, _) = rest.split_once(" AS stored (")?;
    let mut tables = dependency::all_named_in(table, to).into_iter();
    tables.find_map(|object| match object {
        Object::Table(table) => Some((definition, table)),
        _ => None,
    })
}

/// Triggers that note what a projection has to compute: of all incremental ones, for which of them does not matter.
fn watching(to: &Catalog) -> impl Iterator<Item = Object<'_>> {
    to.tables.iter().flat_map(|(table, definition)| {
        let own = definition.triggers.iter();
        own.filter(|(_, trigger)| trigger.duty() == Some(Duty::Keep))
            .map(move |(name, _)| Object::Trigger(table, name))
    })
}

/// Materialized views that a write refreshes from now on: what was written before was only marked, or not even that.
fn watched_from_now_on<'a>(world: &World<'a>, nodes: &mut Nodes<'a>) {
    for (name, view) in &world.to.views {
        let object = Object::MaterializedView(name);
        let stays = view.materialized.is_some() && world.stays(name);
        if !stays || !is_untouched(object, nodes) {
            continue;
        }
        let before = refreshing(name, world.from);
        let new: Vec<Object<'a>> = refreshing(name, world.to)
            .into_iter()
            .filter(|new| {
                !before
                    .iter()
                    .any(|(_, table, event)| (*table, event) == (new.1, &new.2))
            })
            .map(|(object, ..)| object)
            .collect();
        if new.is_empty() {
            continue;
        }
        let node = nodes.of(object);
        node.work = Work::Recipe(vec![refreshed(name, view)]);
        node.needs.extend(new);
    }
}

/// Projections of tables of which a partition goes with its rows: no trigger sees that. They are computed when it is gone.
fn partitions_gone<'a>(world: &World<'a>, nodes: &mut Nodes<'a>) {
    let gone: Vec<(Object<'a>, &'a QualifiedName)> = nodes
        .0
        .values()
        .filter_map(|node| Some((node.object, loses_rows(node, world)?)))
        .collect();
    if gone.is_empty() {
        return;
    }
    let after = |sources: &[&QualifiedName]| -> Vec<Object<'a>> {
        let read = gone.iter().filter(|(_, root)| sources.contains(root));
        read.map(|(part, _)| *part).collect()
    };
    for (name, function) in &world.to.functions {
        let Some(sources) = sources_of(name, function, world.to) else {
            continue;
        };
        let after = after(&sources);
        if after.is_empty() {
            continue;
        }
        computed_again(name, function, after, world, nodes);
    }
    for (name, view) in &world.to.views {
        if view.materialized.is_none() {
            continue;
        }
        let watched = told(name, world.to).map(|(_, table, _)| table);
        let after = after(&watched.collect::<Vec<_>>());
        if after.is_empty() {
            continue;
        }
        // Apart from all else that is done to it: what makes it anew with a column that it reads does not wait for what goes last.
        let again = Node::recipe(Object::MaterializedView(name), vec![refreshed(name, view)]);
        let mut again = again.part(Part::Last).at(Stage::Drop);
        again.outlives.extend(after);
        nodes.insert(again);
    }
}

/// The projection that a function fills.
pub(super) fn fills<'a>(
    name: &QualifiedName,
    function: &'a Function,
    to: &'a Catalog,
) -> Option<&'a QualifiedName> {
    match &function.routine {
        Routine::RebuildStored(rebuild) => Some(&rebuild.stored.table),
        _ => filling(name, function, to).map(|(_, table)| table),
    }
}

/// Computes anew all projections of a table, when it has its form. Gives them.
pub(super) fn all_of<'a>(
    table: &'a QualifiedName,
    world: &World<'a>,
    nodes: &mut Nodes<'a>,
) -> Vec<&'a QualifiedName> {
    let mut computed = Vec::new();
    for (name, function) in &world.to.functions {
        let sources = sources_of(name, function, world.to);
        if sources.is_some_and(|sources| sources.contains(&table)) {
            computed_again(name, function, [Object::Table(table)], world, nodes);
            computed.extend(fills(name, function, world.to));
        }
    }
    computed
}

/// Computes a projection anew after something has gone or become another.
pub(super) fn computed_again<'a>(
    name: &'a QualifiedName,
    function: &'a Function,
    after: impl IntoIterator<Item = Object<'a>>,
    world: &World<'a>,
    nodes: &mut Nodes<'a>,
) {
    let object = Object::Function(name);
    if let Some(of_server) = filling(name, function, world.to) {
        called(name, function, of_server, world, nodes);
    } else if is_untouched(object, nodes) {
        let routine = &function.routine;
        nodes.insert(function::replace(name, routine, routine, world));
    }
    nodes.of(object).outlives.extend(after);
}

/// Projections of columns that get other values without a trigger that sees it: computed otherwise, or as another type that does not
/// hold all that they held; so do those that are computed from one of another type. A materialized view that reads such a column is
/// made anew with it.
pub(super) fn other_values<'a>(world: &World<'a>, nodes: &mut Nodes<'a>) {
    let changed: Vec<_> = nodes.0.values().filter_map(gets_other_values).collect();
    if changed.is_empty() {
        return;
    }
    for (name, function) in &world.to.functions {
        let Some(sources) = sources_of(name, function, world.to) else {
            continue;
        };
        let views = definitions(function, world.to);
        let reads = |column: &Ident| views.iter().any(|view| view::mentions(view, column));
        let read = changed
            .iter()
            .filter(|(table, column)| sources.contains(table) && reads(column));
        let after: Vec<_> = read
            .map(|(table, column)| Object::Column(table, column))
            .collect();
        if !after.is_empty() {
            computed_again(name, function, after, world, nodes);
        }
    }
}

/// The table and name of a column of which a node changes what is in it.
fn gets_other_values<'a>(node: &Node<'a>) -> Option<(&'a QualifiedName, &'a Ident)> {
    let (Object::Column(table, column), Work::Recipe(drafts), Stage::Make) =
        (node.object, &node.work, node.stage)
    else {
        return None;
    };
    let changes = drafts.iter().any(|draft| {
        let Statement::AlterTable { action, .. } = &draft.statement else {
            return false;
        };
        match action.as_ref() {
            TableAction::SetExpression(..) | TableAction::DropColumn(_) => true,
            TableAction::SetType { .. } => draft.hazards.iter().any(|hazard| {
                matches!(
                    hazard.kind,
                    HazardKind::MayFailOnData | HazardKind::BreaksOldCode
                )
            }),
            _ => false,
        }
    });
    changes.then_some((table, column))
}

/// The views that a function fills a projection from.
fn definitions<'a>(function: &'a Function, to: &'a Catalog) -> Vec<&'a View> {
    match &function.routine {
        Routine::RebuildStored(rebuild) => to.views.get(&rebuild.definition).into_iter().collect(),
        Routine::Definition(definition) => {
            let named = dependency::all_named_in(definition.text.as_str(), to);
            let views = named.into_iter().filter_map(|object| match object {
                Object::View(name) => to.views.get(name),
                _ => None,
            });
            views.collect()
        }
        _ => Vec::new(),
    }
}

/// The table of which a partition goes, where that stays and the partition may have rows.
fn loses_rows<'a>(node: &Node<'a>, world: &World<'a>) -> Option<&'a QualifiedName> {
    let (Object::Table(part), Work::Recipe(drafts)) = (node.object, &node.work) else {
        return None;
    };
    world.parent(part)?;
    let root = root(part, world.from);
    let does = |which: fn(&TableAction<'a>) -> bool| {
        drafts.iter().any(|draft| {
            matches!(&draft.statement, Statement::AlterTable { action, .. } if which(action))
        })
    };
    let mut hazards = drafts.iter().flat_map(|draft| &draft.hazards);
    let goes = hazards.any(|hazard| hazard.kind == HazardKind::DeletesData)
        || does(|action| matches!(action, TableAction::Detach { .. }))
            && !does(|action| matches!(action, TableAction::Attach { .. }));
    (goes && world.stays(root)).then_some(root)
}

/// The tables that a projection is computed from, where a function is what fills it.
fn sources_of<'a>(
    name: &QualifiedName,
    function: &'a Function,
    to: &'a Catalog,
) -> Option<Vec<&'a QualifiedName>> {
    if let Routine::RebuildStored(rebuild) = &function.routine {
        return Some(rebuild.sources.iter().collect());
    }
    let (definition, _) = filling(name, function, to)?;
    let named = dependency::all_named_in(definition.text.as_str(), to);
    let read = named.into_iter().flat_map(|object| match object {
        Object::View(name) => {
            let view = to.views.get(name);
            view.map_or_else(Vec::new, |view| view::needs(name, view, to))
        }
        other => vec![other],
    });
    let tables = read.filter_map(|object| match object {
        Object::Table(table) => Some(table),
        _ => None,
    });
    Some(tables.collect())
}

/// The triggers that refresh a materialized view at once or at the end of a transaction, with their tables and events.
pub(super) fn refreshing<'a>(
    view: &QualifiedName,
    catalog: &'a Catalog,
) -> Vec<(Object<'a>, &'a QualifiedName, Vec<TriggerEvent>)> {
    told(view, catalog)
        .filter(|(.., trigger)| trigger.duty() == Some(Duty::Refresh))
        .map(|(object, table, trigger)| (object, table, trigger.events.clone()))
        .collect()
}

/// The same and those that only mark it as stale.
pub(super) fn told<'a>(
    view: &QualifiedName,
    catalog: &'a Catalog,
) -> impl Iterator<Item = (Object<'a>, &'a QualifiedName, &'a Trigger)> + use<'a> {
    let projection = view.to_string();
    let tables = catalog.tables.iter();
    tables.flat_map(move |(table, definition)| {
        let own = definition.triggers.iter();
        let told: Vec<_> = own
            .filter(|(_, trigger)| trigger.is_of(&projection))
            .map(|(name, trigger)| (Object::Trigger(table, name), table, trigger))
            .collect();
        told
    })
}
