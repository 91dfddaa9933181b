//! Extensions.

use minijinja::Value;

use super::value::{optional, record, sql};
use crate::sql::Ident;

pub(super) fn context(name: &Ident, schema: Option<&Ident>) -> Value {
    record! { name => sql(name), schema => optional(schema) }
}
