//! What is known of the database that a plan is for, beyond its catalog.

use std::collections::BTreeMap;

use crate::pg::Version;
use crate::sql::QualifiedName;

/// The server and how large things are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Situation {
    /// The server's version.
    pub version: Version,
    /// Sizes of tables, partitions and materialized views, as far as they are known, under the names that they have
    /// before the plan. A partitioned table has none of its own.
    pub sizes: BTreeMap<QualifiedName, Size>,
    /// Whether expressions of what is there are written as the server has printed them: otherwise it may have other ones of the
    /// same meaning, which can have another one for another type.
    pub printed: bool,
}

impl Situation {
    /// Nothing is known but the version.
    pub const fn unknown(version: Version) -> Self {
        Self {
            version,
            sizes: BTreeMap::new(),
            printed: false,
        }
    }
}

/// How large a relation is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Size {
    /// Rows, as the server estimates; `None` where it never looked.
    pub rows: Option<u64>,
    /// Bytes with TOAST table and indexes; `None` where that is unknown.
    pub bytes: Option<u64>,
}

impl std::ops::Add for Size {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        let sum = |a: Option<u64>, b: Option<u64>| Some(a?.saturating_add(b?));
        Self {
            rows: sum(self.rows, other.rows),
            bytes: sum(self.bytes, other.bytes),
        }
    }
}
