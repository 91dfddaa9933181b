//! Views and materialized views.

use super::dependency;
use crate::catalog::{Catalog, Query, Source, View, ViewQuery};
use crate::diff::Object;
use crate::sql::QualifiedName;

/// What a view needs: all that it reads.
pub(super) fn needs<'a>(
    name: &'a QualifiedName,
    view: &'a View,
    to: &'a Catalog,
) -> Vec<Object<'a>> {
    let mut needs = vec![Object::Schema(&name.schema)];
    match &view.query {
        ViewQuery::Query(query) => needs.extend(sources(query)),
        ViewQuery::Definition(definition) => {
            needs.extend(dependency::objects(&definition.needs, to));
        }
    }
    needs
}

fn sources(query: &Query) -> Vec<Object<'_>> {
    let mut needs = Vec::new();
    let mut queries = vec![query];
    while let Some(query) = queries.pop() {
        let joined = query.joins.iter().map(|join| &join.source);
        for source in std::iter::once(&query.from).chain(joined) {
            match source {
                Source::Table { name, alias: _ } => needs.extend([
                    Object::Table(name),
                    Object::View(name),
                    Object::MaterializedView(name),
                ]),
                Source::Values { .. } => {}
                Source::Function { name, alias: _ } => needs.push(Object::Function(name)),
                Source::Subquery { query, .. } => queries.push(query),
            }
        }
    }
    needs
}
