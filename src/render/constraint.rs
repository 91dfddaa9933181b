//! Constraints. They are put together here and not in a template of their own for the same reason as index keys: a
//! table has several.

use minijinja::Value;

use super::value::{Sql, record, sql};
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
        .map(|constraint| Ok(sql(clause(*constraint)?)))
        .collect()
}

/// What statements of their own say of the indexes behind constraints: nothing of most.
pub(super) fn marks(constraints: &[NamedConstraint<'_>]) -> Vec<Value> {
    constraints
        .iter()
        .filter_map(|(name, constraint)| mark(name, constraint))
        .collect()
}

fn mark(name: &Ident, constraint: &Constraint) -> Option<Value> {
    let index = &constraint.index;
    (index.clustered || index.replica_identity).then(|| {
        record! {
            name => sql(name),
            clustered => index.clustered,
            replica_identity => index.replica_identity,
        }
    })
}

/// ALTER TABLE … ADD CONSTRAINT.
pub(super) fn add_context(
    table: &QualifiedName,
    constraint: NamedConstraint<'_>,
) -> Result<Value, RenderError> {
    Ok(record! {
        table => sql(table),
        constraint => sql(clause(constraint)?),
        mark => mark(constraint.0, constraint.1),
    })
}

/// CONSTRAINT name …
pub(super) fn clause((name, constraint): NamedConstraint<'_>) -> Result<Sql, RenderError> {
    let Constraint {
        kind,
        deferrable,
        initially_deferred,
        not_valid,
        not_enforced,
        no_inherit,
        index,
        comment: _,
    } = constraint;
    let mut words = vec![Sql::keyword("CONSTRAINT"), Sql::from(name)];
    match kind {
        ConstraintKind::PrimaryKey { columns } => {
            words.extend([Sql::keyword("PRIMARY KEY"), key(columns, index)]);
            words.extend(index_clauses(index));
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
            words.extend([Sql::keyword(unique), key(columns, index)]);
            words.extend(index_clauses(index));
        }
        ConstraintKind::Check { condition } => {
            words.extend([Sql::keyword("CHECK"), Sql::in_parentheses(condition)]);
        }
        ConstraintKind::ForeignKey(key) => words.extend(foreign_key(key)),
        ConstraintKind::Exclude {
            method,
            elements,
            predicate,
        } => {
            let elements: Vec<Sql> = elements
                .iter()
                .map(exclude_element)
                .collect::<Result<_, _>>()?;
            words.extend([
                Sql::keyword("EXCLUDE USING"),
                Sql::from(method),
                Sql::tuple(elements),
            ]);
            words.extend(index_clauses(index));
            if let Some(predicate) = predicate {
                words.extend([Sql::keyword("WHERE"), Sql::in_parentheses(predicate)]);
            }
        }
    }
    let attributes = [
        (*no_inherit, "NO INHERIT"),
        (*deferrable, "DEFERRABLE"),
        (*initially_deferred, "INITIALLY DEFERRED"),
        (*not_enforced, "NOT ENFORCED"),
        // What is not enforced is not valid either, and that is not said.
        (*not_valid && !not_enforced, "NOT VALID"),
    ];
    let said = attributes.into_iter().filter(|(holds, _)| *holds);
    words.extend(said.map(|(_, word)| Sql::keyword(word)));
    Ok(Sql::words(words))
}

/// The columns of a primary key or UNIQUE.
fn key(columns: &[Ident], index: &ConstraintIndex) -> Sql {
    marked(columns, |column, last| {
        let mut words = vec![Sql::from(column)];
        words.extend((last && index.without_overlaps).then(|| Sql::keyword("WITHOUT OVERLAPS")));
        Sql::words(words)
    })
}

/// The columns of one side of a foreign key: the last of a temporal one is a period.
fn key_columns(columns: &[Ident], period: bool) -> Sql {
    marked(columns, |column, last| {
        let mut words = Vec::new();
        words.extend((last && period).then(|| Sql::keyword("PERIOD")));
        words.push(Sql::from(column));
        Sql::words(words)
    })
}

/// Columns in parentheses; each is told whether it is the last.
fn marked(columns: &[Ident], column: impl Fn(&Ident, bool) -> Sql) -> Sql {
    let last = columns.len();
    let columns = columns.iter().enumerate();
    Sql::tuple(columns.map(|(position, name)| column(name, position + 1 == last)))
}

/// What is said of the index behind a constraint.
fn index_clauses(index: &ConstraintIndex) -> Vec<Sql> {
    let ConstraintIndex {
        include,
        without_overlaps: _,
        storage_parameters,
        tablespace,
        clustered: _,
        replica_identity: _,
        comment: _,
    } = index;
    let mut words = Vec::new();
    if !include.is_empty() {
        words.extend([Sql::keyword("INCLUDE"), Sql::tuple(include)]);
    }
    if !storage_parameters.is_empty() {
        let parameters = Sql::parameters(storage_parameters);
        words.extend([Sql::keyword("WITH"), Sql::parenthesised(&parameters)]);
    }
    if let Some(tablespace) = tablespace {
        words.extend([
            Sql::keyword("USING INDEX TABLESPACE"),
            Sql::from(tablespace),
        ]);
    }
    words
}

fn foreign_key(key: &ForeignKey) -> Vec<Sql> {
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
    let mut words = vec![
        Sql::keyword("FOREIGN KEY"),
        key_columns(columns, *period),
        Sql::keyword("REFERENCES"),
        Sql::from(references),
        key_columns(referenced_columns, *period),
    ];
    words.extend(match_full.then(|| Sql::keyword("MATCH FULL")));
    for (event, action) in [("ON UPDATE", on_update), ("ON DELETE", on_delete)] {
        if let Some(action) = self::action(*action) {
            words.extend([Sql::keyword(event), action]);
        }
    }
    // Only ON DELETE can have columns, and stands last.
    if !on_delete_columns.is_empty() {
        words.push(Sql::tuple(on_delete_columns));
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
