//! Triggers.

use std::collections::BTreeMap;

use super::{Change, Changes, DiffError, Object, Pair, comment, pairs, same};
use crate::catalog::Trigger;
use crate::sql::{Ident, QualifiedName};

pub(super) fn diff<'a>(
    table: &'a QualifiedName,
    from: &'a BTreeMap<Ident, Trigger>,
    to: &'a BTreeMap<Ident, Trigger>,
    changes: &mut Changes<'a>,
) -> Result<(), DiffError> {
    let object = |name| Object::Trigger(table, name);
    pairs(from, to, object, |name, pair| match pair {
        Pair::Created(trigger) => {
            changes.push(Change::CreateTrigger {
                table,
                name,
                trigger,
            });
            comment::created(object(name), trigger.comment.as_ref(), changes);
            Ok(())
        }
        Pair::Kept { previous, next } => same(previous, next, object(name)),
    })
}
