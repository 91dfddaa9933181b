//! Views and materialized views.

use minijinja::Value;

use super::query;
use super::value::{optional, parameters, record, sql};
use crate::catalog::{View, ViewDefinition, ViewQuery};
use crate::sql::QualifiedName;

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
