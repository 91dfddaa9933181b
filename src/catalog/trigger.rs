//! Triggers.

use serde::{Deserialize, Serialize};

use super::comment::Comment;
use crate::sql::QualifiedName;

/// A trigger.
/// <https://www.postgresql.org/docs/current/sql-createtrigger.html>
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trigger {
    /// BEFORE or AFTER.
    pub timing: TriggerTiming,
    /// The events, each once, in the order of the enum.
    pub events: Vec<TriggerEvent>,
    /// FOR EACH ROW; otherwise FOR EACH STATEMENT.
    pub for_each_row: bool,
    /// The function that it executes.
    pub function: QualifiedName,
    /// Its arguments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub arguments: Vec<String>,
    /// COMMENT ON TRIGGER.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Comment,
}

/// BEFORE or AFTER.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TriggerTiming {
    /// BEFORE.
    Before,
    /// AFTER.
    After,
}

/// What fires a trigger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TriggerEvent {
    /// INSERT.
    Insert,
    /// UPDATE.
    Update,
    /// DELETE.
    Delete,
    /// TRUNCATE.
    Truncate,
}
