//! Constraints.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::comment::Comment;
use super::{IndexKey, Rare, Silent};
use crate::sql::{Expr, Ident, QualifiedName};

/// A constraint of a table.
/// <https://www.postgresql.org/docs/current/ddl-constraints.html>
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a clause of the statement"
)]
pub struct Constraint {
    /// What it demands.
    pub kind: ConstraintKind,
    /// DEFERRABLE.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deferrable: bool,
    /// INITIALLY DEFERRED.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub initially_deferred: bool,
    /// NOT VALID: rows that were there before have not been looked at.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub not_valid: bool,
    /// NOT ENFORCED, of a CHECK or a foreign key (18 and newer).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub not_enforced: bool,
    /// NO INHERIT, of a CHECK.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_inherit: bool,
    /// What is said of the index behind a key or an exclusion constraint.
    #[serde(default, skip_serializing_if = "Rare::is_silent")]
    pub index: Rare<ConstraintIndex>,
    /// COMMENT ON CONSTRAINT.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Comment,
}

impl Constraint {
    /// Its foreign key, where it is one.
    pub fn foreign_key(&self) -> Option<&ForeignKey> {
        match &self.kind {
            ConstraintKind::ForeignKey(key) => Some(key),
            ConstraintKind::PrimaryKey { .. }
            | ConstraintKind::Unique { .. }
            | ConstraintKind::Check { .. }
            | ConstraintKind::Exclude { .. } => None,
        }
    }

    /// Whether two are the same but for their comments.
    pub fn is_same(&self, other: &Self) -> bool {
        let bare = |it: &Self| Self {
            comment: None,
            ..it.clone()
        };
        bare(self) == bare(other)
    }

    /// One that is checked at once and always, with nothing else said of it.
    pub fn new(kind: ConstraintKind) -> Self {
        Self {
            kind,
            deferrable: false,
            initially_deferred: false,
            not_valid: false,
            not_enforced: false,
            no_inherit: false,
            index: Rare::default(),
            comment: None,
        }
    }
}

impl ConstraintKind {
    /// The columns of a PRIMARY KEY or UNIQUE.
    pub fn key_columns(&self) -> Option<&[Ident]> {
        match self {
            Self::PrimaryKey { columns } | Self::Unique { columns, .. } => Some(columns),
            Self::Check { .. } | Self::ForeignKey(_) | Self::Exclude { .. } => None,
        }
    }

    /// Whether there is an index of the same name behind it.
    pub fn has_index(&self) -> bool {
        match self {
            Self::PrimaryKey { .. } | Self::Unique { .. } | Self::Exclude { .. } => true,
            Self::Check { .. } | Self::ForeignKey(_) => false,
        }
    }
}

/// The index behind a PRIMARY KEY, UNIQUE or EXCLUDE, as far as it is no default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConstraintIndex {
    /// INCLUDE.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub include: Vec<Ident>,
    /// WITHOUT OVERLAPS of the key's last column (18 and newer).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub without_overlaps: bool,
    /// WITH storage parameters.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub storage_parameters: BTreeMap<Ident, String>,
    /// USING INDEX TABLESPACE.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tablespace: Option<Ident>,
    /// CLUSTER ON: the next CLUSTER goes by it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub clustered: bool,
    /// REPLICA IDENTITY USING INDEX: its columns of an old row are written to the log.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub replica_identity: bool,
    /// COMMENT ON INDEX.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Comment,
}

impl Silent for ConstraintIndex {
    const NOTHING: &'static Self = &Self {
        include: Vec::new(),
        without_overlaps: false,
        storage_parameters: BTreeMap::new(),
        tablespace: None,
        clustered: false,
        replica_identity: false,
        comment: None,
    };
}

/// The kinds of constraint.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
    ForeignKey(Box<ForeignKey>),
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
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
    /// MATCH FULL.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub match_full: bool,
    /// The columns that ON DELETE SET NULL or SET DEFAULT sets, where it does not set all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub on_delete_columns: Vec<Ident>,
    /// PERIOD of the last column on both sides (18 and newer).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub period: bool,
}

/// ON DELETE, ON UPDATE.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExcludeElement {
    /// The index key.
    pub key: IndexKey,
    /// WITH operator.
    pub operator: String,
}
