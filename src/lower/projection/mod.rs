//! Projections as views and materialized views.

mod indexes;
mod joins;
mod maintainable;
mod outputs;

use std::collections::BTreeMap;

use super::bind::bind;
use super::incremental::{self, StoredColumn};
use super::names::Claim;
use super::refresh::Refresh;
use super::{Context, Lowered};
use crate::catalog::{Join, Materialization, OutputColumn, Query, Source, View};
use crate::diagnose::{Code, Diagnostic, Diagnostics, Place};
use crate::pg::Volatility;
use crate::resolve::{Entity, EntityId, Include, JoinPath, Model, Projection};
use crate::sql::{self, Expr, Ident, Relation, Scope, TypeName};
use crate::syntax::{IncludeSpec, Located};

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
    let incremental = incremental::is_asked_for(projection);
    let refresh = Refresh::read(model, projection, &mut lowered.diagnostics);
    let before = lowered.diagnostics.iter().count();
    let mut builder = Builder::new(cx, model, projection);
    for (include, spec) in projection.includes.iter().zip(&spec.includes) {
        builder.include(include, spec, &mut lowered.diagnostics);
    }
    let filter = builder.filter(&mut lowered.diagnostics);
    builder.report_same_names(&mut lowered.diagnostics);
    if incremental {
        builder.check_maintainable(&mut lowered.diagnostics);
    }
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
    let stored = builder.stored_columns();
    let (filter_now, bounds) = builder.on_time();
    let Some(query) = builder.query(filter) else {
        return lowered;
    };
    if incremental {
        let definition = incremental::Definition {
            query,
            columns: stored,
            filter_now,
            bounds,
            indexes,
        };
        incremental::lower(cx, model, projection, definition, &mut lowered);
        return lowered;
    }
    if let Some(refresh) = refresh {
        refresh.lower(&query, &mut lowered);
    }
    let view = View {
        materialized: materialized.then_some(indexes),
        comment: spec.description.clone(),
        ..View::new(query)
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
    volatility: Volatility,
}

/// A condition, and what the checks must know of it.
struct Condition {
    at: Place,
    expression: Expr,
    volatility: Volatility,
    /// One of `filters:`; otherwise an include's `filter:`.
    of_projection: bool,
}

struct Builder<'a> {
    cx: &'a Context<'a>,
    model: &'a Model,
    projection: &'a Projection,
    outputs: Vec<Output>,
    joins: Vec<Join>,
    conditions: Vec<Condition>,
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
            conditions: Vec::new(),
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
        self.cx.scope(relations)
    }

    fn filter(&mut self, diagnostics: &mut Diagnostics) -> Option<Expr> {
        let scope = self.scope(None);
        let filters: Vec<Expr> = self
            .projection
            .spec
            .filters
            .iter()
            .filter_map(|filter| self.condition(filter, &scope, true, diagnostics))
            .collect();
        Expr::joined("AND", &filters)
    }

    /// Binds a condition and keeps it for the checks.
    fn condition(
        &mut self,
        filter: &Located<String>,
        scope: &Scope<'_>,
        of_projection: bool,
        diagnostics: &mut Diagnostics,
    ) -> Option<Expr> {
        let bound = bind(
            self.cx,
            &filter.value,
            &filter.at,
            0,
            scope,
            sql::Context::Filter,
            diagnostics,
        )?;
        self.conditions.push(Condition {
            at: filter.at.clone(),
            expression: bound.expr.clone(),
            volatility: bound.volatility,
            of_projection,
        });
        Some(bound.expr)
    }

    /// The columns of a table that stores the output.
    fn stored_columns(&self) -> Vec<StoredColumn> {
        self.outputs
            .iter()
            .map(|output| StoredColumn {
                name: output.name.clone(),
                ty: output.ty.clone(),
                root_column: output.root_column,
            })
            .collect()
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

/// `left.a = right.a`, `left.b = right.b`.
pub fn equalities(
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
