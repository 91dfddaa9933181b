//! Who owns a relation and who may use it, where another takes its place.

use minijinja::Value;

use super::value::{Sql, record, sql};
use crate::sql::{Literal, QualifiedName};

/// What both templates receive: the relation's name as a constant.
pub(super) fn context(relation: &QualifiedName) -> Value {
    let name = Sql::from(&Literal::new(relation.to_string()));
    record! { name => sql(name) }
}
