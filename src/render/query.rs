//! Queries: one SELECT with LEFT JOINs, and the same again in its subqueries.

use minijinja::Value;

use super::value::{Sql, optional, record, sql};
use crate::catalog::{Join, OutputColumn, Query, Source};

/// How far a subquery stands to the right of what it stands in.
const INDENT: usize = 4;

pub(super) fn query(query: &Query, pad: usize) -> Value {
    let Query {
        columns,
        from,
        joins,
        filter,
        group_by,
    } = query;
    let columns: Vec<Value> = columns.iter().map(output_column).collect();
    let joins: Vec<Value> = joins
        .iter()
        .map(|Join { source: joined, on }| record! { source => source(joined, pad), on => sql(on) })
        .collect();
    record! {
        pad => sql(Sql::spaces(pad)),
        columns => columns,
        from => source(from, pad),
        joins => joins,
        filter => optional(filter.as_ref()),
        group_by => optional((!group_by.is_empty()).then(|| Sql::list(group_by))),
    }
}

/// The name is left off where the column would have it anyway.
fn output_column(column: &OutputColumn) -> Value {
    let OutputColumn { expression, name } = column;
    let printed = Sql::from(name);
    let own_name = expression
        .as_str()
        .strip_suffix(printed.as_str())
        .is_some_and(is_qualifier_or_nothing);
    record! {
        expression => sql(expression),
        name => optional((!own_name).then_some(printed)),
    }
}

fn is_qualifier_or_nothing(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    match text.strip_suffix('.') {
        Some(qualifier) => !qualifier.is_empty() && qualifier.chars().all(plain),
        None => text.is_empty(),
    }
}

fn source(source: &Source, pad: usize) -> Value {
    match source {
        Source::Table { name, alias } => record! {
            name => sql(name),
            arguments => false,
            alias => optional((name.name != *alias).then_some(alias)),
            query => (),
            rows => (),
        },
        Source::Values {
            columns,
            rows,
            alias,
        } => record! {
            query => (),
            rows => rows.iter().map(|row| sql(Sql::list(row))).collect::<Vec<_>>(),
            columns => sql(Sql::list(columns)),
            alias => sql(alias),
            pad => sql(Sql::spaces(pad)),
        },
        Source::Function { name, alias } => record! {
            name => sql(name),
            arguments => true,
            alias => sql(alias),
            query => (),
            rows => (),
        },
        Source::Subquery {
            query: subquery,
            alias,
            lateral,
        } => record! {
            lateral => *lateral,
            query => query(subquery, pad + INDENT),
            alias => sql(alias),
            pad => sql(Sql::spaces(pad)),
        },
    }
}
