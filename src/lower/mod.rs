//! [`Model`] → [`Catalog`]: what each feature of the language is in `PostgreSQL`, one file a feature.
//!
//! In: bound entities and projections, the project's settings, a date. Out: the catalog that the specs describe.
//!
//! Architecture invariant: objects, not statements: nothing here knows in which order or by which SQL they are made.

mod bind;
mod constraint;
mod default;
mod default_value;
mod domain;
mod exclusion;
mod incremental;
mod index;
mod maintenance;
mod names;
mod operator_class;
mod partition;
mod partition_value;
mod period;
mod projection;
mod refresh;
mod rename;
mod search;
mod status;
mod table;
mod touch;

use std::collections::BTreeMap;

use jiff::civil::Date;
use rayon::prelude::*;

use crate::catalog::{
    Catalog, EnumType, Extension, Function, PartitionPolicy, Renames, Schema, Table, Trigger, View,
};
use crate::diagnose::{Code, Diagnostic, Diagnostics};
use crate::pg::Knowledge;
use crate::resolve::{Column, Domain, Entity, Model};
use crate::sql::{Enums, Ident, QualifiedName, Relation, Scope};
use crate::syntax::Config;

use names::Claim;

pub use names::{Claims, Namespace};

/// What all features need.
pub struct Context<'a> {
    /// The project's settings.
    pub config: &'a Config,
    /// What the oldest server knows.
    pub knowledge: &'static Knowledge,
    /// The project's extensions.
    pub extensions: Vec<String>,
    /// The project's enumerated types.
    pub enums: Enums,
    /// The date that decides which partitions exist.
    pub as_of: Date,
    /// Defaults that were bound.
    pub defaults: default::Known,
}

impl Context<'_> {
    /// The scope of an expression over these relations.
    pub fn scope<'s>(&'s self, relations: Vec<Relation<'s>>) -> Scope<'s> {
        Scope {
            relations,
            extensions: &self.extensions,
            enums: &self.enums,
        }
    }

    /// The only values that a column takes, where they are listed: by its CHECK, or as the labels of its enumerated type, which may
    /// be that of a column that it refers to.
    pub fn labels<'c>(&'c self, column: &'c Column) -> Option<&'c [String]> {
        match &column.domain {
            Domain::OneOf(labels) | Domain::Enum(labels) => Some(labels),
            _ => {
                let own = column.ty.as_ref()?.qualified()?;
                self.enums.get(&own).map(Vec::as_slice)
            }
        }
    }
}

/// The enumerated types that columns bring.
fn enums(model: &Model) -> Enums {
    let columns = model.entities.iter().flat_map(|entity| &entity.columns);
    let types = columns.filter_map(|column| match &column.domain {
        Domain::Enum(labels) => Some((column.ty.as_ref()?.qualified()?, labels.clone())),
        _ => None,
    });
    types.collect()
}

/// The objects of one entity or projection, with the names that they take.
#[derive(Default)]
struct Lowered {
    tables: Vec<(QualifiedName, Table)>,
    enums: Vec<(QualifiedName, EnumType)>,
    views: Vec<(QualifiedName, View)>,
    functions: Vec<(QualifiedName, Function)>,
    /// Triggers on tables of other objects, with the tables.
    triggers: Vec<(QualifiedName, Ident, Trigger)>,
    /// The same, which partitions need as well: a statement that names a partition fires only that one's.
    incremental_triggers: Vec<(QualifiedName, Ident, Trigger)>,
    /// A projection that is refreshed.
    refreshed: Option<refresh::Refreshed>,
    partition_policies: Vec<(QualifiedName, PartitionPolicy)>,
    renames: Renames,
    claims: Vec<Claim>,
    diagnostics: Diagnostics,
}

/// Lowers a model; the names that it takes say where each object was written. The catalog means nothing when the
/// diagnostics hold an error afterwards.
pub fn lower(
    mut model: Model,
    config: &Config,
    as_of: Date,
    diagnostics: &mut Diagnostics,
) -> (Catalog, Claims) {
    let cx = Context {
        config,
        knowledge: Knowledge::since(config.postgres),
        extensions: config.extensions.iter().map(|e| e.value.clone()).collect(),
        enums: enums(&model),
        as_of,
        defaults: default::Known::default(),
    };
    let mut catalog = Catalog {
        extensions: extensions(&cx, diagnostics),
        ..Catalog::default()
    };
    model
        .entities
        .par_iter_mut()
        .for_each(|entity| table::settle_computed_types(&cx, entity));
    let entities: Vec<Lowered> = model
        .entities
        .par_iter()
        .map(|entity| table::lower(&cx, &model, entity))
        .collect();
    let projections: Vec<Lowered> = model
        .projections
        .par_iter()
        .map(|p| projection::lower(&cx, &model, p))
        .collect();
    if model.entities.iter().any(|e| e.touch_updated_at) {
        let (name, function) = touch::function();
        catalog.functions.insert(name, function);
    }
    let mut claims = Claims::default();
    let mut triggers = Vec::new();
    let mut on_partitions = Vec::new();
    let mut refreshed = Vec::new();
    for lowered in entities.into_iter().chain(projections) {
        diagnostics.append(lowered.diagnostics);
        claims.extend(lowered.claims);
        catalog.tables.extend(lowered.tables);
        catalog.enums.extend(lowered.enums);
        catalog.views.extend(lowered.views);
        catalog.functions.extend(lowered.functions);
        triggers.extend(lowered.triggers);
        on_partitions.extend(lowered.incremental_triggers);
        refreshed.extend(lowered.refreshed);
        catalog
            .partition_policies
            .extend(lowered.partition_policies);
        catalog.renames.extend(lowered.renames);
    }
    for (table, name, trigger) in on_partitions {
        for part in with_partitions(&catalog, table) {
            triggers.push((part, name.clone(), trigger.clone()));
        }
    }
    for (table, name, trigger) in triggers {
        if let Some(table) = catalog.tables.get_mut(&table) {
            table.triggers.insert(name, trigger);
        }
    }
    refresh::support(&refreshed, &mut catalog);
    claims.report_duplicates(diagnostics);
    rename::report_tables(&model.entities, &catalog.renames, diagnostics);
    maintenance::add(&refreshed, &mut catalog);
    status::add(&mut catalog);
    // Freed beside what follows: that takes as long as planning.
    rayon::spawn(move || drop(model));
    catalog.schemas = schemas(&catalog);
    (catalog, claims)
}

/// A table and all below it.
fn with_partitions(catalog: &Catalog, table: QualifiedName) -> Vec<QualifiedName> {
    let mut found = vec![table];
    let mut next = 0;
    while let Some(parent) = found.get(next).cloned() {
        next += 1;
        let parts = catalog
            .tables
            .iter()
            .filter(|(_, table)| table.partition.as_ref().is_some_and(|p| p.of == parent));
        found.extend(parts.map(|(name, _)| name.clone()));
    }
    found
}

/// The extensions of the project file, and those that they need.
fn extensions(cx: &Context<'_>, diagnostics: &mut Diagnostics) -> BTreeMap<Ident, Extension> {
    let mut extensions = BTreeMap::new();
    for extension in &cx.config.extensions {
        let name = &extension.value;
        if name.is_empty() || name.len() > Ident::MAX_BYTES {
            diagnostics.push(
                Diagnostic::error(
                    Code::InvalidName,
                    &extension.at,
                    "an extension's name has from 1 to 63 bytes",
                )
                .hint("write the name that `CREATE EXTENSION` takes"),
            );
        }
        let known = cx.knowledge.extensions().iter().find(|e| e.name == name);
        for required in known.map_or(&[][..], |e| e.requires.as_slice()) {
            extensions.insert(Ident::new(*required), Extension::default());
        }
        extensions.insert(Ident::new(name.clone()), Extension::default());
    }
    extensions
}

/// Every schema that an object is in, but `public`, which is always there.
fn schemas(catalog: &Catalog) -> BTreeMap<Ident, Schema> {
    let names = catalog
        .tables
        .keys()
        .chain(catalog.enums.keys())
        .chain(catalog.functions.keys())
        .chain(catalog.views.keys());
    names
        .map(|n| n.schema.clone())
        .filter(|s| s.as_str() != "public")
        .map(|s| (s, Schema::default()))
        .collect()
}

/// The entity's partition columns, of all levels, that are there.
fn partition_columns(entity: &Entity) -> Vec<usize> {
    let mut columns = Vec::new();
    let mut level = entity.partitioning.as_deref();
    while let Some(partitioning) = level {
        columns.extend(
            entity
                .columns_named(&partitioning.column.value)
                .into_iter()
                .flatten(),
        );
        level = partitioning.sub.as_deref();
    }
    columns
}
