//! `redundant-index`: an index that does nothing which another one does not do.

use super::super::Lowered;
use super::name::default_name;
use crate::catalog::{Index, IndexTarget, Table};
use crate::diagnose::{Code, Diagnostic};
use crate::resolve::{Entity, Inherited};
use crate::sql::Ident;
use crate::syntax::IndexSpec;

/// `redundant-index`: the same as another one, or the beginning of another one.
pub fn report_redundant(entity: &Entity, table: &Table, lowered: &mut Lowered) {
    for written in &entity.indexes {
        let Some((name, index)) = find(entity, written, table) else {
            continue;
        };
        let at = written
            .spec
            .name
            .as_ref()
            .map_or(&written.spec.at, |n| &n.at);
        for (other_name, other) in &table.indexes {
            if name == other_name || !covers(other, index) {
                continue;
            }
            // Of two equal ones only the later in name is redundant.
            if covers(index, other) && name < other_name {
                continue;
            }
            lowered.diagnostics.push(
                Diagnostic::warning(
                    Code::RedundantIndex,
                    at,
                    format!(
                        "the index `{}` does nothing that `{}` does not do",
                        name.as_str(),
                        other_name.as_str()
                    ),
                )
                .hint("remove it: every write pays for each index"),
            );
            break;
        }
    }
}

fn find<'t>(
    entity: &Entity,
    written: &Inherited<IndexSpec>,
    table: &'t Table,
) -> Option<(&'t Ident, &'t Index)> {
    match &written.spec.name {
        Some(name) => table.indexes.get_key_value(&Ident::new(name.value.clone())),
        None => table.indexes.iter().find(|(n, i)| {
            **n == default_name(entity.table.name.as_str(), &i.keys)
                && i.keys.len() == written.spec.columns.len()
        }),
    }
}

/// Whether `other` serves every query that `index` serves.
fn covers(other: &Index, index: &Index) -> bool {
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
    let unique_kept = !index.unique || other.unique && other.keys.len() == index.keys.len();
    starts && same_kind && includes && prefix_counts && unique_kept
}
