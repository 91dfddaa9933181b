//! Views and materialized views.

use minijinja::Value;

use super::query;
use super::value::{Sql, optional, parameters, record, sql};
use crate::catalog::{View, ViewDefinition, ViewQuery};
use crate::sql::{Literal, QualifiedName};

pub(super) fn context(name: &QualifiedName, view: &View, replace: bool) -> Value {
    let View {
        query,
        options,
        triggers: _,
        materialized,
        comment: _,
    } = view;
    let (query, text) = match query {
        ViewQuery::Query(query) => (query::query(query, 0), Value::from(())),
        ViewQuery::Definition(definition) => {
            let ViewDefinition {
                text,
                columns: _,
                needs: _,
            } = definition;
            (Value::from(()), sql(text))
        }
    };
    let tablespace = materialized.as_ref().and_then(|m| m.tablespace.as_ref());
    record! {
        name => sql(name),
        replace => replace,
        query => query,
        text => text,
        options => parameters(options),
        tablespace => optional(tablespace),
    }
}

/// A view that is made, of the query that was noted or of its own.
pub(super) fn created(name: &QualifiedName, view: &View, is_noted: bool) -> (&'static str, Value) {
    if is_noted {
        return ("noted_view.sql.j2", noted(name, view));
    }
    let template = match view.materialized {
        Some(_) => "materialized_view.sql.j2",
        None => "view.sql.j2",
    };
    (template, context(name, view, false))
}

/// A view of a query that was noted: the statement up to that, as a constant, and whether rows are stored.
fn noted(name: &QualifiedName, view: &View) -> Value {
    let what = match view.materialized {
        Some(_) => "CREATE MATERIALIZED VIEW",
        None => "CREATE VIEW",
    };
    let mut create = vec![Sql::keyword(what), Sql::from(name)];
    if !view.options.is_empty() {
        let options = Sql::parenthesised(&Sql::parameters(&view.options));
        create.extend([Sql::keyword("WITH"), options]);
    }
    let materialized = view.materialized.as_ref();
    if let Some(tablespace) = materialized.and_then(|m| m.tablespace.as_ref()) {
        create.extend([Sql::keyword("TABLESPACE"), Sql::from(tablespace)]);
    }
    create.push(Sql::keyword("AS"));
    let literal = |text: &str| sql(&Literal::new(text));
    record! {
        name => literal(&name.to_string()),
        create => literal(Sql::words(create).as_str()),
        materialized => view.materialized.is_some(),
    }
}
