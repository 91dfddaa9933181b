//! Extensions.

use std::collections::BTreeMap;

use super::{Change, Changes, Object, Pair, Why, as_wanted, pairs};
use crate::catalog::Extension;
use crate::sql::Ident;

pub(super) fn diff<'a>(
    from: &'a BTreeMap<Ident, Extension>,
    to: &'a BTreeMap<Ident, Extension>,
    changes: &mut Changes<'a>,
) {
    pairs(from, to, |name, pair| {
        let object = Object::Extension(name);
        match pair {
            Pair::Created(Extension { schema }) => {
                let schema = schema.as_ref();
                changes.push(Change::CreateExtension { name, schema });
            }
            Pair::Kept { previous, next } => {
                let Extension { schema } = next;
                if !as_wanted(&previous.schema, schema) {
                    changes.unchanged(object, Why::NotExpressible);
                }
            }
            Pair::Gone(_) => changes.gone(object),
        }
    });
}
