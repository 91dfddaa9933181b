//! Enumerated types.

use serde::{Deserialize, Serialize};

use super::comment::Comment;

/// An enumerated type.
/// <https://www.postgresql.org/docs/current/datatype-enum.html>
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnumType {
    /// Labels in their order.
    pub labels: Vec<String>,
    /// COMMENT ON TYPE.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Comment,
}
