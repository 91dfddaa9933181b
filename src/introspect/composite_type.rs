//! Composite types.

use std::collections::BTreeMap;

use super::names::Names;
use super::relation::RelationKind;
use crate::catalog::{Attribute, CompositeType};
use crate::sql::QualifiedName;

/// All of them, put together from relations and their columns.
pub(super) fn assemble(names: &Names) -> BTreeMap<QualifiedName, CompositeType> {
    let types = names
        .relations
        .values()
        .filter(|relation| relation.kind == RelationKind::CompositeType && !relation.of_extension);
    types
        .map(|relation| {
            let attributes = relation.definitions.iter().map(|column| Attribute {
                name: column.name.clone(),
                ty: column.ty.clone(),
                collation: column.collation.as_deref().cloned(),
                comment: column.comment.clone(),
            });
            let composite_type = CompositeType {
                attributes: attributes.collect(),
                comment: relation.comment.clone(),
            };
            (relation.name.clone(), composite_type)
        })
        .collect()
}
