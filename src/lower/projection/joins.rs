//! What an include adds to FROM: LEFT JOINs along references, and a grouped subquery for a collection.

use super::{Builder, Output, equalities, relation};
use crate::catalog::{Join, OutputColumn, Query, Source};
use crate::diagnose::{Code, Diagnostic, Diagnostics, Place};
use crate::resolve::{Entity, EntityId, Include, Reference, first_free};
use crate::sql::{Expr, Ident, Scope, TypeName};
use crate::syntax::IncludeSpec;

impl<'a> Builder<'a> {
    /// LEFT JOINs along the references from the root; steps that another include has made already are shared.
    pub(super) fn join_to_one(
        &mut self,
        include: &'a Include,
        spec: &'a IncludeSpec,
        steps: &[(EntityId, usize)],
        diagnostics: &mut Diagnostics,
    ) {
        let Some(mut from) = self
            .projection
            .includes
            .first()
            .map(|root| root.alias.clone())
        else {
            return;
        };
        for (position, step) in steps.iter().enumerate() {
            let way: Vec<(EntityId, usize)> = steps.iter().take(position + 1).copied().collect();
            let last = position + 1 == steps.len();
            if let Some(alias) = self.joined.get(&way).filter(|_| !last) {
                from = alias.clone();
                continue;
            }
            let Some((referrer, reference)) = self.reference(step) else {
                return;
            };
            let Some(target) = self.entity(reference.target) else {
                return;
            };
            let alias = if last {
                include.alias.clone()
            } else {
                self.free_alias(&target.table.name)
            };
            let mut on = equalities(
                &from,
                &referrer.column_names(&reference.columns),
                &alias,
                &target.column_names(&reference.target_columns),
            );
            if last && let Some(filter) = &spec.filter {
                let scope = self.cx.scope(vec![relation(target, &alias, true)]);
                on.extend(self.condition(filter, &scope, false, diagnostics));
            }
            let Some(on) = Expr::joined("AND", &on) else {
                return;
            };
            self.joins.push(Join {
                source: Source::Table {
                    name: target.table.clone(),
                    alias: alias.clone(),
                },
                on,
            });
            // A join with a filter of its own is no way for others.
            if spec.filter.is_none() || !last {
                self.joined.entry(way).or_insert_with(|| alias.clone());
            }
            from = alias;
        }
    }

    fn free_alias(&mut self, wanted: &Ident) -> Ident {
        let free = first_free(
            |n| match n {
                0 => wanted.clone(),
                n => Ident::new(format!("{}_{}", wanted.as_str(), n + 1)),
            },
            |alias| self.aliases.contains(alias),
        );
        self.aliases.push(free.clone());
        free
    }

    /// A subquery grouped by the reference, so that two collections never multiply each other.
    pub(super) fn join_to_many(
        &mut self,
        include: &'a Include,
        spec: &'a IncludeSpec,
        steps: &[(EntityId, usize)],
        diagnostics: &mut Diagnostics,
    ) {
        let Some(entity) = self.entity(include.entity) else {
            return;
        };
        let alias = &include.alias;
        let scope = self.cx.scope(vec![relation(entity, alias, true)]);
        let columns = self.aggregates(entity, alias, spec, &scope, diagnostics);
        let filter = spec
            .filter
            .as_ref()
            .and_then(|filter| self.condition(filter, &scope, false, diagnostics));
        let Some((last, between)) = steps.split_last() else {
            return;
        };
        let (Some((joins, from)), Some((referrer, reference)), Some(root_include)) = (
            self.joins_between(alias, between),
            self.reference(last),
            self.projection.includes.first(),
        ) else {
            return;
        };
        let Some(root) = self.entity(reference.target) else {
            return;
        };
        let keys: Vec<OutputColumn> = referrer
            .column_names(&reference.columns)
            .into_iter()
            .map(|column| {
                let mut name = column.clone();
                while columns.iter().any(|c| c.name == name) {
                    name = Ident::new(format!("{}_key", name.as_str()));
                }
                let expression = Expr::qualified_column(&from, &column);
                OutputColumn { expression, name }
            })
            .collect();
        let key_names: Vec<Ident> = keys.iter().map(|k| k.name.clone()).collect();
        let on = equalities(
            alias,
            &key_names,
            &root_include.alias,
            &root.column_names(&reference.target_columns),
        );
        let Some(on) = Expr::joined("AND", &on) else {
            return;
        };
        let query = Query {
            group_by: keys.iter().map(|k| k.expression.clone()).collect(),
            columns: keys.into_iter().chain(columns).collect(),
            from: Source::Table {
                name: entity.table.clone(),
                alias: alias.clone(),
            },
            joins,
            filter,
        };
        self.joins.push(Join {
            source: Source::Subquery {
                query: Box::new(query),
                alias: alias.clone(),
                lateral: false,
            },
            on,
        });
    }

    /// The columns of a collection's subquery; what the projection makes of each goes to its outputs.
    fn aggregates(
        &mut self,
        entity: &'a Entity,
        alias: &Ident,
        spec: &'a IncludeSpec,
        scope: &Scope<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Vec<OutputColumn> {
        let mut columns = Vec::new();
        for field in &spec.fields {
            if entity.columns_named(field.value.trim()).is_some() {
                diagnostics.push(many_values(&field.value, entity, &field.at));
                continue;
            }
            let Some((name, bound)) = self.output(field, scope, entity, diagnostics) else {
                continue;
            };
            if !bound.aggregate {
                diagnostics.push(many_values(&field.value, entity, &field.at));
                continue;
            }
            let value = Expr::qualified_column(alias, &name);
            let expression = if is_count(&bound.expr) {
                Expr::call("coalesce", &[value, Expr::integer(0)])
            } else {
                value
            };
            self.outputs.push(Output {
                name: name.clone(),
                at: field.at.clone(),
                expression,
                ty: bound.ty.unwrap_or_else(|| TypeName::core("text")),
                root_column: None,
                volatility: bound.volatility,
            });
            columns.push(OutputColumn {
                expression: bound.expr,
                name,
            });
        }
        columns
    }

    /// Joins from the collection `alias` up to the entity that refers to the root, and that entity's alias.
    fn joins_between(
        &self,
        alias: &Ident,
        steps: &[(EntityId, usize)],
    ) -> Option<(Vec<Join>, Ident)> {
        let mut joins = Vec::new();
        let mut from = alias.clone();
        let mut taken = vec![alias.clone()];
        for step in steps {
            let (referrer, reference) = self.reference(step)?;
            let target = self.entity(reference.target)?;
            let mut to = target.table.name.clone();
            while taken.contains(&to) {
                to = Ident::new(format!("{}_2", to.as_str()));
            }
            taken.push(to.clone());
            let on = equalities(
                &from,
                &referrer.column_names(&reference.columns),
                &to,
                &target.column_names(&reference.target_columns),
            );
            joins.push(Join {
                source: Source::Table {
                    name: target.table.clone(),
                    alias: to.clone(),
                },
                on: Expr::joined("AND", &on)?,
            });
            from = to;
        }
        Some((joins, from))
    }

    fn reference(
        &self,
        (referrer, reference): &(EntityId, usize),
    ) -> Option<(&'a Entity, &'a Reference)> {
        let referrer = self.entity(*referrer)?;
        Some((referrer, referrer.references.get(*reference)?))
    }
}

fn many_values(text: &str, entity: &Entity, at: &Place) -> Diagnostic {
    Diagnostic::error(
        Code::InvalidExpression,
        at,
        format!("`{text}` has many values: several rows of `{}` can refer to one row of the root", entity.name),
    )
    .hint("use an aggregate, such as `COUNT(*) as n`, `MAX(…) as latest` or `array_agg(… ORDER BY …) as all_of_them`")
}

/// `count(…)`, with or without FILTER: 0 where there are no rows.
fn is_count(expression: &Expr) -> bool {
    expression.function_name().is_some_and(|f| f == "count")
}
