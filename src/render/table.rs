//! Tables and their columns.

use minijinja::Value;

use super::value::{Sql, optional, parameters, record, sql};
use super::{RenderError, constraint, partition, sequence};
use crate::catalog::{
    Column, Compression, Generated, Identity, ReplicaIdentity, RowSecurity, Storage, Table,
};
use crate::plan::NamedConstraint;
use crate::sql::QualifiedName;

/// What the template of a statement that makes a table receives.
pub(super) fn statement_context(
    name: &QualifiedName,
    table: &Table,
    constraints: &[NamedConstraint<'_>],
) -> Result<Value, RenderError> {
    Ok(record! { table => context(name, table, constraints)? })
}

/// A table, with the constraints that stand in its statement.
pub(super) fn context(
    name: &QualifiedName,
    table: &Table,
    constraints: &[NamedConstraint<'_>],
) -> Result<Value, RenderError> {
    let Table {
        unlogged,
        columns,
        constraints: _,
        indexes: _,
        triggers: _,
        partition_key,
        partition: _,
        inherits,
        storage_parameters,
        tablespace,
        access_method,
        row_security,
        policies: _,
        replica_identity,
        needs: _,
        comment: _,
    } = table;
    let columns: Vec<Value> = columns.iter().map(column).collect();
    let (enabled, forced) = match row_security {
        RowSecurity::Disabled => (false, false),
        RowSecurity::Enabled => (true, false),
        RowSecurity::Forced => (true, true),
        RowSecurity::ForcedOnly => (false, true),
    };
    let replica_identity = match replica_identity {
        ReplicaIdentity::Default => None,
        ReplicaIdentity::Nothing => Some(Sql::keyword("NOTHING")),
        ReplicaIdentity::Full => Some(Sql::keyword("FULL")),
    };
    Ok(record! {
        name => sql(name),
        unlogged => *unlogged,
        columns => columns,
        constraints => constraint::list(constraints)?,
        inherits => optional((!inherits.is_empty()).then(|| Sql::list(inherits))),
        partition_key => partition::key(partition_key.as_ref()),
        access_method => optional(access_method.as_ref()),
        storage_parameters => optional(
            (!storage_parameters.is_empty()).then(|| Sql::storage_parameters(storage_parameters)),
        ),
        tablespace => optional(tablespace.as_ref()),
        replica_identity => optional(replica_identity),
        row_security => enabled,
        force_row_security => forced,
    })
}

/// A column as it stands in CREATE TABLE and ADD COLUMN.
pub(super) fn column(column: &Column) -> Value {
    let Column {
        name,
        ty,
        not_null,
        not_null_constraint,
        collation,
        default,
        identity,
        identity_sequence,
        generated,
        storage,
        compression,
        statistics,
        options,
        comment: _,
    } = column;
    let constraint = not_null_constraint.as_ref();
    record! {
        name => sql(name),
        type => sql(ty),
        not_null => *not_null,
        not_null_name => optional(constraint.map(|constraint| &constraint.name)),
        not_null_no_inherit => constraint.is_some_and(|constraint| constraint.no_inherit),
        not_null_later => constraint.is_some_and(|constraint| constraint.not_valid),
        collation => optional(collation.as_ref()),
        default => optional(default.as_ref().map(Sql::term)),
        identity => optional(identity.map(|identity| match identity {
            Identity::Always => Sql::keyword("ALWAYS"),
            Identity::ByDefault => Sql::keyword("BY DEFAULT"),
        })),
        identity_options => optional(sequence::of_identity(identity_sequence)),
        generated => generated.as_ref().map(|Generated { expression, stored }| {
            record! { expression => sql(expression), stored => *stored }
        }),
        storage => optional(storage.map(storage_word)),
        compression => optional(compression.map(|compression| match compression {
            Compression::Pglz => Sql::keyword("pglz"),
            Compression::Lz4 => Sql::keyword("lz4"),
        })),
        statistics => *statistics,
        options => parameters(options),
    }
}

fn storage_word(storage: Storage) -> Sql {
    Sql::keyword(match storage {
        Storage::Plain => "PLAIN",
        Storage::External => "EXTERNAL",
        Storage::Extended => "EXTENDED",
        Storage::Main => "MAIN",
    })
}
