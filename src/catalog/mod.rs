//! `PostgreSQL` objects as plain data: what a schema *is*, however it came about.
//!
//! Three sources make it (`lower` from specs, a snapshot file, later a live database), and everything to the right of it
//! (`diff`, `plan`, `render`) knows nothing of where it came from. It is ordered, comparable and serialisable; its
//! serialised form is `snapshot.json`.
//!
//! Architecture invariant: no SQL statement is made here, no file is read, nothing is looked up.

mod comment;
mod constraint;
mod enum_type;
mod extension;
mod function;
mod incremental;
mod index;
mod partition;
mod partition_policy;
mod schema;
mod table;
mod trigger;
mod view;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use constraint::{Constraint, ConstraintKind, ExcludeElement, ForeignKey, ReferentialAction};
pub use enum_type::EnumType;
pub use extension::Extension;
pub use function::{Function, RefreshView, RefreshedBy, Routine};
pub use incremental::{
    ByProjection, Compared, ExpireRows, Link, MaintainProjection, NoteChanges, Noted,
    RebuildProjection, StoredProjection, VerifyProjection, WriteProjection,
};
pub use index::{Index, IndexKey, IndexTarget};
pub use partition::{Bound, Partition, PartitionKey, PartitionStrategy};
pub use partition_policy::{PartitionPolicy, PeriodUnit, PolicyLevel, Subpartition, Subpartitions};
pub use schema::Schema;
pub use table::{Column, Generated, Identity, Table};
pub use trigger::{Trigger, TriggerEvent, TriggerTiming};
pub use view::{Join, Materialization, OutputColumn, Query, Source, View};

use crate::sql::{Ident, QualifiedName};

#[allow(
    clippy::zero_sized_map_values,
    reason = "an extension has a name only, so far"
)]
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
    /// Functions, none of them overloaded.
    pub functions: BTreeMap<QualifiedName, Function>,
    /// Tables, partitioned tables and partitions.
    pub tables: BTreeMap<QualifiedName, Table>,
    /// Views and materialized views.
    pub views: BTreeMap<QualifiedName, View>,
    /// What partitions are made and removed at run time, by the table that they are of.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub partition_policies: BTreeMap<QualifiedName, PartitionPolicy>,
}
