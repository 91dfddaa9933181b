//! Partition policies.

use super::SCHEMA;
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
    let name = QualifiedName::new(SCHEMA, "partition_policy");
    to.tables
        .get_key_value(&name)
        .map(|(name, _)| Object::Table(name))
}
