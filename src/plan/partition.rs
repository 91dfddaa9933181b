//! Partitions.

use super::{NamedConstraint, table};
use crate::catalog::Partition;
use crate::diff::Object;
use crate::sql::QualifiedName;

/// What a partition needs: its parent, and the tables that its own constraints refer to.
pub(super) fn needs<'a>(
    name: &'a QualifiedName,
    partition: &'a Partition,
    constraints: &[NamedConstraint<'a>],
) -> Vec<Object<'a>> {
    let mut needs = vec![Object::Schema(&name.schema), Object::Table(&partition.of)];
    needs.extend(table::references(name, constraints));
    needs
}
