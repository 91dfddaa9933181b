//! Tables and their columns.

use minijinja::Value;

use super::RenderError;
use super::value::{Sql, optional, record, sql};
use super::{constraint, partition};
use crate::catalog::{Column, Generated, Identity, PartitionKey};
use crate::plan::NamedConstraint;
use crate::sql::QualifiedName;

pub(super) fn context(
    name: &QualifiedName,
    unlogged: bool,
    columns: &[Column],
    constraints: &[NamedConstraint<'_>],
    partition_key: Option<&PartitionKey>,
) -> Result<Value, RenderError> {
    let columns: Vec<Value> = columns.iter().map(column).collect();
    Ok(record! {
        name => sql(name),
        unlogged => unlogged,
        columns => columns,
        constraints => constraint::list(constraints)?,
        partition_key => partition::key(partition_key),
    })
}

fn column(column: &Column) -> Value {
    let Column {
        name,
        ty,
        not_null,
        default,
        identity,
        generated,
        comment: _,
    } = column;
    record! {
        name => sql(name),
        type => sql(ty),
        not_null => *not_null,
        default => optional(default.as_ref().map(Sql::term)),
        identity => optional(identity.map(|identity| match identity {
            Identity::Always => Sql::keyword("ALWAYS"),
            Identity::ByDefault => Sql::keyword("BY DEFAULT"),
        })),
        generated => generated.as_ref().map(|Generated { expression, stored }| {
            record! { expression => sql(expression), stored => *stored }
        }),
    }
}
