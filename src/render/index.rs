//! Indexes.

use minijinja::Value;

use super::value::{Sql, optional, record, sql};
use crate::catalog::{Index, IndexKey, IndexTarget};
use crate::sql::{Ident, Literal, QualifiedName};

pub(super) fn context(relation: &QualifiedName, name: &Ident, index: &Index) -> Value {
    let Index {
        method,
        keys,
        include,
        predicate,
        unique,
        nulls_not_distinct,
        storage_parameters,
        comment: _,
    } = index;
    let keys: Vec<Value> = keys.iter().map(key).collect();
    let storage_parameters: Vec<Value> = storage_parameters
        .iter()
        .map(|(name, value)| record! { name => sql(name), value => sql(&Literal::new(value)) })
        .collect();
    record! {
        name => sql(name),
        relation => sql(relation),
        // The server's default goes without saying.
        method => optional((method.as_str() != "btree").then_some(method)),
        keys => keys,
        include => optional((!include.is_empty()).then(|| Sql::list(include))),
        predicate => optional(predicate.as_ref()),
        unique => *unique,
        nulls_not_distinct => *nulls_not_distinct,
        storage_parameters => storage_parameters,
    }
}

/// A key of an index or an exclusion constraint.
pub(super) fn key(key: &IndexKey) -> Value {
    let IndexKey {
        target,
        collation,
        operator_class,
        descending,
        nulls_first,
    } = key;
    let (value, parentheses) = match target {
        IndexTarget::Column(column) => (sql(column), false),
        IndexTarget::Expression(expression) => (sql(expression), !expression.is_call()),
    };
    record! {
        value => value,
        parentheses => parentheses,
        collation => optional(collation.as_ref()),
        operator_class => optional(operator_class.as_ref()),
        descending => *descending,
        // NULLs count as larger than all else: they come first in descending order.
        nulls_first => *nulls_first && !descending,
        nulls_last => *descending && !nulls_first,
    }
}
