//! Domains.

use std::collections::BTreeMap;

use super::{Change, Changes, DiffError, Object, Pair, comment, pairs, same};
use crate::catalog::Domain;
use crate::sql::QualifiedName;

pub(super) fn diff<'a>(
    from: &'a BTreeMap<QualifiedName, Domain>,
    to: &'a BTreeMap<QualifiedName, Domain>,
    changes: &mut Changes<'a>,
) -> Result<(), DiffError> {
    pairs(from, to, Object::Domain, |name, pair| match pair {
        Pair::Created(domain) => {
            changes.push(Change::CreateDomain { name, domain });
            comment::created(Object::Domain(name), domain.comment.as_ref(), changes);
            for (check, definition) in &domain.checks {
                let on = Object::DomainCheck(name, check);
                comment::created(on, definition.comment.as_ref(), changes);
            }
            Ok(())
        }
        Pair::Kept { previous, next } => same(previous, next, Object::Domain(name)),
    })
}
