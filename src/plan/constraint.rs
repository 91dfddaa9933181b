//! Constraints.

use super::NamedConstraint;
use crate::catalog::{Catalog, Constraint, ConstraintKind, ForeignKey, Index, IndexTarget};
use crate::diff::Object;
use crate::sql::{Ident, QualifiedName};

/// Puts a constraint into a table's: the primary key first, the others as they come.
pub(super) fn insert<'a>(constraints: &mut Vec<NamedConstraint<'a>>, new: NamedConstraint<'a>) {
    let position = match new.1.kind {
        ConstraintKind::PrimaryKey { .. } => 0,
        ConstraintKind::Unique { .. }
        | ConstraintKind::Check { .. }
        | ConstraintKind::ForeignKey(_)
        | ConstraintKind::Exclude { .. } => constraints.len(),
    };
    constraints.insert(position, new);
}

/// The foreign key of a constraint.
pub(super) fn foreign_key(constraint: &Constraint) -> Option<&ForeignKey> {
    match &constraint.kind {
        ConstraintKind::ForeignKey(key) => Some(key),
        ConstraintKind::PrimaryKey { .. }
        | ConstraintKind::Unique { .. }
        | ConstraintKind::Check { .. }
        | ConstraintKind::Exclude { .. } => None,
    }
}

/// What a constraint that is added later needs: its table, and what its foreign key refers to.
pub(super) fn needs<'a>(
    table: &'a QualifiedName,
    constraint: &'a Constraint,
    to: &'a Catalog,
) -> Vec<Object<'a>> {
    let mut needs = vec![Object::Table(table)];
    if let Some(key) = foreign_key(constraint) {
        needs.push(Object::Table(&key.references));
    }
    needs.extend(needs_index(constraint, to));
    needs
}

/// The unique index that a foreign key relies on where no constraint of the table that it refers to makes the
/// columns unique: it has to be there first.
pub(super) fn needs_index<'a>(constraint: &'a Constraint, to: &'a Catalog) -> Option<Object<'a>> {
    let key = foreign_key(constraint)?;
    let table = to.tables.get(&key.references)?;
    let by_constraint = table.constraints.values().any(|c| match &c.kind {
        ConstraintKind::PrimaryKey { columns } | ConstraintKind::Unique { columns, .. } => {
            same_columns(columns.iter(), &key.referenced_columns)
        }
        ConstraintKind::Check { .. }
        | ConstraintKind::ForeignKey(_)
        | ConstraintKind::Exclude { .. } => false,
    });
    if by_constraint {
        return None;
    }
    let (name, _) = table
        .indexes
        .iter()
        .find(|(_, index)| is_unique_on(index, &key.referenced_columns))?;
    Some(Object::Index(&key.references, name))
}

fn is_unique_on(index: &Index, columns: &[Ident]) -> bool {
    let keys = index.keys.iter().filter_map(|key| match &key.target {
        IndexTarget::Column(column) => Some(column),
        IndexTarget::Expression(_) => None,
    });
    index.unique && index.predicate.is_none() && same_columns(keys, columns)
}

fn same_columns<'a>(one: impl Iterator<Item = &'a Ident>, other: &'a [Ident]) -> bool {
    let mut one: Vec<_> = one.collect();
    let mut other: Vec<_> = other.iter().collect();
    one.sort_unstable();
    other.sort_unstable();
    one == other
}
