//! Composite types.

use serde::{Deserialize, Serialize};

use super::comment::Comment;
use crate::sql::{Ident, QualifiedName, TypeName};

/// A row type without a table.
/// <https://www.postgresql.org/docs/current/rowtypes.html>
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompositeType {
    /// Attributes in their order.
    pub attributes: Vec<Attribute>,
    /// COMMENT ON TYPE.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Comment,
}

/// An attribute of a composite type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attribute {
    /// Its name.
    pub name: Ident,
    /// Its type.
    #[serde(rename = "type")]
    pub ty: TypeName,
    /// COLLATE, where it is not the type's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collation: Option<QualifiedName>,
    /// COMMENT ON COLUMN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Comment,
}
