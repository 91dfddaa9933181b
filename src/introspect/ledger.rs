//! What this program keeps in a database for itself: which migrations it has had.

use crate::catalog::{Catalog, SCHEMA};
use crate::sql::{Ident, QualifiedName};

/// Leaves the ledger out, and its schema where nothing else is in it: no spec speaks of it, and nobody may drop it for that.
pub(super) fn leave_out(catalog: &mut Catalog) {
    let ledger = QualifiedName::new(SCHEMA, "migration");
    if catalog.tables.remove(&ledger).is_none() {
        return;
    }
    let schema = Ident::new(SCHEMA);
    let relations = catalog.tables.keys().chain(catalog.views.keys());
    let mut others = relations.chain(catalog.functions.keys());
    if !others.any(|name| name.schema == schema) {
        catalog.schemas.remove(&schema);
    }
}
