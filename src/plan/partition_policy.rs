//! Partition policies.

use super::dependency;
use crate::catalog::Catalog;
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
