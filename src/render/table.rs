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
    let settings: Vec<Value> = columns.iter().filter_map(settings).collect();
    let marks = constraint::marks(constraints);
    let constraints = constraint::list(constraints)?;
    let columns = columns.iter().map(|one| sql(column(one)));
    let elements: Vec<Value> = columns.chain(constraints.iter().cloned()).collect();
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
    // What most tables have nothing of is a template of its own: including one takes as long as writing two columns.
    let has_options =
        access_method.is_some() || !storage_parameters.is_empty() || tablespace.is_some();
    let has_settings = !settings.is_empty()
        || !marks.is_empty()
        || replica_identity.is_some()
        || enabled
        || forced;
    Ok(record! {
        name => sql(name),
        unlogged => *unlogged,
        elements => elements,
        constraints => constraints,
        has_options => has_options,
        has_settings => has_settings,
        settings => settings,
        marks => marks,
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

/// A column as it stands in CREATE TABLE and ADD COLUMN. It is put together here and not in a template for the same
/// reason as an index key: there are that many.
pub(super) fn column(column: &Column) -> Sql {
    let Column {
        name,
        ty,
        not_null,
        not_null_constraint,
        collation,
        default,
        identity: _,
        identity_sequence: _,
        generated,
        storage: _,
        compression,
        statistics: _,
        options: _,
        comment: _,
    } = column;
    let mut words = vec![Sql::from(name), Sql::from(ty)];
    if let Some(compression) = compression {
        let method = match compression {
            Compression::Pglz => "pglz",
            Compression::Lz4 => "lz4",
        };
        words.extend([Sql::keyword("COMPRESSION"), Sql::keyword(method)]);
    }
    if let Some(collation) = collation {
        words.extend([Sql::keyword("COLLATE"), Sql::from(collation.as_ref())]);
    }
    if let Some(default) = default {
        words.extend([Sql::keyword("DEFAULT"), Sql::term(default)]);
    }
    words.extend(self::identity(column));
    if let Some(Generated { expression, stored }) = generated {
        words.extend([
            Sql::keyword("GENERATED ALWAYS AS"),
            Sql::in_parentheses(expression),
            Sql::keyword(if *stored { "STORED" } else { "VIRTUAL" }),
        ]);
    }
    let constraint = not_null_constraint.as_ref();
    if *not_null && !constraint.is_some_and(|constraint| constraint.not_valid) {
        if let Some(constraint) = constraint {
            words.extend([Sql::keyword("CONSTRAINT"), Sql::from(&constraint.name)]);
        }
        words.push(Sql::keyword("NOT NULL"));
        if constraint.is_some_and(|constraint| constraint.no_inherit) {
            words.push(Sql::keyword("NO INHERIT"));
        }
    }
    Sql::words(words)
}

/// GENERATED … AS IDENTITY; `None` of other columns.
pub(super) fn identity(column: &Column) -> Option<Sql> {
    let words = match column.identity? {
        Identity::Always => "GENERATED ALWAYS AS IDENTITY",
        Identity::ByDefault => "GENERATED BY DEFAULT AS IDENTITY",
    };
    let options = sequence::of_identity(&column.identity_sequence)
        .map(|options| Sql::parenthesised(&options));
    Some(Sql::words(
        std::iter::once(Sql::keyword(words)).chain(options),
    ))
}

/// What CREATE TABLE cannot say of a column; `None` for most.
fn settings(column: &Column) -> Option<Value> {
    let later = column
        .not_null_constraint
        .as_ref()
        .filter(|constraint| constraint.not_valid);
    let some = column.storage.is_some()
        || column.statistics.is_some()
        || !column.options.is_empty()
        || later.is_some();
    some.then(|| {
        record! {
            name => sql(&column.name),
            storage => optional(column.storage.map(storage_word)),
            statistics => column.statistics,
            options => parameters(&column.options),
            not_null_later => optional(later.map(|constraint| &constraint.name)),
            not_null_no_inherit => later.is_some_and(|constraint| constraint.no_inherit),
        }
    })
}

fn storage_word(storage: Storage) -> Sql {
    Sql::keyword(match storage {
        Storage::Plain => "PLAIN",
        Storage::External => "EXTERNAL",
        Storage::Extended => "EXTENDED",
        Storage::Main => "MAIN",
    })
}
