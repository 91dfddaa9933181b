//! Composite types.

use std::collections::BTreeMap;

use super::{Change, Changes, Object, Pair, Why, comment, pairs};
use crate::catalog::CompositeType;
use crate::sql::QualifiedName;

pub(super) fn diff<'a>(
    from: &'a BTreeMap<QualifiedName, CompositeType>,
    to: &'a BTreeMap<QualifiedName, CompositeType>,
    changes: &mut Changes<'a>,
) {
    pairs(from, to, |name, pair| {
        let object = Object::CompositeType(name);
        match pair {
            Pair::Created(CompositeType {
                attributes,
                comment,
            }) => {
                changes.push(Change::CreateCompositeType { name, attributes });
                comment::created(object, comment.as_ref(), changes);
                for attribute in attributes {
                    let on = Object::Column(name, &attribute.name);
                    comment::created(on, attribute.comment.as_ref(), changes);
                }
            }
            Pair::Kept { previous, next } if previous == next => {}
            Pair::Kept { .. } => changes.unchanged(object, Why::NotExpressible),
            Pair::Gone(_) => changes.gone(object),
        }
    });
}
