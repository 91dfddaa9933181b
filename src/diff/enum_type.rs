//! Enumerated types.

use std::collections::BTreeMap;

use super::{Change, Changes, LabelPlace, Object, Pair, Why, comment, pairs, partition};
use crate::catalog::{Catalog, EnumType};
use crate::sql::QualifiedName;

pub(super) fn diff<'a>(
    catalog: &'a Catalog,
    to: &'a BTreeMap<QualifiedName, EnumType>,
    changes: &mut Changes<'a>,
) {
    pairs(&catalog.enums, to, |name, pair| {
        let object = Object::EnumType(name);
        match pair {
            Pair::Created(EnumType { labels, comment }) => {
                changes.push(Change::CreateEnumType { name, labels });
                comment::created(object, comment.as_ref(), changes);
            }
            Pair::Kept { previous, next } => {
                let EnumType { labels, comment } = next;
                diff_labels(name, &previous.labels, labels, catalog, changes);
                comment::diff(object, previous.comment.as_ref(), comment.as_ref(), changes);
            }
            Pair::Gone(_) => changes.gone(object),
        }
    });
}

/// Whether all labels stay, in their order.
pub(crate) fn keeps_labels(previous: &[String], next: &[String]) -> bool {
    let kept = next.iter().filter(|label| previous.contains(label));
    kept.eq(previous)
}

/// Labels are added where the others stay in their order; a server can do nothing else to them.
fn diff_labels<'a>(
    name: &'a QualifiedName,
    previous: &'a [String],
    next: &'a [String],
    catalog: &Catalog,
    changes: &mut Changes<'a>,
) {
    if !keeps_labels(previous, next) {
        if !partition::is_by_type(name, catalog) {
            changes.push(Change::ReplaceEnumType {
                name,
                previous,
                next,
            });
            return;
        }
        changes.unchanged(Object::EnumType(name), Why::PartitionedBy);
    }
    for (position, label) in next.iter().enumerate() {
        if previous.contains(label) {
            continue;
        }
        let following = next.iter().skip(position + 1);
        let place = following
            .into_iter()
            .find(|label| previous.contains(label))
            .map_or(LabelPlace::Last, |label| LabelPlace::Before(label));
        changes.push(Change::AddEnumLabel { name, label, place });
    }
}
