//! Names of objects for programs.

use crate::diff::Object;
use crate::sql::{Ident, QualifiedName};

/// `public.orders.total`: the names that lead to an object, from its schema.
pub(super) fn path(object: Object<'_>) -> String {
    match object {
        Object::Schema(name) | Object::Extension(name) => name.to_string(),
        Object::EnumType(name)
        | Object::CompositeType(name)
        | Object::Domain(name)
        | Object::Sequence(name)
        | Object::SequenceOwner(name)
        | Object::Function(name)
        | Object::Table(name)
        | Object::View(name)
        | Object::MaterializedView(name)
        | Object::PartitionPolicy(name) => name.to_string(),
        Object::Overload(name, arguments) => format!("{name}({arguments})"),
        // An index is named in its relation's schema.
        Object::Index(relation, name) => format!("{}.{name}", relation.schema),
        Object::DomainCheck(of, name)
        | Object::Column(of, name)
        | Object::Constraint(of, name)
        | Object::Trigger(of, name)
        | Object::Policy(of, name) => format!("{of}.{name}"),
    }
}

/// The schema that an object is in, or is; `None` of an extension.
pub(super) fn schema(object: Object<'_>) -> Option<&Ident> {
    match object {
        Object::Schema(name) => Some(name),
        Object::Extension(_) => None,
        other => owner(other).map(|name| &name.schema),
    }
}

/// The relation, type or function that an object is, or is a part of.
pub(super) fn owner(object: Object<'_>) -> Option<&QualifiedName> {
    match object {
        Object::Schema(_) | Object::Extension(_) => None,
        Object::EnumType(name)
        | Object::CompositeType(name)
        | Object::Domain(name)
        | Object::Sequence(name)
        | Object::SequenceOwner(name)
        | Object::Function(name)
        | Object::Table(name)
        | Object::View(name)
        | Object::MaterializedView(name)
        | Object::PartitionPolicy(name)
        | Object::Overload(name, _)
        | Object::Index(name, _)
        | Object::DomainCheck(name, _)
        | Object::Column(name, _)
        | Object::Constraint(name, _)
        | Object::Trigger(name, _)
        | Object::Policy(name, _) => Some(name),
    }
}
