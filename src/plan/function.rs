//! Functions.

use super::partition_policy::policy_table;
use crate::catalog::{Catalog, Routine};
use crate::diff::Object;
use crate::sql::QualifiedName;

/// What a function needs when it is made. The body of another is looked into only when it runs.
pub(super) fn needs<'a>(
    name: &'a QualifiedName,
    routine: &'a Routine,
    to: &'a Catalog,
) -> Vec<Object<'a>> {
    let mut needs = vec![Object::Schema(&name.schema)];
    match routine {
        Routine::SetUpdatedAt
        | Routine::RequestRefresh
        | Routine::QueueRefresh
        | Routine::RefreshNow
        | Routine::RefreshRequested
        | Routine::RefreshView(_)
        | Routine::RefreshProjection { .. }
        | Routine::RefreshProjections
        | Routine::PartitionName
        | Routine::PartitionPeriod
        | Routine::PartitionRanges
        | Routine::PartitionBy
        | Routine::CreateSubpartitions
        | Routine::RunPartitionStep
        | Routine::MaintainPartitions => {}
        // A row of the table is among its arguments or variables.
        Routine::PlanPartitions | Routine::PlanPartitionPolicy | Routine::PartitionReport => {
            needs.extend(policy_table(to));
        }
    }
    needs
}
