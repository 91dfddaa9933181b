//! Which review file shows an object.

use std::collections::BTreeMap;

use super::enum_type;
use crate::catalog::Catalog;
use crate::diff::{Object, root};
use crate::sql::QualifiedName;

/// Looks up the owner of an object.
#[derive(Debug)]
pub(super) struct Owners<'a> {
    catalog: &'a Catalog,
    types: BTreeMap<&'a QualifiedName, &'a QualifiedName>,
}

impl<'a> Owners<'a> {
    pub(super) fn new(catalog: &'a Catalog) -> Self {
        Self {
            catalog,
            types: enum_type::first_users(catalog),
        }
    }

    pub(super) fn of(&self, object: Object<'a>) -> Option<&'a QualifiedName> {
        match object {
            Object::Schema(_) | Object::Extension(_) => None,
            Object::EnumType(name) => Some(self.types.get(name).copied().unwrap_or(name)),
            Object::CompositeType(name)
            | Object::Domain(name)
            | Object::DomainCheck(name, _)
            | Object::Sequence(name)
            | Object::SequenceOwner(name)
            | Object::Function(name)
            | Object::Overload(name, _)
            | Object::View(name)
            | Object::MaterializedView(name) => Some(name),
            Object::Table(name)
            | Object::Column(name, _)
            | Object::Constraint(name, _)
            | Object::Index(name, _)
            | Object::Trigger(name, _)
            | Object::Policy(name, _)
            | Object::PartitionPolicy(name) => Some(root(name, self.catalog)),
        }
    }
}
