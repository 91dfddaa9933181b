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
use crate::sql::QualifiedName;

/// All tables by their OIDs, without what other queries bring.
pub(super) fn assemble(
    names: &Names,
    sequences: &Sequences,
    needs: &Needs,
) -> Result<BTreeMap<u32, Table>, IntrospectError> {
    names
        .relations
        .par_iter()
        .map(|(_, relation)| relation)
        .filter(|relation| relation.is_table() && !relation.of_extension)
        .map(|relation| {
            let mut table = table(relation, names, sequences)?;
            table.needs = needs.of_relation(relation.oid);
            Ok((relation.oid, table))
        })
        .collect()
}

fn table(
    relation: &Relation,
    names: &Names,
    sequences: &Sequences,
) -> Result<Table, IntrospectError> {
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
    match parents.first() {
        Some(parent) if relation.is_partition => {
            table.partition = Some(Partition {
                of: parent.name.clone(),
                bound: partition::bound(relation, parent)?,
            });
            if !is_like(relation, parent) {
                table.columns = columns(relation, sequences, |_| true);
            }
        }
        _ => {
            let inherits: Vec<QualifiedName> = parents.iter().map(|p| p.name.clone()).collect();
            // What is only inherited comes with the parent.
            table.columns = columns(relation, sequences, |is_local| is_local);
            table.inherits = inherits;
        }
    }
    Ok(table)
}

fn columns(
    relation: &Relation,
    sequences: &Sequences,
    wanted: impl Fn(bool) -> bool,
) -> Vec<Column> {
    relation
        .columns
        .iter()
        .filter(|row| wanted(row.is_local))
        .map(|row| {
            let mut column = row.column.clone();
            match sequences.of_identities.get(&(relation.oid, row.number)) {
                Some(sequence) => column.identity_sequence = sequence.clone().into(),
                // Since 17 a partition's identity column is its parent's, sequence and all.
                None => column.identity = None,
            }
            column
        })
        .collect()
}

/// Whether a partition's columns are what `CREATE TABLE … PARTITION OF` makes of its parent's.
fn is_like(partition: &Relation, parent: &Relation) -> bool {
    let mut both = partition.columns.iter().zip(&parent.columns);
    partition.columns.len() == parent.columns.len()
        && both.all(|(own, of_parent)| is_inherited(&own.column, &of_parent.column))
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
