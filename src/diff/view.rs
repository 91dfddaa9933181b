//! Views and materialized views.

use std::collections::BTreeMap;

use super::{Change, Changes, Object, Pair, as_wanted, comment, index, pairs, trigger};
use crate::catalog::{Catalog, Index, Materialization, Trigger, View, ViewQuery};
use crate::sql::{Ident, QualifiedName};

pub(super) fn diff<'a>(from: &'a Catalog, to: &'a Catalog, changes: &mut Changes<'a>) {
    pairs(&from.views, &to.views, |name, pair| match pair {
        Pair::Created(view) => created(name, view, changes),
        Pair::Kept { previous, next } => kept(name, previous, next, changes),
        Pair::Gone(view) if to.tables.contains_key(name) => {
            changes.in_the_way(Object::of_view(name, view));
        }
        Pair::Gone(view) => changes.gone(Object::of_view(name, view)),
    });
}

static NO_INDEXES: BTreeMap<Ident, Index> = BTreeMap::new();
static NO_TRIGGERS: BTreeMap<Ident, Trigger> = BTreeMap::new();

fn created<'a>(name: &'a QualifiedName, view: &'a View, changes: &mut Changes<'a>) {
    let View {
        query: _,
        options: _,
        triggers,
        materialized,
        comment: _,
    } = view;
    changes.push(match materialized {
        None => Change::CreateView { name, view },
        Some(_) => Change::CreateMaterializedView { name, view },
    });
    comments(name, view, changes);
    if let Some(Materialization {
        indexes,
        tablespace: _,
    }) = materialized
    {
        index::diff(name, &NO_INDEXES, indexes, changes);
    }
    trigger::diff(name, &NO_TRIGGERS, triggers, changes);
}

/// All comments of a view that is made anew.
fn comments<'a>(name: &'a QualifiedName, view: &'a View, changes: &mut Changes<'a>) {
    comment::created(Object::of_view(name, view), view.comment.as_ref(), changes);
    if let ViewQuery::Definition(definition) = &view.query {
        for column in &definition.columns {
            let on = Object::Column(name, &column.name);
            comment::created(on, column.comment.as_ref(), changes);
        }
    }
}

fn kept<'a>(
    name: &'a QualifiedName,
    previous: &'a View,
    next: &'a View,
    changes: &mut Changes<'a>,
) {
    let View {
        query,
        options,
        triggers,
        materialized,
        comment,
    } = next;
    let same = previous.query == *query && as_wanted(&previous.options, options);
    let on = Object::of_view(name, next);
    match (&previous.materialized, materialized) {
        (None, None) => {
            if !same {
                changes.push(Change::ReplaceView {
                    name,
                    previous,
                    next,
                });
            }
            comment::diff(on, previous.comment.as_ref(), comment.as_ref(), changes);
            trigger::diff(name, &previous.triggers, triggers, changes);
        }
        (
            Some(before),
            Some(Materialization {
                indexes,
                tablespace,
            }),
        ) if same && as_wanted(&before.tablespace, tablespace) => {
            comment::diff(on, previous.comment.as_ref(), comment.as_ref(), changes);
            index::diff(name, &before.indexes, indexes, changes);
        }
        (Some(before), Some(after)) => {
            let keeps = !changes.options.prune;
            changes.push(Change::ReplaceMaterializedView {
                name,
                previous,
                next,
                keeps,
            });
            comments(name, next, changes);
            let gone = before.indexes.keys();
            for index in gone.filter(|index| keeps && !after.indexes.contains_key(*index)) {
                changes.gone(Object::Index(name, index));
            }
        }
        (None, Some(_)) | (Some(_), None) => {
            changes.in_the_way(Object::of_view(name, previous));
            created(name, next, changes);
        }
    }
}
