//! Domains.

use std::collections::BTreeMap;

use super::{Change, Changes, Object, Pair, Why, comment, pairs};
use crate::catalog::Domain;
use crate::sql::QualifiedName;

pub(super) fn diff<'a>(
    from: &'a BTreeMap<QualifiedName, Domain>,
    to: &'a BTreeMap<QualifiedName, Domain>,
    changes: &mut Changes<'a>,
) {
    pairs(from, to, |name, pair| {
        let object = Object::Domain(name);
        match pair {
            Pair::Created(domain) => {
                changes.push(Change::CreateDomain { name, domain });
                comment::created(object, domain.comment.as_ref(), changes);
                for (check, definition) in &domain.checks {
                    let on = Object::DomainCheck(name, check);
                    comment::created(on, definition.comment.as_ref(), changes);
                }
            }
            Pair::Kept { previous, next } if previous == next => {}
            Pair::Kept { .. } => changes.unchanged(object, Why::NotExpressible),
            Pair::Gone(_) => changes.gone(object),
        }
    });
}
