//! Statements that change or drop what is there, other than ALTER TABLE.

use std::borrow::Cow;

use minijinja::Value;

use super::value::{Sql, optional, record, sql};
use crate::diff::{LabelPlace, Object};
use crate::plan::Statement;
use crate::sql::{Ident, Literal, QualifiedName};

/// Such a statement's template and what the template receives.
pub(super) fn context(statement: &Statement<'_>) -> (&'static str, Value) {
    match statement {
        Statement::RenameIndex {
            if_exists: true,
            from,
            to,
        } => rename("INDEX IF EXISTS", from, to),
        Statement::RenameIndex {
            if_exists: false,
            from,
            to,
        } => rename("INDEX", from, to),
        Statement::RenameSequence { from, to } => rename("SEQUENCE", from, to),
        Statement::RenameMaterializedView { from, to } => rename("MATERIALIZED VIEW", from, to),
        Statement::AttachIndex { parent, index } => (
            "attach_index.sql.j2",
            record! { parent => sql(parent), index => sql(index) },
        ),
        Statement::RenameType { from, to } => rename_type(from, to),
        Statement::AddEnumLabel { name, label, place } => {
            let before = match place {
                LabelPlace::Before(label) => Some(Sql::from(&Literal::new(*label))),
                LabelPlace::Last => None,
            };
            let context = record! {
                name => sql(*name),
                label => sql(&Literal::new(*label)),
                before => optional(before),
            };
            ("enum_label.sql.j2", context)
        }
        Statement::Refresh { name, concurrently } => (
            "refresh.sql.j2",
            record! { name => sql(*name), concurrently => *concurrently },
        ),
        Statement::Empty { table } => ("empty.sql.j2", record! { table => sql(*table) }),
        Statement::Fill { name, table: _ } => ("fill.sql.j2", record! { name => sql(*name) }),
        Statement::Drop {
            object,
            concurrently,
        } => ("drop.sql.j2", drop(*object, *concurrently)),
        Statement::DropType { name } => ("drop.sql.j2", dropped("TYPE", sql(name), None, false)),
        Statement::DropSchemaAside { name } => {
            ("drop.sql.j2", dropped("SCHEMA", sql(name), None, false))
        }
        Statement::DropTable { name, keys: _ } => {
            ("drop.sql.j2", dropped("TABLE", sql(name), None, false))
        }
        Statement::RemovePartitionPolicy { table } => (
            "drop_partition_policy.sql.j2",
            record! {
                schema => sql(&Literal::new(table.schema.as_str())),
                table => sql(&Literal::new(table.name.as_str())),
            },
        ),
        Statement::MoveAside { table, schema } => {
            let name = Sql::from(&Literal::new(table.to_string()));
            let schema = Sql::from(&Literal::new(schema.as_str()));
            let context = record! { name => sql(name), schema => sql(schema) };
            ("move_aside.sql.j2", context)
        }
        Statement::RenamePartitionPolicy { from, to } => (
            "rename_partition_policy.sql.j2",
            record! {
                schema => sql(&Literal::new(from.schema.as_str())),
                table => sql(&Literal::new(from.name.as_str())),
                to_schema => sql(&Literal::new(to.schema.as_str())),
                to_table => sql(&Literal::new(to.name.as_str())),
            },
        ),
        Statement::ContinueIdentity { table, column } => (
            "continue_identity.sql.j2",
            record! {
                table => sql(*table),
                column => sql(*column),
                table_name => sql(&Literal::new(table.to_string())),
                column_name => sql(&Literal::new(column.as_str())),
            },
        ),
        Statement::Backfill { table, column } => backfill(table, column),
        Statement::CopyRows { from, to, values } => (
            "copy_rows.sql.j2",
            record! {
                from => sql(from),
                to => sql(*to),
                // Tables that have no column in common keep the number of rows.
                columns => optional((!values.is_empty()).then(|| {
                    Sql::list(values.iter().map(|(column, _)| *column))
                })),
                values => sql(Sql::list(values.iter().map(|(_, value)| value))),
            },
        ),
        // All others have templates of their own.
        _ => ("drop.sql.j2", Value::from(())),
    }
}

fn rename(what: &'static str, from: &QualifiedName, to: &Ident) -> (&'static str, Value) {
    let context = record! { what => sql(Sql::keyword(what)), from => sql(from), to => sql(to) };
    ("rename.sql.j2", context)
}

fn rename_type(from: &QualifiedName, to: &QualifiedName) -> (&'static str, Value) {
    let moved = (from.schema != to.schema).then_some(&to.schema);
    let now = QualifiedName {
        schema: to.schema.clone(),
        name: from.name.clone(),
    };
    let context = record! {
        from => sql(from),
        moved => optional(moved),
        now => sql(&now),
        to => optional((from.name != to.name).then_some(&to.name)),
    };
    ("rename_type.sql.j2", context)
}

fn backfill(name: &QualifiedName, field: &Ident) -> (&'static str, Value) {
    let context = record! {
        relation => sql(&Literal::new(name.to_string())),
        what => sql(&Literal::new(format!("{name}.{field}"))),
        field => sql(&Literal::new(field.as_str())),
    };
    ("backfill.sql.j2", context)
}

fn drop(object: Object<'_>, concurrently: bool) -> Value {
    let in_schema = |relation: &QualifiedName, name: &Ident| QualifiedName {
        schema: relation.schema.clone(),
        name: name.clone(),
    };
    let (what, name, table): (_, Cow<'_, QualifiedName>, _) = match object {
        Object::Schema(name) => return dropped("SCHEMA", sql(name), None, false),
        Object::Extension(name) => return dropped("EXTENSION", sql(name), None, false),
        Object::Trigger(table, name) => return dropped("TRIGGER", sql(name), Some(table), false),
        Object::Policy(table, name) => return dropped("POLICY", sql(name), Some(table), false),
        Object::Overload(name, arguments) => {
            let name = sql(Sql::routine(name, arguments));
            return dropped("ROUTINE", name, None, false);
        }
        Object::EnumType(name) | Object::CompositeType(name) => ("TYPE", Cow::Borrowed(name), None),
        Object::Domain(name) | Object::DomainCheck(name, _) => {
            ("DOMAIN", Cow::Borrowed(name), None)
        }
        Object::Sequence(name) | Object::SequenceOwner(name) => {
            ("SEQUENCE", Cow::Borrowed(name), None)
        }
        Object::Function(name) => ("ROUTINE", Cow::Borrowed(name), None),
        Object::Table(name) | Object::PartitionPolicy(name) => ("TABLE", Cow::Borrowed(name), None),
        Object::View(name) => ("VIEW", Cow::Borrowed(name), None),
        Object::MaterializedView(name) => ("MATERIALIZED VIEW", Cow::Borrowed(name), None),
        Object::Index(relation, name)
        | Object::Constraint(relation, name)
        | Object::Column(relation, name) => ("INDEX", Cow::Owned(in_schema(relation, name)), None),
    };
    dropped(what, sql(name.as_ref()), table, concurrently)
}

fn dropped(
    what: &'static str,
    name: Value,
    table: Option<&QualifiedName>,
    concurrently: bool,
) -> Value {
    record! {
        what => sql(Sql::keyword(what)),
        name => name,
        table => optional(table),
        concurrently => concurrently,
    }
}
