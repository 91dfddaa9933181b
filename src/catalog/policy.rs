//! Policies of row-level security.

use serde::{Deserialize, Serialize};

use super::comment::Comment;
use crate::sql::{Expr, Ident};

/// Which rows of a table who may see and write.
/// <https://www.postgresql.org/docs/current/sql-createpolicy.html>
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// AS RESTRICTIVE; otherwise PERMISSIVE.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub restrictive: bool,
    /// FOR.
    pub command: PolicyCommand,
    /// TO; none for PUBLIC.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<Ident>,
    /// USING.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub using: Option<Expr>,
    /// WITH CHECK.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<Expr>,
    /// COMMENT ON POLICY.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Comment,
}

/// What a policy is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicyCommand {
    /// ALL.
    All,
    /// SELECT.
    Select,
    /// INSERT.
    Insert,
    /// UPDATE.
    Update,
    /// DELETE.
    Delete,
}
