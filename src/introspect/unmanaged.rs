//! What a dump would hold and the catalog does not.

use std::collections::BTreeSet;
use std::fmt;

use postgres::Transaction;

use super::IntrospectError;
use super::cells::Cells;

/// An object, or a part of one, that this program does not know and never touches.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unmanaged {
    /// What sort of object, in the words of SQL: `foreign table`, `rule`; of a part, with what follows: `privileges on`.
    pub kind: String,
    /// Its name, as SQL writes it; after a preposition with its kind: `table public.orders`.
    pub name: String,
}

impl fmt::Display for Unmanaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.name)
    }
}

/// All of it.
pub(super) fn read(tx: &mut Transaction<'_>) -> Result<BTreeSet<Unmanaged>, IntrospectError> {
    let rows = tx.query_typed(include_str!("queries/unmanaged.sql"), &[])?;
    rows.iter()
        .map(|row| {
            let mut cells = Cells::new(row);
            Ok(Unmanaged {
                kind: cells.take()?,
                name: cells.take()?,
            })
        })
        .collect()
}
