//! What a change is.

use super::{Object, Rename};
use crate::catalog::{
    Attribute, Column, Constraint, Domain, Index, OwningColumn, Partition, PartitionPolicy, Policy,
    Routine, RoutineDefinition, Sequence, Table, Trigger, View,
};
use crate::sql::{Ident, QualifiedName};

/// One change to one object.
#[derive(Debug, Clone, PartialEq)]
pub enum Change<'a> {
    /// A schema comes.
    CreateSchema {
        /// Its name.
        name: &'a Ident,
    },
    /// An extension comes.
    CreateExtension {
        /// Its name.
        name: &'a Ident,
        /// The schema of its objects, where that is said.
        schema: Option<&'a Ident>,
    },
    /// An enumerated type comes.
    CreateEnumType {
        /// Its name.
        name: &'a QualifiedName,
        /// Its labels in order.
        labels: &'a [String],
    },
    /// A composite type comes.
    CreateCompositeType {
        /// Its name.
        name: &'a QualifiedName,
        /// Its attributes in order.
        attributes: &'a [Attribute],
    },
    /// A domain comes, with its constraints.
    CreateDomain {
        /// Its name.
        name: &'a QualifiedName,
        /// What it is.
        domain: &'a Domain,
    },
    /// A sequence comes; its owner is a change of its own.
    CreateSequence {
        /// Its name.
        name: &'a QualifiedName,
        /// What it is.
        sequence: &'a Sequence,
    },
    /// A sequence gets to belong to a column.
    SetSequenceOwner {
        /// The sequence.
        name: &'a QualifiedName,
        /// The column.
        owner: &'a OwningColumn,
    },
    /// A function comes.
    CreateFunction {
        /// Its name.
        name: &'a QualifiedName,
        /// What it does.
        routine: &'a Routine,
    },
    /// A further function of a name comes.
    CreateOverload {
        /// Its name.
        name: &'a QualifiedName,
        /// What it is.
        definition: &'a RoutineDefinition,
    },
    /// A table comes, with its columns; its constraints, indexes, triggers and policies are changes of their own.
    CreateTable {
        /// Its name.
        name: &'a QualifiedName,
        /// What it is.
        table: &'a Table,
    },
    /// A partition comes.
    CreatePartition {
        /// Its name.
        name: &'a QualifiedName,
        /// Of what, and with which bound.
        partition: &'a Partition,
        /// All else of it.
        table: &'a Table,
    },
    /// A constraint comes.
    AddConstraint {
        /// On which table.
        table: &'a QualifiedName,
        /// Its name.
        name: &'a Ident,
        /// What it is.
        constraint: &'a Constraint,
    },
    /// An index comes.
    CreateIndex {
        /// On which table or materialized view.
        relation: &'a QualifiedName,
        /// Its name.
        name: &'a Ident,
        /// What it is.
        index: &'a Index,
    },
    /// A trigger comes.
    CreateTrigger {
        /// On which table.
        table: &'a QualifiedName,
        /// Its name.
        name: &'a Ident,
        /// What it is.
        trigger: &'a Trigger,
    },
    /// A policy of a table's rows comes.
    CreatePolicy {
        /// On which table.
        table: &'a QualifiedName,
        /// Its name.
        name: &'a Ident,
        /// What it is.
        policy: &'a Policy,
    },
    /// A view comes; its triggers are changes of their own.
    CreateView {
        /// Its name.
        name: &'a QualifiedName,
        /// What it is.
        view: &'a View,
    },
    /// A materialized view comes; its indexes are changes of their own.
    CreateMaterializedView {
        /// Its name.
        name: &'a QualifiedName,
        /// What it is.
        view: &'a View,
    },
    /// The policy of a table's partitions comes or is another.
    SetPartitionPolicy {
        /// Of which table.
        table: &'a QualifiedName,
        /// What it is.
        policy: &'a PartitionPolicy,
    },
    /// An object gets a comment, another one, or none.
    Comment {
        /// Which object.
        on: Object<'a>,
        /// The text.
        text: Option<&'a str>,
    },
    /// An object gets another name.
    Rename(&'a Rename),
    /// An object goes.
    Drop(Object<'a>),
    /// An enumerated type gets a label.
    AddEnumLabel {
        /// The type.
        name: &'a QualifiedName,
        /// The label.
        label: &'a str,
        /// Where in the order it comes.
        place: LabelPlace<'a>,
    },
    /// An enumerated type loses labels or orders them otherwise: it is made anew.
    ReplaceEnumType {
        /// The type.
        name: &'a QualifiedName,
        /// Its labels before.
        previous: &'a [String],
        /// Its labels in order.
        next: &'a [String],
    },
    /// A function does something else.
    ReplaceFunction {
        /// Its name.
        name: &'a QualifiedName,
        /// What it did.
        previous: &'a Routine,
        /// What it does.
        next: &'a Routine,
    },
    /// A table's columns stay, and it becomes partitioned, or is no longer.
    Repartition {
        /// Its name.
        name: &'a QualifiedName,
        /// What it was.
        previous: &'a Table,
        /// What it is.
        next: &'a Table,
    },
    /// A table begins or ceases to be written to the log.
    SetLogged {
        /// Its name.
        table: &'a QualifiedName,
        /// Whether it is.
        logged: bool,
    },
    /// A table becomes a partition.
    AttachPartition {
        /// Its name.
        name: &'a QualifiedName,
        /// Of what, and with which bound.
        partition: &'a Partition,
    },
    /// A partition has more rows than before, and none less.
    WidenPartition {
        /// Its name.
        name: &'a QualifiedName,
        /// Of what, and with which bound.
        partition: &'a Partition,
    },
    /// A partition becomes a table.
    DetachPartition {
        /// Its name.
        name: &'a QualifiedName,
        /// What it was a part of.
        of: &'a QualifiedName,
    },
    /// A column comes to a table that is there.
    AddColumn {
        /// The table.
        table: &'a QualifiedName,
        /// The column.
        column: &'a Column,
    },
    /// A column is another one.
    AlterColumn {
        /// The table.
        table: &'a QualifiedName,
        /// What it was.
        previous: &'a Column,
        /// What it is.
        next: &'a Column,
    },
    /// A constraint is another one.
    ReplaceConstraint {
        /// The table.
        table: &'a QualifiedName,
        /// Its name.
        name: &'a Ident,
        /// What it was.
        previous: &'a Constraint,
        /// What it is.
        next: &'a Constraint,
    },
    /// An index is another one.
    ReplaceIndex {
        /// The table or materialized view.
        relation: &'a QualifiedName,
        /// Its name.
        name: &'a Ident,
        /// What it was.
        previous: &'a Index,
        /// What it is.
        next: &'a Index,
    },
    /// A trigger is another one.
    ReplaceTrigger {
        /// The table.
        table: &'a QualifiedName,
        /// Its name.
        name: &'a Ident,
        /// What it was.
        previous: &'a Trigger,
        /// What it is.
        next: &'a Trigger,
    },
    /// A policy of a table's rows is another one.
    ReplacePolicy {
        /// The table.
        table: &'a QualifiedName,
        /// Its name.
        name: &'a Ident,
        /// What it was.
        previous: &'a Policy,
        /// What it is.
        next: &'a Policy,
    },
    /// A view selects something else.
    ReplaceView {
        /// Its name.
        name: &'a QualifiedName,
        /// What it was.
        previous: &'a View,
        /// What it is.
        next: &'a View,
    },
    /// A materialized view selects something else; its indexes come with it.
    ReplaceMaterializedView {
        /// Its name.
        name: &'a QualifiedName,
        /// What it was.
        previous: &'a View,
        /// What it is.
        next: &'a View,
        /// Whether indexes that only the old one has are made for the new one.
        keeps: bool,
    },
}

/// Where a new label comes in the order of an enumerated type's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabelPlace<'a> {
    /// Before another.
    Before(&'a str),
    /// After all.
    Last,
}

impl<'a> Change<'a> {
    /// What it is about.
    pub fn object(&self) -> Object<'a> {
        match *self {
            Self::CreateSchema { name } => Object::Schema(name),
            Self::CreateExtension { name, .. } => Object::Extension(name),
            Self::CreateEnumType { name, .. }
            | Self::AddEnumLabel { name, .. }
            | Self::ReplaceEnumType { name, .. } => Object::EnumType(name),
            Self::CreateCompositeType { name, .. } => Object::CompositeType(name),
            Self::CreateDomain { name, .. } => Object::Domain(name),
            Self::CreateSequence { name, .. } => Object::Sequence(name),
            Self::SetSequenceOwner { name, .. } => Object::SequenceOwner(name),
            Self::CreateFunction { name, .. } | Self::ReplaceFunction { name, .. } => {
                Object::Function(name)
            }
            Self::CreateOverload { name, definition } => {
                Object::Overload(name, &definition.arguments)
            }
            Self::CreateTable { name, .. }
            | Self::CreatePartition { name, .. }
            | Self::Repartition { name, .. }
            | Self::AttachPartition { name, .. }
            | Self::WidenPartition { name, .. }
            | Self::DetachPartition { name, .. }
            | Self::SetLogged { table: name, .. } => Object::Table(name),
            Self::AddConstraint { table, name, .. }
            | Self::ReplaceConstraint { table, name, .. } => Object::Constraint(table, name),
            Self::CreateIndex { relation, name, .. }
            | Self::ReplaceIndex { relation, name, .. } => Object::Index(relation, name),
            Self::CreateTrigger { table, name, .. } | Self::ReplaceTrigger { table, name, .. } => {
                Object::Trigger(table, name)
            }
            Self::CreatePolicy { table, name, .. } | Self::ReplacePolicy { table, name, .. } => {
                Object::Policy(table, name)
            }
            Self::CreateView { name, .. } | Self::ReplaceView { name, .. } => Object::View(name),
            Self::CreateMaterializedView { name, .. }
            | Self::ReplaceMaterializedView { name, .. } => Object::MaterializedView(name),
            Self::SetPartitionPolicy { table, .. } => Object::PartitionPolicy(table),
            Self::AddColumn { table, column } => Object::Column(table, &column.name),
            Self::AlterColumn { table, next, .. } => Object::Column(table, &next.name),
            Self::Comment { on, .. } | Self::Drop(on) => on,
            Self::Rename(rename) => match rename {
                Rename::Table { to, .. } => Object::Table(to),
                Rename::Column { table, to, .. } => Object::Column(table, to),
                Rename::Index { relation, to, .. } => Object::Index(relation, to),
                Rename::Constraint { table, to, .. } => Object::Constraint(table, to),
                Rename::EnumType { to, .. } => Object::EnumType(to),
            },
        }
    }
}
