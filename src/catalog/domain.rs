//! Domains.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::Dependency;
use super::comment::Comment;
use crate::sql::{Expr, Ident, QualifiedName, TypeName};

/// A type with restrictions of its own.
/// <https://www.postgresql.org/docs/current/sql-createdomain.html>
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Domain {
    /// The type under it.
    #[serde(rename = "type")]
    pub ty: TypeName,
    /// COLLATE, where it is not the type's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collation: Option<QualifiedName>,
    /// DEFAULT.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Expr>,
    /// NOT NULL.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub not_null: bool,
    /// CHECK.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub checks: BTreeMap<Ident, DomainCheck>,
    /// What has to be there first, beyond its type.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub needs: BTreeSet<Dependency>,
    /// COMMENT ON DOMAIN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Comment,
}

/// A CHECK of a domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DomainCheck {
    /// The condition on VALUE.
    pub condition: Expr,
    /// NOT VALID.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub not_valid: bool,
    /// COMMENT ON CONSTRAINT … ON DOMAIN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Comment,
}
