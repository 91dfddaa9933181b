//! Which review file shows an object.

use std::collections::BTreeMap;

use super::enum_type;
use crate::catalog::Catalog;
use crate::diff::Object;
use crate::sql::QualifiedName;

/// How deep partitions of partitions are followed: a catalog that came from a file may claim a circle.
pub(super) const MAX_DEPTH: usize = 64;

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
            | Object::PartitionPolicy(name) => Some(self.root(name)),
        }
    }

    /// The table that a partition is a part of in the end; anything else is its own root.
    fn root(&self, name: &'a QualifiedName) -> &'a QualifiedName {
        let parent = |name: &&'a QualifiedName| {
            let table = self.catalog.tables.get(*name)?;
            table.partition.as_ref().map(|partition| &partition.of)
        };
        std::iter::successors(Some(name), parent)
            .take(MAX_DEPTH)
            .last()
            .unwrap_or(name)
    }
}
