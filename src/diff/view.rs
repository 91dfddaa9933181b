//! Views and materialized views.

use std::collections::BTreeMap;

use super::{Change, Changes, DiffError, Object, Pair, comment, index, pairs, same};
use crate::catalog::{Index, Materialization, View};
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
    let View {
        query,
        materialized,
        comment,
    } = view;
    match materialized {
        None => {
            changes.push(Change::CreateView { name, query });
            comment::created(Object::View(name), comment.as_ref(), changes);
            Ok(())
        }
        Some(Materialization { indexes }) => {
            changes.push(Change::CreateMaterializedView { name, query });
            comment::created(Object::MaterializedView(name), comment.as_ref(), changes);
            index::diff(name, &NO_INDEXES, indexes, changes)
        }
    }
}
