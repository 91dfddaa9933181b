//! Keys of partitioned tables come partition by partition, while others write.

use std::borrow::Cow;

use super::Recipe;
use crate::pg::Version;
use crate::plan::draft::Draft;
use crate::plan::{TableAction, index};
use crate::resolve::joined;
use crate::sql::{Ident, QualifiedName};

impl<'a> Recipe<'_, 'a> {
    /// Foreign keys that need not hold for rows that are there are not for partitioned tables before 18.
    pub(super) fn is_by_partition(&self) -> bool {
        self.world.is_partitioned(self.table) && self.world.version() < Version::V18
    }

    /// Each partition gets one first, without a long lock; that of the whole finds them and has nothing to look at.
    pub(super) fn by_partition(&self, name: &Cow<'a, Ident>) -> Vec<Draft<'a>> {
        let mut drafts = self.of_partitions(name);
        drafts.push(self.whole(name));
        drafts
    }

    fn of_partitions(&self, name: &Cow<'a, Ident>) -> Vec<Draft<'a>> {
        self.leaves()
            .flat_map(|table| {
                let part = Recipe { table, ..*self };
                [part.not_valid(name), part.validated(name)]
            })
            .collect()
    }

    /// The partitions that are not partitioned themselves.
    fn leaves(&self) -> impl Iterator<Item = &'a QualifiedName> {
        let parts = self.world.below(self.table).into_iter();
        parts.filter(|part| !self.world.is_partitioned(part))
    }

    /// The same in the place of another one: names of foreign keys do not go on to partitions when they change.
    pub(super) fn replaced_by_partition(
        &self,
        name: &Cow<'a, Ident>,
        meantime: &Cow<'a, Ident>,
        drop: Draft<'a>,
    ) -> Vec<Draft<'a>> {
        let mut drafts = self.of_partitions(meantime);
        drafts.push(drop);
        drafts.push(self.whole(name));
        drafts.extend(self.leaves().map(|table| {
            let part = Recipe { table, ..*self };
            part.draft(TableAction::RenameConstraint {
                from: meantime.clone(),
                to: name.clone(),
            })
        }));
        drafts
    }

    /// Each partition gets its index first, under a name for the meantime where an old key has its own. Then, in one transaction,
    /// the old key goes, the indexes become keys of the partitions, and that of the whole takes them in as they are. A partition that
    /// no plan knows, since maintenance has made it, gets its key with that of the whole.
    pub(super) fn key_by_partition(&self, drop: Option<Draft<'a>>) -> Vec<Draft<'a>> {
        let (name, _) = self.constraint;
        let leaves: Vec<(&'a QualifiedName, Ident, Ident)> = self
            .leaves()
            .filter_map(|part| {
                let own = self.part_name(part)?;
                let built = match drop {
                    Some(_) => joined(&[own.as_str(), "specql_new"]),
                    None => own.clone(),
                };
                Some((part, own, built))
            })
            .collect();
        let indexes = leaves
            .iter()
            .map(|(part, _, built)| self.index_built(part, &Cow::Owned(built.clone())));
        let used = leaves
            .iter()
            .map(|(part, _, built)| self.index_used(part, &Cow::Owned(built.clone())));
        let renamed = leaves.iter().filter(|(_, own, built)| own != built);
        let renamed = renamed.map(|(part, own, built)| {
            index::renamed(self.object, &part.schema, built, Cow::Owned(own.clone()))
        });
        indexes
            .chain(drop)
            .chain(used)
            .chain([self.whole(&Cow::Borrowed(name))])
            .chain(renamed)
            .collect()
    }
}
