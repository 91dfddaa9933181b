//! Indexes.

use std::collections::BTreeMap;

use super::{Change, Changes, Object, Pair, as_wanted, comment, pairs};
use crate::catalog::Index;
use crate::sql::{Ident, QualifiedName};

pub(super) fn diff<'a>(
    relation: &'a QualifiedName,
    from: &'a BTreeMap<Ident, Index>,
    to: &'a BTreeMap<Ident, Index>,
    changes: &mut Changes<'a>,
) {
    pairs(from, to, |name, pair| {
        let object = Object::Index(relation, name);
        match pair {
            Pair::Created(index) => {
                changes.push(Change::CreateIndex {
                    relation,
                    name,
                    index,
                });
                comment::created(object, index.comment.as_ref(), changes);
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
                changes.push(Change::ReplaceIndex {
                    relation,
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

fn equal(previous: &Index, next: &Index) -> bool {
    let Index {
        method,
        keys,
        include,
        predicate,
        unique,
        nulls_not_distinct,
        storage_parameters,
        tablespace,
        clustered,
        replica_identity,
        invalid,
        comment: _,
    } = next;
    previous.method == *method
        && previous.keys == *keys
        && previous.include == *include
        && previous.predicate == *predicate
        && previous.unique == *unique
        && previous.nulls_not_distinct == *nulls_not_distinct
        && previous.storage_parameters == *storage_parameters
        && as_wanted(&previous.tablespace, tablespace)
        && as_wanted(&previous.clustered, clustered)
        && as_wanted(&previous.replica_identity, replica_identity)
        && previous.invalid == *invalid
}
