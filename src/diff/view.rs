//! Views and materialized views.

use std::collections::BTreeMap;

use super::{Change, Changes, DiffError, Object, Pair, comment, index, pairs, same, trigger};
use crate::catalog::{Index, Materialization, Trigger, View, ViewQuery};
use crate::sql::{Ident, QualifiedName};

pub(super) fn diff<'a>(
    from: &'a BTreeMap<QualifiedName, View>,
    to: &'a BTreeMap<QualifiedName, View>,
    changes: &mut Changes<'a>,
) -> Result<(), DiffError> {
    pairs(from, to, Object::View, |name, pair| match pair {
        Pair::Created(view) => created(name, view, changes),
        Pair::Kept { previous, next } => same(previous, next, Object::View(name)),
    })
}

fn created<'a>(
    name: &'a QualifiedName,
    view: &'a View,
    changes: &mut Changes<'a>,
) -> Result<(), DiffError> {
    static NO_INDEXES: BTreeMap<Ident, Index> = BTreeMap::new();
    static NO_TRIGGERS: BTreeMap<Ident, Trigger> = BTreeMap::new();
    let View {
        query,
        options: _,
        triggers,
        materialized,
        comment,
    } = view;
    let (change, object) = match materialized {
        None => (Change::CreateView { name, view }, Object::View(name)),
        Some(_) => (
            Change::CreateMaterializedView { name, view },
            Object::MaterializedView(name),
        ),
    };
    changes.push(change);
    comment::created(object, comment.as_ref(), changes);
    if let ViewQuery::Definition(definition) = query {
        for column in &definition.columns {
            let on = Object::Column(name, &column.name);
            comment::created(on, column.comment.as_ref(), changes);
        }
    }
    if let Some(Materialization {
        indexes,
        tablespace: _,
    }) = materialized
    {
        index::diff(name, &NO_INDEXES, indexes, changes)?;
    }
    trigger::diff(name, &NO_TRIGGERS, triggers, changes)
}
