//! Primary keys: the one that an entity declares, or the one that it has without saying so.

use heck::ToSnakeCase;

use super::columns::{Builder, bare_column, unknown_field};
use super::expand::Expanded;
use super::model::{Column, ColumnDefault, Entity, Inherited, Key};
use super::reference::reference_spec;
use crate::diagnose::{Code, Diagnostic, Place};
use crate::pg::Version;
use crate::sql::{Ident, TypeName};
use crate::syntax::{ConstraintKind, ConstraintSpec, EntitySpec, Naming, PrimaryKeyStyle};

impl Builder<'_> {
    /// The columns that an entity has without saying so: its key.
    pub(super) fn implicit_key_columns(&self, expanded: &Expanded) -> Vec<Column> {
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

    /// Settles the primary key: its columns, that they are NOT NULL, and where their values come from.
    pub(super) fn key(
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
                Some(columns) => {
                    if columns.clone().any(|column| logical.contains(&column)) {
                        self.diagnostics.push(
                            Diagnostic::error(
                                Code::InvalidValue,
                                &at,
                                format!("`{name}` stands twice in this constraint"),
                            )
                            .hint("name each field once"),
                        );
                    }
                    logical.extend(columns);
                }
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
                Some(found) => {
                    partition_columns.extend(found.map(|c| (c, partitioning.column.at.clone())));
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
}

/// The declared primary key, its own before an inherited one.
pub(super) fn explicit_key(expanded: &Expanded) -> Option<&ConstraintSpec> {
    expanded
        .constraints
        .iter()
        .map(|c| &c.spec)
        .find(|c| c.kind.value == ConstraintKind::PrimaryKey)
}

pub(super) fn trinity_key(spec: &EntitySpec) -> String {
    format!("pk_{}", spec.name.value.to_snake_case())
}
