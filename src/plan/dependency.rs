//! What a server has noted that an object needs, and the types that it names.

use std::collections::BTreeSet;

use crate::catalog::{Catalog, Dependency};
use crate::diff::Object;
use crate::sql::{QualifiedName, TypeName};

/// The objects that are meant. A relation or type may be one of several kinds: what is not there makes no edge.
pub(super) fn objects<'a>(needs: &'a BTreeSet<Dependency>, to: &'a Catalog) -> Vec<Object<'a>> {
    let mut objects = Vec::new();
    for need in needs {
        match need {
            Dependency::Relation(name) => objects.extend([
                Object::Table(name),
                Object::View(name),
                Object::MaterializedView(name),
                Object::Sequence(name),
            ]),
            Dependency::Routine(name) => {
                objects.push(Object::Function(name));
                let overloads = to.functions.get(name).map(|function| &function.overloads);
                objects.extend(
                    overloads
                        .into_iter()
                        .flat_map(|overloads| overloads.keys())
                        .map(|arguments| Object::Overload(name, arguments)),
                );
            }
            Dependency::Type(name) => objects.extend([
                Object::EnumType(name),
                Object::CompositeType(name),
                Object::Domain(name),
            ]),
        }
    }
    objects
}

/// The object that a type is, where it is one of the catalog's.
pub(super) fn of_type<'a>(ty: &TypeName, to: &'a Catalog) -> Option<Object<'a>> {
    let name = QualifiedName {
        schema: ty.schema.clone()?,
        name: ty.name.clone(),
    };
    if let Some((name, _)) = to.enums.get_key_value(&name) {
        return Some(Object::EnumType(name));
    }
    if let Some((name, _)) = to.domains.get_key_value(&name) {
        return Some(Object::Domain(name));
    }
    if let Some((name, _)) = to.composite_types.get_key_value(&name) {
        return Some(Object::CompositeType(name));
    }
    let (name, _) = to.tables.get_key_value(&name)?;
    Some(Object::Table(name))
}
