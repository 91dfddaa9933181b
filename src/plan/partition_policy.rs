//! Partition policies.

use super::draft::Draft;
use super::node::Node;
use super::world::World;
use super::{Action, Statement, dependency};
use crate::catalog::{Catalog, PartitionPolicy};
use crate::diff::Object;
use crate::sql::QualifiedName;

/// What the rows of a policy need: the table that they are in, and the table that they are about.
pub(super) fn needs<'a>(table: &'a QualifiedName, to: &'a Catalog) -> Vec<Object<'a>> {
    let mut needs = vec![Object::Table(table)];
    needs.extend(policy_table(to));
    needs
}

/// The table that policies are in.
pub(super) fn policy_table(to: &Catalog) -> Option<Object<'_>> {
    dependency::own_table("partition_policy", to)
}

/// Whether a policy no longer speaks of a level of which there is a row.
pub(super) fn loses_levels(
    table: &QualifiedName,
    policy: &PartitionPolicy,
    world: &World<'_>,
) -> bool {
    let before = world.from.partition_policies.get(table);
    before.is_some_and(|before| {
        let mut levels = before.levels.iter();
        levels.any(|one| policy.levels.iter().all(|next| next.level != one.level))
    })
}

/// A policy with fewer levels takes the place of the one before: what is only written over it would leave the others.
pub(super) fn replace<'a>(
    table: &'a QualifiedName,
    policy: &'a PartitionPolicy,
    world: &World<'a>,
) -> Node<'a> {
    let object = Object::PartitionPolicy(table);
    let draft = |statement| Draft::new(Action::Alter, object, statement);
    let drafts = vec![
        draft(Statement::RemovePartitionPolicy { table }),
        draft(Statement::SetPartitionPolicy { table, policy }),
    ];
    Node::recipe(object, drafts).after(needs(table, world.to))
}
