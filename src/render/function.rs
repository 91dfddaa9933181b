//! Functions.

use minijinja::Value;

use super::value::{record, sql};
use crate::catalog::Routine;
use crate::sql::QualifiedName;

/// The template of a function that the project brings, and what the template receives.
pub(super) fn template(name: &QualifiedName, routine: &Routine) -> (&'static str, Value) {
    match routine {
        Routine::SetUpdatedAt => (
            "functions/set_updated_at.sql.j2",
            record! { name => sql(name) },
        ),
    }
}
