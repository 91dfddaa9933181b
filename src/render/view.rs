//! Views and materialized views.

use minijinja::Value;

use super::query;
use super::value::{record, sql};
use crate::catalog::Query;
use crate::sql::QualifiedName;

pub(super) fn context(name: &QualifiedName, definition: &Query) -> Value {
    record! { name => sql(name), query => query::query(definition, 0) }
}
