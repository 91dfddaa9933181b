//! Functions.

use serde::{Deserialize, Serialize};

use super::comment::Comment;

/// A function or procedure that the project brings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Function {
    /// Everything of `CREATE FUNCTION` between the name's argument list and the body, by the name of the template that
    /// writes the body: the project's functions are templates, never text from a spec.
    pub template: String,
    /// COMMENT ON FUNCTION.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Comment,
}
