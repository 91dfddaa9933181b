//! Triggers.

use crate::catalog::Trigger;
use crate::diff::Object;
use crate::sql::QualifiedName;

/// What a trigger needs: its table and its function.
pub(super) fn needs<'a>(table: &'a QualifiedName, trigger: &'a Trigger) -> Vec<Object<'a>> {
    vec![Object::Table(table), Object::Function(&trigger.function)]
}
