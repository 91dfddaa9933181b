//! Constraints.

use minijinja::Value;

use super::value::{Sql, optional, parameters, record, sql};
use super::{RenderError, index};
use crate::catalog::{
    Constraint, ConstraintIndex, ConstraintKind, ExcludeElement, ForeignKey, ReferentialAction,
};
use crate::plan::NamedConstraint;
use crate::sql::{Ident, QualifiedName};

/// The constraints that stand in a table's statement.
pub(super) fn list(constraints: &[NamedConstraint<'_>]) -> Result<Vec<Value>, RenderError> {
    constraints
        .iter()
        .map(|constraint| clause(*constraint))
        .collect()
}

/// ALTER TABLE … ADD CONSTRAINT.
pub(super) fn add_context(
    table: &QualifiedName,
    constraint: NamedConstraint<'_>,
) -> Result<Value, RenderError> {
    Ok(record! { table => sql(table), constraint => clause(constraint)? })
}

pub(super) fn clause((name, constraint): NamedConstraint<'_>) -> Result<Value, RenderError> {
    let Constraint {
        kind: what,
        deferrable,
        initially_deferred,
        not_valid,
        not_enforced,
        no_inherit,
        index:
            ConstraintIndex {
                include,
                without_overlaps,
                storage_parameters,
                tablespace,
                clustered,
                replica_identity,
                comment: _,
            },
        comment: _,
    } = constraint;
    Ok(record! {
        name => sql(name),
        include => optional((!include.is_empty()).then(|| Sql::list(include))),
        without_overlaps => *without_overlaps,
        storage_parameters => parameters(storage_parameters),
        tablespace => optional(tablespace.as_ref()),
        clustered => *clustered,
        replica_identity => *replica_identity,
        not_valid => *not_valid,
        not_enforced => *not_enforced,
        no_inherit => *no_inherit,
        what => kind(what)?,
        deferrable => *deferrable,
        initially_deferred => *initially_deferred,
    })
}

fn kind(kind: &ConstraintKind) -> Result<Value, RenderError> {
    Ok(match kind {
        ConstraintKind::PrimaryKey { columns } => {
            record! { kind => "primary_key", columns => sql(Sql::list(columns)) }
        }
        ConstraintKind::Unique {
            columns,
            nulls_distinct,
        } => {
            record! { kind => "unique", columns => sql(Sql::list(columns)), nulls_distinct => *nulls_distinct }
        }
        ConstraintKind::Check { condition } => {
            record! { kind => "check", condition => sql(condition) }
        }
        ConstraintKind::ForeignKey(key) => foreign_key(key),
        ConstraintKind::Exclude {
            method,
            elements,
            predicate,
        } => record! {
            kind => "exclude",
            method => sql(method),
            elements => elements.iter().map(exclude_element).collect::<Result<Vec<_>, _>>()?,
            predicate => optional(predicate.as_ref()),
        },
    })
}

fn foreign_key(key: &ForeignKey) -> Value {
    let ForeignKey {
        columns,
        references,
        referenced_columns,
        on_delete,
        on_update,
        match_full,
        on_delete_columns,
        period,
    } = key;
    record! {
        kind => "foreign_key",
        columns => sql(key_columns(columns, *period)),
        references => sql(references),
        referenced_columns => sql(key_columns(referenced_columns, *period)),
        match_full => *match_full,
        on_delete_columns => optional(
            (!on_delete_columns.is_empty()).then(|| Sql::list(on_delete_columns)),
        ),
        on_delete => optional(action(*on_delete)),
        on_update => optional(action(*on_update)),
    }
}

/// The last of a temporal key's columns is a period.
fn key_columns(columns: &[Ident], period: bool) -> Sql {
    let last = columns.len();
    Sql::list(columns.iter().enumerate().map(|(position, column)| {
        let mut words = Vec::new();
        words.extend((period && position + 1 == last).then(|| Sql::keyword("PERIOD")));
        words.push(Sql::from(column));
        Sql::words(words)
    }))
}

/// What is said of an action; nothing of the default.
fn action(action: ReferentialAction) -> Option<Sql> {
    let word = match action {
        ReferentialAction::NoAction => return None,
        ReferentialAction::Restrict => "RESTRICT",
        ReferentialAction::Cascade => "CASCADE",
        ReferentialAction::SetNull => "SET NULL",
        ReferentialAction::SetDefault => "SET DEFAULT",
    };
    Some(Sql::keyword(word))
}

fn exclude_element(element: &ExcludeElement) -> Result<Value, RenderError> {
    let ExcludeElement { key, operator } = element;
    Ok(record! { key => sql(index::key(key)), operator => sql(Sql::operator(operator)?) })
}
