//! Partitions.

use super::Change;
use crate::catalog::{Partition, Table};
use crate::sql::QualifiedName;

/// A new partition. Its columns, and the constraints and indexes that its parent has, come with it.
pub(super) fn created<'a>(
    name: &'a QualifiedName,
    partition: &'a Partition,
    table: &'a Table,
) -> Change<'a> {
    Change::CreatePartition {
        name,
        partition,
        table,
    }
}
