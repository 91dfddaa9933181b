//! Views and materialized views.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Index;
use super::comment::Comment;
use crate::sql::{Expr, Ident, QualifiedName};

/// A view or a materialized view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct View {
    /// What it selects.
    pub query: Query,
    /// `Some` for a materialized view.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub materialized: Option<Materialization>,
    /// COMMENT ON VIEW, COMMENT ON MATERIALIZED VIEW.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Comment,
}

/// What a materialized view has and a view has not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Materialization {
    /// Its indexes.
    pub indexes: BTreeMap<Ident, Index>,
}

/// One SELECT with LEFT JOINs: the only form of query that a projection has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    /// Output columns.
    pub columns: Vec<OutputColumn>,
    /// FROM.
    pub from: Source,
    /// LEFT JOIN … ON, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub joins: Vec<Join>,
    /// WHERE.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Expr>,
    /// GROUP BY.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub group_by: Vec<Expr>,
}

/// `expression AS name`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutputColumn {
    /// The expression.
    pub expression: Expr,
    /// The column's name.
    pub name: Ident,
}

/// A table, constants or a grouped subquery, under an alias.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Source {
    /// A table.
    Table {
        /// Its name.
        name: QualifiedName,
        /// Its alias.
        alias: Ident,
    },
    /// VALUES: rows of constants.
    Values {
        /// The columns' names.
        columns: Vec<Ident>,
        /// The rows, each with a value for each column.
        rows: Vec<Vec<Expr>>,
        /// Its alias.
        alias: Ident,
    },
    /// A function without arguments that returns rows.
    Function {
        /// Its name.
        name: QualifiedName,
        /// Its alias.
        alias: Ident,
    },
    /// A subquery.
    Subquery {
        /// The query.
        query: Box<Query>,
        /// Its alias.
        alias: Ident,
        /// LATERAL: it refers to what stands before it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        lateral: bool,
    },
}

/// LEFT JOIN source ON condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Join {
    /// What is joined.
    pub source: Source,
    /// ON.
    pub on: Expr,
}
