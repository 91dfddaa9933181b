//! `redundant-index`: an index that does nothing which another one does not do.

use std::collections::BTreeMap;

use super::{column_key, plain, unique};
use crate::catalog::{ConstraintKind, Index, IndexTarget, Table};
use crate::diagnose::{Code, Diagnostic, Diagnostics, Place};
use crate::sql::Ident;

/// `redundant-index`: the same as another one, or the beginning of another one. `written` are indexes in the order in which
/// the author wrote them, with where; `brought` are those that are there anyway.
pub fn report_redundant(
    written: &[(Ident, &Place)],
    indexes: &BTreeMap<Ident, Index>,
    brought: &[(&Ident, Index)],
    diagnostics: &mut Diagnostics,
) {
    let made: Vec<(&Ident, &Place, &Index)> = written
        .iter()
        .filter_map(|(name, at)| Some((name, *at, indexes.get(name)?)))
        .collect();
    for (position, (name, at, index)) in made.iter().enumerate() {
        let other = brought
            .iter()
            .find(|(_, other)| covers(other, index))
            .map(|(key, _)| *key)
            .or_else(|| {
                let mut others = made.iter().enumerate();
                let found = others.find(|(other_position, (_, _, other))| {
                    // Of two equal ones only the later is redundant.
                    let comes_first = *other_position < position || !covers(index, other);
                    *other_position != position && comes_first && covers(other, index)
                });
                found.map(|(_, (other, _, _))| *other)
            });
        let Some(other) = other else { continue };
        diagnostics.push(
            Diagnostic::warning(
                Code::RedundantIndex,
                at,
                format!(
                    "the index `{}` does nothing that `{}` does not do",
                    name.as_str(),
                    other.as_str()
                ),
            )
            .hint("remove it: every write pays for each index"),
        );
    }
}

/// The indexes that keys and unique constraints bring.
pub fn of_constraints(table: &Table) -> Vec<(&Ident, Index)> {
    let brought = table.constraints.iter().filter_map(|(name, constraint)| {
        let (columns, nulls_not_distinct) = match &constraint.kind {
            ConstraintKind::PrimaryKey { columns } => (columns, false),
            ConstraintKind::Unique {
                columns,
                nulls_distinct,
            } => (columns, !nulls_distinct),
            _ => return None,
        };
        let index = unique(plain("btree", columns.iter().map(column_key).collect()));
        Some((
            name,
            Index {
                nulls_not_distinct,
                ..index
            },
        ))
    });
    brought.collect()
}

/// Whether `other` serves every query that `index` serves.
pub fn covers(other: &Index, index: &Index) -> bool {
    let starts = other.keys.len() >= index.keys.len()
        && other.keys.iter().zip(&index.keys).all(|(a, b)| a == b);
    let same_kind = other.method == index.method && other.predicate == index.predicate;
    let includes = index.include.iter().all(|c| {
        other.include.contains(c)
            || other
                .keys
                .iter()
                .any(|k| k.target == IndexTarget::Column(c.clone()))
    });
    let prefix_counts = index.method.as_str() == "btree" || other.keys.len() == index.keys.len();
    let unique_kept = !index.unique
        || other.unique
            && other.keys.len() == index.keys.len()
            && other.nulls_not_distinct == index.nulls_not_distinct;
    starts && same_kind && includes && prefix_counts && unique_kept
}
