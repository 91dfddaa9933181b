//! `ref(…)` fields: the entity that they mean, and columns of the types that its key has.

use super::columns::{Builder, Shape, Target};
use super::key::{explicit_key, trinity_key};
use super::model::EntityId;
use super::naming::joined;
use super::types::Domain;
use crate::diagnose::{Code, Diagnostic, Place};
use crate::sql::{Ident, TypeName};
use crate::syntax::{FieldSpec, Naming, PartitioningSpec, ReferenceSpec, TypeSpec};

impl Builder<'_> {
    pub(super) fn reference_shape(
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
    pub(super) fn key_columns(&mut self, id: EntityId) -> Option<Vec<(Ident, Option<TypeName>)>> {
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
}

pub(super) fn reference_spec(field: &FieldSpec) -> Option<&ReferenceSpec> {
    match &field.ty.as_ref()?.value {
        TypeSpec::Reference(reference) => Some(reference),
        TypeSpec::Named { .. } | TypeSpec::List(_) | TypeSpec::Enum(_) | TypeSpec::Raw(_) => None,
    }
}

pub(super) fn reference_base(field: &str) -> &str {
    field
        .strip_suffix("_id")
        .filter(|base| !base.is_empty())
        .unwrap_or(field)
}

pub(super) fn reference_column(field: &str, naming: Naming) -> Ident {
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
