//! Partitions.

use minijinja::Value;

use super::value::{Sql, record, sql};
use super::{RenderError, constraint};
use crate::catalog::{Bound, Partition, PartitionKey, PartitionStrategy};
use crate::plan::NamedConstraint;
use crate::sql::{Literal, QualifiedName};

pub(super) fn context(
    name: &QualifiedName,
    partition: &Partition,
    constraints: &[NamedConstraint<'_>],
    partition_key: Option<&PartitionKey>,
) -> Result<Value, RenderError> {
    let Partition { of, bound: values } = partition;
    Ok(record! {
        name => sql(name),
        of => sql(of),
        bound => bound(values),
        constraints => constraint::list(constraints)?,
        partition_key => key(partition_key),
    })
}

/// PARTITION BY.
pub(super) fn key(key: Option<&PartitionKey>) -> Option<Value> {
    key.map(|PartitionKey { strategy, columns }| {
        let strategy = match strategy {
            PartitionStrategy::Range => "RANGE",
            PartitionStrategy::List => "LIST",
            PartitionStrategy::Hash => "HASH",
        };
        record! { strategy => sql(Sql::keyword(strategy)), columns => sql(Sql::list(columns)) }
    })
}

fn bound(bound: &Bound) -> Value {
    match bound {
        Bound::Range { from, to } => record! {
            kind => "range",
            from => sql(&Literal::new(from)),
            to => sql(&Literal::new(to)),
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
