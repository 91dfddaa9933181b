//! Indexes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::comment::Comment;
use crate::sql::{Expr, Ident};

/// An index.
/// <https://www.postgresql.org/docs/current/sql-createindex.html>
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Index {
    /// Access method.
    pub method: Ident,
    /// Key parts.
    pub keys: Vec<IndexKey>,
    /// INCLUDE.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub include: Vec<Ident>,
    /// WHERE.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub predicate: Option<Expr>,
    /// UNIQUE.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unique: bool,
    /// NULLS NOT DISTINCT.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub nulls_not_distinct: bool,
    /// WITH storage parameters.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub storage_parameters: BTreeMap<Ident, String>,
    /// COMMENT ON INDEX.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Comment,
}

/// One key part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IndexKey {
    /// What is indexed.
    pub target: IndexTarget,
    /// COLLATE, a collation of `pg_catalog`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collation: Option<Ident>,
    /// Operator class; `None` for the type's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator_class: Option<Ident>,
    /// DESC.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub descending: bool,
    /// NULLS FIRST; the default is `descending`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub nulls_first: bool,
}

/// A column or an expression.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IndexTarget {
    /// A column.
    Column(Ident),
    /// An expression.
    Expression(Expr),
}
