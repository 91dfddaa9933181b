//! Partitioned tables and partitions.

use serde::{Deserialize, Serialize};

use super::IndexKey;
use crate::sql::{Ident, QualifiedName};

/// PARTITION BY.
/// <https://www.postgresql.org/docs/current/ddl-partitioning.html>
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartitionKey {
    /// RANGE, LIST or HASH.
    pub strategy: PartitionStrategy,
    /// The key's columns; none where `elements` says more of them.
    pub columns: Vec<Ident>,
    /// The key's elements, where one of them is an expression or has a collation or operator class of its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub elements: Vec<IndexKey>,
}

impl PartitionKey {
    /// Whether a column is in the key, or named by an expression of it.
    pub fn names_column(&self, name: &Ident) -> bool {
        self.columns.contains(name) || self.elements.iter().any(|key| key.names_column(name))
    }
}

/// RANGE, LIST or HASH.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartitionStrategy {
    /// RANGE.
    Range,
    /// LIST.
    List,
    /// HASH.
    Hash,
}

/// PARTITION OF.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Partition {
    /// The partitioned table.
    pub of: QualifiedName,
    /// FOR VALUES.
    pub bound: Bound,
}

/// FOR VALUES …; values are the text form of the key's type, as in `'2024-02-01 00:00:00+00'`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Bound {
    /// FROM (inclusive) TO (exclusive).
    Range {
        /// Lower bound.
        from: String,
        /// Upper bound.
        to: String,
    },
    /// FROM (…) TO (…) of a key with several columns, or without an end.
    RangeOf {
        /// Lower bound.
        from: Vec<RangeValue>,
        /// Upper bound.
        to: Vec<RangeValue>,
    },
    /// IN; `None` is NULL.
    List(Vec<Option<String>>),
    /// WITH (MODULUS, REMAINDER).
    Hash {
        /// Number of partitions.
        modulus: u32,
        /// Which of them.
        remainder: u32,
    },
    /// DEFAULT.
    Default,
}

/// One value of a bound by range.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum RangeValue {
    /// A value.
    Value(String),
    /// MINVALUE.
    Minimum,
    /// MAXVALUE.
    Maximum,
}
