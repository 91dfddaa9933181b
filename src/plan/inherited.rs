//! What the indexes are called that a partition has from the tables above it.
//!
//! The server names them after the partition and its columns, and numbers those that would have one name, in the order in
//! which they come. Which of them has which number is known only where all came together.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::node::{Node, Nodes, Part, Stage, Work};
use super::world::World;
use super::{Statement, constraint, index};
use crate::catalog::{Catalog, Table};
use crate::diff::{Object, upwards};
use crate::resolve::joined;
use crate::sql::{Ident, QualifiedName};

/// The name of a partition's own index below an index or key of a table above it: the one that the server would give, but
/// where something else has that, or comes to have it. Names that are cut are soon those of several partitions.
pub(super) fn free_name(
    part: &QualifiedName,
    (relation, name): (&QualifiedName, &Ident),
    wanted: Ident,
    world: &World<'_>,
) -> Ident {
    let wanted = part.beside(wanted);
    let own = Owner::Inherited {
        part,
        relation,
        name,
    };
    if world.relation_names().others(&wanted, own).next().is_none() {
        wanted.name
    } else {
        joined(&[part.name.as_str(), name.as_str()])
    }
}

/// Where a partition's index could not be called as the server would have called it, and what had that name goes, it gets the name
/// then.
pub(super) fn take_names_that_get_free<'a>(world: &World<'a>, nodes: &mut Nodes<'a>) {
    let mut renamed = Vec::new();
    for node in nodes.0.values() {
        let (Object::Index(relation, name) | Object::Constraint(relation, name)) = node.object
        else {
            continue;
        };
        let Work::Recipe(drafts) = &node.work else {
            continue;
        };
        let Some(table) = world.to.tables.get(relation) else {
            continue;
        };
        let is_built = |part: &QualifiedName| {
            drafts.iter().any(|draft| match &draft.statement {
                Statement::CreateIndex { relation, .. }
                | Statement::CreateKeyIndex {
                    table: relation, ..
                } => relation.as_ref() == part,
                _ => false,
            })
        };
        for part in world
            .below(relation)
            .into_iter()
            .filter(|part| is_built(part))
        {
            let mut names = names(part, table, &|column| column);
            let Some((_, wanted)) = names.find(|(of, _)| *of == name) else {
                continue;
            };
            let meantime = free_name(part, (relation, name), wanted.clone(), world);
            let own = Owner::Inherited {
                part,
                relation,
                name,
            };
            let in_the_way = part.beside(wanted.clone());
            let in_the_way = world.relation_names().others(&in_the_way, own);
            let goes = |other: &Owner<'a>| other.lets_go(&wanted, world, nodes);
            let gone: Option<Vec<_>> = in_the_way.map(goes).collect();
            if let Some(gone) = gone
                && meantime != wanted
            {
                let to = Cow::Owned(wanted);
                let draft = index::renamed(node.object, &part.schema, &meantime, to);
                renamed.push((node.object, draft.contract(), gone));
            }
        }
    }
    for (object, draft, gone) in renamed {
        let last = nodes.0.entry((object, Part::Last));
        let last = last.or_insert_with(|| {
            let none = Node::recipe(object, Vec::new());
            none.part(Part::Last).at(Stage::Drop)
        });
        last.outlives.extend(gone);
        if let Work::Recipe(drafts) = &mut last.work {
            drafts.push(draft);
        }
    }
}

/// What each name of a relation is the name of, before and afterwards: tables, views, sequences, indexes, and the indexes
/// of partitions as the server would call them.
#[derive(Debug, Default)]
pub(super) struct RelationNames<'a>(BTreeMap<QualifiedName, BTreeSet<Owner<'a>>>);

/// What has a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Owner<'a> {
    /// An index that a partition has from that one of a table above it.
    Inherited {
        part: &'a QualifiedName,
        relation: &'a QualifiedName,
        name: &'a Ident,
    },
    /// Anything else.
    Other,
}

impl<'a> RelationNames<'a> {
    pub fn new(world: &World<'a>) -> Self {
        let mut names = Self::default();
        for catalog in [world.from, world.to] {
            let relations = catalog.tables.keys().chain(catalog.views.keys());
            for name in relations.chain(catalog.sequences.keys()) {
                names.add(name.clone(), Owner::Other);
            }
            for (part, table) in &catalog.tables {
                names.add_indexes(part, table);
                for (relation, table) in upwards(part, catalog).skip(1) {
                    let now = self::names(part, table, &|column| column);
                    // One that goes is not renamed with what it is of.
                    let former = |column: &'a Ident| world.former_names(relation, column).1;
                    let before = self::names(world.former_name(part), table, &former);
                    for ((name, now), (_, before)) in now.zip(before) {
                        let owner = Owner::Inherited {
                            part,
                            relation,
                            name,
                        };
                        let stays = has_index(world.to, relation, name);
                        names.add(part.beside(if stays { now } else { before }), owner);
                    }
                }
            }
        }
        names
    }

    fn add(&mut self, name: QualifiedName, owner: Owner<'a>) {
        self.0.entry(name).or_default().insert(owner);
    }

    /// A table's own indexes, those behind its keys too.
    fn add_indexes(&mut self, relation: &QualifiedName, table: &Table) {
        let keys = table.constraints.iter();
        let keys = keys.filter(|(_, key)| key.kind.has_index());
        for name in keys.map(|(name, _)| name).chain(table.indexes.keys()) {
            self.add(relation.beside(name.clone()), Owner::Other);
        }
    }

    /// What else has a name than that one.
    fn others(&self, name: &QualifiedName, own: Owner<'_>) -> impl Iterator<Item = &Owner<'a>> {
        let owners = self.0.get(name).into_iter().flatten();
        owners.filter(move |other| **other != own)
    }
}

impl<'a> Owner<'a> {
    /// What has it go, where a node does that: it is gone afterwards, or it is another one, with another name.
    fn lets_go(&self, wanted: &Ident, world: &World<'a>, nodes: &Nodes<'a>) -> Option<Object<'a>> {
        let Self::Inherited {
            part,
            relation,
            name,
        } = *self
        else {
            return None;
        };
        let of_it = [
            Object::Index(relation, name),
            Object::Constraint(relation, name),
        ];
        let is_done = |object: &Object<'a>| nodes.of_object(*object).next().is_some();
        let goes = of_it.into_iter().find(is_done);
        let next = world.to.tables.get(relation);
        let mut next = next
            .into_iter()
            .flat_map(|next| names(part, next, &|column| column));
        goes.filter(|_| !next.any(|(of, own)| of == name && own == *wanted))
    }
}

/// Whether a table has an index of a name, or a key.
pub(super) fn has_index(catalog: &Catalog, relation: &QualifiedName, name: &Ident) -> bool {
    catalog.tables.get(relation).is_some_and(|table| {
        table.indexes.contains_key(name) || table.constraints.contains_key(name)
    })
}

/// The indexes that a partition has from a table, those behind keys first, with the names that the server gives them where
/// there is no other of that name.
pub(super) fn names<'c>(
    part: &QualifiedName,
    table: &'c Table,
    column: &dyn Fn(&'c Ident) -> &'c Ident,
) -> impl Iterator<Item = (&'c Ident, Ident)> {
    let keys = table.constraints.iter().filter_map(|(name, key)| {
        let own = constraint::inherited_index_name(part, key, column)?;
        Some((name, own))
    });
    let indexes = table.indexes.iter();
    keys.chain(indexes.map(|(name, index)| (name, index::inherited_name(part, index, column))))
}

/// The same names, those that are there already with a number, as the server gives them to all that come together: each index is made
/// on one partition after the other. Names that are cut are soon those of several; other partitions are looked at only where one is, since
/// a table may have thousands.
pub(super) fn numbered<'p, 'c>(
    part: &'p QualifiedName,
    parts: impl FnOnce() -> Vec<&'p QualifiedName>,
    names: impl Fn(&QualifiedName) -> Vec<(&'c Ident, Ident)>,
) -> Vec<(&'c Ident, Ident)> {
    let own = names(part);
    let is_whole = |(_, name): &(&Ident, Ident)| name.as_str().starts_with(part.name.as_str());
    let count = own.len();
    let all: Vec<_> = if own.iter().all(is_whole) {
        vec![(part, own)]
    } else {
        let parts = parts().into_iter();
        parts.map(|part| (part, names(part))).collect()
    };
    let mut taken = BTreeSet::new();
    let mut next = BTreeMap::<Ident, u32>::new();
    let mut found = Vec::new();
    for at in 0..count {
        for (table, names) in &all {
            let Some((index, wanted)) = names.get(at) else {
                continue;
            };
            let number = next.entry(wanted.clone()).or_default();
            let mut name = match *number {
                0 => wanted.clone(),
                number => with_number(table, wanted, number),
            };
            while taken.contains(&name) {
                *number += 1;
                name = with_number(table, wanted, *number);
            }
            taken.insert(name.clone());
            if *table == part {
                found.push((*index, name));
            }
        }
    }
    found
}

/// A name with a number, for which that of the partition, at its beginning, loses a byte or two where it is too long.
fn with_number(part: &QualifiedName, wanted: &Ident, number: u32) -> Ident {
    let number = number.to_string();
    let wanted = wanted.as_str();
    let shared = wanted
        .char_indices()
        .zip(part.name.as_str().chars())
        .find(|((_, one), other)| one != other);
    let shared = shared.map_or(wanted.len(), |((at, _), _)| at);
    let (of_part, rest) = wanted.split_at(shared.min(part.name.as_str().len()));
    let room = Ident::MAX_BYTES.saturating_sub(rest.len() + number.len());
    let kept = of_part.floor_char_boundary(room);
    let kept = of_part.get(..kept).unwrap_or_default();
    Ident::new(format!("{kept}{rest}{number}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_takes_its_room_from_the_partition() {
        let part = QualifiedName::new("s", "a".repeat(63));
        let long = format!("{}_level_idx", "a".repeat(53));
        let name = Ident::new("i");
        let names = vec![(&name, Ident::new(long.clone())), (&name, Ident::new(long))];
        let found = numbered(&part, || vec![&part], |_| names.clone());
        let found: Vec<&str> = found.iter().map(|(_, own)| own.as_str()).collect();
        let numbered = format!("{}_level_idx1", "a".repeat(52));
        assert_eq!(found, [format!("{}_level_idx", "a".repeat(53)), numbered]);
    }
}
