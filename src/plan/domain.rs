//! Domains.

use super::dependency;
use crate::catalog::{Catalog, Domain};
use crate::diff::Object;
use crate::sql::QualifiedName;

/// What a domain needs: the type under it, and what its expressions call.
pub(super) fn needs<'a>(
    name: &'a QualifiedName,
    domain: &'a Domain,
    to: &'a Catalog,
) -> Vec<Object<'a>> {
    let mut needs = vec![Object::Schema(&name.schema)];
    needs.extend(dependency::of_type(&domain.ty, to));
    needs.extend(dependency::objects(&domain.needs, to));
    needs
}
