//! Triggers.

use serde::{Deserialize, Serialize};

use super::comment::Comment;
use crate::sql::{Expr, Ident, QualifiedName};

/// A trigger.
/// <https://www.postgresql.org/docs/current/sql-createtrigger.html>
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a clause of the statement"
)]
pub struct Trigger {
    /// BEFORE or AFTER.
    pub timing: TriggerTiming,
    /// The events, each once, in the order of the enum.
    pub events: Vec<TriggerEvent>,
    /// FOR EACH ROW; otherwise FOR EACH STATEMENT.
    pub for_each_row: bool,
    /// CREATE CONSTRAINT TRIGGER: one that can wait for the end of the transaction.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub constraint: bool,
    /// DEFERRABLE, of a constraint trigger.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deferrable: bool,
    /// INITIALLY DEFERRED.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub initially_deferred: bool,
    /// REFERENCING OLD TABLE AS: the transition table of rows as they were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old_table: Option<Ident>,
    /// REFERENCING NEW TABLE AS: the transition table of rows as they are now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_table: Option<Ident>,
    /// WHEN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Expr>,
    /// The function that it executes.
    pub function: QualifiedName,
    /// Its arguments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub arguments: Vec<String>,
    /// COMMENT ON TRIGGER.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Comment,
}

impl Trigger {
    /// AFTER the events, FOR EACH STATEMENT, with nothing else.
    pub fn after(events: Vec<TriggerEvent>, function: QualifiedName) -> Self {
        Self {
            timing: TriggerTiming::After,
            events,
            for_each_row: false,
            constraint: false,
            deferrable: false,
            initially_deferred: false,
            old_table: None,
            new_table: None,
            condition: None,
            function,
            arguments: Vec::new(),
            comment: None,
        }
    }
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
