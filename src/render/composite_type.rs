//! Composite types.

use minijinja::Value;

use super::value::{optional, record, sql};
use crate::catalog::Attribute;
use crate::sql::QualifiedName;

pub(super) fn context(name: &QualifiedName, attributes: &[Attribute]) -> Value {
    record! { name => sql(name), attributes => attributes.iter().map(attribute).collect::<Vec<_>>() }
}

fn attribute(attribute: &Attribute) -> Value {
    let Attribute {
        name,
        ty,
        collation,
        comment: _,
    } = attribute;
    record! { name => sql(name), type => sql(ty), collation => optional(collation.as_ref()) }
}
