//! Sequences: those of identity columns, and all others.

use std::collections::BTreeMap;

use postgres::{Row, Transaction};

use super::IntrospectError;
use super::cells::Cells;
use super::names::{Names, made_name};
use super::relation::Relation;
use crate::catalog::{IdentitySequence, OwningColumn, Sequence, SequenceOptions};
use crate::sql::QualifiedName;

/// The sequences of a database.
#[derive(Debug, Default)]
pub(super) struct Sequences {
    /// By name.
    pub of_users: BTreeMap<QualifiedName, Sequence>,
    /// By table and number of the column.
    pub of_identities: BTreeMap<(u32, i16), IdentitySequence>,
}

/// Reads them.
pub(super) fn read(tx: &mut Transaction<'_>) -> Result<Vec<Row>, IntrospectError> {
    Ok(tx.query_typed(include_str!("queries/sequence.sql"), &[])?)
}

/// Gives them their names, or the columns that they are the identity of.
pub(super) fn assemble(rows: &[Row], names: &Names) -> Result<Sequences, IntrospectError> {
    let mut sequences = Sequences::default();
    for row in rows {
        add(row, names, &mut sequences)?;
    }
    Ok(sequences)
}

fn add(row: &Row, names: &Names, sequences: &mut Sequences) -> Result<(), postgres::Error> {
    let mut cells = Cells::new(row);
    let Some(relation) = names.relation(cells.take()?) else {
        return Ok(());
    };
    let ty = names.type_name(cells.take()?, None);
    let settings = Settings {
        start: cells.take()?,
        increment: cells.take()?,
        minimum: cells.take()?,
        maximum: cells.take()?,
        cache: cells.take()?,
        cycle: cells.take()?,
    };
    let options = settings.without_defaults(ty.name.as_str());
    let owner: Option<u32> = cells.take()?;
    let number: Option<i16> = cells.take()?;
    let dependency: Option<&str> = cells.take()?;
    let table = owner.and_then(|oid| names.relations.get(&oid));
    let column = table.zip(number);
    if let (Some("i"), Some((table, number))) = (dependency, column) {
        let identity = IdentitySequence {
            name: own_name(relation, table, number),
            options,
        };
        sequences
            .of_identities
            .insert((table.oid, number), identity);
        return Ok(());
    }
    let owned_by = column.and_then(|(table, number)| {
        Some(OwningColumn {
            table: table.name.clone(),
            column: table.column(number)?.name.clone(),
        })
    });
    let sequence = Sequence {
        ty,
        unlogged: relation.unlogged,
        options,
        owned_by,
        comment: relation.comment.clone(),
    };
    sequences.of_users.insert(relation.name.clone(), sequence);
    Ok(())
}

/// The name of an identity column's sequence, unless it is the one that comes by itself.
fn own_name(sequence: &Relation, table: &Relation, number: i16) -> Option<QualifiedName> {
    let column = &table.column(number)?.name;
    let implied = QualifiedName {
        schema: table.name.schema.clone(),
        name: made_name(&table.name.name, column, "seq"),
    };
    (sequence.name != implied).then(|| sequence.name.clone())
}

struct Settings {
    start: i64,
    increment: i64,
    minimum: i64,
    maximum: i64,
    cache: i64,
    cycle: bool,
}

impl Settings {
    /// What differs from the defaults.
    /// <https://www.postgresql.org/docs/current/sql-createsequence.html>
    fn without_defaults(self, typname: &str) -> SequenceOptions {
        let (least, most) = match typname {
            "int2" => (i16::MIN.into(), i16::MAX.into()),
            "int4" => (i32::MIN.into(), i32::MAX.into()),
            _ => (i64::MIN, i64::MAX),
        };
        let ascending = self.increment > 0;
        let (minimum, maximum) = if ascending { (1, most) } else { (least, -1) };
        let start = if ascending {
            self.minimum
        } else {
            self.maximum
        };
        let unless = |value: i64, default: i64| (value != default).then_some(value);
        SequenceOptions {
            start: unless(self.start, start),
            increment: unless(self.increment, 1),
            minimum: unless(self.minimum, minimum),
            maximum: unless(self.maximum, maximum),
            cache: unless(self.cache, 1),
            cycle: self.cycle,
        }
    }
}
