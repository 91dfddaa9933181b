//! `PostgreSQL` objects as plain data: what a schema *is*, however it came about.
//!
//! Three sources make it (`lower` from specs, a snapshot file, `introspect` from a live database), and everything to the right of it
//! (`diff`, `plan`, `render`) knows nothing of where it came from. It is ordered, comparable and serialisable; its
//! serialised form is `snapshot.json`.
//!
//! Architecture invariant: no SQL statement is made here, no file is read, nothing is looked up.

mod comment;
mod composite_type;
mod constraint;
mod dependency;
mod domain;
mod enum_type;
mod extension;
mod function;
mod incremental;
mod index;
mod partition;
mod partition_policy;
mod policy;
mod rare;
mod renames;
mod schema;
mod sequence;
mod table;
mod trigger;
mod view;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use composite_type::{Attribute, CompositeType};
pub use constraint::{
    Constraint, ConstraintIndex, ConstraintKind, ExcludeElement, ForeignKey, ReferentialAction,
};
pub use dependency::Dependency;
pub use domain::{Domain, DomainCheck};
pub use enum_type::EnumType;
pub use extension::Extension;
pub use function::{Function, Overload, RefreshView, RefreshedBy, Routine, RoutineDefinition};
pub use incremental::{
    ByProjection, Compared, ExpireRows, Link, MaintainProjection, NoteChanges, Noted,
    RebuildProjection, StoredProjection, VerifyProjection, WriteProjection,
};
pub use index::{Index, IndexKey, IndexTarget};
pub use partition::{Bound, Partition, PartitionKey, PartitionStrategy, RangeValue};
pub use partition_policy::{PartitionPolicy, PeriodUnit, PolicyLevel, Subpartition, Subpartitions};
pub use policy::{Policy, PolicyCommand};
pub use rare::{Rare, Silent};
pub use renames::{FormerNames, Renames};
pub use schema::Schema;
pub use sequence::{OwningColumn, Sequence, SequenceOptions};
pub use table::{
    Column, Compression, Generated, Identity, IdentitySequence, NotNull, ReplicaIdentity,
    RowSecurity, Storage, Table,
};
pub use trigger::{Duty, Trigger, TriggerEvent, TriggerState, TriggerTiming};
pub use view::{
    Join, Materialization, OutputColumn, Query, Source, View, ViewColumn, ViewDefinition, ViewQuery,
};

use crate::sql::{Ident, QualifiedName};

/// The schema of what this program makes for itself.
pub const SCHEMA: &str = "specql";

/// All objects of a database that the project describes. Map keys are the objects' names; order is the names' order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalog {
    /// Schemas that have to be made; `public` is always there and is not listed.
    pub schemas: BTreeMap<Ident, Schema>,
    /// Extensions.
    pub extensions: BTreeMap<Ident, Extension>,
    /// Enumerated types.
    pub enums: BTreeMap<QualifiedName, EnumType>,
    /// Domains.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub domains: BTreeMap<QualifiedName, Domain>,
    /// Composite types.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub composite_types: BTreeMap<QualifiedName, CompositeType>,
    /// Sequences that are no identity column's.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub sequences: BTreeMap<QualifiedName, Sequence>,
    /// Functions and procedures.
    pub functions: BTreeMap<QualifiedName, Function>,
    /// Tables, partitioned tables and partitions.
    pub tables: BTreeMap<QualifiedName, Table>,
    /// Views and materialized views.
    pub views: BTreeMap<QualifiedName, View>,
    /// What partitions are made and removed at run time, by the table that they are of.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub partition_policies: BTreeMap<QualifiedName, PartitionPolicy>,
    /// What objects were called before.
    #[serde(default, skip_serializing_if = "Renames::is_empty")]
    pub renames: Renames,
}

impl Catalog {
    /// A trigger of a table.
    pub fn trigger(&self, table: &QualifiedName, name: &Ident) -> Option<&Trigger> {
        self.tables.get(table)?.triggers.get(name)
    }
}

/// Whether a part says nothing, so that a snapshot leaves it out.
fn is_default<T: Default + PartialEq>(part: &T) -> bool {
    *part == T::default()
}
