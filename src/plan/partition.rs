//! Partitions.

use super::{NamedConstraint, table};
use crate::catalog::{Catalog, Partition, Table};
use crate::diff::Object;
use crate::sql::QualifiedName;

/// What a partition needs: its parent, and the tables that its own constraints refer to.
pub(super) fn needs<'a>(
    name: &'a QualifiedName,
    partition: &'a Partition,
    table: &'a Table,
    constraints: &[NamedConstraint<'a>],
    to: &'a Catalog,
) -> Vec<Object<'a>> {
    let mut needs = table::needs(name, table, constraints, to);
    needs.push(Object::Table(&partition.of));
    needs
}
