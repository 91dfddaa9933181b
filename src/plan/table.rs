//! Tables.

use super::constraint::foreign_key;
use super::{NamedConstraint, dependency};
use crate::catalog::{Catalog, Table};
use crate::diff::Object;
use crate::sql::QualifiedName;

/// What a table needs: the types of its columns, the tables that its constraints refer to or that it inherits from, and
/// what its expressions call.
pub(super) fn needs<'a>(
    name: &'a QualifiedName,
    table: &'a Table,
    constraints: &[NamedConstraint<'a>],
    to: &'a Catalog,
) -> Vec<Object<'a>> {
    let mut needs = vec![Object::Schema(&name.schema)];
    let types = table.columns.iter().map(|column| &column.ty);
    needs.extend(types.filter_map(|ty| dependency::of_type(ty, to)));
    needs.extend(table.inherits.iter().map(Object::Table));
    needs.extend(dependency::objects(&table.needs, to));
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
