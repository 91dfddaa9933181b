//! Constraints of tables.

use std::collections::{BTreeMap, BTreeSet};

use postgres::{Row, Transaction};
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};

use super::cells::{Cells, each};
use super::names::{Names, made_name};
use super::relation::Relation;
use super::{IntrospectError, Scope};
use crate::catalog::{
    Column, Constraint, ConstraintIndex, ConstraintKind, ExcludeElement, ForeignKey, IndexKey,
    IndexTarget, NotNull, ReferentialAction, Table,
};
use crate::sql::{Expr, Ident};

/// Reads them.
pub(super) fn read(
    tx: &mut Transaction<'_>,
    scope: &Scope,
) -> Result<Vec<ConstraintRow>, IntrospectError> {
    let mut rows = Vec::new();
    let query = include_str!("queries/constraint.sql");
    each(tx, query, scope, &[scope.parameter()], |row| {
        rows.push(ConstraintRow::read(row)?);
        Ok::<_, IntrospectError>(())
    })?;
    Ok(rows)
}

/// Gives tables their constraints. What only the index behind one knows, comes with the indexes; the OIDs of these are returned.
pub(super) fn assemble(
    rows: Vec<ConstraintRow>,
    names: &Names,
    tables: &mut BTreeMap<u32, Table>,
) -> Result<BTreeSet<u32>, IntrospectError> {
    let kinds: Vec<Option<ConstraintKind>> = rows
        .par_iter()
        .map(|row| row.kind(names.relation(row.relation)?, names))
        .collect();
    let mut indexes = BTreeSet::new();
    for (row, kind) in rows.into_iter().zip(kinds) {
        let relation = names.relation(row.relation);
        let table = tables.get_mut(&row.relation);
        let (Some(relation), Some(table)) = (relation, table) else {
            continue;
        };
        if matches!(row.letter, 'p' | 'u' | 'x') {
            indexes.insert(row.index);
        }
        add(row, kind, relation, table)?;
    }
    Ok(indexes)
}

fn add(
    row: ConstraintRow,
    kind: Option<ConstraintKind>,
    relation: &Relation,
    table: &mut Table,
) -> Result<(), IntrospectError> {
    if row.letter == 'n' {
        set_not_null(&row, relation, table);
        return Ok(());
    }
    let Some(kind) = kind else {
        return Err(IntrospectError::Unreadable {
            object: format!("constraint {} of {}", row.name, relation.name),
            text: row.letter.to_string(),
        });
    };
    // A key without rows that it could be wrong for: what is not enforced is never looked at.
    let constraint = Constraint {
        deferrable: row.deferrable,
        initially_deferred: row.initially_deferred,
        not_valid: !row.validated && row.enforced,
        not_enforced: !row.enforced,
        no_inherit: row.no_inherit && row.letter == 'c',
        index: ConstraintIndex {
            without_overlaps: row.period && row.letter != 'f',
            ..ConstraintIndex::default()
        }
        .into(),
        comment: row.comment,
        ..Constraint::new(kind)
    };
    table.constraints.insert(row.name, constraint);
    Ok(())
}

#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a column of the catalog"
)]
#[derive(Debug)]
pub(super) struct ConstraintRow {
    relation: u32,
    name: Ident,
    letter: char,
    deferrable: bool,
    initially_deferred: bool,
    validated: bool,
    enforced: bool,
    no_inherit: bool,
    period: bool,
    /// The one behind it; of a foreign key, the one behind what it refers to.
    index: u32,
    columns: Vec<i16>,
    referenced: u32,
    referenced_columns: Vec<i16>,
    on_update: char,
    on_delete: char,
    matching: char,
    on_delete_columns: Vec<i16>,
    condition: Option<Expr>,
    operators: Vec<String>,
    comment: Option<String>,
}

impl ConstraintRow {
    fn read(row: &Row) -> Result<Self, IntrospectError> {
        let mut cells = Cells::new(row);
        Ok(Self {
            relation: cells.take()?,
            name: cells.ident()?,
            letter: cells.letter()?,
            deferrable: cells.take()?,
            initially_deferred: cells.take()?,
            validated: cells.take()?,
            enforced: cells.take()?,
            no_inherit: cells.take()?,
            period: cells.take()?,
            index: cells.take()?,
            columns: list(&mut cells)?,
            referenced: cells.take()?,
            referenced_columns: list(&mut cells)?,
            on_update: cells.letter()?,
            on_delete: cells.letter()?,
            matching: cells.letter()?,
            on_delete_columns: list(&mut cells)?,
            condition: cells.expr()?,
            operators: cells.take::<Option<Vec<String>>>()?.unwrap_or_default(),
            comment: cells.take()?,
        })
    }

    fn kind(&self, relation: &Relation, names: &Names) -> Option<ConstraintKind> {
        let columns = relation.column_names(&self.columns);
        Some(match self.letter {
            'p' => ConstraintKind::PrimaryKey { columns },
            // Whether NULLs are distinct, its index says.
            'u' => ConstraintKind::Unique {
                columns,
                nulls_distinct: true,
            },
            'c' => ConstraintKind::Check {
                condition: self.condition.clone()?,
            },
            'f' => ConstraintKind::ForeignKey(Box::new(self.foreign_key(relation, names)?)),
            // So its index says of its elements, its method and its predicate.
            'x' => ConstraintKind::Exclude {
                method: Ident::new("gist"),
                elements: self.operators.iter().map(|o| element(o)).collect(),
                predicate: None,
            },
            _ => return None,
        })
    }

    fn foreign_key(&self, relation: &Relation, names: &Names) -> Option<ForeignKey> {
        let referenced = names.relations.get(&self.referenced)?;
        Some(ForeignKey {
            columns: relation.column_names(&self.columns),
            references: referenced.name.clone(),
            referenced_columns: referenced.column_names(&self.referenced_columns),
            on_delete: action(self.on_delete),
            on_update: action(self.on_update),
            match_full: self.matching == 'f',
            on_delete_columns: relation.column_names(&self.on_delete_columns),
            period: self.period,
        })
    }
}

fn list(cells: &mut Cells<'_>) -> Result<Vec<i16>, postgres::Error> {
    Ok(cells.take::<Option<Vec<i16>>>()?.unwrap_or_default())
}

fn element(operator: &str) -> ExcludeElement {
    ExcludeElement {
        key: IndexKey::new(IndexTarget::Column(Ident::new(""))),
        operator: operator.to_owned(),
    }
}

fn action(letter: char) -> ReferentialAction {
    match letter {
        'r' => ReferentialAction::Restrict,
        'c' => ReferentialAction::Cascade,
        'n' => ReferentialAction::SetNull,
        'd' => ReferentialAction::SetDefault,
        _ => ReferentialAction::NoAction,
    }
}

/// The name of a NOT NULL is worth a word only where it is not the one that a plain NOT NULL gets.
fn set_not_null(row: &ConstraintRow, relation: &Relation, table: &mut Table) {
    let column = row.columns.first().and_then(|n| relation.column(*n));
    let Some(column) = column else { return };
    let implied = made_name(&relation.name.name, &column.name, "not_null");
    let plain = row.name == implied && row.validated && !row.no_inherit && row.comment.is_none();
    let own: Option<&mut Column> = table.columns.iter_mut().find(|own| own.name == column.name);
    if let Some(own) = own
        && !plain
    {
        own.not_null_constraint = Some(Box::new(NotNull {
            name: row.name.clone(),
            not_valid: !row.validated,
            no_inherit: row.no_inherit,
            comment: row.comment.clone(),
        }));
    }
}
