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
            Object::Function(_) => Self::Function,
            Object::Table(_) => Self::Table,
            Object::Column(..) => Self::Column,
            Object::Constraint(..) => Self::Constraint,
            Object::Index(..) => Self::Index,
            Object::Trigger(..) => Self::Trigger,
            Object::View(_) => Self::View,
            Object::PartitionPolicy(_) => Self::PartitionPolicy,
            Object::MaterializedView(_) => Self::MaterializedView,
        }
    }
}
