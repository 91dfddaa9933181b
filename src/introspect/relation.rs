//! Rows of `pg_class`: tables, views, sequences, composite types.

use std::collections::BTreeMap;

use postgres::{Row, Transaction};

use super::cells::{Cells, each};
use super::printed;
use super::{IntrospectError, Scope};
use crate::catalog::{Column, ReplicaIdentity, RowSecurity};
use crate::sql::{Ident, QualifiedName};

/// What sort of relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelationKind {
    /// A table with rows of its own.
    Table,
    /// A partitioned table.
    PartitionedTable,
    /// A view.
    View,
    /// A materialized view.
    MaterializedView,
    /// A sequence.
    Sequence,
    /// A foreign table.
    ForeignTable,
    /// A composite type.
    CompositeType,
}

/// What is known of a relation beyond what it is: estimates of the last VACUUM, ANALYZE or CREATE INDEX.
#[derive(Debug, Clone, PartialEq)]
pub struct RelationFacts {
    /// What sort of relation.
    pub kind: RelationKind,
    /// Rows; `None` before the first ANALYZE.
    pub rows: Option<f64>,
}

/// A relation with its columns.
#[derive(Debug)]
pub(super) struct Relation {
    pub oid: u32,
    pub name: QualifiedName,
    pub kind: RelationKind,
    /// It belongs to an extension.
    pub of_extension: bool,
    pub unlogged: bool,
    pub rows: Option<f64>,
    pub is_partition: bool,
    pub storage_parameters: BTreeMap<String, String>,
    pub tablespace: Option<Ident>,
    pub access_method: Option<Ident>,
    pub row_security: RowSecurity,
    pub replica_identity: ReplicaIdentity,
    pub partition_key: Option<PartitionKeyRow>,
    pub bound: Option<String>,
    /// The tables that it is a partition of or inherits from.
    pub parents: Vec<u32>,
    pub comment: Option<String>,
    pub columns: Vec<ColumnRow>,
    /// What the columns are, in the same order; a table takes its own out of here.
    pub definitions: Vec<Column>,
}

/// PARTITION BY as the server keeps it.
#[derive(Debug)]
pub(super) struct PartitionKeyRow {
    pub strategy: String,
    /// Numbers of columns; 0 for an expression.
    pub columns: Vec<i16>,
    pub operator_classes: Vec<u32>,
    pub collations: Vec<u32>,
    /// The expressions, between commas.
    pub expressions: Option<String>,
}

/// What is not in a catalog of a column, and its name.
#[derive(Debug)]
pub(super) struct ColumnRow {
    pub number: i16,
    pub name: Ident,
    pub type_oid: u32,
    /// `varchar(80)`, where the type has modifiers.
    pub spelled: Option<Box<str>>,
    /// `pg_collation` of the column.
    pub collation: u32,
    /// How it is stored, in a letter.
    pub storage: i8,
    /// Not only inherited.
    pub is_local: bool,
}

impl Relation {
    /// Whether it is a table, partitioned or not.
    pub(super) fn is_table(&self) -> bool {
        matches!(
            self.kind,
            RelationKind::Table | RelationKind::PartitionedTable
        )
    }

    /// The column of a number.
    pub(super) fn column(&self, number: i16) -> Option<&ColumnRow> {
        self.columns.get(self.position(number)?)
    }

    fn position(&self, number: i16) -> Option<usize> {
        let by_number = |column: &ColumnRow| column.number;
        self.columns.binary_search_by_key(&number, by_number).ok()
    }

    /// What the column of a number is; not of a table that has taken it.
    pub(super) fn definition(&self, number: i16) -> Option<&Column> {
        self.definitions.get(self.position(number)?)
    }

    /// The names of columns by their numbers.
    pub(super) fn column_names(&self, numbers: &[i16]) -> Vec<Ident> {
        numbers
            .iter()
            .filter_map(|number| Some(self.column(*number)?.name.clone()))
            .collect()
    }

    /// What is known of it.
    pub(super) fn facts(&self) -> RelationFacts {
        RelationFacts {
            kind: self.kind,
            rows: self.rows,
        }
    }
}

/// All relations by their OIDs, without columns: those of users, or this session's temporary ones.
pub(super) fn read(
    tx: &mut Transaction<'_>,
    scope: &Scope,
) -> Result<BTreeMap<u32, Relation>, IntrospectError> {
    let mut relations = BTreeMap::new();
    let query = include_str!("queries/relation.sql");
    each(tx, query, scope, &[scope.is_temporary()], |row| {
        let relation = relation(row)?;
        relations.insert(relation.oid, relation);
        Ok::<_, IntrospectError>(())
    })?;
    Ok(relations)
}

fn relation(row: &Row) -> Result<Relation, IntrospectError> {
    let mut cells = Cells::new(row);
    let oid = cells.take()?;
    let name = cells.name()?;
    let kind = kind(cells.take()?, &name)?;
    Ok(Relation {
        oid,
        name,
        kind,
        of_extension: cells.take()?,
        unlogged: cells.take()?,
        rows: cells.take()?,
        is_partition: cells.take()?,
        storage_parameters: storage_parameters(cells.take()?, cells.take()?),
        tablespace: cells.optional_ident()?,
        access_method: cells.optional_ident()?,
        row_security: match (cells.take()?, cells.take()?) {
            (false, false) => RowSecurity::Disabled,
            (true, false) => RowSecurity::Enabled,
            (true, true) => RowSecurity::Forced,
            (false, true) => RowSecurity::ForcedOnly,
        },
        replica_identity: match cells.take()? {
            "f" => ReplicaIdentity::Full,
            // Of a view and its like, too, which have none.
            "n" if matches!(kind, RelationKind::Table | RelationKind::PartitionedTable) => {
                ReplicaIdentity::Nothing
            }
            _ => ReplicaIdentity::Default,
        },
        partition_key: partition_key(&mut cells)?,
        bound: cells.printed()?,
        parents: parents(&mut cells)?,
        comment: cells.take()?,
        columns: Vec::new(),
        definitions: Vec::new(),
    })
}

fn parents(cells: &mut Cells<'_>) -> Result<Vec<u32>, IntrospectError> {
    let first: Option<u32> = cells.take()?;
    let all: Option<Vec<u32>> = cells.take()?;
    Ok(all.unwrap_or_else(|| first.into_iter().collect()))
}

fn kind(relkind: &str, name: &QualifiedName) -> Result<RelationKind, IntrospectError> {
    Ok(match relkind {
        "r" => RelationKind::Table,
        "p" => RelationKind::PartitionedTable,
        "v" => RelationKind::View,
        "m" => RelationKind::MaterializedView,
        "S" => RelationKind::Sequence,
        "f" => RelationKind::ForeignTable,
        "c" => RelationKind::CompositeType,
        other => {
            return Err(IntrospectError::Unreadable {
                object: name.to_string(),
                text: other.to_owned(),
            });
        }
    })
}

fn storage_parameters(
    own: Option<Vec<String>>,
    toast: Option<Vec<String>>,
) -> BTreeMap<String, String> {
    let own = own.unwrap_or_default();
    let toast = toast.unwrap_or_default();
    let toast = toast.iter().map(|text| {
        let (name, value) = printed::option(text);
        (format!("toast.{name}"), value)
    });
    own.iter()
        .map(|text| printed::option(text))
        .chain(toast)
        .collect()
}

fn partition_key(cells: &mut Cells<'_>) -> Result<Option<PartitionKeyRow>, IntrospectError> {
    let strategy: Option<String> = cells.take()?;
    let columns: Option<Vec<i16>> = cells.take()?;
    let operator_classes: Option<Vec<u32>> = cells.take()?;
    let collations: Option<Vec<u32>> = cells.take()?;
    let expressions = cells.printed()?;
    Ok(strategy.map(|strategy| PartitionKeyRow {
        strategy,
        columns: columns.unwrap_or_default(),
        operator_classes: operator_classes.unwrap_or_default(),
        collations: collations.unwrap_or_default(),
        expressions,
    }))
}
