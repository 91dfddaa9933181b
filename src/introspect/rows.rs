//! What is read of a database, kind by kind. No kind needs what another has found, so that connections can share them; what rows mean
//! together is found out when all are there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use postgres::{Row, Transaction};

use super::constraint::{self, ConstraintRow};
use super::dependency::{self, DependencyRow};
use super::function::{self, Functions};
use super::index::{self, IndexRow};
use super::names::{self, Collations, OperatorClasses, Types};
use super::partition_policy::{self, Policies};
use super::relation::{self, Relation};
use super::unmanaged::{self, Unmanaged};
use super::{
    IntrospectError, Scope, column, domain, enum_type, extension, policy, schema, sequence,
    trigger, view,
};
use crate::catalog::{EnumType, Extension, Schema};
use crate::sql::{Ident, QualifiedName};

/// What one query reads, or two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Tables, views, sequences and composite types, with their columns.
    Relations,
    /// Constraints of tables.
    Constraints,
    /// Indexes.
    Indexes,
    /// What a dump would hold and the catalog does not.
    Unmanaged,
    /// Functions and procedures.
    Functions,
    /// What needs what.
    Dependencies,
    /// The names of types.
    Types,
    /// What views select.
    Views,
    /// Triggers.
    Triggers,
    /// Domains.
    Domains,
    /// The numbers of sequences.
    Sequences,
    /// The names of collations.
    Collations,
    /// The names of operator classes.
    OperatorClasses,
    /// Policies of row-level security.
    Policies,
    /// Policies of partitions.
    PartitionPolicies,
    /// Enumerated types.
    EnumTypes,
    /// Schemas.
    Schemas,
    /// Extensions.
    Extensions,
}

impl Kind {
    /// All of them: first what takes long, so that no connection is left with it at the end.
    pub const ALL: [Self; 18] = [
        Self::Relations,
        Self::Constraints,
        Self::Indexes,
        Self::Unmanaged,
        Self::Functions,
        Self::Dependencies,
        Self::Types,
        Self::Views,
        Self::Triggers,
        Self::Domains,
        Self::Sequences,
        Self::Collations,
        Self::OperatorClasses,
        Self::Policies,
        Self::PartitionPolicies,
        Self::EnumTypes,
        Self::Schemas,
        Self::Extensions,
    ];

    /// Reads it.
    pub(super) fn read(
        self,
        tx: &mut Transaction<'_>,
        scope: &Scope,
        into: &Mutex<Rows>,
    ) -> Result<(), IntrospectError> {
        // What a query says is there before others have to wait.
        macro_rules! read {
            ($field:ident, $rows:expr) => {{
                let rows = $rows?;
                into.lock().unwrap_or_else(PoisonError::into_inner).$field = rows;
            }};
        }
        match self {
            Self::Relations => read!(relations, relations(tx, scope)),
            Self::Constraints => read!(constraints, constraint::read(tx, scope)),
            Self::Indexes => read!(indexes, index::read(tx, scope)),
            Self::Unmanaged => read!(unmanaged, unmanaged::read(tx)),
            Self::Functions => read!(functions, function::read(tx, scope)),
            Self::Dependencies => read!(dependencies, dependency::read(tx)),
            Self::Types => read!(types, names::types(tx, scope)),
            Self::Views => read!(views, view::read(tx, scope)),
            Self::Triggers => read!(triggers, trigger::read(tx)),
            Self::Domains => read!(domains, domain::read(tx)),
            Self::Sequences => read!(sequences, sequence::read(tx)),
            Self::Collations => read!(collations, names::collations(tx)),
            Self::OperatorClasses => read!(operator_classes, names::operator_classes(tx)),
            Self::Policies => read!(policies, policy::read(tx)),
            Self::PartitionPolicies => read!(partition_policies, partition_policy::read(tx)),
            Self::EnumTypes => read!(enum_types, enum_type::read(tx)),
            Self::Schemas => read!(schemas, schema::read(tx)),
            Self::Extensions => read!(extensions, extension::read(tx)),
        }
        Ok(())
    }
}

fn relations(
    tx: &mut Transaction<'_>,
    scope: &Scope,
) -> Result<BTreeMap<u32, Relation>, IntrospectError> {
    let mut relations = relation::read(tx, scope)?;
    column::read(tx, scope, &mut relations)?;
    Ok(relations)
}

/// What has been read; nothing of kinds that were not.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub relations: BTreeMap<u32, Relation>,
    pub constraints: Vec<ConstraintRow>,
    pub indexes: Vec<IndexRow>,
    pub unmanaged: BTreeSet<Unmanaged>,
    pub functions: Functions,
    pub dependencies: Vec<DependencyRow>,
    pub types: Types,
    pub views: Vec<Row>,
    pub triggers: Vec<Row>,
    pub domains: Vec<Row>,
    pub sequences: Vec<Row>,
    pub collations: Collations,
    pub operator_classes: OperatorClasses,
    pub policies: Vec<Row>,
    /// `None` where they may not be read.
    pub partition_policies: Option<Policies>,
    pub enum_types: BTreeMap<QualifiedName, EnumType>,
    pub schemas: BTreeMap<Ident, Schema>,
    pub extensions: BTreeMap<Ident, Extension>,
}
