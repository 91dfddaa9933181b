//! Kinds of object.

use crate::diff::Object;

/// The kinds of object, in the order in which they are created where nothing else decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A schema.
    Schema,
    /// An extension.
    Extension,
    /// An enumerated type.
    EnumType,
    /// A composite type.
    CompositeType,
    /// A domain.
    Domain,
    /// A sequence.
    Sequence,
    /// A function.
    Function,
    /// A table that is no partition.
    Table,
    /// A column.
    Column,
    /// A partition.
    Partition,
    /// An index.
    Index,
    /// A constraint.
    Constraint,
    /// A trigger.
    Trigger,
    /// A policy of a table's rows.
    Policy,
    /// The owner of a sequence.
    SequenceOwner,
    /// A view.
    View,
    /// A materialized view.
    MaterializedView,
    /// A partition policy.
    PartitionPolicy,
}

impl Kind {
    /// The kind of an object whose change does not say more.
    pub(super) fn of(object: Object<'_>) -> Self {
        match object {
            Object::Schema(_) => Self::Schema,
            Object::Extension(_) => Self::Extension,
            Object::EnumType(_) => Self::EnumType,
            Object::CompositeType(_) => Self::CompositeType,
            Object::Domain(_) | Object::DomainCheck(..) => Self::Domain,
            Object::Sequence(_) => Self::Sequence,
            Object::SequenceOwner(_) => Self::SequenceOwner,
            Object::Function(_) | Object::Overload(..) => Self::Function,
            Object::Table(_) => Self::Table,
            Object::Column(..) => Self::Column,
            Object::Constraint(..) => Self::Constraint,
            Object::Index(..) => Self::Index,
            Object::Trigger(..) => Self::Trigger,
            Object::Policy(..) => Self::Policy,
            Object::View(_) => Self::View,
            Object::PartitionPolicy(_) => Self::PartitionPolicy,
            Object::MaterializedView(_) => Self::MaterializedView,
        }
    }
}
