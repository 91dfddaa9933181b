//! Schemas.

use serde::{Deserialize, Serialize};

use super::comment::Comment;

/// A schema.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schema {
    /// COMMENT ON SCHEMA.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Comment,
}
