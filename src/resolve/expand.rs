//! What an entity is made of besides what stands in it: inherited parts, patterns, hierarchy, translations.
//!
//! In: entity specs as written. Out: specs that say all in `fields`, `constraints` and `indexes`.

use std::collections::BTreeMap;

use heck::ToSnakeCase;

use super::Inherited;
use super::lookup::Lookup;
use super::naming::table_name;
use crate::diagnose::{Code, Diagnostic, Diagnostics, Place};
use crate::syntax::{
    Config, ConstraintKind, ConstraintSpec, DefaultSpec, EntitySpec, FieldSpec, IndexSpec, Located,
    Naming, Pattern, PrimaryKeyStyle, ReferenceAction, ReferenceSpec, Text, TranslationsSpec,
    TypeSpec,
};

/// An entity with nothing left to inherit or to add.
#[derive(Debug, Clone)]
pub struct Expanded {
    /// The entity; its `constraints` and `indexes` are empty.
    pub spec: Box<EntitySpec>,
    /// Its own and inherited constraints.
    pub constraints: Vec<Inherited<ConstraintSpec>>,
    /// Its own and inherited indexes.
    pub indexes: Vec<Inherited<IndexSpec>>,
    /// Whether `audit_trail` is among its own or inherited patterns.
    pub touch_updated_at: bool,
}

/// Expands all entities; adds the translation tables.
pub fn expand(
    specs: Vec<Box<EntitySpec>>,
    config: &Config,
    diagnostics: &mut Diagnostics,
) -> Vec<Expanded> {
    let translations: Vec<Box<EntitySpec>> = specs
        .iter()
        .filter_map(|s| translation_entity(s, config).map(Box::new))
        .collect();
    let specs: Vec<Box<EntitySpec>> = specs.into_iter().chain(translations).collect();
    let parents = parents(&specs, config, diagnostics);
    let mut waiting: Vec<Option<Box<EntitySpec>>> = specs.into_iter().map(Some).collect();
    let mut done: Vec<Option<Expanded>> = waiting.iter().map(|_| None).collect();
    for entity in 0..waiting.len() {
        for ancestor in lineage(entity, &parents) {
            let Some(spec) = waiting.get_mut(ancestor).and_then(Option::take) else {
                continue;
            };
            let parent = parents.get(&ancestor).and_then(|p| done.get(*p)?.as_ref());
            let expanded = expand_one(spec, parent, config);
            if let Some(place) = done.get_mut(ancestor) {
                *place = Some(expanded);
            }
        }
    }
    done.into_iter()
        .flatten()
        .map(|e| with_patterns(e, config))
        .collect()
}

/// For each entity that inherits: from whom. Entities on a cycle are reported and left out.
fn parents(
    specs: &[Box<EntitySpec>],
    config: &Config,
    diagnostics: &mut Diagnostics,
) -> BTreeMap<usize, usize> {
    let mut parents = BTreeMap::new();
    if specs.iter().all(|s| s.extends.is_none()) {
        return parents;
    }
    let lookup = Lookup::of(specs.iter().map(AsRef::as_ref), config);
    for (child, spec) in specs.iter().enumerate() {
        let Some(extends) = &spec.extends else {
            continue;
        };
        if let Some(parent) = lookup.entity_or_report(
            &extends.value,
            lookup.schema(child),
            &extends.at,
            diagnostics,
        ) {
            parents.insert(child, parent);
        }
    }
    let mut cyclic = Vec::new();
    for start in 0..specs.len() {
        let mut chain = vec![start];
        while let Some(next) = chain.last().and_then(|last| parents.get(last)) {
            if *next == start {
                cyclic.push((start, chain));
                break;
            }
            if chain.contains(next) {
                break;
            }
            chain.push(*next);
        }
    }
    for (start, chain) in cyclic {
        parents.remove(&start);
        // The whole cycle is one mistake: it is reported at its first entity.
        if chain.iter().any(|member| *member < start) {
            continue;
        }
        let names: Vec<&str> = chain
            .iter()
            .chain([&start])
            .filter_map(|i| specs.get(*i))
            .map(|s| s.name.value.as_str())
            .collect();
        if let Some(extends) = specs.get(start).and_then(|s| s.extends.as_ref()) {
            diagnostics.push(
                Diagnostic::error(Code::InheritanceCycle, &extends.at, format!("inheritance goes in a circle: {}", names.join(" extends ")))
                    .hint("remove one `extends:` of the circle; shared fields can live in an entity that extends nothing"),
            );
        }
    }
    parents
}

/// The entity and its ancestors, the most distant first.
fn lineage(entity: usize, parents: &BTreeMap<usize, usize>) -> Vec<usize> {
    let mut chain = vec![entity];
    while let Some(parent) = chain.last().and_then(|last| parents.get(last)) {
        chain.push(*parent);
    }
    chain.reverse();
    chain
}

fn expand_one(mut spec: Box<EntitySpec>, parent: Option<&Expanded>, config: &Config) -> Expanded {
    let own_constraints = std::mem::take(&mut spec.constraints);
    let own_indexes = std::mem::take(&mut spec.indexes);
    let mut constraints = Vec::new();
    let mut indexes = Vec::new();
    let mut touch_updated_at = spec.patterns.iter().any(|p| p.value == Pattern::AuditTrail);
    if spec.hierarchical.as_ref().is_some_and(|h| h.value) && !has_parent_field(&spec) {
        spec.fields.push(parent_field(&spec));
    }
    if let Some(parent) = parent {
        let from = table_of(&parent.spec, config);
        let own_key = own_constraints
            .iter()
            .any(|c| c.kind.value == ConstraintKind::PrimaryKey);
        constraints.extend(
            parent
                .constraints
                .iter()
                .filter(|c| !own_key || c.spec.kind.value != ConstraintKind::PrimaryKey)
                .map(|c| inherit(c, &from)),
        );
        indexes.extend(parent.indexes.iter().map(|i| inherit(i, &from)));
        let mut fields = parent.spec.fields.clone();
        for field in std::mem::take(&mut spec.fields) {
            match fields.iter_mut().find(|f| f.name == field.name) {
                Some(inherited) => *inherited = field,
                None => fields.push(field),
            }
        }
        spec.fields = fields;
        for pattern in &parent.spec.patterns {
            if !spec.patterns.iter().any(|p| p.value == pattern.value) {
                spec.patterns.push(pattern.clone());
            }
        }
        touch_updated_at |= parent.touch_updated_at;
    }
    constraints.extend(own_constraints.into_iter().map(|spec| Inherited {
        spec,
        from_table: None,
    }));
    indexes.extend(own_indexes.into_iter().map(|spec| Inherited {
        spec,
        from_table: None,
    }));
    Expanded {
        spec,
        constraints,
        indexes,
        touch_updated_at,
    }
}

fn inherit<T: Clone>(part: &Inherited<T>, from: &str) -> Inherited<T> {
    Inherited {
        spec: part.spec.clone(),
        from_table: Some(part.from_table.clone().unwrap_or_else(|| from.into())),
    }
}

/// The table's bare name of an entity.
pub fn table_of(spec: &EntitySpec, config: &Config) -> String {
    spec.table.as_ref().map_or_else(
        || table_name(&spec.name.value, config.naming),
        |t| t.value.clone(),
    )
}

/// A self-reference whose name begins with `parent` is the hierarchy already.
fn has_parent_field(spec: &EntitySpec) -> bool {
    spec.fields.iter().any(|f| {
        f.name == "parent"
            || f.name == "parent_id"
            || f.name.starts_with("parent_")
                && matches!(&f.ty, Some(Located { value: TypeSpec::Reference(r), .. }) if r.entity == spec.name.value || r.entity == "Self")
    })
}

fn parent_field(spec: &EntitySpec) -> FieldSpec {
    let at = spec.hierarchical.as_ref().map_or(&spec.at, |h| &h.at);
    field(
        "parent",
        at,
        TypeSpec::Reference(Box::new(reference_to("Self", None))),
    )
}

fn reference_to(entity: &str, on_delete: Option<ReferenceAction>) -> ReferenceSpec {
    ReferenceSpec {
        schema: None,
        entity: entity.into(),
        on_delete,
        on_update: None,
        enforce: true,
        with: Vec::new(),
    }
}

fn named(name: &str) -> TypeSpec {
    TypeSpec::Named {
        name: name.into(),
        arguments: Vec::new(),
    }
}

/// A field that no author wrote.
fn field(name: &str, at: &Place, ty: TypeSpec) -> FieldSpec {
    FieldSpec {
        name: name.into(),
        at: at.clone(),
        ty: Some(Located {
            value: ty,
            at: at.clone(),
        }),
        required: false,
        unique: false,
        indexed: false,
        default: None,
        generated: None,
        generated_from: None,
        language: None,
        description: None,
        renamed_from: None,
        native: None,
    }
}

fn with_patterns(mut expanded: Expanded, config: &Config) -> Expanded {
    let who = match config.primary_key {
        PrimaryKeyStyle::Uuid | PrimaryKeyStyle::UuidV7 => "uuid",
        PrimaryKeyStyle::BigInt => "bigint",
    };
    for pattern in std::mem::take(&mut expanded.spec.patterns) {
        let at = &pattern.at;
        let stamp = |name: &str| FieldSpec {
            required: true,
            default: Some(Box::new(DefaultSpec::Text(Text {
                text: "now()".into(),
                at: at.clone(),
                offset: 0,
            }))),
            ..field(name, at, named("timestamptz"))
        };
        let by = |name: &str| field(name, at, named(who));
        let added = match pattern.value {
            Pattern::AuditTrail => vec![
                stamp("created_at"),
                by("created_by"),
                stamp("updated_at"),
                by("updated_by"),
            ],
            Pattern::SoftDelete => vec![
                field("deleted_at", at, named("timestamptz")),
                by("deleted_by"),
            ],
        };
        for field in added {
            if !expanded.spec.fields.iter().any(|f| f.name == field.name) {
                expanded.spec.fields.push(field);
            }
        }
    }
    expanded
}

/// `translations:` as an entity of its own: reference, locale, the translated fields; the key is reference and locale.
fn translation_entity(spec: &EntitySpec, config: &Config) -> Option<EntitySpec> {
    let TranslationsSpec { at, fields } = spec.translations.as_ref()?;
    let owner = spec.name.value.to_snake_case();
    let located = |value: String| Located {
        value,
        at: at.clone(),
    };
    let table = match config.naming {
        Naming::Plain => format!("{owner}_translations"),
        Naming::Trinity => format!("tb_{owner}_translation"),
    };
    let mut columns = vec![
        FieldSpec {
            required: true,
            ..field(
                &owner,
                at,
                TypeSpec::Reference(Box::new(ReferenceSpec {
                    // No foreign key reaches a row of a partitioned table by its `id` alone.
                    enforce: spec.partitioning.is_none(),
                    ..reference_to(&spec.name.value, Some(ReferenceAction::Cascade))
                })),
            )
        },
        FieldSpec {
            required: true,
            ..field("locale", at, named("text"))
        },
    ];
    for translated in fields {
        let ty = spec
            .fields
            .iter()
            .find(|f| f.name == translated.value)
            .and_then(|f| f.ty.as_ref())
            .map_or_else(|| named("text"), |ty| ty.value.clone());
        columns.push(field(&translated.value, &translated.at, ty));
    }
    let key = ConstraintSpec {
        renamed_from: None,
        at: at.clone(),
        name: None,
        kind: Located {
            value: ConstraintKind::PrimaryKey,
            at: at.clone(),
        },
        fields: vec![located(owner.clone()), located("locale".into())],
        condition: None,
        references: None,
        reference: None,
        on_delete: None,
        on_update: None,
        deferrable: false,
        initially_deferred: false,
        nulls_distinct: None,
        error_message: None,
        using: None,
        elements: Vec::new(),
    };
    Some(EntitySpec {
        origin: spec.origin,
        at: at.clone(),
        name: located(format!("{}Translation", spec.name.value)),
        schema: spec.schema.clone(),
        table: Some(located(table)),
        renamed_from: None,
        description: Some(located(format!("Translations of {}", spec.name.value))),
        extends: None,
        patterns: Vec::new(),
        hierarchical: None,
        translations: None,
        fields: columns,
        constraints: vec![key],
        indexes: Vec::new(),
        search: None,
        partitioning: None,
        projections: Vec::new(),
    })
}
