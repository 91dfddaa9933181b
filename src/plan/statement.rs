//! Statements as data: one variant for each that `render` has a template for.

use crate::catalog::{
    Attribute, Constraint, Domain, Index, OwningColumn, Partition, PartitionPolicy, Policy,
    Routine, RoutineDefinition, Sequence, Table, Trigger, View,
};
use crate::diff::Object;
use crate::sql::{Ident, QualifiedName};

/// A constraint with its name.
pub type NamedConstraint<'a> = (&'a Ident, &'a Constraint);

/// One statement.
#[derive(Debug, Clone, PartialEq)]
pub enum Statement<'a> {
    /// CREATE SCHEMA.
    CreateSchema {
        /// Its name.
        name: &'a Ident,
    },
    /// CREATE EXTENSION.
    CreateExtension {
        /// Its name.
        name: &'a Ident,
        /// SCHEMA.
        schema: Option<&'a Ident>,
    },
    /// CREATE TYPE … AS ENUM.
    CreateEnumType {
        /// Its name.
        name: &'a QualifiedName,
        /// Its labels in order.
        labels: &'a [String],
    },
    /// CREATE TYPE … AS.
    CreateCompositeType {
        /// Its name.
        name: &'a QualifiedName,
        /// Its attributes in order.
        attributes: &'a [Attribute],
    },
    /// CREATE DOMAIN.
    CreateDomain {
        /// Its name.
        name: &'a QualifiedName,
        /// What it is.
        domain: &'a Domain,
    },
    /// CREATE SEQUENCE.
    CreateSequence {
        /// Its name.
        name: &'a QualifiedName,
        /// What it is.
        sequence: &'a Sequence,
    },
    /// ALTER SEQUENCE … OWNED BY.
    SetSequenceOwner {
        /// The sequence.
        name: &'a QualifiedName,
        /// The column.
        owner: &'a OwningColumn,
    },
    /// CREATE FUNCTION.
    CreateFunction {
        /// Its name.
        name: &'a QualifiedName,
        /// What it does.
        routine: &'a Routine,
    },
    /// CREATE FUNCTION, of a further one of a name.
    CreateOverload {
        /// Its name.
        name: &'a QualifiedName,
        /// What it is.
        definition: &'a RoutineDefinition,
    },
    /// CREATE TABLE.
    CreateTable {
        /// Its name.
        name: &'a QualifiedName,
        /// What it is.
        table: &'a Table,
        /// The constraints that stand in it: primary key first, then by name.
        constraints: Vec<NamedConstraint<'a>>,
    },
    /// CREATE TABLE … PARTITION OF.
    CreatePartition {
        /// Its name.
        name: &'a QualifiedName,
        /// Of what, and with which bound.
        partition: &'a Partition,
        /// All else of it.
        table: &'a Table,
        /// The constraints that stand in it.
        constraints: Vec<NamedConstraint<'a>>,
    },
    /// ALTER TABLE … ADD CONSTRAINT.
    AddConstraint {
        /// On which table.
        table: &'a QualifiedName,
        /// The constraint.
        constraint: NamedConstraint<'a>,
    },
    /// CREATE INDEX.
    CreateIndex {
        /// On which table or materialized view.
        relation: &'a QualifiedName,
        /// Its name.
        name: &'a Ident,
        /// What it is.
        index: &'a Index,
    },
    /// CREATE TRIGGER.
    CreateTrigger {
        /// On which table.
        table: &'a QualifiedName,
        /// Its name.
        name: &'a Ident,
        /// What it is.
        trigger: &'a Trigger,
    },
    /// CREATE POLICY.
    CreatePolicy {
        /// On which table.
        table: &'a QualifiedName,
        /// Its name.
        name: &'a Ident,
        /// What it is.
        policy: &'a Policy,
    },
    /// CREATE VIEW.
    CreateView {
        /// Its name.
        name: &'a QualifiedName,
        /// What it is.
        view: &'a View,
    },
    /// CREATE MATERIALIZED VIEW.
    CreateMaterializedView {
        /// Its name.
        name: &'a QualifiedName,
        /// What it is.
        view: &'a View,
    },
    /// INSERT INTO `specql.partition_policy`.
    SetPartitionPolicy {
        /// Of which table.
        table: &'a QualifiedName,
        /// What it is.
        policy: &'a PartitionPolicy,
    },
    /// COMMENT ON.
    Comment {
        /// Which object.
        on: Object<'a>,
        /// The text.
        text: &'a str,
    },
}
