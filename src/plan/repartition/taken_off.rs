//! What comes off a table for a while, since a type below it changes, and is built anew: it cannot be handed over to a partition as it is.

use crate::catalog::{Column, Table};
use crate::diff::keeps_labels;
use crate::plan::constraint;
use crate::plan::world::World;
use crate::sql::Ident;

/// Whether an index or a constraint of a table's comes off it: it is on a column that is computed from one of another type, or names a
/// label of a native enum that is made anew.
pub(super) fn has_any(previous: &Table, next: &Table, world: &World<'_>) -> bool {
    let stays = |column: &&Column| next.columns.iter().any(|other| other.name == column.name);
    let columns = || previous.columns.iter().filter(stays);
    let labelled: Vec<&Ident> = columns()
        .filter(|column| is_labelled(column, world))
        .map(|column| &column.name)
        .collect();
    let retyped = columns().filter(|column| {
        let mut now = next.columns.iter();
        now.any(|other| other.name == column.name && other.ty != column.ty)
    });
    let changed: Vec<&Ident> = retyped
        .map(|column| &column.name)
        .chain(labelled.iter().copied())
        .collect();
    let computed: Vec<&Ident> = columns()
        .filter(|column| {
            let generated = column.generated.as_ref();
            generated.is_some_and(|generated| {
                let mut changed = changed.iter();
                changed.any(|name| generated.expression.names_column(name))
            })
        })
        .map(|column| &column.name)
        .collect();
    let on_index = previous.indexes.values().any(|index| {
        computed.iter().any(|name| index.names_column(name))
            || index
                .expressions()
                .any(|expression| labelled.iter().any(|name| expression.names_column(name)))
    });
    let on_constraint = previous.constraints.values().any(|constraint| {
        let columns = constraint.kind.key_columns().unwrap_or_default();
        let expressions = constraint::expressions(constraint);
        columns.iter().any(|name| computed.contains(&name))
            || expressions.into_iter().any(|expression| {
                let mut names = labelled.iter().chain(&computed);
                names.any(|name| expression.names_column(name))
            })
    });
    on_index || on_constraint
}

fn is_labelled(column: &Column, world: &World<'_>) -> bool {
    column.ty.qualified().is_some_and(|name| {
        let [before, now] = [world.from, world.to].map(|catalog| catalog.enums.get(&name));
        before
            .zip(now)
            .is_some_and(|(before, now)| !keeps_labels(&before.labels, &now.labels))
    })
}
