//! Views and materialized views.

use minijinja::{Value, context};

use super::query;
use super::value::sql;
use crate::catalog::Query;
use crate::sql::QualifiedName;

pub(super) fn context(name: &QualifiedName, definition: &Query) -> Value {
    context! { name => sql(name), query => query::query(definition, 0) }
}
