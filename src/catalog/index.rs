//! Indexes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::comment::Comment;
use crate::sql::{Expr, Ident};

/// An index.
/// <https://www.postgresql.org/docs/current/sql-createindex.html>
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a clause of the statement"
)]
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
    /// TABLESPACE, where it is not the database's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tablespace: Option<Ident>,
    /// CLUSTER ON: the next CLUSTER goes by it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub clustered: bool,
    /// REPLICA IDENTITY USING INDEX: its columns of an old row are written to the log.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub replica_identity: bool,
    /// It cannot be used: a CREATE INDEX CONCURRENTLY was interrupted, or a partition has no such index yet.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub invalid: bool,
    /// COMMENT ON INDEX.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Comment,
}

impl Index {
    /// An index with nothing else said of it.
    pub fn new(method: &str, keys: Vec<IndexKey>) -> Self {
        Self {
            method: Ident::new(method),
            keys,
            include: Vec::new(),
            predicate: None,
            unique: false,
            nulls_not_distinct: false,
            storage_parameters: BTreeMap::new(),
            tablespace: None,
            clustered: false,
            replica_identity: false,
            invalid: false,
            comment: None,
        }
    }
}

impl Index {
    /// Whether two are the same but for their comments.
    pub fn is_same(&self, other: &Self) -> bool {
        let bare = |it: &Self| Self {
            comment: None,
            ..it.clone()
        };
        bare(self) == bare(other)
    }

    /// Whether a column is in a key, in what is included, or named by an expression.
    pub fn names_column(&self, name: &Ident) -> bool {
        self.keys.iter().any(|key| key.names_column(name))
            || self.include.contains(name)
            || self
                .predicate
                .as_ref()
                .is_some_and(|predicate| predicate.names_column(name))
    }

    /// Its expressions: of keys, and the condition.
    pub fn expressions(&self) -> impl Iterator<Item = &Expr> {
        let of_keys = self.keys.iter().filter_map(|key| match &key.target {
            IndexTarget::Expression(expression) => Some(expression),
            IndexTarget::Column(_) => None,
        });
        of_keys.chain(&self.predicate)
    }

    /// The same index after columns were renamed.
    #[must_use]
    pub fn with_renamed_columns<'n>(&self, renamed: impl Fn(&Ident) -> Option<&'n Ident>) -> Self {
        let mut index = self.clone();
        for key in &mut index.keys {
            key.rename_columns(&renamed);
        }
        for column in &mut index.include {
            if let Some(new) = renamed(column) {
                *column = new.clone();
            }
        }
        if let Some(predicate) = &mut index.predicate {
            *predicate = predicate.with_renamed_columns(&renamed);
        }
        index
    }
}

/// One key part.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IndexKey {
    /// What is indexed.
    pub target: IndexTarget,
    /// COLLATE; `None` for the column's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collation: Option<Ident>,
    /// The collation's schema; `None` for `pg_catalog`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collation_schema: Option<Ident>,
    /// Operator class; `None` for the type's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator_class: Option<Ident>,
    /// The operator class's schema; `None` for `pg_catalog` and where an extension brings it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator_class_schema: Option<Ident>,
    /// Parameters of the operator class: `gist_trgm_ops (siglen = 32)`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub operator_class_parameters: BTreeMap<Ident, String>,
    /// DESC.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub descending: bool,
    /// NULLS FIRST; the default is `descending`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub nulls_first: bool,
}

impl IndexKey {
    /// In ascending order, by the type's own operator class and collation.
    pub fn new(target: IndexTarget) -> Self {
        Self {
            target,
            collation: None,
            collation_schema: None,
            operator_class: None,
            operator_class_schema: None,
            operator_class_parameters: BTreeMap::new(),
            descending: false,
            nulls_first: false,
        }
    }
}

impl IndexKey {
    /// The column, where it is one and no expression.
    pub fn column(&self) -> Option<&Ident> {
        match &self.target {
            IndexTarget::Column(column) => Some(column),
            IndexTarget::Expression(_) => None,
        }
    }

    /// Whether it is a column, or an expression that names it.
    pub fn names_column(&self, name: &Ident) -> bool {
        match &self.target {
            IndexTarget::Column(column) => column == name,
            IndexTarget::Expression(expression) => expression.names_column(name),
        }
    }

    /// Puts the new names of columns in the place of the old ones.
    pub fn rename_columns<'n>(&mut self, renamed: impl Fn(&Ident) -> Option<&'n Ident>) {
        match &mut self.target {
            IndexTarget::Column(column) => {
                if let Some(new) = renamed(column) {
                    *column = new.clone();
                }
            }
            IndexTarget::Expression(expression) => {
                *expression = expression.with_renamed_columns(renamed);
            }
        }
    }
}

/// A column or an expression.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IndexTarget {
    /// A column.
    Column(Ident),
    /// An expression.
    Expression(Expr),
}
