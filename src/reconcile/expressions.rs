//! Every pair of expressions that stand in the same place of the same object.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::fmt;

use foldhash::fast::RandomState;
use indexmap::IndexSet;

use crate::catalog::{
    Catalog, Column, Constraint, ConstraintKind, Index, IndexKey, IndexTarget, Table,
};
use crate::diff::shared;
use crate::sql::{Expr, Ident, QualifiedName};

/// Where an expression stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Place {
    /// A column's default.
    Default(QualifiedName, Ident),
    /// A generated column's expression.
    Generated(QualifiedName, Ident),
    /// A CHECK, or a part of an exclusion constraint.
    Constraint(QualifiedName, Ident, Part),
    /// A part of an index on a table or materialized view.
    Index(QualifiedName, Ident, Part),
    /// A trigger's WHEN.
    Trigger(QualifiedName, Ident),
}

/// Places, in the order in which they were found.
pub(super) type Places = IndexSet<Place, RandomState>;

/// Which expression of an object that has several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Part {
    /// A key, from 0.
    Key(usize),
    /// WHERE, or a CHECK's condition.
    Condition,
}

impl Place {
    /// The table or materialized view that it is on.
    pub(super) fn relation(&self) -> &QualifiedName {
        match self {
            Self::Default(name, _)
            | Self::Generated(name, _)
            | Self::Constraint(name, _, _)
            | Self::Index(name, _, _)
            | Self::Trigger(name, _) => name,
        }
    }

    /// Which part, of an object that has several.
    pub(super) fn part(&self) -> Option<Part> {
        match self {
            Self::Constraint(_, _, part) | Self::Index(_, _, part) => Some(*part),
            Self::Default(..) | Self::Generated(..) | Self::Trigger(..) => None,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default(table, column) => write!(f, "default of {table}.{column}"),
            Self::Generated(table, column) => write!(f, "expression of {table}.{column}"),
            Self::Constraint(table, name, _) => write!(f, "constraint {name} of {table}"),
            Self::Index(relation, name, _) => write!(f, "index {name} on {relation}"),
            Self::Trigger(table, name) => write!(f, "trigger {name} of {table}"),
        }
    }
}

/// Calls `each` with the place, the expression that is there and the one that is wanted, of all objects that both have and that
/// are not written the same.
pub(super) fn pairs(
    live: &Catalog,
    wanted: &mut Catalog,
    each: &mut dyn FnMut(Place, &Expr, &mut Expr),
) {
    for (name, live, wanted) in shared(&live.tables, &mut wanted.tables) {
        table(name, live, wanted, each);
    }
    for (name, live, wanted) in shared(&live.views, &mut wanted.views) {
        if let (Some(live), Some(wanted)) = (&live.materialized, &mut wanted.materialized) {
            indexes(name, &live.indexes, &mut wanted.indexes, each);
        }
    }
}

fn table(
    name: &QualifiedName,
    live: &Table,
    wanted: &mut Table,
    each: &mut dyn FnMut(Place, &Expr, &mut Expr),
) {
    for (live, wanted) in shared_columns(&live.columns, &mut wanted.columns) {
        if let (Some(live), Some(wanted_default)) = (&live.default, &mut wanted.default)
            && live != wanted_default
        {
            let place = Place::Default(name.clone(), wanted.name.clone());
            each(place, live, wanted_default);
        }
        if let (Some(live), Some(generated)) = (&live.generated, &mut wanted.generated)
            && live.expression != generated.expression
        {
            let place = Place::Generated(name.clone(), wanted.name.clone());
            each(place, &live.expression, &mut generated.expression);
        }
    }
    for (constraint_name, live, wanted) in shared(&live.constraints, &mut wanted.constraints) {
        constraint(live, wanted, &mut |part, live, wanted| {
            let place = Place::Constraint(name.clone(), constraint_name.clone(), part);
            each(place, live, wanted);
        });
    }
    indexes(name, &live.indexes, &mut wanted.indexes, each);
    for (trigger_name, live, wanted) in shared(&live.triggers, &mut wanted.triggers) {
        if let (Some(live), Some(wanted)) = (&live.condition, &mut wanted.condition)
            && live != wanted
        {
            let place = Place::Trigger(name.clone(), trigger_name.clone());
            each(place, live, wanted);
        }
    }
}

/// The columns of one name. Most stand at the same place.
pub(super) fn shared_columns<W: Borrow<Column>>(
    live: &[Column],
    wanted: impl IntoIterator<Item = W>,
) -> impl Iterator<Item = (&Column, W)> {
    let wanted = wanted.into_iter().enumerate();
    wanted.filter_map(|(position, wanted)| {
        let same = |live: &&Column| live.name == wanted.borrow().name;
        let beside = live.get(position).filter(same);
        let found = beside.or_else(|| live.iter().find(same))?;
        Some((found, wanted))
    })
}

pub(super) fn constraint(
    live: &Constraint,
    wanted: &mut Constraint,
    each: &mut dyn FnMut(Part, &Expr, &mut Expr),
) {
    match (&live.kind, &mut wanted.kind) {
        (
            ConstraintKind::Check { condition: live },
            ConstraintKind::Check { condition: wanted },
        ) => predicate(Some(live), Some(wanted), each),
        (
            ConstraintKind::Exclude {
                elements: live,
                predicate: live_predicate,
                ..
            },
            ConstraintKind::Exclude {
                elements: wanted,
                predicate: wanted_predicate,
                ..
            },
        ) => {
            let live = live.iter().map(|element| &element.key);
            let wanted = wanted.iter_mut().map(|element| &mut element.key);
            keys(live, wanted, each);
            predicate(live_predicate.as_ref(), wanted_predicate.as_mut(), each);
        }
        _ => {}
    }
}

fn indexes(
    relation: &QualifiedName,
    live: &BTreeMap<Ident, Index>,
    wanted: &mut BTreeMap<Ident, Index>,
    each: &mut dyn FnMut(Place, &Expr, &mut Expr),
) {
    for (name, live, wanted) in shared(live, wanted) {
        let mut each = |part: Part, live: &Expr, wanted: &mut Expr| {
            let place = Place::Index(relation.clone(), name.clone(), part);
            each(place, live, wanted);
        };
        index(live, wanted, &mut each);
    }
}

pub(super) fn index(
    live: &Index,
    wanted: &mut Index,
    each: &mut dyn FnMut(Part, &Expr, &mut Expr),
) {
    keys(live.keys.iter(), wanted.keys.iter_mut(), each);
    predicate(live.predicate.as_ref(), wanted.predicate.as_mut(), each);
}

fn keys<'a>(
    live: impl Iterator<Item = &'a IndexKey>,
    wanted: impl Iterator<Item = &'a mut IndexKey>,
    each: &mut dyn FnMut(Part, &Expr, &mut Expr),
) {
    for (position, (live, wanted)) in live.zip(wanted).enumerate() {
        if let (IndexTarget::Expression(live), IndexTarget::Expression(wanted)) =
            (&live.target, &mut wanted.target)
            && live != wanted
        {
            each(Part::Key(position), live, wanted);
        }
    }
}

fn predicate(
    live: Option<&Expr>,
    wanted: Option<&mut Expr>,
    each: &mut dyn FnMut(Part, &Expr, &mut Expr),
) {
    if let (Some(live), Some(wanted)) = (live, wanted)
        && live != wanted
    {
        each(Part::Condition, live, wanted);
    }
}
