//! Sequences.

use serde::{Deserialize, Serialize};

use super::comment::Comment;
use super::is_default;
use crate::sql::{Ident, QualifiedName, TypeName};

/// A sequence that is no identity column's.
/// <https://www.postgresql.org/docs/current/sql-createsequence.html>
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sequence {
    /// AS.
    #[serde(rename = "type")]
    pub ty: TypeName,
    /// UNLOGGED.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unlogged: bool,
    /// What it does.
    #[serde(default, skip_serializing_if = "is_default")]
    pub options: SequenceOptions,
    /// OWNED BY: the column with which it goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owned_by: Option<OwningColumn>,
    /// COMMENT ON SEQUENCE.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Comment,
}

/// What a sequence does, as far as it is not the default of its type and direction.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SequenceOptions {
    /// START WITH.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<i64>,
    /// INCREMENT BY.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub increment: Option<i64>,
    /// MINVALUE.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<i64>,
    /// MAXVALUE.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<i64>,
    /// CACHE.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache: Option<i64>,
    /// CYCLE.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cycle: bool,
}

impl SequenceOptions {
    /// All by default.
    pub const NOTHING: Self = Self {
        start: None,
        increment: None,
        minimum: None,
        maximum: None,
        cache: None,
        cycle: false,
    };
}

/// A column that owns a sequence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwningColumn {
    /// Its table.
    pub table: QualifiedName,
    /// Its name.
    pub column: Ident,
}
