//! Views and materialized views.

use std::collections::BTreeMap;

use postgres::{Row, Transaction};

use super::cells::Cells;
use super::dependency::Needs;
use super::names::Names;
use super::relation::{Relation, RelationKind};
use super::{IntrospectError, Scope};
use crate::catalog::{Materialization, View, ViewColumn, ViewDefinition, ViewQuery};
use crate::sql::{Ident, ServerText};

/// Reads them.
pub(super) fn read(tx: &mut Transaction<'_>, scope: &Scope) -> Result<Vec<Row>, IntrospectError> {
    Ok(tx.query_typed(include_str!("queries/view.sql"), &[scope.parameter()])?)
}

/// All of them by their OIDs, without triggers and indexes.
pub(super) fn assemble(
    rows: &[Row],
    names: &Names,
    needs: &Needs,
) -> Result<BTreeMap<u32, View>, IntrospectError> {
    let mut views = BTreeMap::new();
    for row in rows {
        let mut cells = Cells::new(row);
        let oid = cells.take()?;
        let Some(relation) = names.relation(oid) else {
            continue;
        };
        // What is printed is the newest state, and NULL where there is none.
        let Some(text) = cells.take::<Option<&str>>()? else {
            return Err(IntrospectError::Changed(format!("view {}", relation.name)));
        };
        views.insert(oid, view(relation, text, needs));
    }
    Ok(views)
}

fn view(relation: &Relation, text: &str, needs: &Needs) -> View {
    let columns = relation.definitions.iter().map(|column| ViewColumn {
        name: column.name.clone(),
        ty: column.ty.clone(),
        comment: column.comment.clone(),
    });
    let definition = ViewDefinition {
        text: ServerText::new(text.trim_end().trim_end_matches(';').trim_start()),
        columns: columns.collect(),
        needs: needs.of_relation(relation.oid),
    };
    let options = relation
        .storage_parameters
        .iter()
        .map(|(name, value)| (Ident::new(name.clone()), value.clone()));
    let materialized = relation.kind == RelationKind::MaterializedView;
    View {
        query: ViewQuery::Definition(definition),
        options: options.collect(),
        triggers: BTreeMap::new(),
        materialized: materialized.then(|| Materialization {
            indexes: BTreeMap::new(),
            tablespace: relation.tablespace.clone(),
        }),
        comment: relation.comment.clone(),
    }
}
