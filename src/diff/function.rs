//! Functions.

use std::collections::BTreeMap;

use super::{Change, Changes, DiffError, Object, Pair, comment, pairs, same};
use crate::catalog::{Function, Overload, Routine};
use crate::sql::QualifiedName;

pub(super) fn diff<'a>(
    from: &'a BTreeMap<QualifiedName, Function>,
    to: &'a BTreeMap<QualifiedName, Function>,
    changes: &mut Changes<'a>,
) -> Result<(), DiffError> {
    pairs(from, to, Object::Function, |name, pair| match pair {
        Pair::Created(Function {
            routine,
            overloads,
            comment,
        }) => {
            changes.push(Change::CreateFunction { name, routine });
            let object = match routine {
                Routine::Definition(definition) if !overloads.is_empty() => {
                    Object::Overload(name, &definition.arguments)
                }
                _ => Object::Function(name),
            };
            comment::created(object, comment.as_ref(), changes);
            for (arguments, overload) in overloads {
                let Overload {
                    definition,
                    comment,
                } = overload;
                changes.push(Change::CreateOverload { name, definition });
                let object = Object::Overload(name, arguments);
                comment::created(object, comment.as_ref(), changes);
            }
            Ok(())
        }
        Pair::Kept { previous, next } => same(previous, next, Object::Function(name)),
    })
}
