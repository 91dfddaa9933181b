//! Fields → columns: their names, their types, the key.

use std::collections::BTreeMap;

use heck::ToSnakeCase;

use super::expand::{Expanded, table_of};
use super::lookup::Lookup;
use super::model::{Column, ColumnDefault, Entity, EntityId, Field, Inherited, Key, Reference};
use super::naming::joined;
use super::types::{Domain, ResolvedType, Types};
use super::{naming, suggest};
use crate::diagnose::{Code, Diagnostic, Diagnostics, Place};
use crate::pg::Version;
use crate::sql::{Ident, QualifiedName, TypeName};
use crate::syntax::{
    Config, ConstraintKind, ConstraintSpec, EntitySpec, FieldSpec, Naming, PartitioningSpec,
    PrimaryKeyStyle, ReferenceSpec, TypeSpec,
};

/// Makes the entities. Types of references come from the keys they refer to, which may be references themselves; each
/// field's columns are found once and kept.
pub struct Builder<'a> {
    expanded: &'a [Expanded],
    lookup: &'a Lookup,
    config: &'a Config,
    types: Types<'a>,
    diagnostics: &'a mut Diagnostics,
    shapes: BTreeMap<(EntityId, usize), Shape>,
}

/// The columns of a field, as far as a reference to them must know.
#[derive(Clone)]
enum Shape {
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
struct Target {
    entity: EntityId,
    columns: Vec<Ident>,
}

impl<'a> Builder<'a> {
    /// Over all expanded entities, in their final order.
    pub fn new(
        expanded: &'a [Expanded],
        lookup: &'a Lookup,
        config: &'a Config,
        types: Types<'a>,
        diagnostics: &'a mut Diagnostics,
    ) -> Self {
        Self {
            expanded,
            lookup,
            config,
            types,
            diagnostics,
            shapes: BTreeMap::new(),
        }
    }

    /// Makes them all. References still name the target's columns by position, which needs all entities: the second
    /// half of this function.
    pub fn build(mut self) -> Vec<Entity> {
        let mut pending = Vec::new();
        let mut entities = Vec::with_capacity(self.expanded.len());
        for id in 0..self.expanded.len() {
            if let Some(expanded) = self.expanded.get(id) {
                entities.push(self.entity(id, expanded, &mut pending));
            }
        }
        for (id, reference, target_names) in pending {
            let Some(target) = entities.get(reference.target) else {
                continue;
            };
            let target_columns: Vec<usize> = target_names
                .iter()
                .filter_map(|n| target.columns.iter().position(|c| c.name == *n))
                .collect();
            if target_columns.len() == target_names.len()
                && let Some(entity) = entities.get_mut(id)
            {
                entity.references.push(Reference {
                    target_columns,
                    ..reference
                });
            }
        }
        entities
    }

    fn entity(
        &mut self,
        id: EntityId,
        expanded: &Expanded,
        pending: &mut Vec<(EntityId, Reference, Vec<Ident>)>,
    ) -> Entity {
        let spec = &expanded.spec;
        let schema = self.lookup.schema(id).to_owned();
        let table = table_of(spec, self.config);
        let mut entity = Entity {
            at: spec.at.clone(),
            name_at: spec.name.at.clone(),
            table_at: spec.table.as_ref().map_or(&spec.name.at, |t| &t.at).clone(),
            name: spec.name.value.clone(),
            table: QualifiedName::new(schema.clone(), table),
            renamed_from: spec.renamed_from.as_ref().map(|former| {
                QualifiedName::new(
                    schema,
                    naming::table_name(&former.value, self.config.naming),
                )
            }),
            description: spec.description.as_ref().map(|d| d.value.clone()),
            fields: Vec::new(),
            columns: Vec::new(),
            key: Key::default(),
            references: Vec::new(),
            constraints: Vec::new(),
            indexes: expanded.indexes.clone(),
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
                generated_from: Some((search.fields.clone(), search.language.clone())),
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
                    entity.constraints.push(constraint.clone())
                }
            }
        }
        self.key(&mut entity, keys, expanded);
        entity
    }

    /// The columns that an entity has without saying so: its key.
    fn implicit_key_columns(&self, expanded: &Expanded) -> Vec<Column> {
        let spec = &expanded.spec;
        let at = &spec.name.at;
        let has = |name: &str| spec.fields.iter().any(|f| f.name == name);
        let key = explicit_key(expanded);
        match self.config.naming {
            Naming::Trinity if key.is_none() => {
                let mut columns = vec![Column {
                    default: ColumnDefault::Identity,
                    not_null: true,
                    ..bare_column(&trinity_key(spec), at, TypeName::core("int4"))
                }];
                if !has("id") {
                    columns.push(Column {
                        default: ColumnDefault::RandomUuid,
                        not_null: true,
                        ..bare_column("id", at, TypeName::core("uuid"))
                    });
                }
                if !has("identifier") {
                    columns.push(bare_column("identifier", at, TypeName::core("text")));
                }
                columns
            }
            _ if has("id") || key.is_some_and(|k| !k.fields.iter().any(|f| f.value == "id")) => {
                Vec::new()
            }
            _ => {
                let (ty, default) = self.default_key();
                vec![Column {
                    default,
                    not_null: true,
                    ..bare_column("id", at, ty)
                }]
            }
        }
    }

    fn default_key(&self) -> (TypeName, ColumnDefault) {
        match self.config.primary_key {
            PrimaryKeyStyle::Uuid => (TypeName::core("uuid"), ColumnDefault::RandomUuid),
            PrimaryKeyStyle::UuidV7 if self.config.postgres >= Version::V18 => {
                (TypeName::core("uuid"), ColumnDefault::UuidV7)
            }
            PrimaryKeyStyle::UuidV7 => (TypeName::core("uuid"), ColumnDefault::RandomUuid),
            PrimaryKeyStyle::BigInt => (TypeName::core("int8"), ColumnDefault::Identity),
        }
    }

    fn field(
        &mut self,
        id: EntityId,
        position: usize,
        field: &FieldSpec,
        entity: &mut Entity,
        pending: &mut Vec<(EntityId, Reference, Vec<Ident>)>,
    ) {
        let Shape::Known {
            columns,
            domain,
            identity,
            reference,
        } = self.shape(id, position)
        else {
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
                    .map(|fields| (fields, field.language.clone())),
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
            pending.push((id, reference, target.columns));
        }
    }

    /// The columns of a field; found once.
    fn shape(&mut self, id: EntityId, position: usize) -> Shape {
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

    fn reference_shape(
        &mut self,
        id: EntityId,
        field: &FieldSpec,
        reference: &ReferenceSpec,
        at: &Place,
    ) -> Option<Shape> {
        let from_schema = self.lookup.schema(id).to_owned();
        let target = if reference.entity == "Self" && reference.schema.is_none() {
            id
        } else {
            let name = reference.schema.as_ref().map_or_else(
                || reference.entity.clone(),
                |s| format!("{s}.{}", reference.entity),
            );
            self.lookup
                .entity_or_report(&name, &from_schema, at, self.diagnostics)?
        };
        let expanded = self.expanded;
        let target_spec = expanded.get(target)?;
        let mut keys = self.key_columns(target)?;
        for extra in &reference.with {
            let Some(column) = self.named_columns(target, extra) else {
                self.report_unknown(target, extra, at);
                return None;
            };
            for column in column {
                if !keys.iter().any(|(n, _)| *n == column.0) {
                    keys.push(column);
                }
            }
        }
        if reference.enforce
            && let Some(partitioning) = &target_spec.spec.partitioning
        {
            let missing = self.missing_partition_columns(target, partitioning, &keys);
            if let Some(column) = missing.first() {
                let name = &target_spec.spec.name.value;
                self.diagnostics.push(
                    Diagnostic::error(
                        Code::RefToPartitionedEntity,
                        at,
                        format!("`{name}` is partitioned by `{column}`, so no foreign key can refer to its rows by their key alone"),
                    )
                    .hint(format!(
                        "write `ref({name}, enforce=false)` for a column and an index without the constraint, `ref({name}, with={})` to carry the partition column along, or partition `{name}` with HASH on its key",
                        missing.join(", with=")
                    )),
                );
                return None;
            }
        }
        let base = reference_base(&field.name);
        let columns = match keys.as_slice() {
            [(_, ty)] => vec![(
                reference_column(&field.name, self.config.naming),
                ty.clone(),
            )],
            many => many
                .iter()
                .map(|(name, ty)| (composite_column(base, name, self.config.naming), ty.clone()))
                .collect(),
        };
        let names = keys.into_iter().map(|(name, _)| name).collect();
        Some(Shape::Known {
            columns,
            domain: Domain::Any,
            identity: false,
            reference: Some(Target {
                entity: target,
                columns: names,
            }),
        })
    }

    /// What identifies a row of an entity: the columns of its declared key, else `id`.
    fn key_columns(&mut self, id: EntityId) -> Option<Vec<(Ident, Option<TypeName>)>> {
        let expanded = self.expanded.get(id)?;
        let Some(key) = explicit_key(expanded) else {
            let name = match self.config.naming {
                Naming::Plain => "id".to_owned(),
                Naming::Trinity => trinity_key(&expanded.spec),
            };
            return self.named_columns(id, &name);
        };
        let fields: Vec<String> = key.fields.iter().map(|f| f.value.clone()).collect();
        let mut columns = Vec::new();
        for field in fields {
            columns.extend(self.named_columns(id, &field)?);
        }
        Some(columns)
    }

    /// The columns that a name means in an entity that may not be built yet.
    fn named_columns(
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

    fn missing_partition_columns(
        &mut self,
        id: EntityId,
        partitioning: &PartitioningSpec,
        keys: &[(Ident, Option<TypeName>)],
    ) -> Vec<String> {
        let mut missing = Vec::new();
        let mut level = Some(partitioning);
        while let Some(partitioning) = level {
            for (column, _) in self
                .named_columns(id, &partitioning.column.value)
                .unwrap_or_default()
            {
                if !keys.iter().any(|(key, _)| *key == column) {
                    missing.push(column.as_str().to_owned());
                }
            }
            level = partitioning.sub.as_deref();
        }
        missing
    }

    fn report_unknown(&mut self, id: EntityId, name: &str, at: &Place) {
        let Some(expanded) = self.expanded.get(id) else {
            return;
        };
        let known = expanded.spec.fields.iter().map(|f| f.name.as_str());
        self.diagnostics
            .push(unknown_field(name, &expanded.spec.name.value, known, at));
    }

    /// Settles the primary key: its columns, that they are NOT NULL, and where their values come from.
    fn key(
        &mut self,
        entity: &mut Entity,
        declared: Vec<Inherited<ConstraintSpec>>,
        expanded: &Expanded,
    ) {
        let mut declared = declared.into_iter();
        let constraint = declared.next();
        for second in declared {
            let mut diagnostic = Diagnostic::error(
                Code::MultiplePrimaryKeys,
                &second.spec.kind.at,
                format!("`{}` has more than one primary key", entity.name),
            )
            .hint("make the second one `type: unique`");
            if let Some(first) = &constraint {
                diagnostic = diagnostic.related(&first.spec.kind.at, "the first one");
            }
            self.diagnostics.push(diagnostic);
        }
        let names: Vec<(String, Place)> = match &constraint {
            Some(key) => key
                .spec
                .fields
                .iter()
                .map(|f| (f.value.clone(), f.at.clone()))
                .collect(),
            None => vec![match self.config.naming {
                Naming::Plain => ("id".to_owned(), entity.name_at.clone()),
                Naming::Trinity => (trinity_key(&expanded.spec), entity.name_at.clone()),
            }],
        };
        let mut logical = Vec::new();
        for (name, at) in names {
            match entity.columns_named(&name) {
                Some(columns) => logical.extend(columns),
                // Of a field whose type was reported there is no column, and no second report.
                None if expanded.spec.fields.iter().any(|f| f.name == name) => {}
                None => self.diagnostics.push(unknown_field(
                    &name,
                    &entity.name,
                    entity.known_names(),
                    &at,
                )),
            }
        }
        let mut columns = logical.clone();
        let mut level = entity.partitioning.as_ref();
        let mut partition_columns = Vec::new();
        while let Some(partitioning) = level {
            match entity.columns_named(&partitioning.column.value) {
                Some(named) => {
                    partition_columns.extend(named.map(|c| (c, partitioning.column.at.clone())))
                }
                None if expanded
                    .spec
                    .fields
                    .iter()
                    .any(|f| f.name == partitioning.column.value) => {}
                None => self.diagnostics.push(unknown_field(
                    &partitioning.column.value,
                    &entity.name,
                    entity.known_names(),
                    &partitioning.column.at,
                )),
            }
            level = partitioning.sub.as_deref();
        }
        for (column, at) in &partition_columns {
            if constraint.is_none() && !columns.contains(column) {
                columns.push(*column);
                let name = entity.column(*column).map_or("", |c| c.name.as_str());
                self.diagnostics.push(
                    Diagnostic::note(
                        Code::PartitionKeyAdded,
                        at,
                        format!("the primary key of `{}` takes in the partition column: ({})", entity.name, {
                            entity.column_names(&columns).iter().map(Ident::as_str).collect::<Vec<_>>().join(", ")
                        }),
                    )
                    .hint(format!("PostgreSQL keeps keys unique per partition, so `{name}` must be part of the key; declare the key to silence this")),
                );
            }
        }
        for position in columns
            .iter()
            .copied()
            .chain(partition_columns.iter().map(|(c, _)| *c))
        {
            if let Some(column) = entity.columns.get_mut(position) {
                column.not_null = true;
            }
        }
        let single = logical.len() == 1;
        let is_reference: Vec<usize> = logical
            .iter()
            .copied()
            .filter(|c| {
                entity.column(*c).is_some_and(|column| {
                    expanded
                        .spec
                        .fields
                        .iter()
                        .any(|f| f.name == column.field && reference_spec(f).is_some())
                })
            })
            .collect();
        for position in &logical {
            let uuid = match self.config.primary_key {
                PrimaryKeyStyle::UuidV7 if self.config.postgres >= Version::V18 => {
                    ColumnDefault::UuidV7
                }
                _ => ColumnDefault::RandomUuid,
            };
            let Some(column) = entity.columns.get_mut(*position) else {
                continue;
            };
            let Some(ty) = &column.ty else { continue };
            let without_value =
                matches!(column.default, ColumnDefault::None) && column.generated.is_none();
            if !without_value || is_reference.contains(position) || column.name.as_str() != "id" {
                continue;
            }
            if ty.is("uuid") {
                column.default = uuid;
            } else if single && ["int2", "int4", "int8"].iter().any(|t| ty.is(t)) {
                column.default = ColumnDefault::Identity;
            }
        }
        entity.key = Key {
            logical,
            columns,
            constraint,
        };
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

/// The declared primary key, its own before an inherited one.
fn explicit_key(expanded: &Expanded) -> Option<&ConstraintSpec> {
    expanded
        .constraints
        .iter()
        .map(|c| &c.spec)
        .find(|c| c.kind.value == ConstraintKind::PrimaryKey)
}

fn trinity_key(spec: &EntitySpec) -> String {
    format!("pk_{}", spec.name.value.to_snake_case())
}

fn reference_spec(field: &FieldSpec) -> Option<&ReferenceSpec> {
    match &field.ty.as_ref()?.value {
        TypeSpec::Reference(reference) => Some(reference),
        TypeSpec::Named { .. } | TypeSpec::List(_) | TypeSpec::Enum(_) | TypeSpec::Raw(_) => None,
    }
}

fn reference_base(field: &str) -> &str {
    field
        .strip_suffix("_id")
        .filter(|base| !base.is_empty())
        .unwrap_or(field)
}

fn reference_column(field: &str, naming: Naming) -> Ident {
    match naming {
        Naming::Plain => joined(&[reference_base(field), "id"]),
        Naming::Trinity => joined(&["fk", reference_base(field)]),
    }
}

fn composite_column(base: &str, column: &Ident, naming: Naming) -> Ident {
    match naming {
        Naming::Plain => joined(&[base, column.as_str()]),
        Naming::Trinity => joined(&["fk", base, column.as_str()]),
    }
}

fn bare_column(name: &str, at: &Place, ty: TypeName) -> Column {
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
    match suggest(name, known.iter().copied()) {
        Some(near) => diagnostic.hint(format!("did you mean `{near}`?")),
        None => {
            let mut shown: Vec<&str> = Vec::new();
            for name in known {
                if !shown.contains(&name) {
                    shown.push(name);
                }
            }
            diagnostic.hint(format!("its fields are: {}", shown.join(", ")))
        }
    }
}
