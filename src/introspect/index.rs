//! Indexes, and what they say of the constraints that they are behind.

use std::collections::{BTreeMap, BTreeSet};

use postgres::{Row, Transaction};
use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};

use super::cells::{Cells, each};
use super::key::KeyParts;
use super::names::Names;
use super::printed;
use super::relation::Relation;
use super::{IntrospectError, Scope};
use crate::catalog::{Constraint, ConstraintIndex, ConstraintKind, Index, IndexKey, Table, View};
use crate::sql::{Expr, Ident};

/// DESC and NULLS FIRST in `indoption`.
const DESCENDING: i16 = 1;
const NULLS_FIRST: i16 = 2;

/// Reads them.
pub(super) fn read(
    tx: &mut Transaction<'_>,
    scope: &Scope,
) -> Result<Vec<IndexRow>, IntrospectError> {
    let mut rows = Vec::new();
    let query = include_str!("queries/index.sql");
    each(tx, query, scope, &[scope.parameter()], |row| {
        rows.push(IndexRow::read(row)?);
        Ok::<_, IntrospectError>(())
    })?;
    Ok(rows)
}

/// Gives tables and materialized views their indexes, and constraints what those behind them say.
pub(super) fn assemble(
    rows: Vec<IndexRow>,
    names: &Names,
    tables: &mut BTreeMap<u32, Table>,
    views: &mut BTreeMap<u32, View>,
    of_constraints: &BTreeSet<u32>,
) {
    // Nobody else is at work by now.
    let indexes: Vec<_> = rows
        .into_par_iter()
        .filter_map(|row| {
            let index = row.index(names.relation(row.relation)?, names);
            Some((row.oid, row.relation, row.name, index))
        })
        .collect();
    for (oid, relation, name, index) in indexes {
        let table = tables.get_mut(&relation);
        let view = views.get_mut(&relation);
        if of_constraints.contains(&oid) {
            let constraint = table.and_then(|table| table.constraints.get_mut(&name));
            if let Some(constraint) = constraint {
                set_index(constraint, index);
            }
        } else if let Some(table) = table {
            table.indexes.insert(name, index);
        } else if let Some(materialized) = view.and_then(|view| view.materialized.as_mut()) {
            materialized.indexes.insert(name, index);
        }
    }
}

#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a column of the catalog"
)]
#[derive(Debug)]
pub(super) struct IndexRow {
    oid: u32,
    relation: u32,
    name: Ident,
    method: String,
    key_count: usize,
    /// Numbers of columns; 0 for an expression. Those behind the keys are included.
    columns: Vec<i16>,
    operator_classes: Vec<u32>,
    collations: Vec<u32>,
    options: Vec<i16>,
    expressions: Option<String>,
    predicate: Option<Expr>,
    unique: bool,
    nulls_not_distinct: bool,
    valid: bool,
    clustered: bool,
    replica_identity: bool,
    storage_parameters: BTreeMap<Ident, String>,
    tablespace: Option<Ident>,
    /// Parameters of operator classes, by the number of the key from 1.
    class_parameters: BTreeMap<i16, String>,
    comment: Option<String>,
}

impl IndexRow {
    fn read(row: &Row) -> Result<Self, IntrospectError> {
        let mut cells = Cells::new(row);
        Ok(Self {
            oid: cells.take()?,
            relation: cells.take()?,
            name: cells.ident()?,
            method: cells.take()?,
            key_count: usize::try_from(cells.take::<i16>()?).unwrap_or_default(),
            columns: cells.numbers()?,
            operator_classes: cells.numbers()?,
            collations: cells.numbers()?,
            options: cells.numbers()?,
            expressions: cells.printed()?,
            predicate: cells.expr()?,
            unique: cells.take()?,
            nulls_not_distinct: cells.take()?,
            valid: cells.take()?,
            clustered: cells.take()?,
            replica_identity: cells.take()?,
            storage_parameters: parameters(
                &cells.take::<Option<Vec<String>>>()?.unwrap_or_default(),
            ),
            tablespace: cells.optional_ident()?,
            class_parameters: {
                let numbers = cells.take::<Option<Vec<i16>>>()?.unwrap_or_default();
                let texts = cells.take::<Option<Vec<String>>>()?.unwrap_or_default();
                numbers.into_iter().zip(texts).collect()
            },
            comment: cells.take()?,
        })
    }

    fn index(&self, relation: &Relation, names: &Names) -> Index {
        let included = self.columns.get(self.key_count..).unwrap_or_default();
        Index {
            include: relation.column_names(included),
            predicate: self.predicate.clone(),
            unique: self.unique,
            nulls_not_distinct: self.nulls_not_distinct,
            storage_parameters: self.storage_parameters.clone(),
            tablespace: self.tablespace.clone(),
            clustered: self.clustered,
            replica_identity: self.replica_identity,
            invalid: !self.valid,
            comment: self.comment.clone(),
            ..Index::new(&self.method, self.keys(relation, names))
        }
    }

    fn keys(&self, relation: &Relation, names: &Names) -> Vec<IndexKey> {
        let parts = KeyParts {
            columns: self.columns.get(..self.key_count).unwrap_or_default(),
            operator_classes: &self.operator_classes,
            collations: &self.collations,
            expressions: self.expressions.as_deref(),
        };
        let mut keys = parts.keys(relation, names);
        let settings = self.options.iter().zip(&self.operator_classes).zip(1_i16..);
        for (key, ((options, class), position)) in keys.iter_mut().zip(settings) {
            key.descending = options & DESCENDING != 0;
            key.nulls_first = options & NULLS_FIRST != 0;
            if let Some(text) = self.class_parameters.get(&position) {
                let texts: Vec<String> = text.split(',').map(str::to_owned).collect();
                key.operator_class_parameters = parameters(&texts);
                // Parameters are written behind a class, also behind the one that goes without saying.
                names.name_operator_class(key, *class);
            }
        }
        keys
    }
}

fn parameters(texts: &[String]) -> BTreeMap<Ident, String> {
    texts
        .iter()
        .map(|text| printed::option(text))
        .map(|(name, value)| (Ident::new(name), value))
        .collect()
}

/// Gives a constraint what the index behind it says.
fn set_index(constraint: &mut Constraint, index: Index) {
    let Index {
        method: index_method,
        keys,
        include,
        predicate: index_predicate,
        unique: _,
        nulls_not_distinct,
        storage_parameters,
        tablespace,
        clustered,
        replica_identity,
        invalid: _,
        comment,
    } = index;
    match &mut constraint.kind {
        ConstraintKind::Unique { nulls_distinct, .. } => *nulls_distinct = !nulls_not_distinct,
        ConstraintKind::Exclude {
            method,
            elements,
            predicate,
        } => {
            *method = index_method;
            *predicate = index_predicate;
            for (element, key) in elements.iter_mut().zip(keys) {
                element.key = key;
            }
        }
        ConstraintKind::PrimaryKey { .. }
        | ConstraintKind::Check { .. }
        | ConstraintKind::ForeignKey(_) => {}
    }
    constraint.index = ConstraintIndex {
        include,
        without_overlaps: constraint.index.without_overlaps,
        storage_parameters,
        tablespace,
        clustered,
        replica_identity,
        comment,
    }
    .into();
}
