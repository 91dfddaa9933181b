//! Primary keys: the one that an entity declares, or the one that it has without saying so.

use heck::ToSnakeCase;

use super::columns::{Builder, bare_column, unknown_field};
use super::expand::Expanded;
use super::model::{Column, ColumnDefault, Entity, Inherited, Key};
use super::reference::reference_spec;
use crate::diagnose::{Code, Diagnostic, Place};
use crate::pg::Version;
use crate::sql::TypeName;
use crate::syntax::{
    ConstraintKind, ConstraintSpec, EntitySpec, FieldSpec, Naming, PrimaryKeyStyle,
};

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
            PrimaryKeyStyle::BigInt => (TypeName::core("int8"), ColumnDefault::Identity),
            PrimaryKeyStyle::Uuid | PrimaryKeyStyle::UuidV7 => {
                (TypeName::core("uuid"), self.uuid_default())
            }
        }
    }

    /// `uuidv7()` where it is wanted and every server has it.
    fn uuid_default(&self) -> ColumnDefault {
        match self.config.primary_key {
            PrimaryKeyStyle::UuidV7 if self.config.postgres >= Version::V18 => {
                ColumnDefault::UuidV7
            }
            PrimaryKeyStyle::UuidV7 | PrimaryKeyStyle::Uuid | PrimaryKeyStyle::BigInt => {
                ColumnDefault::RandomUuid
            }
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
            self.report_second_key(entity, constraint.as_ref(), &second);
        }
        let logical = self.logical_key(entity, constraint.as_ref(), expanded);
        let partition_columns = self.partition_columns(entity, expanded);
        let mut columns = logical.clone();
        for column in &partition_columns {
            if constraint.is_none() && !columns.contains(column) {
                columns.push(*column);
            }
        }
        for position in columns.iter().copied().chain(partition_columns) {
            if let Some(column) = entity.columns.get_mut(position) {
                column.not_null = true;
            }
        }
        for position in &logical {
            self.give_key_default(entity, *position, logical.len() == 1, expanded);
        }
        entity.key = Key {
            logical,
            columns,
            constraint: constraint.map(Box::new),
        };
    }

    fn report_second_key(
        &mut self,
        entity: &Entity,
        first: Option<&Inherited<ConstraintSpec>>,
        second: &Inherited<ConstraintSpec>,
    ) {
        let mut diagnostic = Diagnostic::error(
            Code::MultiplePrimaryKeys,
            &second.spec.kind.at,
            format!("`{}` has more than one primary key", entity.name),
        )
        .hint("make the second one `type: unique`");
        if let Some(first) = first {
            diagnostic = diagnostic.related(&first.spec.kind.at, "the first one");
        }
        self.diagnostics.push(diagnostic);
    }

    /// The columns that the author, or the house style, has made the key.
    fn logical_key(
        &mut self,
        entity: &Entity,
        constraint: Option<&Inherited<ConstraintSpec>>,
        expanded: &Expanded,
    ) -> Vec<usize> {
        let names: Vec<(String, Place)> = match constraint {
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
            let Some(columns) = entity.columns_named(&name) else {
                self.diagnostics.push(unknown_field(
                    &name,
                    &entity.name,
                    entity.known_names(),
                    &at,
                ));
                continue;
            };
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
        logical
    }

    /// The partition columns of all levels.
    fn partition_columns(&mut self, entity: &Entity, expanded: &Expanded) -> Vec<usize> {
        let mut columns = Vec::new();
        let mut level = expanded.spec.partitioning.as_deref();
        while let Some(partitioning) = level {
            let column = &partitioning.column;
            match entity.columns_named(&column.value) {
                Some(found) => columns.extend(found),
                None => self.diagnostics.push(unknown_field(
                    &column.value,
                    &entity.name,
                    entity.known_names(),
                    &column.at,
                )),
            }
            level = partitioning.sub.as_deref();
        }
        columns
    }

    /// A key column `id` that is written by nobody gets its values from the server.
    fn give_key_default(
        &self,
        entity: &mut Entity,
        position: usize,
        alone: bool,
        expanded: &Expanded,
    ) {
        let uuid = self.uuid_default();
        let Some(column) = entity.columns.get_mut(position) else {
            return;
        };
        let is_own = |f: &FieldSpec| f.name == column.field && reference_spec(f).is_some();
        let refers = expanded.spec.fields.iter().any(is_own);
        let has_value =
            !matches!(column.default, ColumnDefault::None) || column.generated.is_some();
        let Some(ty) = &column.ty else { return };
        if has_value || refers || column.name.as_str() != "id" {
            return;
        }
        if ty.is("uuid") {
            column.default = uuid;
        } else if alone && ty.is_integer() {
            column.default = ColumnDefault::Identity;
        }
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
