//! Projections: their entities, and the reference path by which each include hangs on the root.

use std::collections::BTreeMap;

use super::lookup::Lookup;
use super::model::{Entity, EntityId, Include, JoinPath, Projection};
use crate::diagnose::{Code, Diagnostic, Diagnostics};
use crate::sql::{Ident, QualifiedName};
use crate::syntax::{Config, IncludeSpec, ProjectionSpec};

/// References that a path may have. Longer ways are not what anybody means by "the" path between two entities.
const MAX_STEPS: usize = 4;

/// Binds projections to entities. Each comes with the schema of the entity that it was written in.
pub fn bind(
    specs: Vec<(ProjectionSpec, Option<String>)>,
    entities: &[Entity],
    lookup: &Lookup,
    config: &Config,
    diagnostics: &mut Diagnostics,
) -> Vec<Projection> {
    let referrers = referrers(entities);
    let mut projections: Vec<Projection> = specs
        .into_iter()
        .filter_map(|(spec, home)| {
            let home = home.unwrap_or_else(|| config.schema.clone());
            projection(
                spec,
                &home,
                &Graph {
                    entities,
                    referrers: &referrers,
                },
                lookup,
                diagnostics,
            )
        })
        .collect();
    projections.sort_by(|a, b| (&a.name, a.spec.at.origin()).cmp(&(&b.name, b.spec.at.origin())));
    projections
}

struct Graph<'a> {
    entities: &'a [Entity],
    referrers: &'a BTreeMap<EntityId, Vec<(EntityId, usize)>>,
}

/// Who refers to an entity: (entity, its reference).
fn referrers(entities: &[Entity]) -> BTreeMap<EntityId, Vec<(EntityId, usize)>> {
    let mut referrers: BTreeMap<EntityId, Vec<(EntityId, usize)>> = BTreeMap::new();
    for (id, entity) in entities.iter().enumerate() {
        for (position, reference) in entity.references.iter().enumerate() {
            referrers
                .entry(reference.target)
                .or_default()
                .push((id, position));
        }
    }
    referrers
}

fn projection(
    spec: ProjectionSpec,
    home: &str,
    graph: &Graph<'_>,
    lookup: &Lookup,
    diagnostics: &mut Diagnostics,
) -> Option<Projection> {
    let mut includes: Vec<Include> = Vec::with_capacity(spec.includes.len());
    let mut complete = true;
    for include in &spec.includes {
        let Some(entity) =
            lookup.entity_or_report(&include.entity.value, home, &include.entity.at, diagnostics)
        else {
            complete = false;
            continue;
        };
        let path = match includes.first().map(|r| r.entity) {
            None => JoinPath::Root,
            Some(root) => {
                let Some(path) = path(root, entity, include, graph, diagnostics) else {
                    complete = false;
                    continue;
                };
                path
            }
        };
        let alias = alias(include, entity, &includes, graph, diagnostics)?;
        includes.push(Include {
            entity,
            alias,
            path,
        });
    }
    if !complete {
        return None;
    }
    let root = graph.entities.get(includes.first()?.entity)?;
    let schema = spec.schema.as_ref().map_or_else(
        || root.table.schema.as_str().to_owned(),
        |s| s.value.clone(),
    );
    let name = QualifiedName::new(schema, spec.name.value.clone());
    Some(Projection {
        spec,
        name,
        includes,
    })
}

/// `as:`, else the table's name; the same entity twice needs `as:`.
fn alias(
    include: &IncludeSpec,
    entity: EntityId,
    before: &[Include],
    graph: &Graph<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Ident> {
    let alias = match &include.alias {
        Some(alias) => Ident::new(alias.value.clone()),
        None => graph.entities.get(entity)?.table.name.clone(),
    };
    if before.iter().all(|i| i.alias != alias) {
        return Some(alias);
    }
    let at = include.alias.as_ref().map_or(&include.entity.at, |a| &a.at);
    diagnostics.push(
        Diagnostic::error(
            Code::DuplicateName,
            at,
            format!(
                "two includes of this projection are called `{}`",
                alias.as_str()
            ),
        )
        .hint(format!(
            "give one of them a name of its own: `{}: {{fields: […], as: other_name}}`",
            include.entity.value
        )),
    );
    None
}

/// The one shortest path between root and include, in either direction.
fn path(
    root: EntityId,
    entity: EntityId,
    include: &IncludeSpec,
    graph: &Graph<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<JoinPath> {
    let (root_entity, entity_entity) = (graph.entities.get(root)?, graph.entities.get(entity)?);
    let mut found: Vec<JoinPath> = Vec::new();
    for steps in 1..=MAX_STEPS {
        found = walk(root, entity, steps, graph)
            .into_iter()
            .map(JoinPath::ToOne)
            .collect();
        found.extend(
            walk(entity, root, steps, graph)
                .into_iter()
                .map(JoinPath::ToMany),
        );
        if let Some(via) = &include.via {
            found.retain(|p| {
                steps_of(p)
                    .iter()
                    .any(|(id, r)| goes_via(*id, *r, &via.value, graph))
            });
        }
        if root == entity {
            prefer_direction(include, &mut found);
        }
        if !found.is_empty() {
            break;
        }
    }
    match found.as_slice() {
        [only] => return Some(only.clone()),
        [] => {
            let at = include.via.as_ref().map_or(&include.entity.at, |v| &v.at);
            let message = match &include.via {
                Some(via) => format!(
                    "no reference path between `{}` and `{}` goes via `{}`",
                    root_entity.name, entity_entity.name, via.value
                ),
                None => format!(
                    "no reference leads from `{}` to `{}`, or back",
                    root_entity.name, entity_entity.name
                ),
            };
            diagnostics.push(Diagnostic::error(Code::NoJoin, at, message).hint(format!(
                "an include is joined by references: add a field `ref({})` to `{}`, or the other way round",
                root_entity.name, entity_entity.name
            )));
        }
        many => {
            let ways: Vec<String> = many
                .iter()
                .map(|p| format!("`{}`", describe(p, graph)))
                .collect();
            let first = many
                .first()
                .and_then(|p| steps_of(p).first().copied())
                .and_then(|(id, r)| label(id, r, graph))
                .unwrap_or_default();
            diagnostics.push(
                Diagnostic::error(
                    Code::AmbiguousJoin,
                    &include.entity.at,
                    format!(
                        "`{}` and `{}` are joined by {} references: {}",
                        root_entity.name,
                        entity_entity.name,
                        many.len(),
                        ways.join(", ")
                    ),
                )
                .hint(format!(
                    "say which one: `{}: {{fields: […], via: {first}}}`",
                    include.entity.value
                )),
            );
        }
    }
    None
}

/// All ways along references, each from the entity that refers, of exactly so many steps, through no entity twice.
fn walk(
    from: EntityId,
    to: EntityId,
    steps: usize,
    graph: &Graph<'_>,
) -> Vec<Vec<(EntityId, usize)>> {
    // From the end back to the beginning: only entities that refer to the end can be on the way.
    let mut ways: Vec<Vec<(EntityId, usize)>> = vec![Vec::new()];
    let mut heads = vec![to];
    for step in 1..=steps {
        let mut next_ways = Vec::new();
        let mut next_heads = Vec::new();
        for (way, head) in ways.iter().zip(&heads) {
            for (referrer, reference) in graph.referrers.get(head).map_or(&[][..], Vec::as_slice) {
                let last = step == steps;
                if last != (*referrer == from)
                    || !last && (*referrer == to || way.iter().any(|(id, _)| id == referrer))
                {
                    continue;
                }
                let mut longer = vec![(*referrer, *reference)];
                longer.extend(way);
                next_ways.push(longer);
                next_heads.push(*referrer);
            }
        }
        ways = next_ways;
        heads = next_heads;
    }
    ways.sort_unstable();
    ways
}

/// A reference of an entity to itself is a look-up of plain fields and a collection of aggregates.
fn prefer_direction(include: &IncludeSpec, found: &mut Vec<JoinPath>) {
    let collects = include.fields.iter().any(|f| f.value.contains('('));
    found.retain(|p| matches!(p, JoinPath::ToMany(_)) == collects);
}

fn steps_of(path: &JoinPath) -> &[(EntityId, usize)] {
    match path {
        JoinPath::Root => &[],
        JoinPath::ToOne(steps) | JoinPath::ToMany(steps) => steps,
    }
}

fn goes_via(id: EntityId, reference: usize, via: &str, graph: &Graph<'_>) -> bool {
    let Some(entity) = graph.entities.get(id) else {
        return false;
    };
    let Some(reference) = entity.references.get(reference) else {
        return false;
    };
    reference.label == via
        || reference
            .columns
            .iter()
            .any(|c| entity.column(*c).is_some_and(|c| c.name.as_str() == via))
        || reference
            .constraint
            .as_ref()
            .and_then(|c| c.spec.name.as_ref())
            .is_some_and(|n| n.value == via)
}

fn label(id: EntityId, reference: usize, graph: &Graph<'_>) -> Option<String> {
    Some(
        graph
            .entities
            .get(id)?
            .references
            .get(reference)?
            .label
            .clone(),
    )
}

fn describe(path: &JoinPath, graph: &Graph<'_>) -> String {
    let steps: Vec<String> = steps_of(path)
        .iter()
        .filter_map(|(id, reference)| {
            Some(format!(
                "{}.{}",
                graph.entities.get(*id)?.name,
                label(*id, *reference, graph)?
            ))
        })
        .collect();
    steps.join(" → ")
}
