//! Constraints.

use serde::{Deserialize, Serialize};

use super::IndexKey;
use super::comment::Comment;
use crate::sql::{Expr, Ident, QualifiedName};

/// A constraint of a table.
/// <https://www.postgresql.org/docs/current/ddl-constraints.html>
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Constraint {
    /// What it demands.
    pub kind: ConstraintKind,
    /// DEFERRABLE.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deferrable: bool,
    /// INITIALLY DEFERRED.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub initially_deferred: bool,
    /// COMMENT ON CONSTRAINT.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Comment,
}

/// The kinds of constraint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ConstraintKind {
    /// PRIMARY KEY.
    PrimaryKey {
        /// Key columns.
        columns: Vec<Ident>,
    },
    /// UNIQUE.
    Unique {
        /// Key columns.
        columns: Vec<Ident>,
        /// NULLS NOT DISTINCT when false.
        nulls_distinct: bool,
    },
    /// CHECK.
    Check {
        /// The condition.
        condition: Expr,
    },
    /// FOREIGN KEY.
    ForeignKey(ForeignKey),
    /// EXCLUDE.
    Exclude {
        /// Access method.
        method: Ident,
        /// What must not coincide.
        elements: Vec<ExcludeElement>,
        /// WHERE.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        predicate: Option<Expr>,
    },
}

/// FOREIGN KEY … REFERENCES.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForeignKey {
    /// Referring columns.
    pub columns: Vec<Ident>,
    /// The table that is referred to.
    pub references: QualifiedName,
    /// The columns that are referred to.
    pub referenced_columns: Vec<Ident>,
    /// ON DELETE.
    pub on_delete: ReferentialAction,
    /// ON UPDATE.
    pub on_update: ReferentialAction,
}

/// ON DELETE, ON UPDATE.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReferentialAction {
    /// NO ACTION.
    #[default]
    NoAction,
    /// RESTRICT.
    Restrict,
    /// CASCADE.
    Cascade,
    /// SET NULL.
    SetNull,
    /// SET DEFAULT.
    SetDefault,
}

/// One element of an exclusion constraint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExcludeElement {
    /// The index key.
    pub key: IndexKey,
    /// WITH operator.
    pub operator: String,
}
