//! Triggers.

use super::draft::Draft;
use super::node::Node;
use super::{Action, Statement};
use crate::catalog::Trigger;
use crate::diff::Object;
use crate::sql::{Ident, QualifiedName};

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

/// Another trigger of the same name, in one transaction: no write goes by it.
pub(super) fn replace<'a>(
    table: &'a QualifiedName,
    name: &'a Ident,
    previous: &'a Trigger,
    next: &'a Trigger,
) -> Node<'a> {
    let object = Object::Trigger(table, name);
    let drop = Statement::Drop {
        object,
        concurrently: false,
    };
    let create = Statement::CreateTrigger {
        table,
        name,
        trigger: next,
    };
    let drafts = [drop, create].map(|statement| Draft::new(Action::Alter, object, statement));
    Node::recipe(object, drafts.into())
        .after(needs(table, next))
        .before(needs(table, previous))
}
