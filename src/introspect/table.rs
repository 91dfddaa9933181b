//! Tables, put together from relations and their columns.

use std::collections::BTreeMap;

use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};

use super::IntrospectError;
use super::dependency::Needs;
use super::names::Names;
use super::partition;
use super::relation::Relation;
use super::sequence::Sequences;
use crate::catalog::{Column, Partition, Table};

/// All tables by their OIDs, without what other queries bring.
pub(super) fn assemble(
    names: &mut Names,
    sequences: &Sequences,
    needs: &Needs,
) -> Result<BTreeMap<u32, Table>, IntrospectError> {
    let tables: Vec<(u32, Table, Own)> = names
        .relations
        .par_iter()
        .map(|(_, relation)| relation)
        .filter(|relation| relation.is_table() && !relation.of_extension)
        .map(|relation| {
            let (mut table, own) = table(relation, names)?;
            table.needs = needs.of_relation(relation.oid);
            Ok::<_, IntrospectError>((relation.oid, table, own))
        })
        .collect::<Result<_, _>>()?;
    let with_columns = tables.into_iter().filter_map(|(oid, mut table, own)| {
        let relation = names.relations.get_mut(&oid)?;
        table.columns = columns(relation, own, sequences);
        Some((oid, table))
    });
    Ok(with_columns.collect())
}

/// Which columns a table has itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Own {
    All,
    /// What is only inherited comes with the parent.
    Local,
    /// It is made like its parent.
    None,
}

/// A table without its columns.
fn table(relation: &Relation, names: &Names) -> Result<(Table, Own), IntrospectError> {
    let parents: Vec<&Relation> = relation
        .parents
        .iter()
        .filter_map(|oid| names.relations.get(oid))
        .collect();
    let mut table = Table {
        unlogged: relation.unlogged,
        partition_key: relation
            .partition_key
            .as_ref()
            .map(|key| partition::key(key, relation, names)),
        storage_parameters: relation.storage_parameters.clone(),
        tablespace: relation.tablespace.clone(),
        access_method: relation.access_method.clone(),
        row_security: relation.row_security,
        replica_identity: relation.replica_identity,
        comment: relation.comment.clone(),
        ..Table::default()
    };
    let own = match parents.first() {
        Some(parent) if relation.is_partition => {
            table.partition = Some(Partition {
                of: parent.name.clone(),
                bound: partition::bound(relation, parent)?,
            });
            if is_like(relation, parent) {
                Own::None
            } else {
                Own::All
            }
        }
        _ => {
            table.inherits = parents.iter().map(|p| p.name.clone()).collect();
            Own::Local
        }
    };
    Ok((table, own))
}

/// Takes a table's columns out of what was read: thousands of tables have each of them only once.
fn columns(relation: &mut Relation, own: Own, sequences: &Sequences) -> Vec<Column> {
    let mut columns = std::mem::take(&mut relation.definitions);
    if own == Own::None {
        return Vec::new();
    }
    let mut rows = relation.columns.iter();
    columns.retain_mut(|column| {
        let Some(row) = rows.next() else { return false };
        match sequences.of_identities.get(&(relation.oid, row.number)) {
            Some(sequence) => column.identity_sequence = sequence.clone().into(),
            // Since 17 a partition's identity column is its parent's, sequence and all.
            None => column.identity = None,
        }
        own == Own::All || row.is_local
    });
    columns.shrink_to_fit();
    columns
}

/// Whether a partition's columns are what `CREATE TABLE … PARTITION OF` makes of its parent's.
fn is_like(partition: &Relation, parent: &Relation) -> bool {
    let mut both = partition.definitions.iter().zip(&parent.definitions);
    partition.definitions.len() == parent.definitions.len()
        && both.all(|(own, of_parent)| is_inherited(own, of_parent))
}

fn is_inherited(own: &Column, of_parent: &Column) -> bool {
    let Column {
        name,
        ty,
        not_null,
        not_null_constraint,
        collation,
        default,
        // A partition's rows get their numbers by way of the parent until 16, and by the same sequence since 17.
        identity: _,
        identity_sequence,
        generated,
        storage,
        compression,
        // These are each table's own.
        statistics,
        options,
        comment,
    } = own;
    statistics.is_none()
        && options.is_empty()
        && comment.is_none()
        && *name == of_parent.name
        && *ty == of_parent.ty
        && *not_null == of_parent.not_null
        && *not_null_constraint == of_parent.not_null_constraint
        && *collation == of_parent.collation
        && *default == of_parent.default
        && *identity_sequence == of_parent.identity_sequence
        && *generated == of_parent.generated
        && *storage == of_parent.storage
        && *compression == of_parent.compression
}
