//! Schemas.

use minijinja::{Value, context};

use super::value::sql;
use crate::sql::Ident;

pub(super) fn context(name: &Ident) -> Value {
    context! { name => sql(name) }
}
