//! Constraints. They are put together here and not in a template of their own for the same reason as index keys: a
//! table has several.

use minijinja::Value;

use super::value::{Sql, record, sql};
use super::{RenderError, index};
use crate::catalog::{Constraint, ConstraintKind, ExcludeElement, ForeignKey, ReferentialAction};
use crate::plan::NamedConstraint;
use crate::sql::QualifiedName;

/// The constraints that stand in a table's statement.
pub(super) fn list(constraints: &[NamedConstraint<'_>]) -> Result<Vec<Value>, RenderError> {
    constraints
        .iter()
        .map(|constraint| Ok(sql(clause(*constraint)?)))
        .collect()
}

/// ALTER TABLE … ADD CONSTRAINT.
pub(super) fn add_context(
    table: &QualifiedName,
    constraint: NamedConstraint<'_>,
) -> Result<Value, RenderError> {
    Ok(record! { table => sql(table), constraint => sql(clause(constraint)?) })
}

/// CONSTRAINT name …
fn clause((name, constraint): NamedConstraint<'_>) -> Result<Sql, RenderError> {
    let Constraint {
        kind: what,
        deferrable,
        initially_deferred,
        comment: _,
    } = constraint;
    let mut words = vec![Sql::keyword("CONSTRAINT"), Sql::from(name)];
    words.extend(kind(what)?);
    words.extend(deferrable.then(|| Sql::keyword("DEFERRABLE")));
    words.extend(initially_deferred.then(|| Sql::keyword("INITIALLY DEFERRED")));
    Ok(Sql::words(words))
}

fn kind(kind: &ConstraintKind) -> Result<Vec<Sql>, RenderError> {
    Ok(match kind {
        ConstraintKind::PrimaryKey { columns } => {
            vec![Sql::keyword("PRIMARY KEY"), Sql::tuple(columns)]
        }
        ConstraintKind::Unique {
            columns,
            nulls_distinct,
        } => {
            let unique = if *nulls_distinct {
                "UNIQUE"
            } else {
                "UNIQUE NULLS NOT DISTINCT"
            };
            vec![Sql::keyword(unique), Sql::tuple(columns)]
        }
        ConstraintKind::Check { condition } => {
            vec![Sql::keyword("CHECK"), Sql::in_parentheses(condition)]
        }
        ConstraintKind::ForeignKey(key) => foreign_key(key),
        ConstraintKind::Exclude {
            method,
            elements,
            predicate,
        } => {
            let elements: Vec<Sql> = elements
                .iter()
                .map(exclude_element)
                .collect::<Result<_, _>>()?;
            let mut words = vec![
                Sql::keyword("EXCLUDE USING"),
                Sql::from(method),
                Sql::tuple(elements),
            ];
            if let Some(predicate) = predicate {
                words.extend([Sql::keyword("WHERE"), Sql::in_parentheses(predicate)]);
            }
            words
        }
    })
}

fn foreign_key(key: &ForeignKey) -> Vec<Sql> {
    let ForeignKey {
        columns,
        references,
        referenced_columns,
        on_delete,
        on_update,
    } = key;
    let mut words = vec![
        Sql::keyword("FOREIGN KEY"),
        Sql::tuple(columns),
        Sql::keyword("REFERENCES"),
        Sql::from(references),
        Sql::tuple(referenced_columns),
    ];
    for (event, action) in [("ON UPDATE", on_update), ("ON DELETE", on_delete)] {
        if let Some(action) = self::action(*action) {
            words.extend([Sql::keyword(event), action]);
        }
    }
    words
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

fn exclude_element(element: &ExcludeElement) -> Result<Sql, RenderError> {
    let ExcludeElement { key, operator } = element;
    Ok(Sql::words([
        index::key(key),
        Sql::keyword("WITH"),
        Sql::operator(operator)?,
    ]))
}
