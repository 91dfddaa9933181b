//! Schemas.

use super::{Change, Changes, Object, Pair, comment, pairs, partition};
use crate::catalog::{Catalog, Schema};

pub(super) fn diff<'a>(from: &'a Catalog, to: &'a Catalog, changes: &mut Changes<'a>) {
    pairs(&from.schemas, &to.schemas, |name, pair| {
        let object = Object::Schema(name);
        match pair {
            Pair::Created(Schema { comment }) => {
                changes.push(Change::CreateSchema { name });
                comment::created(object, comment.as_ref(), changes);
            }
            Pair::Kept { previous, next } => {
                let Schema { comment } = next;
                // Specs say nothing of schemas; what others wrote on them stays.
                if comment.is_some() {
                    comment::diff(object, previous.comment.as_ref(), comment.as_ref(), changes);
                }
            }
            Pair::Gone(_) => {
                // Of a table that has left for another schema partitions may stay.
                let mut left = partition::left(from, to);
                if !left.any(|(partition, _)| partition.schema == *name) {
                    changes.gone(object);
                }
            }
        }
    });
}
