//! Tables.

use super::NamedConstraint;
use super::constraint::foreign_key;
use crate::catalog::{Catalog, Column};
use crate::diff::Object;
use crate::sql::QualifiedName;

/// What a table needs: the types of its columns and the tables that its constraints refer to.
pub(super) fn needs<'a>(
    name: &'a QualifiedName,
    columns: &'a [Column],
    constraints: &[NamedConstraint<'a>],
    to: &'a Catalog,
) -> Vec<Object<'a>> {
    let mut needs = vec![Object::Schema(&name.schema)];
    needs.extend(columns.iter().filter_map(|column| column_type(column, to)));
    needs.extend(references(name, constraints));
    needs
}

/// The other tables that constraints refer to.
pub(super) fn references<'a>(
    name: &'a QualifiedName,
    constraints: &[NamedConstraint<'a>],
) -> impl Iterator<Item = Object<'a>> {
    constraints
        .iter()
        .filter_map(|(_, constraint)| foreign_key(constraint))
        .filter(move |key| key.references != *name)
        .map(|key| Object::Table(&key.references))
}

fn column_type<'a>(column: &'a Column, to: &'a Catalog) -> Option<Object<'a>> {
    let schema = column.ty.schema.as_ref()?;
    let name = QualifiedName {
        schema: schema.clone(),
        name: column.ty.name.clone(),
    };
    let (name, _) = to.enums.get_key_value(&name)?;
    Some(Object::EnumType(name))
}
