//! `refresh:`: what keeps a materialized view right: triggers on what it reads, and the routines that they need.

mod every;
mod status;
mod support;
mod watch;

use std::collections::{BTreeMap, BTreeSet};

pub use support::support;
pub use watch::word;

use super::Lowered;
use super::names::{Claim, Namespace};
use crate::catalog::{
    Catalog, Function, Query, RefreshView, Routine, SCHEMA, Source, Trigger, TriggerEvent,
};
use crate::diagnose::Diagnostics;
use crate::resolve::{Model, Projection, joined};
use crate::sql::{Ident, QualifiedName};
use crate::syntax::RefreshMode;

/// A projection that is refreshed, as the support routines see it.
#[derive(Debug, Clone)]
pub struct Refreshed {
    /// Its view.
    pub projection: QualifiedName,
    /// The function that refreshes it.
    pub function: QualifiedName,
    /// When.
    pub mode: RefreshMode,
    /// Whether a trigger asks for it.
    pub triggered: bool,
    /// Whether it is due though nobody asked.
    pub unasked: bool,
    /// The tables that it reads.
    pub sources: Vec<QualifiedName>,
    /// Of an incremental projection, the functions by which others act on it.
    pub incremental: Option<super::incremental::Functions>,
}

impl Refreshed {
    /// Whether a source may lose a partition at run time, which no trigger sees.
    fn may_lose_rows(&self, catalog: &Catalog) -> bool {
        let policies = &catalog.partition_policies;
        self.sources
            .iter()
            .any(|source| policies.contains_key(source))
    }

    /// Whether rows may be out of date when nobody knows of a refresh: a crash takes that and the marks together.
    fn is_due_when_unknown(&self, catalog: &Catalog) -> bool {
        self.incremental.is_none() || self.may_lose_rows(catalog)
    }
}

/// The projections that each table with a partition policy is read by.
pub fn readers(
    refreshed: &[Refreshed],
    catalog: &Catalog,
) -> BTreeMap<QualifiedName, Vec<QualifiedName>> {
    let mut readers: BTreeMap<QualifiedName, Vec<QualifiedName>> = BTreeMap::new();
    for projection in refreshed {
        for source in &projection.sources {
            if catalog.partition_policies.contains_key(source) {
                readers
                    .entry(source.clone())
                    .or_default()
                    .push(projection.projection.clone());
            }
        }
    }
    readers
}

/// What was written about a projection's refresh, read and checked.
pub struct Refresh<'a> {
    model: &'a Model,
    projection: &'a Projection,
    mode: RefreshMode,
    concurrently: bool,
    schedule: Option<String>,
    watched: BTreeMap<usize, BTreeSet<TriggerEvent>>,
    /// Whether every source is watched.
    all_watched: bool,
}

impl<'a> Refresh<'a> {
    /// Reads it; `None` where nothing refreshes the projection, or an error was reported.
    pub fn read(
        model: &'a Model,
        projection: &'a Projection,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let spec = projection
            .spec
            .refresh
            .as_ref()
            .filter(|r| r.materialized)?;
        let before = diagnostics.iter().count();
        let watched = watch::watched(model, projection, spec.on.as_ref(), diagnostics);
        if diagnostics.iter().count() > before {
            // What else could be said follows from it.
            return None;
        }
        let mode = spec.mode.as_ref().map_or(RefreshMode::Commit, |m| m.value);
        if mode == RefreshMode::Incremental {
            // Kept by triggers of its own on every source, whatever `on:` names.
            return None;
        }
        let all_watched = watch::report_unwatched(model, projection, &watched, diagnostics);
        let schedule = spec
            .every
            .as_ref()
            .and_then(|every| every::schedule(every, diagnostics));
        if spec.on.is_none() && spec.mode.is_none() && spec.every.is_none() {
            return None;
        }
        Some(Self {
            model,
            projection,
            mode,
            concurrently: spec.concurrently.as_ref().is_some_and(|c| c.value),
            schedule,
            watched,
            all_watched,
        })
    }

    /// The triggers, and the function that refreshes the view with this query.
    pub fn lower(self, query: &Query, lowered: &mut Lowered) {
        let name = &self.projection.name;
        let at = &self.projection.spec.name.at;
        let schema = Ident::new(SCHEMA);
        let function = QualifiedName {
            name: joined(&["refresh", name.schema.as_str(), name.name.as_str()]),
            schema: schema.clone(),
        };
        lowered.claims.push(Claim {
            namespace: Namespace::Routines(schema),
            name: function.name.clone(),
            what: "function",
            at: at.clone(),
        });
        let trigger_function = support::trigger_function(self.mode);
        for (entity, events) in &self.watched {
            let Some(entity) = self.model.entities.get(*entity) else {
                continue;
            };
            for event in events {
                let trigger = Trigger {
                    arguments: vec![name.to_string()],
                    ..Trigger::after(vec![*event], trigger_function.clone())
                };
                let trigger_name = joined(&[name.name.as_str(), "refresh", watch::word(*event)]);
                lowered.claims.push(Claim {
                    namespace: Namespace::Triggers(entity.table.clone()),
                    name: trigger_name.clone(),
                    what: "trigger",
                    at: at.clone(),
                });
                lowered
                    .triggers
                    .push((entity.table.clone(), trigger_name, trigger));
            }
        }
        let scheduled = self.schedule.is_some();
        let sources: Vec<QualifiedName> = sources(query).into_iter().collect();
        let routine = Routine::RefreshView(RefreshView {
            view: name.clone(),
            sources: sources.clone(),
            concurrently: self.concurrently,
            schedule: self.schedule,
        });
        let comment = format!("Refreshes the materialized view {name}, one caller at a time");
        lowered
            .functions
            .push((function.clone(), Function::new(routine, Some(comment))));
        lowered.refreshed = Some(Refreshed {
            incremental: None,
            projection: name.clone(),
            function,
            mode: self.mode,
            triggered: !self.watched.is_empty(),
            unasked: status::depends_on_time(query) || scheduled && !self.all_watched,
            sources,
        });
    }
}

/// The tables that a query reads.
fn sources(query: &Query) -> BTreeSet<QualifiedName> {
    let mut found = BTreeSet::new();
    let mut queries = vec![query];
    while let Some(query) = queries.pop() {
        let joined = query.joins.iter().map(|join| &join.source);
        for source in std::iter::once(&query.from).chain(joined) {
            match source {
                Source::Table { name, alias: _ } => {
                    found.insert(name.clone());
                }
                Source::Values { .. } | Source::Function { .. } => {}
                Source::Subquery { query, .. } => queries.push(query),
            }
        }
    }
    found
}
