//! Partitions.

use minijinja::Value;

use super::value::{Sql, record, sql};
use super::{RenderError, index, table};
use crate::catalog::{Bound, Partition, PartitionKey, PartitionStrategy, RangeValue, Table};
use crate::plan::NamedConstraint;
use crate::sql::{Literal, QualifiedName};

pub(super) fn context(
    name: &QualifiedName,
    partition: &Partition,
    definition: &Table,
    constraints: &[NamedConstraint<'_>],
    if_missing: bool,
) -> Result<Value, RenderError> {
    let Partition { of, bound: values } = partition;
    Ok(record! {
        of => sql(of),
        bound => bound(values),
        own_columns => !definition.columns.is_empty(),
        if_missing => if_missing,
        table => table::context(name, definition, constraints)?,
    })
}

/// CREATE TABLE … LIKE.
pub(super) fn like_context(
    name: &QualifiedName,
    of: &QualifiedName,
    partition_key: Option<&PartitionKey>,
    if_missing: bool,
) -> Value {
    record! {
        name => sql(name),
        of => sql(of),
        partition_key => key(partition_key),
        if_missing => if_missing,
    }
}

/// PARTITION BY.
pub(super) fn key(key: Option<&PartitionKey>) -> Option<Value> {
    key.map(|key| {
        let PartitionKey {
            strategy,
            columns,
            elements,
        } = key;
        let strategy = match strategy {
            PartitionStrategy::Range => "RANGE",
            PartitionStrategy::List => "LIST",
            PartitionStrategy::Hash => "HASH",
        };
        let columns = if elements.is_empty() {
            Sql::list(columns)
        } else {
            Sql::list(elements.iter().map(index::key))
        };
        record! { strategy => sql(Sql::keyword(strategy)), columns => sql(columns) }
    })
}

pub(super) fn bound(bound: &Bound) -> Value {
    match bound {
        Bound::Range { from, to } => record! {
            kind => "range",
            from => sql(&Literal::new(from)),
            to => sql(&Literal::new(to)),
        },
        Bound::RangeOf { from, to } => record! {
            kind => "range",
            from => sql(Sql::list(from.iter().map(range_value))),
            to => sql(Sql::list(to.iter().map(range_value))),
        },
        Bound::List(values) => {
            let values = values.iter().map(|value| match value {
                Some(value) => Sql::from(&Literal::new(value)),
                None => Sql::keyword("NULL"),
            });
            record! { kind => "list", values => sql(Sql::list(values)) }
        }
        Bound::Hash { modulus, remainder } => {
            record! { kind => "hash", modulus => *modulus, remainder => *remainder }
        }
        Bound::Default => record! { kind => "default" },
    }
}

fn range_value(value: &RangeValue) -> Sql {
    match value {
        RangeValue::Value(value) => Sql::from(&Literal::new(value)),
        RangeValue::Minimum => Sql::keyword("MINVALUE"),
        RangeValue::Maximum => Sql::keyword("MAXVALUE"),
    }
}
