//! Views and materialized views.

mod reads;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::draft::{Draft, Run};
use super::hazard::{Hazard, HazardKind};
use super::node::{Node, Nodes, Part, Stage, Work, Zone};
use super::world::World;
use super::{Action, Duration, IndexWay, Statement, TableAction, fill, index, privileges, trigger};
use crate::catalog::{Index, IndexTarget, View, ViewColumn, ViewQuery};
use crate::diff::Object;
use crate::resolve::joined;
use crate::sql::{Ident, QualifiedName};
use reads::{enum_of, reads_what_is_renamed};
pub(super) use reads::{enums, mentions, needs, sources};

/// A view that selects something else. The server puts another query in its place where its columns stay and others only
/// follow; otherwise it is dropped and made anew ([`recreate`]).
pub(super) fn replace<'a>(
    name: &'a QualifiedName,
    previous: &'a View,
    next: &'a View,
    world: &World<'a>,
) -> Node<'a> {
    let object = Object::View(name);
    if !keeps_columns(previous, next) {
        return Node::recipe(object, made(name, next, false, &[], world));
    }
    let statement = Statement::ReplaceView { name, view: next };
    Node::recipe(object, vec![Draft::new(Action::Alter, object, statement)])
        .after(needs(name, next, world.to))
        .before(needs(name, previous, world.from))
}

/// Whether the columns of one query begin with those of the other. Their types are known only from their expressions.
fn keeps_columns(previous: &View, next: &View) -> bool {
    match (&previous.query, &next.query) {
        (ViewQuery::Query(previous), ViewQuery::Query(next)) => {
            next.columns.starts_with(&previous.columns)
        }
        (ViewQuery::Definition(previous), ViewQuery::Definition(next)) => {
            let plain = |columns: &[ViewColumn]| -> Vec<_> {
                let columns = columns.iter();
                columns.map(|c| (c.name.clone(), c.ty.clone())).collect()
            };
            plain(&next.columns).starts_with(&plain(&previous.columns))
        }
        _ => false,
    }
}

/// What makes a view, of the query that was noted or of its own, with its indexes where it is materialized.
fn made<'a>(
    name: &'a QualifiedName,
    view: &'a View,
    noted: bool,
    indexes: &[(&'a Ident, &'a Index)],
    world: &World<'a>,
) -> Vec<Draft<'a>> {
    if view.materialized.is_none() {
        let statement = Statement::CreateView { name, view, noted };
        return vec![Draft::new(Action::Create, Object::View(name), statement)];
    }
    let statement = Statement::CreateMaterializedView {
        name: Cow::Borrowed(name),
        view,
        noted,
    };
    let object = Object::MaterializedView(name);
    let create = Draft::new(Action::Create, object, statement);
    let mut drafts = vec![fill::in_place(create, name, view, world)];
    for &(index, definition) in indexes {
        let statement = index::plain(name, index, definition);
        let object = Object::Index(name, index);
        drafts.push(Draft::new(Action::Create, object, statement));
    }
    drafts
}

/// A materialized view that selects something else: made, filled and indexed under a name for the meantime, it takes the
/// place of the old one in one transaction. What was written since it was filled is missing until it is refreshed.
pub(super) fn replace_materialized<'a>(
    name: &'a QualifiedName,
    previous: &'a View,
    next: &'a View,
    keeps: bool,
    world: &World<'a>,
) -> Node<'a> {
    let object = Object::MaterializedView(name);
    let meantime = QualifiedName {
        schema: name.schema.clone(),
        name: joined(&[name.name.as_str(), "specql_new"]),
    };
    let create = Statement::CreateMaterializedView {
        name: Cow::Owned(meantime.clone()),
        view: next,
        noted: false,
    };
    let mut drafts = vec![Draft::new(Action::Create, object, create).alone(Duration::Build)];
    let indexes = carried_indexes(previous, next, |_| keeps);
    for (index, definition) in &indexes {
        let statement = Statement::CreateIndex {
            relation: Cow::Owned(meantime.clone()),
            name: Cow::Owned(joined(&[index.as_str(), "specql_new"])),
            index: definition,
            way: IndexWay::Plain,
        };
        let object = Object::Index(name, index);
        drafts.push(Draft::new(Action::Create, object, statement).alone(Duration::Build));
    }
    let drop = Statement::Drop {
        object,
        concurrently: false,
    };
    drafts.push(privileges::noted(object, name));
    let reason = "what was written since the new one was filled is missing until it is refreshed";
    let stale = world.always(HazardKind::StaleProjection, name, reason);
    let breaks = loses_columns(name, previous, next, world);
    drafts.push(
        Draft::new(Action::Alter, object, drop)
            .with([stale])
            .with(breaks)
            .with(missed(name, previous, &indexes, world)),
    );
    let rename = Statement::RenameMaterializedView {
        from: meantime,
        to: &name.name,
    };
    drafts.push(Draft::new(Action::Alter, object, rename));
    for (index, _) in &indexes {
        let from = joined(&[index.as_str(), "specql_new"]);
        let object = Object::Index(name, index);
        let draft = index::renamed(object, &name.schema, &from, Cow::Borrowed(*index));
        drafts.push(draft);
    }
    drafts.push(privileges::given(object, name));
    for (index, definition) in &indexes {
        if let Some(text) = &definition.comment {
            let on = Object::Index(name, index);
            let text = Some(text.as_str());
            drafts.push(Draft::new(
                Action::Comment,
                on,
                Statement::Comment { on, text },
            ));
        }
    }
    let concurrently = tell_rows_apart(indexes.iter().map(|(_, index)| *index));
    let refresh = Statement::Refresh { name, concurrently };
    drafts.push(Draft::new(Action::Alter, object, refresh).alone(Duration::Build));
    Node::recipe(object, drafts)
        .after(needs(name, next, world.to))
        .before(needs(name, previous, world.from))
}

/// Whether a materialized view has an index by which REFRESH can leave its readers alone.
fn tell_rows_apart<'i>(mut indexes: impl Iterator<Item = &'i Index>) -> bool {
    indexes.any(|index| index.unique && index.predicate.is_none())
}

/// Whether a view is a materialized one of which REFRESH can leave the readers alone.
pub(super) fn can_be_compared(view: &View) -> bool {
    tell_rows_apart(indexes(view).into_iter().flat_map(BTreeMap::values))
}

/// The indexes of the new one, and those that only the old one has and keeps: they would be lost with it.
fn carried_indexes<'a>(
    previous: &'a View,
    next: &'a View,
    keeps: impl Fn(&'a Ident) -> bool,
) -> Vec<(&'a Ident, &'a Index)> {
    let (before, after) = (indexes(previous), indexes(next));
    let all = has_all_columns(previous, next);
    let names = output_names(next);
    let reads_only_what_stays = |index: &Index| {
        index.predicate.is_none()
            && index.include.iter().all(|column| names.contains(&column))
            && index.keys.iter().all(|key| match &key.target {
                IndexTarget::Column(column) => names.contains(&column),
                IndexTarget::Expression(_) => false,
            })
    };
    let kept = before.into_iter().flatten().filter(|(name, index)| {
        !after.is_some_and(|after| after.contains_key(*name))
            && keeps(name)
            && (all || reads_only_what_stays(index))
    });
    after.into_iter().flatten().chain(kept).collect()
}

fn indexes(view: &View) -> Option<&BTreeMap<Ident, Index>> {
    view.materialized.as_ref().map(|m| &m.indexes)
}

/// That indexes of the old one go with it and none takes their place.
fn missed<'i, 'a>(
    name: &'a QualifiedName,
    previous: &'a View,
    carried: &'i [(&'a Ident, &'a Index)],
    world: &'i World<'a>,
) -> impl Iterator<Item = Hazard> + use<'i, 'a> {
    let before = indexes(previous).into_iter().flatten();
    let gone = before.filter(|(index, _)| !carried.iter().any(|(other, _)| other == index));
    gone.filter_map(|(gone, _)| index::is_missed(name, gone, world))
}

fn output_names(view: &View) -> Vec<&Ident> {
    match &view.query {
        ViewQuery::Query(query) => query.columns.iter().map(|c| &c.name).collect(),
        ViewQuery::Definition(definition) => definition.columns.iter().map(|c| &c.name).collect(),
    }
}

fn has_all_columns(previous: &View, next: &View) -> bool {
    let names = output_names(next);
    output_names(previous)
        .iter()
        .all(|name| names.contains(name))
}

/// Views that stand in the way of a change are dropped before it and made again after it: those whose columns are others,
/// those that read a column of which the type changes or a table that another takes the place of, and those that read any
/// of these.
pub(super) fn recreate<'a>(world: &World<'a>, nodes: &mut Nodes<'a>) {
    let mut found: Vec<(&'a QualifiedName, &'a View)> = Vec::new();
    loop {
        let before = found.len();
        for (name, view) in &world.from.views {
            let known = found.iter().any(|(other, _)| *other == name);
            let goes = world
                .from
                .views
                .get_key_value(name)
                .is_some_and(|(name, view)| {
                    let object = Object::of_view(name, view);
                    nodes.0.contains_key(&(object, Part::First))
                });
            if !known && !goes && stands_in_the_way(name, view, &found, world, nodes) {
                found.push((name, view));
            }
        }
        if found.len() == before {
            break;
        }
    }
    for (name, view) in &found {
        taken_away(name, view, world, nodes);
    }
    if !found.is_empty() {
        // Indexes go and come with their view: what else was to be done to them is done with that.
        let taken: BTreeSet<_> = found.iter().map(|(name, _)| *name).collect();
        nodes.0.retain(|(object, part), _| {
            let of_view = matches!(object, Object::Index(on, _) if taken.contains(on));
            !(of_view && *part == Part::Main)
        });
        let mut come_again = Vec::new();
        for node in nodes.0.values_mut() {
            let in_the_way = matches!(
                node.object,
                Object::Column(..) | Object::Table(_) | Object::EnumType(_)
            );
            if in_the_way && is_made_anew(node) {
                node.zone = Zone::Views;
                if node.part == Part::First {
                    come_again.push(node.object);
                }
            }
        }
        for object in come_again {
            if let Some(node) = nodes.get_mut(object) {
                come_with_views(node);
            }
        }
    }
    new_ones_with_them(found.into_iter().map(|(name, _)| name), world, nodes);
}

/// A column that goes and comes again does so while views are away.
fn come_with_views(node: &mut Node<'_>) {
    node.zone = Zone::Views;
    if let Work::Recipe(drafts) = &mut node.work {
        for draft in drafts {
            draft.run = Run::Together;
        }
    }
}

/// New views that those made again read come in the transaction that these are missing in.
fn new_ones_with_them<'a>(
    recreated: impl Iterator<Item = &'a QualifiedName>,
    world: &World<'a>,
    nodes: &mut Nodes<'a>,
) {
    let mut readers: Vec<_> = recreated.collect();
    while let Some(reader) = readers.pop() {
        let view = world.to.views.get(reader);
        for need in view.map_or_else(Vec::new, |view| needs(reader, view, world.to)) {
            let (Object::View(name) | Object::MaterializedView(name)) = need else {
                continue;
            };
            if let Some(node) = nodes.get_mut(need)
                && matches!(node.work, Work::Create(_))
                && node.zone != Zone::Views
            {
                node.zone = Zone::Views;
                readers.push(name);
            }
        }
    }
}

/// A view that is dropped, and made again as it is to be.
fn taken_away<'a>(
    name: &'a QualifiedName,
    view: &'a View,
    world: &World<'a>,
    nodes: &mut Nodes<'a>,
) {
    let object = Object::of_view(name, view);
    if nodes
        .get(object)
        .is_some_and(|node| node.stage == Stage::Drop)
    {
        // It goes for good, only not last.
        if let Some(node) = nodes.0.shift_remove(&(object, Part::Main)) {
            let node = node.part(Part::First).at(Stage::Make);
            nodes.insert(node.before(enums(name, view, world.from)));
        }
        return;
    }
    let next = world.to.views.get(name);
    let (next, catalog) = next.map_or((view, world.from), |next| (next, world.to));
    let drop = Statement::Drop {
        object,
        concurrently: false,
    };
    let own = nodes.get(object).filter(|node| is_made_anew(node));
    let indexes = carried_indexes(view, next, |index| {
        let index = Object::Index(name, index);
        match own {
            // It selects something else as well, for which has been said already which indexes it keeps.
            Some(own) => makes_index(own, index),
            None => nodes
                .get(index)
                .is_none_or(|node| node.stage != Stage::Drop),
        }
    });
    let first = Draft::new(Action::Alter, object, drop)
        .with(loses_columns(name, view, next, world))
        .with(missed(name, view, &indexes, world));
    let noted = next == view && reads_what_is_renamed(name, view, world);
    let query =
        noted.then(|| Draft::new(Action::Alter, object, Statement::NoteQuery { view: name }));
    let taken = std::iter::once(privileges::noted(object, name));
    let mut first = Node::recipe(object, taken.chain(query).chain([first]).collect())
        .part(Part::First)
        .before(needs(name, view, world.from))
        .before(enums(name, view, world.from));
    first.zone = Zone::Views;
    nodes.insert(first);
    let triggers = triggers_again(name, view, next, world, nodes);
    let node = nodes.of(object);
    node.zone = Zone::Views;
    let given = std::iter::once(privileges::given(object, name));
    node.work = Work::Recipe(
        made(name, next, noted, &indexes, world)
            .into_iter()
            .chain(triggers)
            .chain(given)
            .collect(),
    );
    node.frees.clear();
    node.needs = needs(name, next, catalog);
    node.needs.extend(enums(name, view, world.from));
    if node.comments.is_empty()
        && let Some(text) = &next.comment
    {
        node.comments.push((object, Some(text)));
    }
}

/// Its triggers have gone with it; no spec speaks of them.
fn triggers_again<'a>(
    name: &'a QualifiedName,
    view: &View,
    next: &'a View,
    world: &World<'_>,
    nodes: &Nodes<'a>,
) -> Vec<Draft<'a>> {
    let triggers = next.triggers.iter();
    let again = triggers.filter(|(own, trigger)| {
        let object = Object::Trigger(name, own);
        view.triggers.get(*own) == Some(trigger) && !nodes.contains(&object)
    });
    again
        .flat_map(|(own, trigger)| {
            let on = Object::Trigger(name, own);
            let create = trigger::create(name, own, trigger, world);
            let comment = trigger.comment.as_deref().map(|text| {
                let text = Some(text);
                Draft::new(Action::Comment, on, Statement::Comment { on, text })
            });
            std::iter::once(Draft::new(Action::Create, on, create)).chain(comment)
        })
        .collect()
}

fn makes_index(node: &Node<'_>, index: Object<'_>) -> bool {
    node.drafts().iter().any(|draft| {
        draft.object == index && matches!(draft.statement, Statement::CreateIndex { .. })
    })
}

/// That a view no longer has all of its columns.
fn loses_columns<'a>(
    name: &'a QualifiedName,
    previous: &View,
    next: &View,
    world: &World<'a>,
) -> Option<Hazard> {
    (!has_all_columns(previous, next)).then(|| {
        let reason = format!("`{name}` has no longer all of its columns");
        world.always(HazardKind::BreaksOldCode, name, reason)
    })
}

fn stands_in_the_way<'a>(
    name: &'a QualifiedName,
    view: &'a View,
    found: &[(&QualifiedName, &View)],
    world: &World<'a>,
    nodes: &Nodes<'a>,
) -> bool {
    if let Some(next) = world.to.views.get(name)
        && view.materialized.is_none()
        && next.materialized.is_none()
        && view.query != next.query
        && !keeps_columns(view, next)
    {
        return true;
    }
    needs(name, view, world.from)
        .into_iter()
        .any(|need| match need {
            Object::Table(table) => {
                let replaced = nodes.get(need).is_some_and(is_made_anew);
                let columns = world.table(table).map_or(&[][..], |t| &t.columns);
                replaced
                    || columns.iter().any(|column| {
                        // A native enum that is made anew retypes all columns of it.
                        std::iter::once(Object::Column(table, &column.name))
                            .chain(enum_of(column, world.from))
                            .any(|object| goes_or_changes(object, nodes))
                            && (mentions(view, &column.name)
                                // What the server has printed it printed of the former name.
                                || mentions(view, world.former_names(table, &column.name).1))
                    })
            }
            Object::View(other) | Object::MaterializedView(other) => {
                found.iter().any(|(found, _)| *found == other)
                    || need == Object::MaterializedView(other)
                        && nodes.get(need).is_some_and(is_made_anew)
            }
            _ => false,
        })
}

/// Whether something else is there afterwards, or in between nothing is.
fn goes_or_changes<'a>(object: Object<'a>, nodes: &Nodes<'a>) -> bool {
    nodes.of_object(object).any(is_made_anew)
}

/// Whether something else is there afterwards, which views of the old do not read, or may not.
pub(super) fn is_made_anew(node: &Node<'_>) -> bool {
    node.stage == Stage::Make
        && node.drafts().iter().any(|draft| match &draft.statement {
            Statement::AlterTable { action, .. } => matches!(
                action.as_ref(),
                TableAction::SetType { .. } | TableAction::DropColumn(_)
            ),
            Statement::CreateTable { .. } | Statement::RenameMaterializedView { .. } => true,
            _ => false,
        })
}
