//! Composite types.

use super::dependency;
use crate::catalog::{Attribute, Catalog};
use crate::diff::Object;
use crate::sql::QualifiedName;

/// What a composite type needs: the types of its attributes.
pub(super) fn needs<'a>(
    name: &'a QualifiedName,
    attributes: &'a [Attribute],
    to: &'a Catalog,
) -> Vec<Object<'a>> {
    let types = attributes
        .iter()
        .filter_map(|attribute| dependency::of_type(&attribute.ty, to));
    std::iter::once(Object::Schema(&name.schema))
        .chain(types)
        .collect()
}
