//! Specs → [`Model`]: every name bound to what it means, or a diagnostic.
//!
//! In: the documents of all files. Out: entities with their columns, keys and references, projections with their joins.
//!
//! Architecture invariant: knows what a name refers to and what type a column has, but no SQL object: what becomes of
//! a search block, a partitioning or a projection is `lower`'s.

#![allow(
    clippy::vec_box,
    reason = "a spec is as long as a page and changes hands several times"
)]

mod columns;
mod expand;
mod foreign_key;
mod key;
mod lookup;
mod model;
mod naming;
mod projection;
mod reference;
mod rich_types;
mod types;

use foldhash::fast::RandomState;
use indexmap::IndexMap;
use rayon::prelude::*;

pub use model::{
    Column, ColumnDefault, Entity, EntityId, Field, Include, Inherited, JoinPath, Key, Model,
    Projection, Reference,
};
pub use naming::{first_free, joined, shortened};
pub use types::Domain;

use crate::diagnose::{Code, Diagnostic, Diagnostics, Place};
use crate::pg::Knowledge;
use crate::syntax::{Config, Document, EntitySpec, EnumStyle, Located, ProjectionSpec};

pub use columns::unknown_field;

use lookup::{Lookup, schema_of};
use types::Types;

/// Binds the names of all documents. `incomplete` says that some file could not be read, so that what is not found may
/// be there and is not reported.
pub fn resolve(
    mut documents: Vec<Document>,
    config: &Config,
    incomplete: bool,
    diagnostics: &mut Diagnostics,
) -> Model {
    documents.par_iter_mut().for_each(|document| {
        if let Document::Entity(spec) = document {
            settle_names(spec, config);
        }
    });
    let mut specs = Vec::with_capacity(documents.len());
    let mut projections: Vec<(ProjectionSpec, Option<String>)> = Vec::new();
    for document in documents {
        match document {
            Document::Entity(mut spec) => {
                for projection in std::mem::take(&mut spec.projections) {
                    projections.push((projection, Some(schema_of(&spec, config))));
                }
                specs.push(spec);
            }
            Document::Projections(alone) => {
                projections.extend(alone.into_iter().map(|p| (p, None)));
            }
        }
    }
    let specs = without_duplicates(specs, config, diagnostics);
    let mut expanded = expand::expand(specs, config, diagnostics);
    expanded.sort_by_cached_key(|e| {
        (
            schema_of(&e.spec, config),
            expand::table_of(&e.spec, config),
            e.spec.origin,
        )
    });

    let extensions: Vec<String> = config.extensions.iter().map(|e| e.value.clone()).collect();
    let types = Types {
        knowledge: Knowledge::since(config.postgres),
        extensions: &extensions,
        native_enums: config.enums == EnumStyle::Native,
    };
    let lookup = Lookup::of(expanded.iter().map(|e| &*e.spec), config).incomplete(incomplete);
    let mut entities = columns::build(&expanded, &lookup, config, types, diagnostics);
    for (entity, expanded) in entities.iter_mut().zip(&mut expanded) {
        entity.indexes = std::mem::take(&mut expanded.indexes);
    }
    foreign_key::bind(&mut entities, &expanded, &lookup, types, diagnostics);
    // Freed beside what follows: that takes as long as binding all of it.
    rayon::spawn(move || drop(expanded));
    let projections = projection::bind(projections, &entities, &lookup, config, diagnostics);
    Model {
        entities,
        projections,
    }
}

/// Fills in the names that the author left to the rules, so that they are worked out once.
fn settle_names(spec: &mut EntitySpec, config: &Config) {
    let at = &spec.name.at;
    let chosen = |value| Located {
        value,
        at: at.clone(),
    };
    if spec.schema.is_none() {
        spec.schema = Some(chosen(config.schema.clone()));
    }
    if spec.table.is_none() {
        spec.table = Some(chosen(naming::table_name(&spec.name.value, config.naming)));
    }
}

/// Leaves out entities whose name or table another one in the schema has already; both places are reported.
fn without_duplicates(
    mut specs: Vec<Box<EntitySpec>>,
    config: &Config,
    diagnostics: &mut Diagnostics,
) -> Vec<Box<EntitySpec>> {
    specs.sort_by_key(|s| s.origin);
    let mut names: IndexMap<(String, String), Place, RandomState> = IndexMap::default();
    let mut tables: IndexMap<(String, String), Place, RandomState> = IndexMap::default();
    let mut kept = Vec::with_capacity(specs.len());
    for spec in specs {
        let schema = schema_of(&spec, config);
        let name_key = (schema.clone(), spec.name.value.clone());
        let table_key = (schema, expand::table_of(&spec, config));
        let table_at = spec.table.as_ref().map_or(&spec.name.at, |t| &t.at);
        if let Some(first) = names.get(&name_key) {
            diagnostics.push(
                Diagnostic::error(
                    Code::DuplicateEntity,
                    &spec.name.at,
                    format!(
                        "entity `{}` is defined twice in schema `{}`",
                        spec.name.value, name_key.0
                    ),
                )
                .related(first, "first defined here")
                .hint("rename one of them, or give it another `schema:`"),
            );
            continue;
        }
        if let Some(first) = tables.get(&table_key) {
            diagnostics.push(
                Diagnostic::error(
                    Code::DuplicateName,
                    table_at,
                    format!(
                        "two entities have the table `{}.{}`",
                        table_key.0, table_key.1
                    ),
                )
                .related(first, "the other one")
                .hint("give one of them another `table:` or `schema:`"),
            );
            continue;
        }
        names.insert(name_key, spec.name.at.clone());
        tables.insert(table_key, table_at.clone());
        kept.push(spec);
    }
    kept
}

/// The candidate that a misspelt name most likely stands for.
pub fn suggest<'a>(wrong: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wrong_folded = wrong.to_lowercase();
    candidates
        .map(|c| {
            (
                strsim::damerau_levenshtein(&wrong_folded, &c.to_lowercase()),
                c,
            )
        })
        .filter(|(distance, c)| *distance <= 1 + c.chars().count().min(wrong.chars().count()) / 4)
        .min()
        .map(|(_, c)| c)
}
