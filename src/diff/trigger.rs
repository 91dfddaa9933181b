//! Triggers.

use std::collections::BTreeMap;

use super::{Change, Changes, Object, Pair, comment, pairs};
use crate::catalog::Trigger;
use crate::sql::{Ident, QualifiedName};

pub(super) fn diff<'a>(
    table: &'a QualifiedName,
    from: &'a BTreeMap<Ident, Trigger>,
    to: &'a BTreeMap<Ident, Trigger>,
    changes: &mut Changes<'a>,
) {
    pairs(from, to, |name, pair| {
        let object = Object::Trigger(table, name);
        match pair {
            Pair::Created(trigger) => {
                changes.push(Change::CreateTrigger {
                    table,
                    name,
                    trigger,
                });
                comment::created(object, trigger.comment.as_ref(), changes);
            }
            Pair::Kept { previous, next } if equal(previous, next) => {
                comment::diff(
                    object,
                    previous.comment.as_ref(),
                    next.comment.as_ref(),
                    changes,
                );
            }
            Pair::Kept { previous, next } => {
                changes.push(Change::ReplaceTrigger {
                    table,
                    name,
                    previous,
                    next,
                });
                comment::created(object, next.comment.as_ref(), changes);
            }
            Pair::Gone(_) => changes.gone(object),
        }
    });
}

fn equal(previous: &Trigger, next: &Trigger) -> bool {
    let Trigger {
        timing,
        events,
        columns,
        for_each_row,
        constraint,
        deferrable,
        initially_deferred,
        referenced,
        old_table,
        new_table,
        condition,
        function,
        arguments,
        enabled,
        comment: _,
    } = next;
    previous.timing == *timing
        && previous.events == *events
        && previous.columns == *columns
        && previous.for_each_row == *for_each_row
        && previous.constraint == *constraint
        && previous.deferrable == *deferrable
        && previous.initially_deferred == *initially_deferred
        && previous.referenced == *referenced
        && previous.old_table == *old_table
        && previous.new_table == *new_table
        && previous.condition == *condition
        && previous.function == *function
        && previous.arguments == *arguments
        && previous.enabled == *enabled
}
