//! Tables and their columns.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::comment::Comment;
use super::{
    Constraint, ConstraintKind, Dependency, ForeignKey, Index, Partition, PartitionKey, Policy,
    Rare, SequenceOptions, Silent, Trigger, is_default,
};
use crate::sql::{Expr, Ident, QualifiedName, TypeName};

/// A table, a partitioned table or a partition.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// UNLOGGED: not written to the log, and empty after a crash.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unlogged: bool,
    /// Columns in their order; none for a partition that has its parent's, with the same defaults in the same order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<Column>,
    /// Constraints; a partition's own only, not those that come with the parent.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub constraints: BTreeMap<Ident, Constraint>,
    /// Indexes; not those that belong to a constraint, nor those that come with the parent.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub indexes: BTreeMap<Ident, Index>,
    /// Triggers.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub triggers: BTreeMap<Ident, Trigger>,
    /// PARTITION BY: this is a partitioned table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partition_key: Option<PartitionKey>,
    /// PARTITION OF: this is a partition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partition: Option<Partition>,
    /// INHERITS, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inherits: Vec<QualifiedName>,
    /// WITH storage parameters; those of its TOAST table start with `toast.`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub storage_parameters: BTreeMap<String, String>,
    /// TABLESPACE, where it is not the database's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tablespace: Option<Ident>,
    /// USING, where it is not `heap`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_method: Option<Ident>,
    /// ENABLE ROW LEVEL SECURITY.
    #[serde(default, skip_serializing_if = "is_default")]
    pub row_security: RowSecurity,
    /// What rows who may see and write.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub policies: BTreeMap<Ident, Policy>,
    /// REPLICA IDENTITY; an index says itself that it is used for it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub replica_identity: ReplicaIdentity,
    /// What has to be there before it, beyond what its columns, constraints and partition bound say: what its
    /// expressions call. Only of a table that was read from a server.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub needs: BTreeSet<Dependency>,
    /// COMMENT ON TABLE.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Comment,
}

impl Table {
    /// Its foreign keys.
    pub fn foreign_keys(&self) -> impl Iterator<Item = &ForeignKey> {
        self.constraints
            .values()
            .filter_map(Constraint::foreign_key)
    }

    /// The name and the columns of its primary key, if it has one.
    pub fn primary_key(&self) -> Option<(&Ident, &[Ident])> {
        self.constraints
            .iter()
            .find_map(|(name, constraint)| match &constraint.kind {
                ConstraintKind::PrimaryKey { columns } => Some((name, columns.as_slice())),
                ConstraintKind::Unique { .. }
                | ConstraintKind::Check { .. }
                | ConstraintKind::ForeignKey(_)
                | ConstraintKind::Exclude { .. } => None,
            })
    }
}

/// A column. What specs cannot say of it is boxed: a schema has a hundred thousand of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Its name.
    pub name: Ident,
    /// Its type.
    #[serde(rename = "type")]
    pub ty: TypeName,
    /// NOT NULL.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub not_null: bool,
    /// The NOT NULL constraint, where it is not the one that a plain NOT NULL makes (18 and newer).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_null_constraint: Option<Box<NotNull>>,
    /// COLLATE, where it is not the type's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collation: Option<Box<QualifiedName>>,
    /// DEFAULT.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Expr>,
    /// GENERATED … AS IDENTITY.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Identity>,
    /// The sequence behind an identity column, where it is not the one that comes by itself.
    #[serde(default, skip_serializing_if = "Rare::is_silent")]
    pub identity_sequence: Rare<IdentitySequence>,
    /// GENERATED ALWAYS AS (…).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generated: Option<Generated>,
    /// STORAGE, where it is not the type's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage: Option<Storage>,
    /// COMPRESSION.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compression: Option<Compression>,
    /// STATISTICS: how closely ANALYZE looks at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statistics: Option<i32>,
    /// ALTER COLUMN … SET: `n_distinct`, `n_distinct_inherited`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<Ident, String>,
    /// COMMENT ON COLUMN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Comment,
}

impl Column {
    /// A column of a name and type, and nothing else.
    pub fn new(name: Ident, ty: TypeName) -> Self {
        Self {
            name,
            ty,
            not_null: false,
            not_null_constraint: None,
            collation: None,
            default: None,
            identity: None,
            identity_sequence: Rare::default(),
            generated: None,
            storage: None,
            compression: None,
            statistics: None,
            options: BTreeMap::new(),
            comment: None,
        }
    }
}

/// A NOT NULL constraint with something said of it (18 and newer).
/// <https://www.postgresql.org/docs/18/ddl-constraints.html#DDL-CONSTRAINTS-NOT-NULL>
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotNull {
    /// Its name.
    pub name: Ident,
    /// NOT VALID.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub not_valid: bool,
    /// NO INHERIT.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_inherit: bool,
    /// COMMENT ON CONSTRAINT.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Comment,
}

/// Where values too long for a row go.
/// <https://www.postgresql.org/docs/current/storage-toast.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Storage {
    /// PLAIN.
    Plain,
    /// EXTERNAL.
    External,
    /// EXTENDED.
    Extended,
    /// MAIN.
    Main,
}

/// How long values are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Compression {
    /// pglz.
    Pglz,
    /// lz4.
    Lz4,
}

/// Row-level security of a table.
/// <https://www.postgresql.org/docs/current/ddl-rowsecurity.html>
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowSecurity {
    /// DISABLE.
    #[default]
    Disabled,
    /// ENABLE: for all but the owner.
    Enabled,
    /// ENABLE and FORCE: for the owner, too.
    Forced,
    /// FORCE without ENABLE, which has no effect yet.
    ForcedOnly,
}

/// What of an old row is written to the log for logical replication, where no index says it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplicaIdentity {
    /// DEFAULT: the primary key; or what an index says that has the mark.
    #[default]
    Default,
    /// NOTHING.
    Nothing,
    /// FULL.
    Full,
}

/// The sequence of an identity column.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentitySequence {
    /// SEQUENCE NAME, where it is not that of the table and the column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<QualifiedName>,
    /// What it does.
    #[serde(default, skip_serializing_if = "is_default")]
    pub options: SequenceOptions,
}

impl Silent for IdentitySequence {
    const NOTHING: &'static Self = &Self {
        name: None,
        options: SequenceOptions::NOTHING,
    };
}

/// GENERATED … AS IDENTITY.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Identity {
    /// ALWAYS.
    Always,
    /// BY DEFAULT.
    ByDefault,
}

/// A generated column's expression.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Generated {
    /// The expression.
    pub expression: Expr,
    /// STORED; otherwise VIRTUAL (18 and newer).
    pub stored: bool,
}
