//! Fields → columns: their names, their types, the key.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::expand::{Expanded, table_of};
use super::lookup::Lookup;
use super::model::{Column, ColumnDefault, Entity, EntityId, Field, Key, Reference};
use super::naming::joined;
use super::reference::{reference_base, reference_column, reference_spec};
use super::types::{Domain, ResolvedType, Types};
use super::{naming, suggest};
use crate::diagnose::{Code, Diagnostic, Diagnostics, Place};
use crate::sql::{Ident, QualifiedName, TypeName};
use crate::syntax::{Config, ConstraintKind, EntitySpec, FieldSpec, Naming, TypeSpec};

/// Makes the entities. Types of references come from the keys they refer to, which may be references themselves; each
/// field's columns are found once and kept.
pub struct Builder<'a> {
    pub(super) expanded: &'a [Expanded],
    pub(super) lookup: &'a Lookup,
    pub(super) config: &'a Config,
    pub(super) types: Types<'a>,
    pub(super) diagnostics: &'a mut Diagnostics,
    pub(super) shapes: BTreeMap<(EntityId, usize), Shape>,
}

/// The columns of a field, as far as a reference to them must know.
#[derive(Clone)]
pub(super) enum Shape {
    /// Being found: to come here again is a circle.
    Open,
    /// Reported.
    Broken,
    Known {
        columns: Vec<(Ident, Option<TypeName>)>,
        domain: Domain,
        identity: bool,
        reference: Option<Target>,
    },
}

#[derive(Clone)]
pub(super) struct Target {
    pub entity: EntityId,
    pub columns: Vec<Ident>,
}

/// Makes all entities, in their final order and on all cores.
pub fn build(
    expanded: &[Expanded],
    lookup: &Lookup,
    config: &Config,
    types: Types<'_>,
    diagnostics: &mut Diagnostics,
) -> Vec<Entity> {
    let built: Vec<(Entity, Vec<Pending>, Diagnostics)> = expanded
        .par_iter()
        .enumerate()
        .map(|(id, own)| {
            let mut found = Diagnostics::default();
            let mut pending = Vec::new();
            let mut builder = Builder {
                expanded,
                lookup,
                config,
                types,
                diagnostics: &mut found,
                shapes: BTreeMap::new(),
            };
            let entity = builder.entity(id, own, &mut pending);
            (entity, pending, found)
        })
        .collect();
    let mut entities = Vec::with_capacity(built.len());
    let mut pending = Vec::new();
    for (id, (entity, references, found)) in built.into_iter().enumerate() {
        diagnostics.append(found);
        pending.extend(references.into_iter().map(|reference| (id, reference)));
        entities.push(entity);
    }
    point_at_columns(&mut entities, pending);
    entities
}

/// The table that an entity had. One that was only moved has kept its table's name, whoever chose that.
fn former_table(former: &str, spec: &EntitySpec, schema: &str, config: &Config) -> QualifiedName {
    let (schema, entity) = former.rsplit_once('.').unwrap_or((schema, former));
    let table = if entity == spec.name.value {
        table_of(spec, config)
    } else {
        naming::table_name(entity, config.naming)
    };
    QualifiedName::new(schema, table)
}

/// A reference whose target's columns are known by name only: their positions need the target to be built.
type Pending = (Reference, Vec<Ident>);

fn point_at_columns(entities: &mut [Entity], pending: Vec<(EntityId, Pending)>) {
    for (id, (reference, names)) in pending {
        let Some(target) = entities.get(reference.target) else {
            continue;
        };
        let target_columns: Vec<usize> = names
            .iter()
            .filter_map(|n| target.columns.iter().position(|c| c.name == *n))
            .collect();
        if target_columns.len() == names.len()
            && let Some(entity) = entities.get_mut(id)
        {
            entity.references.push(Reference {
                target_columns,
                ..reference
            });
        }
    }
}

impl Builder<'_> {
    fn entity(&mut self, id: EntityId, expanded: &Expanded, pending: &mut Vec<Pending>) -> Entity {
        let spec = &expanded.spec;
        let schema = self.lookup.schema(id).to_owned();
        let table = table_of(spec, self.config);
        let mut entity = Entity {
            at: spec.at.clone(),
            name_at: spec.name.at.clone(),
            table_at: spec.table.as_ref().map_or(&spec.name.at, |t| &t.at).clone(),
            name: spec.name.value.clone(),
            renamed_from: spec
                .renamed_from
                .as_ref()
                .map(|former| former_table(&former.value, spec, &schema, self.config)),
            table: QualifiedName::new(schema, table),
            description: spec.description.as_ref().map(|d| d.value.clone()),
            fields: Vec::with_capacity(spec.fields.len() + 1),
            columns: Vec::with_capacity(spec.fields.len() + 1),
            key: Key::default(),
            references: Vec::new(),
            constraints: Vec::new(),
            indexes: Vec::new(),
            search: spec.search.clone(),
            partitioning: spec.partitioning.clone(),
            touch_updated_at: expanded.touch_updated_at,
        };
        for column in self.implicit_key_columns(expanded) {
            // Under `trinity` the key is `pk_…`, and `id` is what the outside world knows a row by.
            let unique = self.config.naming == Naming::Trinity && column.name.as_str() == "id";
            push_field(
                &mut entity,
                &spec.name.at,
                column.name.as_str().to_owned(),
                unique,
                false,
                vec![column],
            );
        }
        for (position, field) in spec.fields.iter().enumerate() {
            self.field(id, position, field, &mut entity, pending);
        }
        if let Some(search) = &spec.search {
            let name = search.column.as_ref().map_or("search_vector", |c| &c.value);
            let at = search.column.as_ref().map_or(&search.at, |c| &c.at);
            let vector = Column {
                generated_from: Some(Box::new((search.fields.clone(), search.language.clone()))),
                ..bare_column(name, at, TypeName::core("tsvector"))
            };
            push_field(&mut entity, at, name.to_owned(), false, false, vec![vector]);
        }
        self.report_same_columns(&entity);
        let mut keys = Vec::new();
        for constraint in &expanded.constraints {
            match constraint.spec.kind.value {
                ConstraintKind::PrimaryKey => keys.push(constraint.clone()),
                ConstraintKind::ForeignKey => {}
                ConstraintKind::Unique | ConstraintKind::Check | ConstraintKind::Exclude => {
                    entity.constraints.push(constraint.clone());
                }
            }
        }
        self.key(&mut entity, keys, expanded);
        entity
    }

    fn field(
        &mut self,
        id: EntityId,
        position: usize,
        field: &FieldSpec,
        entity: &mut Entity,
        pending: &mut Vec<Pending>,
    ) {
        let Shape::Known {
            columns,
            domain,
            identity,
            reference,
        } = self.shape(id, position)
        else {
            // Without columns, but known: to name it is no second mistake.
            push_field(
                entity,
                &field.at,
                field.name.clone(),
                false,
                false,
                Vec::new(),
            );
            return;
        };
        let start = entity.columns.len();
        let default = match (&field.default, identity) {
            (Some(written), _) => ColumnDefault::Written(written.clone()),
            (None, true) => ColumnDefault::Identity,
            (None, false) => ColumnDefault::None,
        };
        let single = columns.len() == 1;
        let made: Vec<Column> = columns
            .into_iter()
            .map(|(name, ty)| Column {
                name,
                renamed_from: field
                    .renamed_from
                    .as_ref()
                    .filter(|_| single)
                    .map(|former| {
                        if reference.is_some() {
                            reference_column(&former.value, self.config.naming)
                        } else {
                            Ident::new(former.value.clone())
                        }
                    }),
                field: field.name.clone(),
                at: field.at.clone(),
                ty,
                domain: domain.clone(),
                not_null: field.required || identity,
                default: default.clone(),
                generated: field.generated.clone(),
                generated_from: field
                    .generated_from
                    .clone()
                    .map(|fields| Box::new((fields, field.language.as_deref().cloned()))),
                description: field.description.clone(),
            })
            .collect();
        let count = made.len();
        push_field(
            entity,
            &field.at,
            field.name.clone(),
            field.unique,
            field.indexed,
            made,
        );
        if let (Some(target), Some(spec)) = (reference, reference_spec(field)) {
            let reference = Reference {
                at: field.at.clone(),
                label: field.name.clone(),
                columns: (start..start + count).collect(),
                target: target.entity,
                target_columns: Vec::new(),
                on_delete: spec.on_delete,
                on_update: spec.on_update,
                enforce: spec.enforce,
                constraint: None,
            };
            pending.push((reference, target.columns));
        }
    }

    /// The columns of a field; found once.
    fn shape(&mut self, id: EntityId, position: usize) -> Shape {
        let is_reference = |field: &FieldSpec| reference_spec(field).is_some();
        let field = self
            .expanded
            .get(id)
            .and_then(|e| e.spec.fields.get(position));
        if !field.is_some_and(is_reference) {
            return self.find_shape(id, position).unwrap_or(Shape::Broken);
        }
        match self.shapes.get(&(id, position)) {
            Some(Shape::Open) => {
                if let Some(field) = self
                    .expanded
                    .get(id)
                    .and_then(|e| e.spec.fields.get(position))
                {
                    self.diagnostics.push(
                        Diagnostic::error(Code::InvalidType, &field.at, format!("the type of `{}` depends on itself: it is part of a key and refers to a key that refers back", field.name))
                            .hint("give one of the entities a key of its own (remove its primary key constraint to get `id`)"),
                    );
                }
                return Shape::Broken;
            }
            Some(known) => return known.clone(),
            None => {}
        }
        self.shapes.insert((id, position), Shape::Open);
        let shape = self.find_shape(id, position).unwrap_or(Shape::Broken);
        self.shapes.insert((id, position), shape.clone());
        shape
    }

    fn find_shape(&mut self, id: EntityId, position: usize) -> Option<Shape> {
        let expanded = self.expanded;
        let field = expanded.get(id)?.spec.fields.get(position)?;
        let name = joined(&[&field.name]);
        let Some(ty) = &field.ty else {
            // A vector over other fields says its type by that; a type that could not be read was reported.
            let vector = field
                .generated_from
                .as_ref()
                .map(|_| TypeName::core("tsvector"));
            return Some(Shape::Known {
                columns: vec![(name, vector)],
                domain: Domain::Any,
                identity: false,
                reference: None,
            });
        };
        if let TypeSpec::Reference(reference) = &ty.value {
            return self.reference_shape(id, field, reference, &ty.at);
        }
        let ResolvedType {
            mut ty,
            domain,
            identity,
        } = self
            .types
            .resolve(&ty.value, field.native, &ty.at, self.diagnostics)?;
        if let Domain::Enum(_) = domain {
            let spec = &expanded.get(id)?.spec;
            ty.schema = Some(Ident::new(self.lookup.schema(id)));
            ty.name = joined(&[&table_of(spec, self.config), &field.name]);
        }
        Some(Shape::Known {
            columns: vec![(name, Some(ty))],
            domain,
            identity,
            reference: None,
        })
    }

    /// The columns that a name means in an entity that may not be built yet.
    pub(super) fn named_columns(
        &mut self,
        id: EntityId,
        name: &str,
    ) -> Option<Vec<(Ident, Option<TypeName>)>> {
        let expanded = self.expanded.get(id)?;
        if let Some(position) = expanded.spec.fields.iter().position(|f| f.name == name) {
            return match self.shape(id, position) {
                Shape::Known { columns, .. } => Some(columns),
                Shape::Open | Shape::Broken => None,
            };
        }
        if let Some(column) = self
            .implicit_key_columns(expanded)
            .into_iter()
            .find(|c| c.name.as_str() == name)
        {
            return Some(vec![(column.name, column.ty)]);
        }
        // The column of a reference, by its own name: only fields whose name it begins with can have it.
        for (position, field) in expanded.spec.fields.iter().enumerate() {
            let base = reference_base(&field.name);
            if reference_spec(field).is_none() || !name.contains(base) {
                continue;
            }
            if let Shape::Known { columns, .. } = self.shape(id, position)
                && let Some(column) = columns.iter().find(|(n, _)| n.as_str() == name)
            {
                return Some(vec![column.clone()]);
            }
        }
        None
    }

    pub(super) fn report_unknown(&mut self, id: EntityId, name: &str, at: &Place) {
        let Some(expanded) = self.expanded.get(id) else {
            return;
        };
        // Of a field whose type was reported there is no column, and no second report.
        if expanded.spec.fields.iter().any(|f| f.name == name) {
            return;
        }
        let known = expanded.spec.fields.iter().map(|f| f.name.as_str());
        self.diagnostics
            .push(unknown_field(name, &expanded.spec.name.value, known, at));
    }

    fn report_same_columns(&mut self, entity: &Entity) {
        let mut seen: BTreeMap<&Ident, &Column> = BTreeMap::new();
        for column in &entity.columns {
            if let Some(first) = seen.insert(&column.name, column) {
                self.diagnostics.push(
                    Diagnostic::error(
                        Code::DuplicateName,
                        &column.at.the_key(),
                        format!("two fields have the column `{}`", column.name.as_str()),
                    )
                    .related(&first.at.the_key(), "the other one")
                    .hint("rename one of the fields; a reference's column is its name with `_id`"),
                );
            }
        }
    }
}

pub(super) fn bare_column(name: &str, at: &Place, ty: TypeName) -> Column {
    Column {
        name: Ident::new(name),
        renamed_from: None,
        field: name.into(),
        at: at.clone(),
        ty: Some(ty),
        domain: Domain::Any,
        not_null: false,
        default: ColumnDefault::None,
        generated: None,
        generated_from: None,
        description: None,
    }
}

fn push_field(
    entity: &mut Entity,
    at: &Place,
    name: String,
    unique: bool,
    indexed: bool,
    columns: Vec<Column>,
) {
    let start = entity.columns.len();
    entity.columns.extend(columns);
    entity.fields.push(Field {
        name,
        at: at.clone(),
        columns: start..entity.columns.len(),
        unique,
        indexed,
    });
}

/// `unknown-field`, with a suggestion.
pub fn unknown_field<'a>(
    name: &str,
    entity: &str,
    known: impl Iterator<Item = &'a str>,
    at: &Place,
) -> Diagnostic {
    let diagnostic = Diagnostic::error(
        Code::UnknownField,
        at,
        format!("`{entity}` has no field `{name}`"),
    );
    let known: Vec<&str> = known.collect();
    if let Some(near) = suggest(name, known.iter().copied()) {
        return diagnostic.hint(format!("did you mean `{near}`?"));
    }
    let mut shown: Vec<&str> = Vec::new();
    for name in known {
        if !shown.contains(&name) {
            shown.push(name);
        }
    }
    diagnostic.hint(format!("its fields are: {}", shown.join(", ")))
}
