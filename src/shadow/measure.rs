//! What a server does while a statement runs: the locks of its session, and the files of its tables.

use std::collections::{BTreeMap, BTreeSet};

use postgres::{Client, GenericClient};

use crate::plan::LockMode;
use crate::sql::QualifiedName;

const RELATIONS: &str = include_str!("queries/relations.sql");
const LOCKS: &str = include_str!("queries/locks.sql");

/// A table, a view or a materialized view.
#[derive(Debug)]
pub(super) struct Relation {
    pub name: QualifiedName,
    /// With rows of its own or of its partitions; no view of any sort.
    pub is_table: bool,
    /// The file of its rows; 0 where it has none.
    pub file: u32,
}

/// Relations by their OIDs: a name may be given to another.
pub(super) type Relations = BTreeMap<u32, Relation>;

/// Each lock on a relation, in order, so that of one relation the strongest is the last.
pub(super) type Locks = BTreeSet<(u32, LockMode)>;

/// All relations that users have made, as a session sees them.
pub(super) fn relations(client: &mut impl GenericClient) -> Result<Relations, postgres::Error> {
    let rows = client.query(RELATIONS, &[])?;
    rows.iter()
        .map(|row| {
            let (schema, name): (String, String) = (row.try_get(1)?, row.try_get(2)?);
            let kind: String = row.try_get(3)?;
            let relation = Relation {
                name: QualifiedName::new(schema, name),
                is_table: matches!(kind.as_str(), "r" | "p"),
                file: row.try_get(4)?,
            };
            Ok((row.try_get(0)?, relation))
        })
        .collect()
}

/// Looks at one session from another.
pub(super) struct Watcher<'k> {
    pub client: Client,
    /// The session's process.
    pub process: i32,
    /// The relations that are looked at: those that were there before the plan. Nobody waits for any other.
    pub known: &'k BTreeSet<u32>,
}

impl Watcher<'_> {
    /// The locks that the session has or waits for, and whether it waits for anything.
    pub fn look(&mut self) -> Result<(Locks, bool), postgres::Error> {
        let rows = self.client.query(LOCKS, &[&self.process])?;
        let (mut locks, mut waits) = (Locks::new(), false);
        for row in &rows {
            let (relation, name): (u32, String) = (row.try_get(0)?, row.try_get(1)?);
            waits |= !row.try_get::<_, bool>(2)?;
            if let Some(mode) = mode(&name)
                && self.known.contains(&relation)
            {
                locks.insert((relation, mode));
            }
        }
        Ok((locks, waits))
    }
}

/// The mode by its name in `pg_locks`; `None` of those that stop nobody who reads or writes.
fn mode(name: &str) -> Option<LockMode> {
    Some(match name {
        "RowShareLock" => LockMode::RowShare,
        "RowExclusiveLock" => LockMode::RowExclusive,
        "ShareUpdateExclusiveLock" => LockMode::ShareUpdateExclusive,
        "ShareLock" => LockMode::Share,
        "ShareRowExclusiveLock" => LockMode::ShareRowExclusive,
        "ExclusiveLock" => LockMode::Exclusive,
        "AccessExclusiveLock" => LockMode::AccessExclusive,
        _ => return None,
    })
}

/// The strongest lock of each relation.
pub(super) fn strongest<'l>(
    locks: impl IntoIterator<Item = &'l (u32, LockMode)>,
) -> BTreeMap<u32, LockMode> {
    locks.into_iter().copied().collect()
}
