//! SQL that a server printed.

use std::fmt;

use serde::{Deserialize, Serialize};

/// SQL text larger or smaller than an expression, as a server prints it: a statement, a query, a list of arguments. The
/// server quotes what it prints, whatever names its objects have, so that the text can stand where SQL is written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ServerText(String);

impl ServerText {
    /// What a `pg_get_…def` function returned.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ServerText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
