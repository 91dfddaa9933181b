//! Sequences.

use minijinja::Value;

use super::value::{Sql, optional, record, sql};
use crate::catalog::{IdentitySequence, OwningColumn, Sequence, SequenceOptions};
use crate::sql::QualifiedName;

pub(super) fn context(name: &QualifiedName, sequence: &Sequence) -> Value {
    let Sequence {
        ty,
        unlogged,
        options,
        owned_by: _,
        comment: _,
    } = sequence;
    record! {
        name => sql(name),
        type => sql(ty),
        unlogged => *unlogged,
        options => optional(clauses(options)),
    }
}

/// ALTER SEQUENCE … OWNED BY.
pub(super) fn owner_context(name: &QualifiedName, owner: &OwningColumn) -> Value {
    let OwningColumn { table, column } = owner;
    record! { name => sql(name), table => sql(table), column => sql(column) }
}

/// What stands in parentheses behind AS IDENTITY.
pub(super) fn of_identity(sequence: &IdentitySequence) -> Option<Sql> {
    let IdentitySequence { name, options } = sequence;
    let name = name
        .iter()
        .flat_map(|name| [Sql::keyword("SEQUENCE NAME"), Sql::from(name)]);
    let words: Vec<Sql> = name.chain(clauses(options)).collect();
    (!words.is_empty()).then(|| Sql::words(words))
}

fn clauses(options: &SequenceOptions) -> Option<Sql> {
    let SequenceOptions {
        start,
        increment,
        minimum,
        maximum,
        cache,
        cycle,
    } = options;
    let numbers = [
        ("INCREMENT BY", increment),
        ("MINVALUE", minimum),
        ("MAXVALUE", maximum),
        ("START WITH", start),
        ("CACHE", cache),
    ];
    let mut words: Vec<Sql> = numbers
        .into_iter()
        .filter_map(|(word, number)| Some([Sql::keyword(word), Sql::number((*number)?)]))
        .flatten()
        .collect();
    words.extend(cycle.then(|| Sql::keyword("CYCLE")));
    (!words.is_empty()).then(|| Sql::words(words))
}
