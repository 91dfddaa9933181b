//! Tables, put together from relations and their columns.

use std::collections::BTreeMap;

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
        .values()
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
    let bare = |column: &Column| Column {
        statistics: None,
        options: BTreeMap::new(),
        comment: None,
        // A partition's rows get their numbers by way of the parent until 16, and by the same sequence since 17.
        identity: None,
        ..column.clone()
    };
    let inherited = |column: &Column| {
        column.statistics.is_none() && column.options.is_empty() && column.comment.is_none()
    };
    partition.columns.len() == parent.columns.len()
        && partition
            .columns
            .iter()
            .zip(&parent.columns)
            .all(|(own, of_parent)| {
                inherited(&own.column) && bare(&own.column) == bare(&of_parent.column)
            })
}
