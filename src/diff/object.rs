//! The identity of an object.

use std::fmt;

use crate::catalog::View;
use crate::sql::{Ident, QualifiedName, ServerText};

/// Which object: its kind and its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Object<'a> {
    /// A schema.
    Schema(&'a Ident),
    /// An extension.
    Extension(&'a Ident),
    /// An enumerated type.
    EnumType(&'a QualifiedName),
    /// A composite type.
    CompositeType(&'a QualifiedName),
    /// A domain.
    Domain(&'a QualifiedName),
    /// A CHECK of a domain.
    DomainCheck(&'a QualifiedName, &'a Ident),
    /// A sequence.
    Sequence(&'a QualifiedName),
    /// Which column a sequence belongs to.
    SequenceOwner(&'a QualifiedName),
    /// A function or procedure.
    Function(&'a QualifiedName),
    /// One of several functions or procedures of a name, by its arguments.
    Overload(&'a QualifiedName, &'a ServerText),
    /// A table, a partitioned table or a partition.
    Table(&'a QualifiedName),
    /// A column of a table.
    Column(&'a QualifiedName, &'a Ident),
    /// A constraint of a table.
    Constraint(&'a QualifiedName, &'a Ident),
    /// An index on a table or materialized view.
    Index(&'a QualifiedName, &'a Ident),
    /// A trigger of a table.
    Trigger(&'a QualifiedName, &'a Ident),
    /// A policy of a table's rows.
    Policy(&'a QualifiedName, &'a Ident),
    /// A view.
    View(&'a QualifiedName),
    /// The partition policy of a table.
    PartitionPolicy(&'a QualifiedName),
    /// A materialized view.
    MaterializedView(&'a QualifiedName),
}

impl<'a> Object<'a> {
    /// A view, materialized or not.
    pub fn of_view(name: &'a QualifiedName, view: &View) -> Self {
        match view.materialized {
            None => Self::View(name),
            Some(_) => Self::MaterializedView(name),
        }
    }
}

impl fmt::Display for Object<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Schema(name) => write!(f, "schema {name}"),
            Self::Extension(name) => write!(f, "extension {name}"),
            Self::EnumType(name) | Self::CompositeType(name) => write!(f, "type {name}"),
            Self::Domain(name) => write!(f, "domain {name}"),
            Self::DomainCheck(domain, name) => write!(f, "constraint {name} of {domain}"),
            Self::Sequence(name) => write!(f, "sequence {name}"),
            Self::SequenceOwner(name) => write!(f, "owner of sequence {name}"),
            Self::Function(name) => write!(f, "function {name}"),
            Self::Overload(name, arguments) => write!(f, "function {name}({arguments})"),
            Self::Table(name) => write!(f, "table {name}"),
            Self::Column(table, name) => write!(f, "column {table}.{name}"),
            Self::Constraint(table, name) => write!(f, "constraint {name} of {table}"),
            Self::Index(relation, name) => write!(f, "index {name} on {relation}"),
            Self::Trigger(table, name) => write!(f, "trigger {name} of {table}"),
            Self::Policy(table, name) => write!(f, "policy {name} of {table}"),
            Self::View(name) => write!(f, "view {name}"),
            Self::PartitionPolicy(table) => write!(f, "partition policy of {table}"),
            Self::MaterializedView(name) => write!(f, "materialized view {name}"),
        }
    }
}
