//! What an include adds to FROM: LEFT JOINs along references, and a grouped subquery for a collection.

use super::{Builder, Output, equalities, relation};
use crate::catalog::{Join, OutputColumn, Query, Source};
use crate::diagnose::{Code, Diagnostic, Diagnostics, Place};
use crate::resolve::{Entity, EntityId, Include};
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
        for (position, (id, reference)) in steps.iter().enumerate() {
            let way: Vec<(EntityId, usize)> = steps.iter().take(position + 1).copied().collect();
            let last = position + 1 == steps.len();
            if let Some(alias) = self.joined.get(&way).filter(|_| !last) {
                from = alias.clone();
                continue;
            }
            let Some(reference) = self.entity(*id).and_then(|e| e.references.get(*reference))
            else {
                return;
            };
            let (Some(referrer), Some(target)) = (self.entity(*id), self.entity(reference.target))
            else {
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
                let scope = Scope {
                    relations: vec![relation(target, &alias, true)],
                    extensions: &self.cx.extensions,
                };
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
        let free = (1u32..)
            .map(|n| {
                if n == 1 {
                    wanted.clone()
                } else {
                    Ident::new(format!("{}_{n}", wanted.as_str()))
                }
            })
            .find(|alias| !self.aliases.contains(alias))
            .unwrap_or_else(|| wanted.clone());
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
        let scope = Scope {
            relations: vec![relation(entity, alias, true)],
            extensions: &self.cx.extensions,
        };
        let mut columns = Vec::new();
        for field in &spec.fields {
            if entity.columns_named(field.value.trim()).is_some() {
                diagnostics.push(many_values(&field.value, entity, &field.at));
                continue;
            }
            let Some((name, bound)) = self.output(field, &scope, entity, diagnostics) else {
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
        let filter = spec
            .filter
            .as_ref()
            .and_then(|filter| self.condition(filter, &scope, false, diagnostics));
        // From the collection up to the entity that refers to the root.
        let mut joins = Vec::new();
        let mut from = alias.clone();
        let mut taken = vec![alias.clone()];
        let Some(((last_id, last_reference), between)) = steps.split_last() else {
            return;
        };
        for (id, reference) in between {
            let Some(referrer) = self.entity(*id) else {
                return;
            };
            let Some(reference) = referrer.references.get(*reference) else {
                return;
            };
            let Some(target) = self.entity(reference.target) else {
                return;
            };
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
            let Some(on) = Expr::joined("AND", &on) else {
                return;
            };
            joins.push(Join {
                source: Source::Table {
                    name: target.table.clone(),
                    alias: to.clone(),
                },
                on,
            });
            from = to;
        }
        let Some(referrer) = self.entity(*last_id) else {
            return;
        };
        let Some(reference) = referrer.references.get(*last_reference) else {
            return;
        };
        let (Some(root), Some(root_include)) = (
            self.entity(reference.target),
            self.projection.includes.first(),
        ) else {
            return;
        };
        let mut keys = Vec::new();
        let mut group_by = Vec::new();
        for column in referrer.column_names(&reference.columns) {
            let mut name = column.clone();
            while columns.iter().any(|c: &OutputColumn| c.name == name) {
                name = Ident::new(format!("{}_key", name.as_str()));
            }
            let expression = Expr::qualified_column(&from, &column);
            group_by.push(expression.clone());
            keys.push(OutputColumn { expression, name });
        }
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
            columns: keys.into_iter().chain(columns).collect(),
            from: Source::Table {
                name: entity.table.clone(),
                alias: alias.clone(),
            },
            joins,
            filter,
            group_by,
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
