//! What the routines of an incremental projection work on.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

use super::Query;
use crate::sql::{Expr, Ident, QualifiedName, TypeName};

/// A list that is never empty: a snapshot in which somebody has emptied it is refused where it is read, since without a key
/// no statement can be written.
fn some<'de, D, T>(list: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let list = Vec::deserialize(list)?;
    if list.is_empty() {
        let why = "an incremental projection has a key of at least one column";
        return Err(serde::de::Error::custom(why));
    }
    Ok(list)
}

/// The table that a projection is stored in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredProjection {
    /// The table.
    pub table: QualifiedName,
    /// Its primary key's name.
    pub primary_key: Ident,
    /// The primary key's columns: the root's key.
    #[serde(deserialize_with = "some")]
    pub keys: Vec<Ident>,
    /// Their types.
    #[serde(deserialize_with = "some")]
    pub key_types: Vec<TypeName>,
    /// All other columns.
    pub columns: Vec<Ident>,
    /// Those of them whose type has no equality that is found without a `search_path`: they are compared byte by byte.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<Ident>,
}

/// A trigger function of one source: which rows' projections a statement may have changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoteChanges {
    /// The projection.
    pub projection: QualifiedName,
    /// What an INSERT notes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub insert: Vec<Noted>,
    /// What an UPDATE notes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub update: Vec<Noted>,
    /// What a DELETE notes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub delete: Vec<Noted>,
}

impl NoteChanges {
    /// The tables that it writes into.
    pub fn notes(&self) -> impl Iterator<Item = &QualifiedName> {
        self.noted().map(|noted| &noted.notes)
    }

    /// Whether it reads a column of the source.
    pub fn names(&self, column: &Ident) -> bool {
        self.noted().any(|noted| {
            let mut compared = noted.compared.iter();
            noted.columns.contains(column) || compared.any(|compared| compared.column == *column)
        })
    }

    fn noted(&self) -> impl Iterator<Item = &Noted> {
        let by_event = [&self.insert, &self.update, &self.delete];
        by_event.into_iter().flatten()
    }
}

/// Values of a changed row that go to a table of notes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Noted {
    /// The table of notes.
    pub notes: QualifiedName,
    /// The source's columns, in the order of the notes' keys.
    #[serde(deserialize_with = "some")]
    pub columns: Vec<Ident>,
    /// The other columns that the projection reads: an update that leaves all of them as they were is none.
    pub compared: Vec<Compared>,
}

/// A column whose old and new values are compared.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Compared {
    /// The column.
    pub column: Ident,
    /// By its text: the type has no equality, or one that takes different values for equal (1.0 and 1.00).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub as_text: bool,
}

/// What is done at the end of a transaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MaintainProjection {
    /// The projection.
    pub projection: QualifiedName,
    /// Where keys of the root are noted.
    pub notes: QualifiedName,
    /// The keys' types.
    #[serde(deserialize_with = "some")]
    pub key_types: Vec<TypeName>,
    /// Notes that lead to keys of the root only by way of other rows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// Writes few keys.
    pub write: QualifiedName,
    /// Writes many.
    pub write_many: QualifiedName,
    /// Writes all.
    pub rebuild: QualifiedName,
}

/// A table of notes and the way from it to the root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// The notes.
    pub notes: QualifiedName,
    /// Whether what is noted there moves rows from one root to others, so that nobody else may write the projection.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub alone: bool,
    /// Selects the root's keys.
    pub roots: Query,
}

/// Recomputes keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WriteProjection {
    /// The table.
    pub stored: StoredProjection,
    /// The view that computes a key from its own rows.
    pub keyed: QualifiedName,
    /// Whether plans are made for few keys.
    pub few: bool,
}

/// Recomputes all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RebuildProjection {
    /// The table.
    pub stored: StoredProjection,
    /// The view that computes all.
    pub definition: QualifiedName,
    /// The tables that it reads.
    pub sources: Vec<QualifiedName>,
    /// The trigger functions that must watch before it is filled.
    pub watched_by: Vec<QualifiedName>,
}

/// Counts rows that differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerifyProjection {
    /// The table.
    pub stored: StoredProjection,
    /// The view that computes all.
    pub definition: QualifiedName,
}

/// Removes rows whose time is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpireRows {
    /// The table.
    pub stored: StoredProjection,
    /// Any of these: its time is over.
    pub passed: Vec<Expr>,
}

/// The functions that a function calls by the projection's name.
pub type ByProjection = BTreeMap<QualifiedName, QualifiedName>;
