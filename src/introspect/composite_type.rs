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
            let attributes = relation.columns.iter().map(|row| Attribute {
                name: row.column.name.clone(),
                ty: row.column.ty.clone(),
                collation: row.column.collation.as_deref().cloned(),
                comment: row.column.comment.clone(),
            });
            let composite_type = CompositeType {
                attributes: attributes.collect(),
                comment: relation.comment.clone(),
            };
            (relation.name.clone(), composite_type)
        })
        .collect()
}
