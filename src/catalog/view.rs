//! Views and materialized views.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::comment::Comment;
use super::{Dependency, Index, Trigger};
use crate::sql::{Expr, Ident, QualifiedName, ServerText, TypeName};

/// A view or a materialized view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct View {
    /// What it selects.
    pub query: ViewQuery,
    /// WITH: `security_barrier`, `security_invoker`, `check_option`; of a materialized view, storage parameters.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<Ident, String>,
    /// Triggers; none of a materialized view.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub triggers: BTreeMap<Ident, Trigger>,
    /// `Some` for a materialized view.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub materialized: Option<Materialization>,
    /// COMMENT ON VIEW, COMMENT ON MATERIALIZED VIEW.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Comment,
}

impl View {
    /// A view with nothing else said of it.
    pub fn new(query: Query) -> Self {
        Self {
            query: ViewQuery::Query(query),
            options: BTreeMap::new(),
            triggers: BTreeMap::new(),
            materialized: None,
            comment: None,
        }
    }
}

/// What a view selects: as data where the project made it, as text where a server printed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ViewQuery {
    /// The only form of query that a projection has.
    Query(Query),
    /// Any query.
    Definition(ViewDefinition),
}

/// What a view selects, as a server prints it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ViewDefinition {
    /// `pg_get_viewdef`, without the semicolon.
    pub text: ServerText,
    /// Output columns.
    pub columns: Vec<ViewColumn>,
    /// What has to be there first.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub needs: BTreeSet<Dependency>,
}

/// An output column that a server has worked out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ViewColumn {
    /// Its name.
    pub name: Ident,
    /// Its type.
    #[serde(rename = "type")]
    pub ty: TypeName,
    /// COMMENT ON COLUMN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Comment,
}

/// What a materialized view has and a view has not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Materialization {
    /// Its indexes.
    pub indexes: BTreeMap<Ident, Index>,
    /// TABLESPACE, where it is not the database's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tablespace: Option<Ident>,
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
