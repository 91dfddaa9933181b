//! A table is partitioned by something else, or no longer, so that its rows are copied.
//!
//! The old table steps aside into a schema that is there for as long as the transaction: with it go its partitions, and the
//! names of all indexes, constraints and sequences, which the new form takes as a fresh build would. What else is to change
//! of its columns is done by the copying: the old table is never altered.

use std::collections::BTreeSet;

use super::Repartition;
use crate::catalog::{Column, Partition, PartitionStrategy, Table};
use crate::diff::Object;
use crate::plan::draft::Draft;
use crate::plan::hazard::{Hazard, HazardKind};
use crate::plan::node::{Node, Nodes, Part, Work};
use crate::plan::world::World;
use crate::plan::{Duration, NamedConstraint, Phase, Statement, privileges};
use crate::sql::{Expr, Ident, QualifiedName};

/// Where the old table is meanwhile.
const ASIDE: &str = "specql_old";

impl<'a> Repartition<'_, 'a> {
    /// All rows go into the new form, in one transaction during which nobody else reads or writes.
    pub(super) fn copied(&self) -> Vec<Draft<'a>> {
        let schema = Ident::new(ASIDE);
        let aside = QualifiedName {
            schema: schema.clone(),
            name: self.name.name.clone(),
        };
        let mut drafts = vec![
            privileges::noted(self.object(), self.name),
            self.draft(Statement::CreateSchemaAside {
                name: schema.clone(),
            }),
        ];
        drafts.push(self.draft(Statement::MoveAside {
            table: self.name,
            schema: schema.clone(),
        }));
        drafts.extend(self.made());
        drafts.extend(
            parts_of(self.name, self.world).map(|(name, partition, table)| {
                self.draft(Statement::CreatePartition {
                    name,
                    partition,
                    table,
                    constraints: table.constraints.iter().collect(),
                    if_missing: false,
                })
            }),
        );
        drafts.push(self.rows_copied(aside.clone()));
        drafts.extend(self.identities_continued());
        drafts.push(self.draft(Statement::DropTable {
            name: aside,
            keys: self.keys_to_others().collect(),
        }));
        drafts.push(self.draft(Statement::DropSchemaAside { name: schema }));
        drafts.extend(self.triggers_made());
        // What looks at statements is not handed down to partitions, which may be written to by themselves.
        let parts = parts_of(self.name, self.world);
        drafts.extend(parts.flat_map(|(name, _, table)| self.triggers_of(name, table)));
        drafts.push(privileges::given(self.object(), self.name));
        drafts.extend(self.comments());
        drafts
    }

    fn keys_to_others(&self) -> impl Iterator<Item = NamedConstraint<'a>> {
        let constraints = self.previous.constraints.iter();
        constraints.filter(|(_, constraint)| {
            let key = constraint.foreign_key();
            key.is_some_and(|key| key.references != *self.name)
        })
    }

    fn rows_copied(&self, from: QualifiedName) -> Draft<'a> {
        let statement = Statement::CopyRows {
            from,
            to: self.name,
            values: self.values().collect(),
        };
        let reason = "all rows are copied into the table's new form";
        let safer = "partition by range: the rows so far stay where they are";
        let draft = Draft {
            duration: Duration::Rewrite,
            ..self.draft(statement)
        };
        draft
            .with(self.world.rewrite(self.name, reason, safer))
            .with(self.may_be_refused())
    }

    /// What is written into each column that has values of its own and had some before.
    fn values(&self) -> impl Iterator<Item = (&'a Ident, Expr)> {
        let columns = self.next.columns.iter();
        columns
            .filter(|column| column.generated.is_none())
            .filter_map(|column| {
                let before = self.before(&column.name)?;
                let value = crate::plan::type_change::value(before, column, self.world);
                Some((&column.name, value))
            })
    }

    fn before(&self, name: &Ident) -> Option<&'a Column> {
        self.previous.columns.iter().find(|c| c.name == *name)
    }

    /// That a row may not be one of the new form.
    fn may_be_refused(&self) -> Vec<Hazard> {
        let hazard = |reason: String| {
            self.world
                .hazard(HazardKind::MayFailOnData, self.name, reason)
        };
        let new = self.next.constraints.iter().filter(|(_, constraint)| {
            let mut before = self.previous.constraints.values();
            !before.any(|other| !other.not_valid && other.kind == constraint.kind)
                && !self.holds_by_key(constraint)
        });
        let broken =
            new.filter_map(|(name, _)| hazard(format!("a row that breaks `{name}` stops it")));
        let outside = (!takes_all(self.name, self.world)).then(|| {
            let reason = "a row that belongs to none of the partitions stops it".to_owned();
            hazard(reason)
        });
        broken.chain(outside.flatten()).collect()
    }

    /// What else was to be done to the table and its partitions is done by the copying, at the same price.
    pub(super) fn take_over(&self, nodes: &mut Nodes<'a>) {
        let mut gone: BTreeSet<&QualifiedName> = self.world.below(self.name).into_iter().collect();
        gone.extend(parts_of(self.name, self.world).map(|(name, ..)| name));
        let is_of_table = |object: &Object<'a>| match object {
            Object::Table(of) => gone.contains(of),
            Object::Column(of, _)
            | Object::Constraint(of, _)
            | Object::Index(of, _)
            | Object::Trigger(of, _) => *of == self.name || gone.contains(of),
            _ => false,
        };
        let mut taken = Vec::new();
        nodes.0.retain(|(object, part), node| {
            // A trigger or a foreign key is in the way of something else that goes before.
            let is_in_the_way = *part == Part::First
                && matches!(object, Object::Trigger(..) | Object::Constraint(..));
            let goes = *part != Part::Name && !is_in_the_way && is_of_table(object);
            if goes && matches!(object, Object::Column(of, _) if *of == self.name) {
                taken.push(std::mem::replace(node, Node::empty(*object)));
            }
            !goes
        });
        let parts = parts_of(self.name, self.world).map(|(name, ..)| name);
        self.triggers_after(parts, nodes);
        // The new form has the new names of its parts.
        let named = nodes.0.keys().filter(|(_, part)| *part == Part::Name);
        let named: Vec<_> = named
            .map(|(object, _)| *object)
            .filter(is_of_table)
            .collect();
        let Some(own) = nodes.get_mut(self.object()) else {
            return;
        };
        own.needs.extend(named);
        if let Work::Recipe(drafts) = &mut own.work {
            at_their_price(drafts, taken);
        }
    }
}

/// Adds the hazards of what is not done by itself, without those that copying has anyhow.
fn at_their_price<'a>(drafts: &mut [Draft<'a>], taken: Vec<Node<'a>>) {
    for node in taken {
        let Work::Recipe(others) = node.work else {
            continue;
        };
        for other in others {
            if other.phase == Phase::Contract {
                for draft in &mut *drafts {
                    draft.phase = Phase::Contract;
                }
            }
            let copying = |draft: &&mut Draft<'a>| draft.duration == Duration::Rewrite;
            if let Some(copying) = drafts.iter_mut().find(copying) {
                copying
                    .hazards
                    .extend(other.hazards.into_iter().filter(|hazard| {
                        !matches!(
                            hazard.kind,
                            HazardKind::RewritesTable
                                | HazardKind::BlocksReads
                                | HazardKind::BlocksWrites
                                | HazardKind::ScansTable
                        )
                    }));
            }
        }
    }
}

/// Whether there is a partition for every row.
fn takes_all<'a>(name: &'a QualifiedName, world: &World<'a>) -> bool {
    let parts = &world.wanted_parts;
    parts.down_from([name], |_| true).into_iter().all(|table| {
        let key = world.to.tables.get(table).map(|table| &table.partition_key);
        key.and_then(Option::as_ref).is_none_or(|key| {
            key.strategy == PartitionStrategy::Hash || parts.default_of(table).is_some()
        })
    })
}

/// The partitions that a table is to have, from the top down; not those that are tables by themselves before.
fn parts_of<'a>(
    name: &'a QualifiedName,
    world: &World<'a>,
) -> impl Iterator<Item = (&'a QualifiedName, &'a Partition, &'a Table)> + use<'a> {
    let parts = &world.wanted_parts;
    let was_no_table_by_itself = |part: &QualifiedName| {
        let before = world.table(part);
        before.is_none_or(|before| before.partition.is_some())
    };
    let found = parts.down_from(parts.of(name).iter().copied(), was_no_table_by_itself);
    let tables = &world.to.tables;
    found.into_iter().filter_map(|name| {
        let table = tables.get(name)?;
        Some((name, table.partition.as_ref()?, table))
    })
}
