//! Native enums under other names.

use super::former::need_instead;
use crate::catalog::{Catalog, ConstraintKind, Dependency, Index, IndexKey, IndexTarget, Table};
use crate::sql::{Expr, QualifiedName};

/// Renames a type, in columns and in what expressions of tables and indexes name; not in the queries of views.
pub(crate) fn rename_type(catalog: &mut Catalog, from: &QualifiedName, to: &QualifiedName) {
    if let Some(definition) = catalog.enums.remove(from) {
        catalog.enums.insert(to.clone(), definition);
    }
    for table in catalog.tables.values_mut() {
        for column in &mut table.columns {
            if column.ty.is_named(from) {
                column.ty.schema = Some(to.schema.clone());
                column.ty.name = to.name.clone();
            }
        }
        for expression in expressions(table) {
            *expression = expression.with_renamed_type(from, to);
        }
    }
    let views = catalog.views.values_mut();
    let indexes = views
        .filter_map(|view| view.materialized.as_mut())
        .flat_map(|view| view.indexes.values_mut());
    for expression in indexes.flat_map(of_index) {
        *expression = expression.with_renamed_type(from, to);
    }
    need_instead(
        catalog,
        &Dependency::Type(from.clone()),
        &Dependency::Type(to.clone()),
    );
}

fn expressions(table: &mut Table) -> impl Iterator<Item = &mut Expr> {
    let columns = table.columns.iter_mut().flat_map(|column| {
        let generated = column.generated.as_mut();
        let generated = generated.map(|generated| &mut generated.expression);
        column.default.as_mut().into_iter().chain(generated)
    });
    let constraints = table.constraints.values_mut().flat_map(|constraint| {
        let found: Vec<&mut Expr> = match &mut constraint.kind {
            ConstraintKind::Check { condition } => vec![condition],
            ConstraintKind::Exclude {
                elements,
                predicate,
                ..
            } => {
                let keys = elements.iter_mut();
                let keys = keys.filter_map(|element| of_key(&mut element.key));
                keys.chain(predicate).collect()
            }
            _ => Vec::new(),
        };
        found
    });
    let triggers = table.triggers.values_mut();
    let partition_key = table.partition_key.as_mut();
    columns
        .chain(constraints)
        .chain(table.indexes.values_mut().flat_map(of_index))
        .chain(triggers.filter_map(|trigger| trigger.condition.as_mut()))
        .chain(
            partition_key
                .into_iter()
                .flat_map(|key| key.elements.iter_mut().filter_map(of_key)),
        )
}

fn of_index(index: &mut Index) -> impl Iterator<Item = &mut Expr> {
    let keys = index.keys.iter_mut().filter_map(of_key);
    keys.chain(&mut index.predicate)
}

fn of_key(key: &mut IndexKey) -> Option<&mut Expr> {
    match &mut key.target {
        IndexTarget::Expression(expression) => Some(expression),
        IndexTarget::Column(_) => None,
    }
}
