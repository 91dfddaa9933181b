//! Enumerated types.

use std::collections::BTreeMap;

use crate::catalog::Catalog;
use crate::sql::QualifiedName;

/// For each type that a column has, the first table by name that has such a column.
pub(super) fn first_users(catalog: &Catalog) -> BTreeMap<&QualifiedName, &QualifiedName> {
    let mut users = BTreeMap::new();
    if catalog.enums.is_empty() {
        return users;
    }
    for (table, definition) in &catalog.tables {
        for column in &definition.columns {
            let Some(schema) = &column.ty.schema else {
                continue;
            };
            let name = QualifiedName {
                schema: schema.clone(),
                name: column.ty.name.clone(),
            };
            if let Some((name, _)) = catalog.enums.get_key_value(&name) {
                users.entry(name).or_insert(table);
            }
        }
    }
    users
}
