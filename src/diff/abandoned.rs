//! Triggers and views of projections that are in no spec any more.
//!
//! Without `--prune` such a projection stays, and so do its triggers. But the functions that these run are those of all projections:
//! where they change they forget it, and where a table or a column gets another name, or a column another type, one of them still knows
//! what was. Then each write to a source would fail: so the triggers go. Its table stays as it is, and so do the views that its functions
//! read, but for those of a column that gets a type for which they may mean nothing: the server could not make them again.

use std::collections::{BTreeMap, BTreeSet};

use super::{Change, Changes, Former, Object, Rename};
use crate::catalog::{Catalog, Dependency, Duty, SCHEMA, Trigger, View, ViewQuery};
use crate::sql::{Ident, QualifiedName};

/// Refreshes the projection that it is asked for, and refuses what it does not know.
const DISPATCHER: &str = "refresh_projection";

/// A trigger with its table and its name.
type OfTable<'a> = (&'a QualifiedName, &'a Ident, &'a Trigger);

/// Drops, of the triggers that would be kept, those that would fail.
pub(super) fn drop_triggers<'a>(from: &'a Former<'_>, to: &Catalog, changes: &mut Changes<'a>) {
    let triggers = changes
        .found
        .kept
        .iter()
        .flat_map(|object| of_kept(*object, from));
    let kept: Vec<OfTable<'a>> = triggers
        .filter(|(_, _, trigger)| is_of_projection(trigger, to))
        .collect();
    if kept.is_empty() {
        return;
    }
    let dispatcher = QualifiedName::new(SCHEMA, DISPATCHER);
    let forgets = to.functions.contains_key(&dispatcher);
    let others = other_tables(from, &changes.found.changes);
    let fails = |(_, _, trigger): &&OfTable<'a>| {
        let mut sources = sources(trigger, &kept, &from.catalog);
        let is_other = |source| {
            others
                .get(source)
                .is_some_and(|form| form.concerns(trigger))
        };
        forgets || becomes_another(trigger, &from.catalog, to) || sources.any(is_other)
    };
    let gone: BTreeSet<Object<'a>> = kept
        .iter()
        .filter(fails)
        .map(|(table, name, _)| Object::Trigger(table, name))
        .collect();
    changes.found.kept.retain(|object| !gone.contains(object));
    let gone = gone.into_iter().map(Change::Drop);
    changes.found.changes.extend(gone);
}

/// Drops, of the views that would be kept, those of a column that gets another type, and those that read them.
pub(super) fn drop_views(from: &Former<'_>, changes: &mut Changes<'_>) {
    let retyped = changes
        .found
        .changes
        .iter()
        .filter_map(|change| match *change {
            Change::AlterColumn {
                table,
                previous,
                next,
            } if !previous.ty.is_like(&next.ty) => Some(table),
            _ => None,
        });
    let mut gone: BTreeSet<&QualifiedName> = retyped.collect();
    if gone.is_empty() {
        return;
    }
    let reads = |view: &QualifiedName, gone: &BTreeSet<&QualifiedName>| {
        let view = from.catalog.views.get(view);
        let Some(ViewQuery::Definition(definition)) = view.map(|view| &view.query) else {
            return false;
        };
        let mut needs = definition.needs.iter();
        needs.any(|need| matches!(need, Dependency::Relation(read) if gone.contains(read)))
    };
    loop {
        let mut kept = changes.found.kept.iter();
        let next = kept.position(|object| {
            matches!(object, Object::View(view) if view.schema.as_str() == SCHEMA && reads(view, &gone))
        });
        let Some(next) = next else { return };
        let view = changes.found.kept.remove(next);
        if let Object::View(name) = view {
            gone.insert(name);
        }
        changes.found.changes.push(Change::Drop(view));
    }
}

/// A trigger that would be kept, or those of a table that would.
fn of_kept<'a>(object: Object<'a>, from: &'a Former<'_>) -> Vec<OfTable<'a>> {
    match object {
        Object::Trigger(table, name) => {
            let trigger = from.catalog.trigger(table, name);
            trigger.into_iter().map(|own| (table, name, own)).collect()
        }
        Object::Table(table) => {
            let own = from.catalog.tables.get(table).into_iter();
            let own = own.flat_map(|table| &table.triggers);
            own.map(|(name, trigger)| (table, name, trigger)).collect()
        }
        _ => Vec::new(),
    }
}

/// Whether it is one of this program that keeps or refreshes a projection which is not wanted. To mark one fails for none.
fn is_of_projection(trigger: &Trigger, to: &Catalog) -> bool {
    match trigger.duty() {
        Some(Duty::Keep) => !to.functions.contains_key(&trigger.function),
        Some(Duty::Refresh) => {
            let is_wanted = |(name, view): (&QualifiedName, &View)| {
                view.materialized.is_some() && trigger.is_of(&name.to_string())
            };
            !to.views.iter().any(is_wanted)
        }
        Some(Duty::Mark | Duty::Other) | None => false,
    }
}

/// Whether the projection is a view of another kind from then on. Of what is kept up incrementally it is not known which it is: any may be.
fn becomes_another(trigger: &Trigger, from: &Catalog, to: &Catalog) -> bool {
    let mut views = to.views.keys();
    if trigger.duty() == Some(Duty::Refresh) {
        return views.any(|view| trigger.is_of(&view.to_string()));
    }
    views.any(|view| from.tables.contains_key(view))
}

/// What is another of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Other {
    /// The name or the type of a column: functions that only refresh a view know none.
    Column,
    /// Its name.
    Name,
}

impl Other {
    /// Whether what a trigger runs knows it.
    fn concerns(self, trigger: &Trigger) -> bool {
        self == Self::Name || trigger.duty() == Some(Duty::Keep)
    }
}

fn other_tables<'a>(
    from: &'a Former<'_>,
    changes: &[Change<'a>],
) -> BTreeMap<&'a QualifiedName, Other> {
    let names = from.renames.iter().filter_map(|rename| match rename {
        Rename::Table { to, .. } => Some((to, Other::Name)),
        Rename::Column { table, .. } => Some((table, Other::Column)),
        _ => None,
    });
    let types = changes.iter().filter_map(|change| match *change {
        Change::AlterColumn {
            table,
            previous,
            next,
        } if previous.ty != next.ty => Some((table, Other::Column)),
        _ => None,
    });
    let mut others = BTreeMap::new();
    for (table, other) in names.chain(types) {
        let known = others.entry(table).or_insert(other);
        *known = other.max(*known);
    }
    others
}

/// The tables that a write locks by their names which runs a trigger: those with triggers of the same projection, and those that it
/// reads. Of a table that is kept up incrementally it is not known which they are: all that have such triggers.
fn sources<'a>(
    trigger: &'a Trigger,
    kept: &'a [OfTable<'a>],
    from: &'a Catalog,
) -> impl Iterator<Item = &'a QualifiedName> {
    let of_same = kept
        .iter()
        .filter(|(_, _, other)| other.arguments == trigger.arguments);
    let views = from.views.iter();
    let views = views.filter(|(name, _)| trigger.is_of(&name.to_string()));
    let read = views.flat_map(|(_, view)| match &view.query {
        ViewQuery::Definition(definition) => definition.needs.iter().collect(),
        ViewQuery::Query(_) => Vec::new(),
    });
    let read = read.filter_map(|need| match need {
        Dependency::Relation(table) => Some(table),
        _ => None,
    });
    of_same.map(|(table, ..)| *table).chain(read)
}
