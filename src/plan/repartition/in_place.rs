//! A table becomes partitioned by range, and its rows stay where they are: it becomes the partition of all that came before
//! the first period that is yet to come.
//!
//! What takes time and stops nobody is done before: that the rows lie where they should, what else changes of the columns and
//! constraints, and the indexes that a partition is to have.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::{Repartition, taken_off};
use crate::catalog::{
    Bound, Column, Constraint, ConstraintKind, Index, IndexTarget, PartitionStrategy, RangeValue,
    Table,
};
use crate::diff::{Object, compare_bounds};
use crate::pg::Version;
use crate::plan::column::not_null_name;
use crate::plan::draft::Draft;
use crate::plan::hazard::HazardKind;
use crate::plan::index::server_name;
use crate::plan::node::{Node, Nodes, Part, Stage, Work};
use crate::plan::partition::{MeantimeCheck, OUTSIDE_OF_BOUND};
use crate::plan::world::World;
use crate::plan::{
    Action, Duration, IndexWay, Statement, TableAction, constraint, inherited, privileges, trigger,
};
use crate::sql::{Expr, Ident, QualifiedName, is_reread_alike};

/// Where the rows so far end: at the first of the periods that are kept ready ahead.
pub(super) fn boundary<'a>(
    name: &QualifiedName,
    previous: &Table,
    next: &Table,
    world: &World<'a>,
) -> Option<&'a str> {
    let key = next.partition_key.as_ref()?;
    let single = key.strategy == PartitionStrategy::Range && key.columns.len() == 1;
    if previous.partition_key.is_some() || !single || taken_off::has_any(previous, next, world) {
        return None;
    }
    let mut ranges: Vec<(&'a str, &'a str)> = world
        .to
        .tables
        .values()
        .filter_map(|table| table.partition.as_ref())
        .filter(|partition| partition.of == *name)
        .filter_map(|partition| match &partition.bound {
            Bound::Range { from, to } => Some((from.as_str(), to.as_str())),
            _ => None,
        })
        .collect();
    ranges.sort_by(|a, b| compare_bounds(a.0, b.0));
    let policy = world.to.partition_policies.get(name);
    let ahead = policy.and_then(|policy| policy.levels.first());
    let ahead = usize::try_from(ahead.map_or(0, |level| level.premake)).unwrap_or(0);
    let coming = ranges.len().checked_sub(ahead)?;
    let first_to_come = ranges.get(coming).map(|(from, _)| *from);
    first_to_come.or_else(|| ranges.last().map(|(_, to)| *to))
}

impl<'a> Repartition<'_, 'a> {
    /// Puts everything that can be done before into an order of its own.
    pub(super) fn prepare_in_place(&self, boundary: &'a str, nodes: &mut Nodes<'a>) {
        self.columns_dropped_before(nodes);
        self.may_be_null(nodes);
        let mut before: Vec<Object<'a>> = self.constraints_before(nodes);
        let column = |column: &'a Column| Object::Column(self.name, &column.name);
        // What takes time waits for nothing that goes, nor for columns that it does not read: views that are in the way of these
        // go in the transaction in which they come again.
        let prepared = Node::recipe(self.object(), self.prepared(boundary));
        let read = self
            .next
            .columns
            .iter()
            .filter(|column| self.is_read_before(&column.name));
        nodes.insert(prepared.after(read.map(column)).part(Part::Prepared));
        before.extend(self.next.columns.iter().map(column));
        before.extend(self.previous.columns.iter().map(column));
        if let Some(node) = nodes.get_mut(self.object()) {
            node.needs.extend(before);
        }
        let covered = self.covered(boundary);
        nodes.0.retain(|(object, _), _| match object {
            Object::Table(of)
            | Object::Column(of, _)
            | Object::Constraint(of, _)
            | Object::Index(of, _)
            | Object::Trigger(of, _)
            | Object::Policy(of, _) => !covered.contains(of),
            _ => true,
        });
        self.triggers_after(std::iter::empty(), nodes);
    }

    /// The partitions whose rows the old table keeps, with theirs.
    fn covered(&self, boundary: &str) -> Vec<&'a QualifiedName> {
        let tables = &self.world.to.tables;
        let own = tables
            .iter()
            .filter(|(_, table)| is_covered(table, self.name, boundary));
        let own = own.map(|(name, _)| name);
        self.world.wanted_parts.down_from(own, |_| true)
    }

    /// A partition has no column that its table has not. Triggers that go may know these: they go with the first.
    fn columns_dropped_before(&self, nodes: &mut Nodes<'a>) {
        let mut dropped = Vec::new();
        for column in &self.previous.columns {
            if let Some(node) = nodes.get_mut(Object::Column(self.name, &column.name))
                && node.stage == Stage::Drop
            {
                node.stage = Stage::Make;
                node.needs.extend(dropped.first());
                dropped.push(node.object);
            }
        }
        let Some(first) = dropped.first() else {
            return;
        };
        let goes = |draft: &Draft<'a>| {
            matches!(draft.statement, Statement::Drop { object: Object::Trigger(table, name), .. }
                if table == self.name && !self.next.triggers.contains_key(name))
        };
        let Some(Work::Recipe(drafts)) = nodes.get_mut(self.object()).map(|node| &mut node.work)
        else {
            return;
        };
        let triggers: Vec<_> = drafts.extract_if(.., |draft| goes(draft)).collect();
        if let Some(Work::Recipe(drafts)) = nodes.get_mut(*first).map(|node| &mut node.work) {
            drafts.splice(0..0, triggers);
        }
    }

    /// A column of the old primary key may be NULL when that is gone.
    fn may_be_null(&self, nodes: &mut Nodes<'a>) {
        let is_loosened = |draft: &Draft<'a>| {
            matches!(&draft.statement, Statement::AlterTable { action, .. }
                if matches!(action.as_ref(), TableAction::DropNotNull(_)))
        };
        let mut loosened = Vec::new();
        for name in self
            .previous
            .primary_key()
            .map_or(&[][..], |(_, columns)| columns)
        {
            if let Some(node) = nodes.get_mut(Object::Column(self.name, name))
                && let Work::Recipe(drafts) = &mut node.work
            {
                loosened.extend(drafts.extract_if(.., |draft| is_loosened(draft)));
            }
        }
        if let Some(node) = nodes.get_mut(self.object())
            && let Work::Recipe(drafts) = &mut node.work
        {
            // The keys have made way by the time that the table gets its other name.
            let renamed = drafts.iter().position(|draft| {
                matches!(&draft.statement, Statement::AlterTable { action, .. }
                    if matches!(action.as_ref(), TableAction::RenameTo(_)))
            });
            let at = renamed.unwrap_or(0);
            drafts.splice(at..at, loosened);
        }
    }

    /// A partition has all conditions of its table, under the same names: those that are new or other ones come to the old
    /// table as to any, and so do those that the server would read otherwise than it has printed them.
    fn constraints_before(&self, nodes: &mut Nodes<'a>) -> Vec<Object<'a>> {
        let mut found = Vec::new();
        for (name, next) in &self.next.constraints {
            let object = Object::Constraint(self.name, name);
            if constraint::comes_with_new_form(self.name, next) {
                continue;
            }
            found.push(object);
            if nodes.contains(&object) {
                continue;
            }
            let node = match self.previous.constraints.get(name) {
                None => constraint::add(self.name, name, next, self.world),
                Some(previous) if !previous.is_same(next) || self.is_read_otherwise(next) => {
                    constraint::replace(self.name, name, previous, next, self.world)
                }
                Some(_) => continue,
            };
            nodes.insert(node);
        }
        found
    }

    /// Whether the new form's condition, written as the server has printed that of the old table, would not be the same to it.
    fn is_read_otherwise(&self, constraint: &Constraint) -> bool {
        let expressions = constraint::expressions(constraint);
        self.world.situation.printed
            && expressions
                .into_iter()
                .any(|expression| !is_reread_alike(expression))
    }

    fn prepared(&self, boundary: &'a str) -> Vec<Draft<'a>> {
        let check = self.check(boundary);
        let proven = check.iter().flat_map(|check| {
            check.proven(self.object(), self.name, Some(OUTSIDE_OF_BOUND), self.world)
        });
        proven.chain(self.indexes_built()).collect()
    }

    pub(super) fn in_place(&self, boundary: &'a str) -> Vec<Draft<'a>> {
        let legacy = self.legacy();
        let check = self.check(boundary);
        let mut drafts = vec![privileges::noted(self.object(), self.name)];
        drafts.extend(self.triggers_dropped());
        drafts.extend(self.conditions_dropped());
        drafts.extend(self.keys_of_partition());
        drafts.extend(self.indexes_of_partition());
        drafts.extend(self.not_null_renamed(&legacy));
        drafts.extend(self.identities().filter_map(|column| {
            // A partition has none of its own.
            let before = self.world.column(self.name, column)?;
            before.identity?;
            Some(self.alter(TableAction::DropIdentity(column)))
        }));
        drafts.push(self.alter(TableAction::RenameTo(Cow::Owned(legacy.name.clone()))));
        drafts.extend(self.made());
        let attach = self.alter(TableAction::Attach {
            partition: Cow::Owned(legacy.clone()),
            bound: Cow::Owned(Bound::RangeOf {
                from: vec![RangeValue::Minimum],
                to: vec![RangeValue::Value(boundary.to_owned())],
            }),
            if_missing: false,
        });
        drafts.push(self.read_for_itself(attach));
        drafts.extend(self.identities_continued());
        drafts.extend(check.map(|check| {
            self.draft(Statement::AlterTable {
                table: Cow::Owned(legacy),
                only: false,
                action: Box::new(TableAction::DropConstraint(Cow::Owned(
                    check.name().clone(),
                ))),
            })
        }));
        drafts.extend(self.triggers_made());
        drafts.push(privileges::given(self.object(), self.name));
        drafts.extend(self.comments());
        drafts
    }

    /// A foreign key of the table to itself refers to another one now: the server looks whether each row has what it refers to.
    fn read_for_itself(&self, attach: Draft<'a>) -> Draft<'a> {
        if !constraint::refers_to(self.next, self.name) {
            return attach;
        }
        let reason = "it is held while each row's reference to the table itself is looked up";
        let kinds = [HazardKind::BlocksReads, HazardKind::BlocksWrites].into_iter();
        let hazards = kinds.filter_map(|kind| self.world.hazard(kind, self.name, reason));
        let held = Draft {
            duration: Duration::Scan,
            ..attach
        };
        held.with(hazards)
    }

    /// The old table, once it is a partition.
    pub(super) fn legacy(&self) -> QualifiedName {
        QualifiedName {
            schema: self.name.schema.clone(),
            name: crate::resolve::joined(&[self.name.name.as_str(), "legacy"]),
        }
    }

    /// That all rows so far lie before the boundary.
    fn check(&self, boundary: &str) -> Option<MeantimeCheck> {
        let [column] = self.next.partition_key.as_ref()?.columns.as_slice() else {
            return None;
        };
        let ty = &self.next.columns.iter().find(|c| c.name == *column)?.ty;
        let value = Expr::column(column);
        let limit = Expr::string(boundary).cast(ty);
        let condition =
            Expr::every(&[Expr::is_not_null(&value), Expr::binary(&value, "<", &limit)])?;
        Some(MeantimeCheck::new(self.name, condition))
    }

    /// What the indexes of a partition are called, by the names of its table's, as the server would call them.
    fn names(&self) -> BTreeMap<&'a Ident, Ident> {
        let legacy = self.legacy();
        let names =
            |part: &QualifiedName| inherited::names(part, self.next, &|column| column).collect();
        let names = inherited::numbered(&legacy, || vec![&legacy], names);
        names.into_iter().collect()
    }

    /// What the new form has and the old table has not, built while others write: what is attached later is not built
    /// under its lock.
    fn indexes_built(&self) -> Vec<Draft<'a>> {
        let names = self.names();
        let own = |name: &Ident| Cow::Owned(names.get(name).unwrap_or(name).clone());
        let keys = self.keys_built().map(|(name, constraint)| {
            let reason = format!("two rows with the same `{name}` stop it");
            let fails = self
                .world
                .hazard(HazardKind::MayFailOnData, self.name, reason)
                .filter(|_| !self.holds_by_key(constraint));
            let statement = Statement::CreateKeyIndex {
                table: Cow::Borrowed(self.name),
                name: own(name),
                constraint,
                way: IndexWay::Concurrently,
            };
            let object = Object::Constraint(self.name, name);
            Draft::new(Action::Create, object, statement)
                .outside(Duration::Build)
                .with(fails)
        });
        let indexes = self.plain_built().map(|(name, index)| {
            let statement = Statement::CreateIndex {
                relation: Cow::Borrowed(self.name),
                name: own(name),
                index,
                way: IndexWay::Concurrently,
            };
            let object = Object::Index(self.name, name);
            Draft::new(Action::Create, object, statement).outside(Duration::Build)
        });
        keys.chain(indexes).collect()
    }

    /// Whether a column is read before the new form comes: the table is partitioned by it, or it is in an index that is built.
    fn is_read_before(&self, column: &Ident) -> bool {
        let key = self.next.partition_key.as_ref();
        let mut keys = self
            .keys_built()
            .filter_map(|(_, key)| key.kind.key_columns());
        key.is_some_and(|key| key.columns.contains(column))
            || keys.any(|columns| columns.contains(column))
            || self
                .plain_built()
                .any(|(_, index)| index.names_column(column))
    }

    fn keys_built(&self) -> impl Iterator<Item = (&'a Ident, &'a Constraint)> {
        let keys = self.next.constraints.iter();
        keys.filter(|(_, key)| is_key(key) && self.key_before(key).is_none())
    }

    fn plain_built(&self) -> impl Iterator<Item = (&'a Ident, &'a Index)> {
        let indexes = self.next.indexes.iter();
        indexes.filter(|(_, index)| self.index_before(index).is_none())
    }

    /// The old table's key of the same columns.
    fn key_before(&self, key: &Constraint) -> Option<&'a Ident> {
        let mut before = self.previous.constraints.iter();
        before
            .find(|(_, other)| other.kind == key.kind && !self.goes_with_column(other))
            .map(|(name, _)| name)
    }

    /// The old table's index that is the same.
    fn index_before(&self, index: &Index) -> Option<&'a Ident> {
        let mut before = self.previous.indexes.iter();
        before
            .find(|(_, other)| other.is_same(index))
            .map(|(name, _)| name)
    }

    /// Conditions that the new form has not, and what cannot be taken over.
    fn conditions_dropped(&self) -> Vec<Draft<'a>> {
        let gone = self
            .previous
            .constraints
            .iter()
            .filter(|(name, constraint)| {
                let stays = match &constraint.kind {
                    ConstraintKind::Check { .. } => self.next.constraints.contains_key(name),
                    ConstraintKind::ForeignKey(key) => {
                        let other = self.world.from.tables.get(&key.references);
                        let after = self.world.to.tables.get(&key.references);
                        let anew = matches!((other, after), (Some(other), Some(after))
                        if other.partition_key != after.partition_key);
                        // It has gone before where another table has another form, too.
                        anew && key.references != *self.name
                            || self.next.constraints.contains_key(name)
                    }
                    // Its index has the name that the new form needs.
                    ConstraintKind::Exclude { .. } => false,
                    ConstraintKind::PrimaryKey { .. } | ConstraintKind::Unique { .. } => true,
                };
                !stays && !self.goes_with_column(constraint)
            });
        gone.map(|(name, _)| self.alter(TableAction::DropConstraint(Cow::Borrowed(name))))
            .collect()
    }

    /// The old table's keys get the names of a partition's; those that the new form has not are dropped, for a partition
    /// cannot keep a primary key of its own, and an index name cannot be taken twice.
    fn keys_of_partition(&self) -> Vec<Draft<'a>> {
        let names = self.names();
        let keys = self.next.constraints.iter().filter(|(_, c)| is_key(c));
        let kept: BTreeMap<&Ident, &Ident> = keys
            .clone()
            .filter_map(|(name, key)| Some((self.key_before(key)?, names.get(name)?)))
            .collect();
        let before = self.previous.constraints.iter();
        let before = before.filter(|(_, c)| is_key(c) && !self.goes_with_column(c));
        let mut drafts: Vec<Draft<'a>> = before
            .map(|(name, _)| {
                self.alter(match kept.get(name) {
                    Some(own) => TableAction::RenameConstraint {
                        from: Cow::Borrowed(name),
                        to: Cow::Owned((*own).clone()),
                    },
                    None => TableAction::DropConstraint(Cow::Borrowed(name)),
                })
            })
            .collect();
        for constraint in keys.filter(|(_, key)| self.key_before(key).is_none()) {
            let own = names.get(constraint.0).unwrap_or(constraint.0);
            drafts.push(self.alter(TableAction::UseIndex {
                constraint,
                index: Cow::Owned(own.clone()),
                renamed: false,
            }));
        }
        drafts
    }

    /// The same of its other indexes.
    fn indexes_of_partition(&self) -> Vec<Draft<'a>> {
        let names = self.names();
        let next = self.next.indexes.iter();
        let kept: BTreeMap<&Ident, &Ident> = next
            .filter_map(|(name, index)| Some((self.index_before(index)?, names.get(name)?)))
            .collect();
        let before = self.previous.indexes.iter();
        before
            .filter(|(_, index)| !self.index_goes_with_column(index))
            .map(|(name, _)| {
                if let Some(own) = kept.get(name) {
                    return self.draft(Statement::RenameIndex {
                        if_exists: false,
                        from: QualifiedName {
                            schema: self.name.schema.clone(),
                            name: name.clone(),
                        },
                        to: Cow::Owned((*own).clone()),
                    });
                }
                let reason = format!("queries that use `{name}` read more from then on");
                let drop = Statement::Drop {
                    object: Object::Index(self.name, name),
                    concurrently: false,
                };
                let kind = HazardKind::DropsIndex;
                self.draft(drop)
                    .with([self.world.always(kind, self.name, reason)])
            })
            .collect()
    }

    fn is_dropped(&self, column: &Ident) -> bool {
        !self.next.columns.iter().any(|other| other.name == *column)
    }

    /// Whether an expression names a column that goes, by which the server finds what goes with it.
    fn names_dropped(&self, expression: &Expr) -> bool {
        let columns = self.previous.columns.iter();
        let mut dropped = columns.filter(|column| self.is_dropped(&column.name));
        dropped.any(|column| expression.names_column(&column.name))
    }

    fn goes_with_column(&self, constraint: &Constraint) -> bool {
        match &constraint.kind {
            ConstraintKind::PrimaryKey { columns } | ConstraintKind::Unique { columns, .. } => {
                columns.iter().any(|column| self.is_dropped(column))
            }
            ConstraintKind::ForeignKey(key) => key.columns.iter().any(|c| self.is_dropped(c)),
            ConstraintKind::Check { condition } => self.names_dropped(condition),
            ConstraintKind::Exclude {
                elements,
                predicate,
                ..
            } => {
                elements.iter().any(|e| self.target_goes(&e.key.target))
                    || predicate.iter().any(|p| self.names_dropped(p))
            }
        }
    }

    fn index_goes_with_column(&self, index: &Index) -> bool {
        let mut columns = self.previous.columns.iter();
        columns.any(|column| self.is_dropped(&column.name) && index.names_column(&column.name))
    }

    fn target_goes(&self, target: &IndexTarget) -> bool {
        match target {
            IndexTarget::Column(column) => self.is_dropped(column),
            IndexTarget::Expression(expression) => self.names_dropped(expression),
        }
    }

    /// The name of a NOT NULL, which has one from 18 on, is taken by no other table of the schema.
    fn not_null_renamed(&self, aside: &QualifiedName) -> Vec<Draft<'a>> {
        if self.world.version() < Version::V18 {
            return Vec::new();
        }
        let columns = self.next.columns.iter().filter(|column| column.not_null);
        columns
            .map(|column| {
                let from = not_null_name(self.name, &column.name);
                let to = not_null_name(aside, &column.name);
                // Of two long names the same may be left: then the server numbers the second.
                let to = if to == from {
                    let column = std::iter::once(column.name.as_str());
                    server_name(aside, column, "not_null1")
                } else {
                    to
                };
                self.alter(TableAction::RenameConstraint {
                    from: Cow::Owned(from),
                    to: Cow::Owned(to),
                })
            })
            .collect()
    }

    fn triggers_dropped(&self) -> Vec<Draft<'a>> {
        let triggers = self.previous.triggers.iter();
        triggers
            .filter(|(_, trigger)| !trigger::goes_first(self.name, trigger, self.world))
            .map(|(trigger, _)| {
                self.draft(Statement::Drop {
                    object: Object::Trigger(self.name, trigger),
                    concurrently: false,
                })
            })
            .collect()
    }
}

/// Whether the old table keeps all rows that a partition would have.
fn is_covered(table: &Table, parent: &QualifiedName, boundary: &str) -> bool {
    match &table.partition {
        Some(partition) if partition.of == *parent => match &partition.bound {
            Bound::Range { to, .. } => compare_bounds(to, boundary).is_le(),
            _ => false,
        },
        _ => false,
    }
}

fn is_key(constraint: &Constraint) -> bool {
    match constraint.kind {
        ConstraintKind::PrimaryKey { .. } | ConstraintKind::Unique { .. } => true,
        ConstraintKind::Check { .. }
        | ConstraintKind::ForeignKey(_)
        | ConstraintKind::Exclude { .. } => false,
    }
}
