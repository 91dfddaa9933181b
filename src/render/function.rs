//! Functions.

use minijinja::Value;

use super::value::{record, sql};
use crate::catalog::Routine;
use crate::sql::QualifiedName;

/// The template of a function that the project brings, and what the template receives.
pub(super) fn template(name: &QualifiedName, routine: &Routine) -> (&'static str, Value) {
    let template = match routine {
        Routine::SetUpdatedAt => "functions/set_updated_at.sql.j2",
        Routine::PartitionName => "functions/partitions/name.sql.j2",
        Routine::PartitionPeriod => "functions/partitions/period.sql.j2",
        Routine::PartitionRanges => "functions/partitions/ranges.sql.j2",
        Routine::PartitionBy => "functions/partitions/partition_by.sql.j2",
        Routine::PlanPartitionPolicy => "functions/partitions/plan_policy.sql.j2",
        Routine::PlanPartitions => "functions/partitions/plan.sql.j2",
        Routine::CreateSubpartitions => "functions/partitions/subpartitions.sql.j2",
        Routine::RunPartitionStep => "functions/partitions/run_step.sql.j2",
        Routine::MaintainPartitions => "functions/partitions/maintain.sql.j2",
        Routine::PartitionReport => "functions/partitions/status.sql.j2",
    };
    (template, record! { name => sql(name) })
}
