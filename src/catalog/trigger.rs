//! Triggers.

use serde::{Deserialize, Serialize};

use super::comment::Comment;
use super::{SCHEMA, is_default};
use crate::sql::{Expr, Ident, QualifiedName};

/// A trigger.
/// <https://www.postgresql.org/docs/current/sql-createtrigger.html>
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a clause of the statement"
)]
pub struct Trigger {
    /// BEFORE, AFTER or INSTEAD OF.
    pub timing: TriggerTiming,
    /// The events, each once, in the order of the enum.
    pub events: Vec<TriggerEvent>,
    /// UPDATE OF; none for any column.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<Ident>,
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
    /// FROM, of a constraint trigger: another table that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referenced: Option<QualifiedName>,
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
    /// ENABLE, DISABLE.
    #[serde(default, skip_serializing_if = "is_default")]
    pub enabled: TriggerState,
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
            columns: Vec::new(),
            for_each_row: false,
            constraint: false,
            deferrable: false,
            initially_deferred: false,
            referenced: None,
            old_table: None,
            new_table: None,
            condition: None,
            function,
            arguments: Vec::new(),
            enabled: TriggerState::Origin,
            comment: None,
        }
    }

    /// What it does, where its function is one of this program's.
    pub fn duty(&self) -> Option<Duty> {
        let is_own = self.function.schema.as_str() == SCHEMA;
        is_own.then(|| match self.function.name.as_str() {
            "request_refresh" | "refresh_now" => Duty::Refresh,
            "queue_refresh" => Duty::Mark,
            "refresh_requested" | "set_updated_at" => Duty::Other,
            _ => Duty::Keep,
        })
    }

    /// Whether it is one of this program's, of the projection of that name (as SQL writes it).
    pub fn is_of(&self, projection: &str) -> bool {
        let of = self.arguments.first();
        self.duty().is_some() && of.is_some_and(|of| of == projection)
    }
}

/// What a trigger of this program does when its table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duty {
    /// Refreshes the view of its argument, at once or in the end of the transaction.
    Refresh,
    /// Marks the view of its argument as stale.
    Mark,
    /// Keeps up a table; its function names columns.
    Keep,
    /// What is about no single projection.
    Other,
}

/// When a trigger fires, by the session's replication role.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TriggerState {
    /// ENABLE: except for what replication writes.
    #[default]
    Origin,
    /// DISABLE.
    Disabled,
    /// ENABLE REPLICA.
    Replica,
    /// ENABLE ALWAYS.
    Always,
}

/// BEFORE, AFTER or INSTEAD OF.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TriggerTiming {
    /// BEFORE.
    Before,
    /// AFTER.
    After,
    /// INSTEAD OF, of a view.
    InsteadOf,
}

/// What fires a trigger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
