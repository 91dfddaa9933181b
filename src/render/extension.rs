//! Extensions.

use minijinja::Value;

use super::value::{record, sql};
use crate::sql::Ident;

pub(super) fn context(name: &Ident) -> Value {
    record! { name => sql(name) }
}
