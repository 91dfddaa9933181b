//! Indexes.

use crate::diff::Object;
use crate::sql::QualifiedName;

/// What an index needs: the table or materialized view that it is on.
pub(super) fn needs(relation: &QualifiedName) -> Vec<Object<'_>> {
    vec![Object::Table(relation), Object::MaterializedView(relation)]
}
