//! Functions.

use serde::{Deserialize, Serialize};

use super::comment::Comment;

/// A function or procedure that the project brings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Function {
    /// The name of the template under `templates/functions/` that writes its `CREATE FUNCTION`: the project's functions are
    /// templates, never text from a spec.
    pub template: String,
    /// COMMENT ON FUNCTION.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Comment,
}
