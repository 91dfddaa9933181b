//! Composite types.

use std::collections::BTreeMap;

use super::{Change, Changes, DiffError, Object, Pair, comment, pairs, same};
use crate::catalog::CompositeType;
use crate::sql::QualifiedName;

pub(super) fn diff<'a>(
    from: &'a BTreeMap<QualifiedName, CompositeType>,
    to: &'a BTreeMap<QualifiedName, CompositeType>,
    changes: &mut Changes<'a>,
) -> Result<(), DiffError> {
    pairs(from, to, Object::CompositeType, |name, pair| match pair {
        Pair::Created(CompositeType {
            attributes,
            comment,
        }) => {
            changes.push(Change::CreateCompositeType { name, attributes });
            comment::created(Object::CompositeType(name), comment.as_ref(), changes);
            for attribute in attributes {
                let on = Object::Column(name, &attribute.name);
                comment::created(on, attribute.comment.as_ref(), changes);
            }
            Ok(())
        }
        Pair::Kept { previous, next } => same(previous, next, Object::CompositeType(name)),
    })
}
