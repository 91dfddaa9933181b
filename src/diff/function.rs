//! Functions.

use std::collections::BTreeMap;

use super::{Change, Changes, Object, Pair, Why, comment, pairs};
use crate::catalog::{Function, Overload, Routine};
use crate::sql::QualifiedName;

pub(super) fn diff<'a>(
    from: &'a BTreeMap<QualifiedName, Function>,
    to: &'a BTreeMap<QualifiedName, Function>,
    changes: &mut Changes<'a>,
) {
    pairs(from, to, |name, pair| match pair {
        Pair::Created(function) => created(name, function, changes),
        Pair::Kept { previous, next } => kept(name, previous, next, changes),
        Pair::Gone(Function {
            routine,
            overloads,
            comment: _,
        }) => {
            changes.gone(identity(name, routine, overloads));
            for arguments in overloads.keys() {
                changes.gone(Object::Overload(name, arguments));
            }
        }
    });
}

/// By its name alone, unless others have it too.
fn identity<'a>(
    name: &'a QualifiedName,
    routine: &'a Routine,
    overloads: &BTreeMap<crate::sql::ServerText, Overload>,
) -> Object<'a> {
    match routine {
        Routine::Definition(definition) if !overloads.is_empty() => {
            Object::Overload(name, &definition.arguments)
        }
        _ => Object::Function(name),
    }
}

fn created<'a>(name: &'a QualifiedName, function: &'a Function, changes: &mut Changes<'a>) {
    let Function {
        routine,
        overloads,
        comment,
    } = function;
    changes.push(Change::CreateFunction { name, routine });
    let object = identity(name, routine, overloads);
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
}

fn kept<'a>(
    name: &'a QualifiedName,
    previous: &'a Function,
    next: &'a Function,
    changes: &mut Changes<'a>,
) {
    let Function {
        routine,
        overloads,
        comment,
    } = next;
    let object = Object::Function(name);
    if previous.overloads != *overloads {
        changes.unchanged(object, Why::NotExpressible);
        return;
    }
    if previous.routine != *routine {
        changes.push(Change::ReplaceFunction {
            name,
            previous: &previous.routine,
            next: routine,
        });
    }
    let object = identity(name, routine, overloads);
    comment::diff(object, previous.comment.as_ref(), comment.as_ref(), changes);
}
