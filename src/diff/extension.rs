//! Extensions.

use std::collections::BTreeMap;

use super::{Change, Changes, DiffError, Object, Pair, pairs, same};
use crate::catalog::Extension;
use crate::sql::Ident;

pub(super) fn diff<'a>(
    from: &'a BTreeMap<Ident, Extension>,
    to: &'a BTreeMap<Ident, Extension>,
    changes: &mut Changes<'a>,
) -> Result<(), DiffError> {
    pairs(from, to, Object::Extension, |name, pair| match pair {
        Pair::Created(Extension { schema }) => {
            let schema = schema.as_ref();
            changes.push(Change::CreateExtension { name, schema });
            Ok(())
        }
        Pair::Kept { previous, next } => same(previous, next, Object::Extension(name)),
    })
}
