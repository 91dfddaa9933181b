//! Projections as views and materialized views.

use std::collections::BTreeMap;

use super::bind::{bind, diagnostic};
use super::index::{self, Site, column_key, default_name, plain};
use super::names::Claim;
use super::{Context, Lowered};
use crate::catalog::{Join, Materialization, OutputColumn, Query, Source, View};
use crate::diagnose::{Code, Diagnostic, Diagnostics, Place};
use crate::resolve::{Entity, EntityId, Include, JoinPath, Model, Projection, suggest};
use crate::sql::{self, Bound, Expr, Ident, Relation, Scope, TypeName};
use crate::syntax::{EventsSpec, IncludeSpec, Located, RefreshMode};

/// Lowers one projection.
pub fn lower(cx: &Context<'_>, model: &Model, projection: &Projection) -> Lowered {
    let mut lowered = Lowered::default();
    let spec = &projection.spec;
    lowered.claims.push(Claim::relation(
        &projection.name.schema,
        &projection.name.name,
        "projection",
        &spec.name.at,
    ));
    check_refresh(model, projection, &mut lowered.diagnostics);
    let before = lowered.diagnostics.iter().count();
    let mut builder = Builder::new(cx, model, projection);
    for (include, spec) in projection.includes.iter().zip(&spec.includes) {
        builder.include(include, spec, &mut lowered.diagnostics);
    }
    let filter = builder.filter(&mut lowered.diagnostics);
    builder.report_same_names(&mut lowered.diagnostics);
    let materialized = spec.refresh.as_ref().is_some_and(|r| r.materialized);
    let indexes = if materialized {
        builder.indexes(&mut lowered)
    } else {
        Materialization::default()
    };
    if !materialized && let Some(first) = spec.indexes.first() {
        lowered.diagnostics.push(
            Diagnostic::error(
                Code::InvalidValue,
                &first.at,
                format!(
                    "`{}` is a plain view, which stores nothing to index",
                    spec.name.value
                ),
            )
            .hint("make it `refresh: {materialized: true}`, or index the fields of the entities"),
        );
    }
    if lowered
        .diagnostics
        .iter()
        .skip(before)
        .any(|d| d.severity == crate::diagnose::Severity::Error)
    {
        return lowered;
    }
    let Some(query) = builder.query(filter) else {
        return lowered;
    };
    let view = View {
        query,
        materialized: materialized.then_some(indexes),
        comment: spec.description.clone(),
    };
    lowered.views.push((projection.name.clone(), view));
    lowered
}

/// An output column and what the checks must know of it.
struct Output {
    name: Ident,
    at: Place,
    expression: Expr,
    ty: TypeName,
    /// The root's column that it is, if it is just that.
    root_column: Option<usize>,
}

struct Builder<'a> {
    cx: &'a Context<'a>,
    model: &'a Model,
    projection: &'a Projection,
    outputs: Vec<Output>,
    joins: Vec<Join>,
    /// Aliases of what is joined already, by the way from the root to it.
    joined: BTreeMap<Vec<(EntityId, usize)>, Ident>,
    aliases: Vec<Ident>,
}

impl<'a> Builder<'a> {
    fn new(cx: &'a Context<'a>, model: &'a Model, projection: &'a Projection) -> Self {
        let aliases = projection
            .includes
            .iter()
            .map(|i| i.alias.clone())
            .collect();
        Self {
            cx,
            model,
            projection,
            outputs: Vec::new(),
            joins: Vec::new(),
            joined: BTreeMap::new(),
            aliases,
        }
    }

    fn entity(&self, id: EntityId) -> Option<&'a Entity> {
        self.model.entities.get(id)
    }

    fn include(
        &mut self,
        include: &'a Include,
        spec: &'a IncludeSpec,
        diagnostics: &mut Diagnostics,
    ) {
        match &include.path {
            JoinPath::Root => {
                if let Some(filter) = &spec.filter {
                    diagnostics.push(
                        Diagnostic::error(
                            Code::InvalidValue,
                            &filter.at,
                            "the root's rows are chosen by the projection's `filters:`",
                        )
                        .hint("move the condition to `filters: [{condition: …}]`"),
                    );
                }
                self.plain_outputs(include, spec, diagnostics);
            }
            JoinPath::ToOne(steps) => {
                self.join_to_one(include, spec, steps, diagnostics);
                self.plain_outputs(include, spec, diagnostics);
            }
            JoinPath::ToMany(steps) => self.join_to_many(include, spec, steps, diagnostics),
        }
    }

    /// LEFT JOINs along the references from the root; steps that another include has made already are shared.
    fn join_to_one(
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
                if let Some(bound) = bind(
                    self.cx,
                    &filter.value,
                    &filter.at,
                    0,
                    &scope,
                    sql::Context::Filter,
                    diagnostics,
                ) {
                    on.push(bound.expr);
                }
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

    /// Columns of the root or of what it refers to: no aggregate has a meaning there.
    fn plain_outputs(
        &mut self,
        include: &'a Include,
        spec: &'a IncludeSpec,
        diagnostics: &mut Diagnostics,
    ) {
        let Some(entity) = self.entity(include.entity) else {
            return;
        };
        let scope = self.scope(Some(include));
        let is_root = include.path == JoinPath::Root;
        for field in &spec.fields {
            if let Some(columns) = entity.columns_named(field.value.trim()) {
                for position in columns {
                    let Some(column) = entity.column(position) else {
                        continue;
                    };
                    let Some(ty) = column.ty.clone() else {
                        continue;
                    };
                    self.outputs.push(Output {
                        name: column.name.clone(),
                        at: field.at.clone(),
                        expression: Expr::qualified_column(&include.alias, &column.name),
                        ty,
                        root_column: is_root.then_some(position),
                    });
                }
                continue;
            }
            let Some((name, bound)) = self.output(field, &scope, entity, diagnostics) else {
                continue;
            };
            if bound.aggregate {
                diagnostics.push(
                    Diagnostic::error(
                        Code::InvalidExpression,
                        &field.at,
                        format!(
                            "`{}` is no collection here: each row of the root has at most one `{}`",
                            field.value, entity.name
                        ),
                    )
                    .hint("aggregates are for entities that refer to the root"),
                );
                continue;
            }
            let root_column = bound
                .columns
                .iter()
                .next()
                .filter(|_| is_root && bound.expr.is_qualified_column())
                .map(|(_, column)| *column);
            self.outputs.push(Output {
                name,
                at: field.at.clone(),
                ty: bound.ty.unwrap_or_else(|| TypeName::core("text")),
                expression: bound.expr,
                root_column,
            });
        }
    }

    /// A subquery grouped by the reference, so that two collections never multiply each other.
    fn join_to_many(
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
            });
            columns.push(OutputColumn {
                expression: bound.expr,
                name,
            });
        }
        let filter = spec
            .filter
            .as_ref()
            .and_then(|f| {
                bind(
                    self.cx,
                    &f.value,
                    &f.at,
                    0,
                    &scope,
                    sql::Context::Filter,
                    diagnostics,
                )
            })
            .map(|b| b.expr);
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
            },
            on,
        });
    }

    /// Binds `expression [as name]`. A column keeps its name and a call is called as its function; all else needs `as`.
    fn output(
        &self,
        field: &Located<String>,
        scope: &Scope<'_>,
        entity: &Entity,
        diagnostics: &mut Diagnostics,
    ) -> Option<(Ident, Bound)> {
        let parts = match sql::parse_output_column(&field.value) {
            Ok(parts) => parts,
            Err(problem) => {
                diagnostics.push(diagnostic(problem, &field.at, 0));
                return None;
            }
        };
        let text = field.value.get(parts.expression.clone())?;
        let bound = bind(
            self.cx,
            text,
            &field.at,
            parts.expression.start,
            scope,
            sql::Context::Output,
            diagnostics,
        )?;
        let name = match parts.alias {
            Some((alias, _)) => Some(alias),
            None if bound.expr.is_column() || bound.expr.is_qualified_column() => bound
                .columns
                .first()
                .and_then(|(r, c)| scope.relations.get(*r)?.columns.get(*c))
                .map(|c| c.column.clone()),
            None => bound.expr.function_name().map(Ident::new),
        };
        let Some(name) = name else {
            diagnostics.push(
                Diagnostic::error(
                    Code::InvalidExpression,
                    &field.at,
                    format!("this column of `{}` has no name", entity.name),
                )
                .hint(format!("write `{} as some_name`", field.value.trim())),
            );
            return None;
        };
        if name.as_str().is_empty() || name.as_str().len() > Ident::MAX_BYTES {
            diagnostics.push(
                Diagnostic::error(
                    Code::InvalidName,
                    &field.at,
                    "a column's name has from 1 to 63 bytes",
                )
                .hint("choose another name after `as`"),
            );
            return None;
        }
        Some((name, bound))
    }

    /// What a name outside the collections may mean: all of the root and of what it refers to by its entity's name, and without
    /// one what belongs to `unqualified`.
    fn scope(&self, unqualified: Option<&Include>) -> Scope<'a> {
        let relations = self
            .projection
            .includes
            .iter()
            .filter(|i| !matches!(i.path, JoinPath::ToMany(_)))
            .filter_map(|i| {
                let here = unqualified.map_or(i.path == JoinPath::Root, |u| std::ptr::eq(u, i));
                Some(relation(self.entity(i.entity)?, &i.alias, here))
            })
            .collect();
        Scope {
            relations,
            extensions: &self.cx.extensions,
        }
    }

    fn filter(&self, diagnostics: &mut Diagnostics) -> Option<Expr> {
        let scope = self.scope(None);
        let filters: Vec<Expr> = self
            .projection
            .spec
            .filters
            .iter()
            .filter_map(|f| {
                bind(
                    self.cx,
                    &f.value,
                    &f.at,
                    0,
                    &scope,
                    sql::Context::Filter,
                    diagnostics,
                )
            })
            .map(|b| b.expr)
            .collect();
        Expr::joined("AND", &filters)
    }

    fn report_same_names(&self, diagnostics: &mut Diagnostics) {
        let mut seen: BTreeMap<&Ident, &Place> = BTreeMap::new();
        for output in &self.outputs {
            if let Some(first) = seen.insert(&output.name, &output.at) {
                diagnostics.push(
                    Diagnostic::error(
                        Code::DuplicateName,
                        &output.at,
                        format!(
                            "two columns of this projection are called `{}`",
                            output.name.as_str()
                        ),
                    )
                    .related(first, "the other one")
                    .hint("give one of them a name of its own with `as`"),
                );
            }
        }
    }

    /// The unique index on the root's key, which REFRESH CONCURRENTLY needs, and those that were written.
    fn indexes(&self, lowered: &mut Lowered) -> Materialization {
        let mut indexes = BTreeMap::new();
        let spec = &self.projection.spec;
        let schema = &self.projection.name.schema;
        let Some((root, include)) = self
            .projection
            .includes
            .first()
            .and_then(|i| Some((self.entity(i.entity)?, spec.includes.first()?)))
        else {
            return Materialization::default();
        };
        let mut keys = Vec::new();
        for key in &root.key.columns {
            match self.outputs.iter().find(|o| o.root_column == Some(*key)) {
                Some(output) => keys.push(column_key(&output.name)),
                None => {
                    let name = root.column(*key).map_or("", |c| c.name.as_str());
                    lowered.diagnostics.push(
                        Diagnostic::error(
                            Code::ProjectionKeyMissing,
                            &include.at,
                            format!("`{}` does not put out `{name}`, a part of the key of `{}`", spec.name.value, root.name),
                        )
                        .hint(format!("add `{name}` to the fields of `{}`: a refresh that blocks no reader tells rows apart by it", root.name)),
                    );
                }
            }
        }
        if keys.len() == root.key.columns.len() && !keys.is_empty() {
            let name = default_name(self.projection.name.name.as_str(), &keys);
            lowered
                .claims
                .push(Claim::relation(schema, &name, "index", &spec.name.at));
            indexes.insert(name, index::unique(plain("btree", keys)));
        }
        let names: Vec<(&str, &Output)> =
            self.outputs.iter().map(|o| (o.name.as_str(), o)).collect();
        let site = Site {
            label: &spec.name.value,
            relation: &self.projection.name.name,
            scope: Scope {
                relations: vec![Relation {
                    names: vec![self.projection.name.name.as_str()],
                    qualifier: None,
                    unqualified: true,
                    columns: self
                        .outputs
                        .iter()
                        .map(|o| sql::ScopeColumn {
                            names: vec![o.name.as_str()],
                            column: o.name.clone(),
                            ty: o.ty.clone(),
                            generated: false,
                            labels: &[],
                        })
                        .collect(),
                }],
                extensions: &self.cx.extensions,
            },
            columns: names
                .iter()
                .map(|(n, o)| (*n, vec![(o.name.clone(), o.ty.clone())]))
                .collect(),
        };
        for written in &spec.indexes {
            let Some(made) = index::written(self.cx, &site, written, &mut lowered.diagnostics)
            else {
                continue;
            };
            let name = written.name.as_ref().map_or_else(
                || default_name(site.relation.as_str(), &made.keys),
                |n| Ident::new(n.value.clone()),
            );
            let at = written.name.as_ref().map_or(&written.at, |n| &n.at);
            lowered
                .claims
                .push(Claim::relation(schema, &name, "index", at));
            indexes.entry(name).or_insert(made);
        }
        Materialization { indexes }
    }

    fn query(self, filter: Option<Expr>) -> Option<Query> {
        let root = self.projection.includes.first()?;
        let from = Source::Table {
            name: self.entity(root.entity)?.table.clone(),
            alias: root.alias.clone(),
        };
        let columns = self
            .outputs
            .into_iter()
            .map(|o| OutputColumn {
                expression: o.expression,
                name: o.name,
            })
            .collect();
        Some(Query {
            columns,
            from,
            joins: self.joins,
            filter,
            group_by: Vec::new(),
        })
    }
}

fn relation<'a>(entity: &'a Entity, alias: &'a Ident, unqualified: bool) -> Relation<'a> {
    let mut relation = entity.relation(Some(alias.clone()), unqualified);
    if !relation.names.contains(&alias.as_str()) {
        relation.names.insert(0, alias.as_str());
    }
    relation
}

fn equalities(
    left: &Ident,
    left_columns: &[Ident],
    right: &Ident,
    right_columns: &[Ident],
) -> Vec<Expr> {
    left_columns
        .iter()
        .zip(right_columns)
        .map(|(a, b)| {
            Expr::binary(
                &Expr::qualified_column(left, a),
                "=",
                &Expr::qualified_column(right, b),
            )
        })
        .collect()
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

/// The events and entities of `on:`, and sources that nothing watches.
fn check_refresh(model: &Model, projection: &Projection, diagnostics: &mut Diagnostics) {
    let Some(refresh) = projection.spec.refresh.as_ref().filter(|r| r.materialized) else {
        return;
    };
    let entity_name = |include: &Include| {
        model
            .entities
            .get(include.entity)
            .map_or("", |e| e.name.as_str())
    };
    let mut watched: Vec<&str> = Vec::new();
    match &refresh.on {
        None => {}
        Some(EventsSpec::All) => watched.extend(projection.includes.iter().map(entity_name)),
        Some(EventsSpec::Root(events)) => {
            check_events(events, diagnostics);
            watched.extend(projection.includes.first().map(entity_name));
        }
        Some(EventsSpec::Each(entities)) => {
            for (entity, events) in entities {
                check_events(events, diagnostics);
                let bare = entity.value.rsplit('.').next().unwrap_or_default();
                match projection
                    .includes
                    .iter()
                    .map(entity_name)
                    .find(|n| *n == bare)
                {
                    Some(found) if !events.is_empty() => watched.push(found),
                    Some(_) => {}
                    None => diagnostics.push(
                        Diagnostic::error(
                            Code::UnknownEntity,
                            &entity.at,
                            format!("`{}` is no entity of this projection", entity.value),
                        )
                        .hint(format!(
                            "its entities are: {}",
                            projection
                                .includes
                                .iter()
                                .map(entity_name)
                                .collect::<Vec<_>>()
                                .join(", ")
                        )),
                    ),
                }
            }
        }
    }
    let mode = refresh
        .mode
        .as_ref()
        .map_or(RefreshMode::Commit, |m| m.value);
    if mode == RefreshMode::Incremental {
        let at = refresh.mode.as_ref().map_or(&refresh.at, |m| &m.at);
        diagnostics.push(
            Diagnostic::error(
                Code::CannotMaintainIncrementally,
                at,
                "this version compiles no projection that is kept row by row",
            )
            .hint("use `mode: queued`, or refresh the materialized view yourself"),
        );
        return;
    }
    if refresh.on.is_some() || refresh.mode.is_some() || refresh.every.is_some() {
        diagnostics.push(
            Diagnostic::warning(
                Code::NotCompiled,
                &refresh.at,
                "this version makes the materialized view, and no triggers that refresh it",
            )
            .hint(format!(
                "run `REFRESH MATERIALIZED VIEW CONCURRENTLY {}` when its sources have changed",
                projection.name
            )),
        );
    }
    for (include, spec) in projection.includes.iter().zip(&projection.spec.includes) {
        let name = entity_name(include);
        if !watched.contains(&name) {
            diagnostics.push(
                Diagnostic::note(
                    Code::ProjectionSourceNotWatched,
                    &spec.entity.at,
                    format!(
                        "changes of `{name}` do not refresh `{}`",
                        projection.spec.name.value
                    ),
                )
                .hint("add its events to `on:`, or write `on: all`"),
            );
        }
    }
}

fn check_events(events: &[Located<String>], diagnostics: &mut Diagnostics) {
    const EVENTS: [&str; 4] = ["create", "update", "delete", "truncate"];
    for event in events
        .iter()
        .filter(|e| !EVENTS.contains(&e.value.as_str()))
    {
        let diagnostic = Diagnostic::error(
            Code::UnknownEvent,
            &event.at,
            format!("there is no event `{}`", event.value),
        );
        let statement = match event.value.to_ascii_lowercase().as_str() {
            "insert" => Some("create"),
            "remove" => Some("delete"),
            _ => None,
        };
        let near = statement.or_else(|| suggest(&event.value, EVENTS.into_iter()));
        diagnostics.push(match near {
            Some(near) => diagnostic.hint(format!("did you mean `{near}`?")),
            None => diagnostic.hint(format!("the events are: {}", EVENTS.join(", "))),
        });
    }
}
