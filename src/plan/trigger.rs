//! Triggers.

use crate::catalog::Trigger;
use crate::diff::Object;
use crate::sql::QualifiedName;

/// What a trigger needs: its table or view, its function, and the other table that it is about.
pub(super) fn needs<'a>(relation: &'a QualifiedName, trigger: &'a Trigger) -> Vec<Object<'a>> {
    let mut needs = vec![
        Object::Table(relation),
        Object::View(relation),
        Object::Function(&trigger.function),
    ];
    needs.extend(trigger.referenced.as_ref().map(Object::Table));
    needs
}
