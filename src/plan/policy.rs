//! Policies of row-level security.

use super::draft::Draft;
use super::node::Node;
use super::{Action, Statement};
use crate::catalog::Policy;
use crate::diff::Object;
use crate::sql::{Ident, QualifiedName};

/// Another policy of the same name, in one transaction: there is no moment without it.
pub(super) fn replace<'a>(table: &'a QualifiedName, name: &'a Ident, next: &'a Policy) -> Node<'a> {
    let object = Object::Policy(table, name);
    let drop = Statement::Drop {
        object,
        concurrently: false,
    };
    let create = Statement::CreatePolicy {
        table,
        name,
        policy: next,
    };
    let drafts = [drop, create].map(|statement| Draft::new(Action::Alter, object, statement));
    Node::recipe(object, drafts.into()).after([Object::Table(table)])
}
