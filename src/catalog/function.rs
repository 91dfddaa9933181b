//! Functions.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::Dependency;
use super::comment::Comment;
use super::incremental::{
    ByProjection, ExpireRows, MaintainProjection, NoteChanges, RebuildProjection, VerifyProjection,
    WriteProjection,
};
use crate::sql::{QualifiedName, ServerText};

/// A function or procedure, with all others of its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Function {
    /// What it does, and with what: the project's functions are templates, never text from a spec.
    pub routine: Routine,
    /// Further routines of the same name, by their identity arguments (`integer, text`). The project makes none; of those
    /// of a live database, the first by its arguments stands in `routine` and the others here.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub overloads: BTreeMap<ServerText, Overload>,
    /// COMMENT ON FUNCTION.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Comment,
}

impl Function {
    /// The only one of its name.
    pub fn new(routine: Routine, comment: Comment) -> Self {
        Self {
            routine,
            overloads: BTreeMap::new(),
            comment,
        }
    }
}

/// A function or procedure that shares its name with another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Overload {
    /// What it is.
    pub definition: RoutineDefinition,
    /// COMMENT ON FUNCTION.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Comment,
}

/// A function or procedure as a server prints it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoutineDefinition {
    /// What tells it from others of its name: `pg_get_function_identity_arguments`.
    pub arguments: ServerText,
    /// The whole statement: `pg_get_functiondef`.
    pub text: ServerText,
    /// What has to be there first.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub needs: BTreeSet<Dependency>,
}

impl RoutineDefinition {
    /// Whether triggers execute it.
    pub fn is_of_triggers(&self) -> bool {
        self.text.as_str().contains(" RETURNS trigger")
    }
}

/// The functions that there are templates for, under `templates/functions/`, each with what its template receives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Routine {
    /// One that was read from a server.
    Definition(RoutineDefinition),
    /// A trigger function that sets `updated_at`.
    SetUpdatedAt,
    /// A trigger function of sources, `mode: commit`: requests one refresh at the end of the transaction.
    RequestRefresh,
    /// A trigger function of sources, `mode: queued`: marks a projection for the next `refresh_projections()`.
    QueueRefresh,
    /// A trigger function of sources, `mode: statement`: refreshes at the end of the statement.
    RefreshNow,
    /// The deferred trigger function that carries out what a transaction has requested.
    RefreshRequested {
        /// The functions that maintain incremental projections, by projection.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        incremental: ByProjection,
        /// What the projections that can be requested read, by projection.
        sources: BTreeMap<QualifiedName, Vec<QualifiedName>>,
    },
    /// Refreshes one materialized view.
    RefreshView(RefreshView),
    /// Refreshes a projection by its name.
    RefreshProjection {
        /// How they are refreshed, by projection.
        projections: BTreeMap<QualifiedName, RefreshedBy>,
    },
    /// The procedure that refreshes whatever is due.
    RefreshProjections,
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
    RunPartitionStep {
        /// Whether projections have to be marked when a partition goes.
        marks: bool,
    },
    /// Marks the projections that read a partitioned table.
    MarkProjections {
        /// The projections, by table.
        readers: BTreeMap<QualifiedName, Vec<QualifiedName>>,
    },
    /// Plans and does.
    MaintainPartitions,
    /// How each policy stands.
    PartitionReport,
    /// A trigger function of a source of an incremental projection.
    NoteChanges(NoteChanges),
    /// Handles what a transaction has noted.
    MaintainProjection(MaintainProjection),
    /// Recomputes keys of an incremental projection.
    WriteProjection(WriteProjection),
    /// Takes an incremental projection for the rest of the transaction.
    TakeProjection,
    /// Recomputes all of an incremental projection, which it also fills at first.
    RebuildStored(RebuildProjection),
    /// Counts rows of an incremental projection that differ from its query.
    VerifyStored(VerifyProjection),
    /// Removes rows of an incremental projection whose time is over.
    ExpireRows(ExpireRows),
    /// Counts differences of a projection by its name.
    VerifyProjection {
        /// The functions that do it.
        projections: ByProjection,
    },
    /// Recomputes a projection by its name.
    RebuildProjection {
        /// The functions that do it.
        projections: ByProjection,
    },
}

/// How `refresh_projection` refreshes a projection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefreshedBy {
    /// The function that does it.
    pub function: QualifiedName,
    /// The function that does it when there are marks, or when nobody knows of a last refresh, if it is another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when_marked: Option<QualifiedName>,
}

/// How one materialized view is refreshed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefreshView {
    /// The materialized view.
    pub view: QualifiedName,
    /// The tables that it reads, in order.
    pub sources: Vec<QualifiedName>,
    /// REFRESH … CONCURRENTLY.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub concurrently: bool,
    /// When `pg_cron` asks whether it is due, where that is installed: a cron expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<String>,
}
