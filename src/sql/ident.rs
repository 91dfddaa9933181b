//! Identifiers that quote themselves.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::pg::keywords::needs_quotes;

/// An SQL identifier; prints itself quoted when, and only when, `PostgreSQL` needs it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ident(String);

impl Ident {
    /// Longest identifier in bytes; the server truncates silently beyond it (`NAMEDATALEN` - 1).
    pub const MAX_BYTES: usize = 63;

    /// An identifier of exactly this spelling.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The spelling, without quotes.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Ident {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}

impl fmt::Display for Ident {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if needs_quotes(&self.0) {
            write!(f, "\"{}\"", self.0.replace('"', "\"\""))
        } else {
            f.write_str(&self.0)
        }
    }
}

/// A schema-qualified name; ordered by schema, then name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QualifiedName {
    /// The schema.
    pub schema: Ident,
    /// The name within it.
    pub name: Ident,
}

impl QualifiedName {
    /// `schema.name`.
    pub fn new(schema: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            schema: Ident::new(schema),
            name: Ident::new(name),
        }
    }
}

impl fmt::Display for QualifiedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.schema, self.name)
    }
}
