//! Former names.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::sql::{Ident, QualifiedName};

/// What objects were called before, by what they are called now: all that is known of an object's identity beyond its
/// name. It stands beside the objects and not in them: two objects that differ only in what they were once called are equal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Renames {
    /// Tables.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tables: BTreeMap<QualifiedName, QualifiedName>,
    /// Columns, by their tables as they are called now.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub columns: BTreeMap<QualifiedName, FormerNames>,
    /// Indexes, by their tables or materialized views as they are called now.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub indexes: BTreeMap<QualifiedName, FormerNames>,
    /// Constraints, by their tables as they are called now.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub constraints: BTreeMap<QualifiedName, FormerNames>,
}

/// The former names of a table's parts.
pub type FormerNames = BTreeMap<Ident, Ident>;

impl Renames {
    /// Whether nothing ever had another name.
    pub fn is_empty(&self) -> bool {
        let Self {
            tables,
            columns,
            indexes,
            constraints,
        } = self;
        tables.is_empty() && columns.is_empty() && indexes.is_empty() && constraints.is_empty()
    }

    /// Takes in those of another part of the schema.
    pub fn extend(&mut self, other: Self) {
        let Self {
            tables,
            columns,
            indexes,
            constraints,
        } = other;
        self.tables.extend(tables);
        self.columns.extend(columns);
        self.indexes.extend(indexes);
        self.constraints.extend(constraints);
    }
}
