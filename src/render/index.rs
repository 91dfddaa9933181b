//! Indexes.

use minijinja::Value;

use super::value::{Sql, optional, parameters, record, sql};
use crate::catalog::{Constraint, ConstraintIndex, ConstraintKind, Index, IndexKey, IndexTarget};
use crate::plan::IndexWay;
use crate::sql::{Ident, QualifiedName};

pub(super) fn context(
    relation: &QualifiedName,
    name: &Ident,
    index: &Index,
    way: IndexWay,
) -> Value {
    let Index {
        method,
        keys,
        include,
        predicate,
        unique,
        nulls_not_distinct,
        storage_parameters,
        tablespace,
        clustered,
        replica_identity,
        // A new one is valid.
        invalid: _,
        comment: _,
    } = index;
    record! {
        name => sql(name),
        concurrently => way == IndexWay::Concurrently,
        only => way == IndexWay::ParentOnly,
        relation => sql(relation),
        // The server's default goes without saying.
        method => optional((method.as_str() != "btree").then_some(method)),
        keys => sql(Sql::list(keys.iter().map(key))),
        include => optional((!include.is_empty()).then(|| Sql::list(include))),
        predicate => optional(predicate.as_ref()),
        unique => *unique,
        nulls_not_distinct => *nulls_not_distinct,
        storage_parameters => parameters(storage_parameters),
        tablespace => optional(tablespace.as_ref()),
        clustered => *clustered,
        replica_identity => *replica_identity,
    }
}

/// The unique index that a key will use.
pub(super) fn key_context(
    table: &QualifiedName,
    name: &Ident,
    constraint: &Constraint,
    way: IndexWay,
) -> Value {
    let (columns, nulls_distinct): (&[Ident], bool) = match &constraint.kind {
        ConstraintKind::PrimaryKey { columns } => (columns, true),
        ConstraintKind::Unique {
            columns,
            nulls_distinct,
        } => (columns, *nulls_distinct),
        ConstraintKind::Check { .. }
        | ConstraintKind::ForeignKey(_)
        | ConstraintKind::Exclude { .. } => (&[], true),
    };
    let ConstraintIndex {
        include,
        storage_parameters,
        tablespace,
        without_overlaps: _,
        clustered: _,
        replica_identity: _,
        comment: _,
    } = &*constraint.index;
    let keys = columns.iter().cloned().map(IndexTarget::Column);
    let index = Index {
        include: include.clone(),
        unique: true,
        nulls_not_distinct: !nulls_distinct,
        storage_parameters: storage_parameters.clone(),
        tablespace: tablespace.clone(),
        ..Index::new("btree", keys.map(IndexKey::new).collect())
    };
    context(table, name, &index, way)
}

/// A key of an index or an exclusion constraint. It is put together here and not in a template of its own: a schema has
/// more of these than of anything else, and including a template for each took a third of the time.
pub(super) fn key(key: &IndexKey) -> Sql {
    let IndexKey {
        target,
        collation,
        collation_schema,
        operator_class,
        operator_class_schema,
        operator_class_parameters,
        descending,
        nulls_first,
    } = key;
    let mut words = vec![match target {
        IndexTarget::Column(column) => Sql::from(column),
        IndexTarget::Expression(call) if call.is_call() => Sql::from(call),
        IndexTarget::Expression(expression) => Sql::in_parentheses(expression),
    }];
    if let Some(collation) = collation {
        let collation = Sql::qualified(collation_schema.as_ref(), collation);
        words.extend([Sql::keyword("COLLATE"), collation]);
    }
    words.extend(operator_class.as_ref().map(|class| {
        let class = Sql::qualified(operator_class_schema.as_ref(), class);
        Sql::with_parameters(class, operator_class_parameters)
    }));
    words.extend(descending.then(|| Sql::keyword("DESC")));
    // NULLs count as larger than all else: they come first in descending order.
    words.extend(match (descending, nulls_first) {
        (false, true) => Some(Sql::keyword("NULLS FIRST")),
        (true, false) => Some(Sql::keyword("NULLS LAST")),
        (false, false) | (true, true) => None,
    });
    Sql::words(words)
}
