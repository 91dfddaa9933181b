//! Functions.

use serde::{Deserialize, Serialize};

use super::comment::Comment;

/// A function or procedure that the project brings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Function {
    /// What it does, and with what: the project's functions are templates, never text from a spec.
    pub routine: Routine,
    /// COMMENT ON FUNCTION.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Comment,
}

/// The functions that there are templates for, under `templates/functions/`, each with what its template receives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Routine {
    /// A trigger function that sets `updated_at`.
    SetUpdatedAt,
    /// The name of a partition.
    PartitionName,
    /// The period that a moment is in.
    PartitionPeriod,
    /// The ranges of a table's partitions.
    PartitionRanges,
    /// The PARTITION BY of what a policy says of subpartitions.
    PartitionBy,
    /// What one policy asks to be done.
    PlanPartitionPolicy,
    /// What all policies ask to be done.
    PlanPartitions,
    /// Makes the partitions of a new partition.
    CreateSubpartitions,
    /// Does one thing that was planned.
    RunPartitionStep,
    /// Plans and does.
    MaintainPartitions,
    /// How each policy stands.
    PartitionReport,
}
