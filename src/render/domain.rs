//! Domains.

use minijinja::Value;

use super::value::{Sql, optional, record, sql};
use crate::catalog::{Domain, DomainCheck};
use crate::sql::{Ident, QualifiedName};

pub(super) fn context(name: &QualifiedName, domain: &Domain) -> Value {
    let Domain {
        ty,
        collation,
        default,
        not_null,
        checks,
        needs: _,
        comment: _,
    } = domain;
    record! {
        name => sql(name),
        type => sql(ty),
        collation => optional(collation.as_ref()),
        default => optional(default.as_ref().map(Sql::term)),
        not_null => *not_null,
        checks => checks.iter().map(check).collect::<Vec<_>>(),
    }
}

fn check((name, check): (&Ident, &DomainCheck)) -> Value {
    let DomainCheck {
        condition,
        not_valid,
        comment: _,
    } = check;
    record! { name => sql(name), condition => sql(condition), not_valid => *not_valid }
}
