//! Statements as data: one variant for each that `render` has a template for.

use crate::catalog::{
    Column, Constraint, Index, Partition, PartitionKey, PartitionPolicy, Query, Routine, Trigger,
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
    },
    /// CREATE TYPE … AS ENUM.
    CreateEnumType {
        /// Its name.
        name: &'a QualifiedName,
        /// Its labels in order.
        labels: &'a [String],
    },
    /// CREATE FUNCTION.
    CreateFunction {
        /// Its name.
        name: &'a QualifiedName,
        /// What it does.
        routine: &'a Routine,
    },
    /// CREATE TABLE.
    CreateTable {
        /// Its name.
        name: &'a QualifiedName,
        /// UNLOGGED.
        unlogged: bool,
        /// Its columns in order.
        columns: &'a [Column],
        /// The constraints that stand in it: primary key first, then by name.
        constraints: Vec<NamedConstraint<'a>>,
        /// PARTITION BY.
        partition_key: Option<&'a PartitionKey>,
    },
    /// CREATE TABLE … PARTITION OF.
    CreatePartition {
        /// Its name.
        name: &'a QualifiedName,
        /// Of what, and with which bound.
        partition: &'a Partition,
        /// The constraints that stand in it.
        constraints: Vec<NamedConstraint<'a>>,
        /// PARTITION BY.
        partition_key: Option<&'a PartitionKey>,
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
    /// CREATE VIEW.
    CreateView {
        /// Its name.
        name: &'a QualifiedName,
        /// What it selects.
        query: &'a Query,
    },
    /// CREATE MATERIALIZED VIEW.
    CreateMaterializedView {
        /// Its name.
        name: &'a QualifiedName,
        /// What it selects.
        query: &'a Query,
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
