//! What one object needs of others beyond what its own data say.

use serde::{Deserialize, Serialize};

use crate::sql::QualifiedName;

/// An object that has to be there before another that was read from a server: what stands in the text of a query, a
/// function or an expression is not looked at here, the server has noted it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Dependency {
    /// A table, view, materialized view or sequence.
    Relation(QualifiedName),
    /// A function or procedure, with all others of its name.
    Routine(QualifiedName),
    /// An enumerated or composite type or a domain.
    Type(QualifiedName),
}
