//! Which locks a statement takes on relations that were there before it.
//!
//! Weaker locks than ROW SHARE are left out: they stop nobody but those who change the relation itself. So are locks on
//! indexes and sequences, which are used with their tables. What is said here is what `tests/recipes.rs` measures.
//! <https://www.postgresql.org/docs/current/explicit-locking.html>

use serde::{Serialize, Serializer};

use super::constraint::refers_to;
use super::world::World;
use super::{IndexWay, SCHEMA, Statement, TableAction, partition, repartition, trigger, view};
use crate::catalog::{Constraint, ConstraintKind, Routine, Trigger};
use crate::diff::Object;
use crate::pg::Version;
use crate::sql::{Ident, QualifiedName};

/// A lock on a relation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lock {
    /// The relation, under its name before the statement.
    pub relation: QualifiedName,
    /// How strong.
    pub mode: LockMode,
}

/// The modes, from weak to strong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LockMode {
    /// ROW SHARE.
    RowShare,
    /// ROW EXCLUSIVE: that of a writer.
    RowExclusive,
    /// SHARE UPDATE EXCLUSIVE: readers and writers go on.
    ShareUpdateExclusive,
    /// SHARE: writers wait.
    Share,
    /// SHARE ROW EXCLUSIVE: writers wait.
    ShareRowExclusive,
    /// EXCLUSIVE: writers wait.
    Exclusive,
    /// ACCESS EXCLUSIVE: all wait.
    AccessExclusive,
}

impl LockMode {
    /// That of REFRESH MATERIALIZED VIEW.
    fn of_refresh(concurrently: bool) -> Self {
        if concurrently {
            Self::Exclusive
        } else {
            Self::AccessExclusive
        }
    }

    /// As `LOCK TABLE` writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::RowShare => "ROW SHARE",
            Self::RowExclusive => "ROW EXCLUSIVE",
            Self::ShareUpdateExclusive => "SHARE UPDATE EXCLUSIVE",
            Self::Share => "SHARE",
            Self::ShareRowExclusive => "SHARE ROW EXCLUSIVE",
            Self::Exclusive => "EXCLUSIVE",
            Self::AccessExclusive => "ACCESS EXCLUSIVE",
        }
    }
}

impl Serialize for LockMode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// The locks of a statement, the strongest of each relation, in the order of their names.
pub(super) fn of(statement: &Statement<'_>, world: &World<'_>) -> Vec<Lock> {
    if world.was_empty() {
        return Vec::new();
    }
    let mut locks = Locks {
        world,
        found: Vec::new(),
    };
    locks.statement(statement);
    let mut found = locks.found;
    found.sort_unstable_by(|a, b| (&a.relation, b.mode).cmp(&(&b.relation, a.mode)));
    found.dedup_by(|a, b| a.relation == b.relation);
    found
}

struct Locks<'w, 'a> {
    world: &'w World<'a>,
    found: Vec<Lock>,
}

impl Locks<'_, '_> {
    fn add(&mut self, relation: &QualifiedName, mode: LockMode) {
        if self.world.exists(relation) {
            self.on(relation, mode);
        }
    }

    fn on(&mut self, relation: &QualifiedName, mode: LockMode) {
        let relation = relation.clone();
        self.found.push(Lock { relation, mode });
    }

    /// On a table and all its partitions.
    fn with_parts(&mut self, table: &QualifiedName, mode: LockMode) {
        self.add(table, mode);
        for part in self.world.below(table) {
            self.add(part, mode);
        }
    }

    fn default_partition(&mut self, parent: &QualifiedName) {
        if let Some(part) = self.world.parts.default_of(parent) {
            self.add(part, LockMode::AccessExclusive);
        }
    }

    fn references<'c>(
        &mut self,
        constraints: impl IntoIterator<Item = &'c Constraint>,
        mode: LockMode,
    ) {
        for constraint in constraints {
            if let Some(key) = constraint.foreign_key() {
                self.with_parts(&key.references, mode);
            }
        }
    }

    #[allow(clippy::too_many_lines, reason = "one arm for each statement")]
    fn statement(&mut self, statement: &Statement<'_>) {
        use LockMode::{
            AccessExclusive, RowExclusive, Share, ShareRowExclusive, ShareUpdateExclusive,
        };
        match statement {
            Statement::CreateSchema { .. }
            | Statement::CreateSchemaAside { .. }
            | Statement::DropSchemaAside { .. }
            | Statement::CreateExtension { .. }
            | Statement::CreateEnumType { .. }
            | Statement::CreateCompositeType { .. }
            | Statement::CreateDomain { .. }
            | Statement::CreateSequence { .. }
            | Statement::CreateOverload { .. }
            | Statement::CreateView { .. }
            | Statement::CreateMaterializedView { .. }
            | Statement::CreateLike { .. }
            | Statement::ContinueIdentity { .. }
            | Statement::NotePrivileges { .. }
            | Statement::NoteQuery { .. }
            // What has taken the other's place is nobody else's yet.
            | Statement::GivePrivileges { .. }
            | Statement::RenameIndex { .. }
            | Statement::RenameSequence { .. }
            | Statement::AttachIndex { .. }
            | Statement::RenameType { .. }
            | Statement::DropType { .. }
            | Statement::AddEnumLabel { .. } => {}
            Statement::CreateFunction { routine, .. }
            | Statement::ReplaceFunction { routine, .. } => {
                // That one runs at once.
                if let Routine::RebuildStored(rebuild) = routine {
                    self.filled(&rebuild.stored.table);
                }
            }
            Statement::Fill { name: _, table } => self.filled(table),
            Statement::SetSequenceOwner { name: _, owner } => {
                self.add(&owner.table, ShareRowExclusive);
            }
            Statement::CreateTable { constraints, .. } => {
                self.references(constraints.iter().map(|(_, c)| *c), ShareRowExclusive);
            }
            Statement::CreatePartition {
                partition,
                constraints,
                ..
            } => self.create_partition(&partition.of, constraints.iter().map(|(_, c)| *c)),
            Statement::AddConstraint {
                table,
                constraint: (_, constraint),
            } => self.add_constraint(table, constraint),
            Statement::CreateIndex { relation, way, .. } => match way {
                IndexWay::Plain => self.with_parts(relation, Share),
                IndexWay::Concurrently => self.add(relation, ShareUpdateExclusive),
                IndexWay::ParentOnly => self.add(relation, Share),
            },
            Statement::CreateMeantimeIndex { table, .. } => self.add(table, ShareUpdateExclusive),
            Statement::CreateKeyIndex { table, way, .. } => match way {
                IndexWay::Plain => self.with_parts(table, Share),
                IndexWay::Concurrently => self.add(table, ShareUpdateExclusive),
                IndexWay::ParentOnly => self.add(table, Share),
            },
            Statement::CreateTrigger { table, trigger, .. } => {
                let Trigger { for_each_row, .. } = trigger;
                if *for_each_row {
                    self.with_parts(table, ShareRowExclusive);
                } else {
                    self.add(table, ShareRowExclusive);
                }
                if let Some(referenced) = &trigger.referenced {
                    self.add(referenced, ShareRowExclusive);
                }
            }
            Statement::CreatePolicy { table, .. } | Statement::Empty { table } => {
                self.add(table, AccessExclusive);
            }
            Statement::SetPartitionPolicy { .. }
            | Statement::RenamePartitionPolicy { .. }
            | Statement::RemovePartitionPolicy { .. } => {
                let policies = QualifiedName::new(SCHEMA, "partition_policy");
                self.add(&policies, RowExclusive);
            }
            Statement::Comment { on, text: _ } => {
                if let Some(relation) = commented(*on) {
                    self.add(relation, ShareUpdateExclusive);
                }
            }
            Statement::AlterTable {
                table,
                only,
                action,
            } => self.alter_table(table, *only, action),
            Statement::RenameMaterializedView { from, .. } => self.add(from, AccessExclusive),
            Statement::Refresh { name, concurrently } => {
                self.add(name, LockMode::of_refresh(*concurrently));
            }
            Statement::ReplaceView { name, .. } => self.add(name, AccessExclusive),
            Statement::Drop {
                object,
                concurrently,
            } => self.drop(*object, *concurrently),
            Statement::DropTable { name: _, keys } => {
                // It is nobody else's by then, but what it refers to is.
                self.references(keys.iter().map(|(_, key)| *key), AccessExclusive);
            }
            Statement::MoveAside { table, .. } => self.with_parts(table, AccessExclusive),
            Statement::Backfill { table, .. } => {
                self.with_parts(table, RowExclusive);
                self.written_by_triggers(table);
            }
            Statement::ValidateWhereItHolds { table, .. } => {
                self.with_parts(table, ShareUpdateExclusive);
            }
            Statement::KeepOut { default, .. } => self.with_parts(default, AccessExclusive),
            Statement::MoveWaiting { default, of, .. } => {
                self.add(of, ShareRowExclusive);
                self.with_parts(default, AccessExclusive);
            }
            Statement::CopyRows { from, to, .. } => {
                self.add(from, AccessExclusive);
                self.add(to, RowExclusive);
            }
        }
    }

    /// An incremental projection is computed anew.
    fn filled(&mut self, table: &QualifiedName) {
        self.add(table, LockMode::RowExclusive);
        for table in [
            "projection_refresh",
            "projection_version",
            "refresh_request",
        ] {
            self.add(&QualifiedName::new(SCHEMA, table), LockMode::RowExclusive);
        }
    }

    /// What the triggers of this program write into, and refresh at once, when rows of a table get other values.
    fn written_by_triggers(&mut self, table: &QualifiedName) {
        let world = self.world;
        for object in trigger::written_on_update(table, world.from) {
            match object {
                Object::Table(name) if name.schema.as_str() == SCHEMA => {
                    self.add(name, LockMode::RowExclusive);
                }
                Object::MaterializedView(name) => {
                    let view = world.from.views.get(name);
                    let concurrently = view.is_some_and(view::can_be_compared);
                    self.add(name, LockMode::of_refresh(concurrently));
                }
                _ => {}
            }
        }
    }

    fn create_partition<'c>(
        &mut self,
        parent: &QualifiedName,
        constraints: impl IntoIterator<Item = &'c Constraint>,
    ) {
        self.add(parent, LockMode::AccessExclusive);
        self.default_partition(parent);
        self.references(constraints, LockMode::ShareRowExclusive);
        // It gets the foreign keys of its parent.
        self.references_of_parent(parent, LockMode::ShareRowExclusive);
        // Nothing refers to a new form before it has its rows.
        if !self.world.is_partitioned_anew(parent) {
            self.referring(parent, LockMode::ShareRowExclusive);
        }
    }

    /// On what refers to a partitioned table: each of its partitions is held for itself.
    fn referring(&mut self, parent: &QualifiedName, mode: LockMode) {
        let world = self.world;
        if world.is_partitioned(parent) {
            for table in world.referring(parent) {
                self.with_parts(table, mode);
            }
        } else if let Some((parent, next)) = world.to.tables.get_key_value(parent)
            && refers_to(next, parent)
            && let Some(relation) = repartition::legacy(parent, world)
        {
            // It refers to itself, and its old form is one of its partitions by now.
            self.found.push(Lock { relation, mode });
        }
    }

    /// On what a partitioned table refers to: as it was, or as it comes.
    fn references_of_parent(&mut self, parent: &QualifiedName, mode: LockMode) {
        let world = self.world;
        let catalog = if world.is_partitioned(parent) && !world.is_partitioned_anew(parent) {
            world.from
        } else {
            world.to
        };
        if let Some(parent) = catalog.tables.get(parent) {
            self.references(parent.constraints.values(), mode);
        }
    }

    fn add_constraint(&mut self, table: &QualifiedName, constraint: &Constraint) {
        if constraint.foreign_key().is_some() {
            self.with_parts(table, LockMode::ShareRowExclusive);
            // Those of partitions lose the triggers of their own on the other table, where that of the whole takes them in.
            let takes_in = !constraint.not_valid && self.world.is_partitioned(table);
            let mode = if takes_in {
                LockMode::AccessExclusive
            } else {
                LockMode::ShareRowExclusive
            };
            self.references([constraint], mode);
        } else if matches!(constraint.kind, ConstraintKind::Unique { .. })
            && self.world.version() < Version::V18
        {
            // Partitions are looked at as for an index; from 18 on they are locked as the table.
            self.with_parts(table, LockMode::Share);
            self.add(table, LockMode::AccessExclusive);
        } else {
            self.with_parts(table, LockMode::AccessExclusive);
        }
    }

    fn alter_table(&mut self, table: &QualifiedName, only: bool, action: &TableAction<'_>) {
        use LockMode::{AccessExclusive, RowShare, ShareUpdateExclusive};
        match action {
            TableAction::RenameTo(_) | TableAction::SetSchema(_) => {
                // It has its former name until then; from then on that may be another's.
                if self.world.exists(table) || self.world.was(table) {
                    self.on(table, AccessExclusive);
                }
            }
            TableAction::AddConstraint(_, constraint) if !only => {
                self.add_constraint(table, constraint);
            }
            TableAction::Validate {
                name: _,
                references,
            } => {
                self.with_parts(table, ShareUpdateExclusive);
                if let Some(references) = references {
                    self.with_parts(references, RowShare);
                }
            }
            TableAction::DropConstraint(name) => {
                self.with_parts(table, AccessExclusive);
                let before = self.world.table(table);
                let key = before.and_then(|table| table.constraints.get(name.as_ref()));
                self.references(key, AccessExclusive);
            }
            TableAction::DropCheckIfExists(_) => self.with_parts(table, AccessExclusive),
            TableAction::SetType { column, .. } => {
                self.with_parts(table, AccessExclusive);
                for key in self.world.carried(table, &column.name) {
                    self.with_parts(key.other, AccessExclusive);
                }
            }
            TableAction::Attach { partition, .. } => {
                self.add(table, ShareUpdateExclusive);
                self.with_parts(partition, AccessExclusive);
                self.default_partition(table);
                // It gets the foreign keys of its parent; where it has them, they lose triggers of their own.
                let has_them = self.world.exists(partition) || !self.world.is_partitioned(table);
                let mode = if has_them {
                    AccessExclusive
                } else {
                    LockMode::ShareRowExclusive
                };
                self.references_of_parent(table, mode);
                self.referring(table, LockMode::ShareRowExclusive);
            }
            TableAction::Detach {
                partition,
                concurrently,
            } => {
                let mode = if *concurrently {
                    ShareUpdateExclusive
                } else {
                    AccessExclusive
                };
                self.add(table, mode);
                self.add(partition, AccessExclusive);
                self.default_partition(table);
                self.referring(table, AccessExclusive);
                // It gets triggers of its own for the foreign keys of its parent.
                self.references_of_parent(table, LockMode::ShareRowExclusive);
            }
            // Partitions have checks, and NOT NULL, of the same name.
            TableAction::RenameConstraint { to, .. } if self.is_of_table_alone(table, to) => {
                self.add(table, AccessExclusive);
            }
            TableAction::UseIndex { .. }
            | TableAction::AddConstraint(..)
            | TableAction::AddNotNull(..)
            | TableAction::RenameColumn { .. }
            | TableAction::RenameConstraint { .. }
            | TableAction::AddColumn(_)
            | TableAction::DropColumn(_)
            | TableAction::SetDefault(..)
            | TableAction::DropDefault(_)
            | TableAction::SetNotNull(_)
            | TableAction::DropNotNull(_)
            | TableAction::AddIdentity(_)
            | TableAction::SetIdentity(..)
            | TableAction::DropIdentity(_)
            | TableAction::SetExpression(..)
            | TableAction::DropExpression(_)
            | TableAction::SetLogged(_) => {
                if only {
                    self.add(table, AccessExclusive);
                } else {
                    self.with_parts(table, AccessExclusive);
                }
            }
        }
    }

    /// Whether a constraint, by the name that it is to have, is one of which partitions have their own, under names of their own.
    fn is_of_table_alone(&self, table: &QualifiedName, name: &Ident) -> bool {
        let constraints = self.world.table(table).map(|table| &table.constraints);
        let constraint = constraints.and_then(|constraints| constraints.get(name));
        constraint
            .is_some_and(|constraint| !matches!(constraint.kind, ConstraintKind::Check { .. }))
    }

    fn drop(&mut self, object: Object<'_>, concurrently: bool) {
        use LockMode::{AccessExclusive, ShareUpdateExclusive};
        match object {
            Object::Table(name) => {
                self.with_parts(name, AccessExclusive);
                if let Some(table) = self.world.table(name) {
                    self.references(table.constraints.values(), AccessExclusive);
                    if let Some(partition) = &table.partition {
                        self.add(&partition.of, AccessExclusive);
                        self.default_partition(&partition.of);
                        // It was taken off before, and has foreign keys of its own since then.
                        if partition::is_let_go(partition, self.world) {
                            self.references_of_parent(&partition.of, AccessExclusive);
                        }
                    }
                }
            }
            Object::View(name) | Object::MaterializedView(name) => self.add(name, AccessExclusive),
            Object::Index(relation, _) if concurrently => self.add(relation, ShareUpdateExclusive),
            Object::Index(relation, _) => self.with_parts(relation, AccessExclusive),
            Object::Trigger(table, name) => {
                let trigger = self.world.from.trigger(table, name);
                // One for each row is one of each partition, too.
                if trigger.is_some_and(|trigger| !trigger.for_each_row) {
                    self.add(table, AccessExclusive);
                } else {
                    self.with_parts(table, AccessExclusive);
                }
            }
            Object::Policy(table, _) => self.add(table, AccessExclusive),
            Object::Schema(_)
            | Object::Extension(_)
            | Object::EnumType(_)
            | Object::CompositeType(_)
            | Object::Domain(_)
            | Object::DomainCheck(..)
            | Object::Sequence(_)
            | Object::SequenceOwner(_)
            | Object::Function(_)
            | Object::Overload(..)
            | Object::Column(..)
            | Object::Constraint(..)
            | Object::PartitionPolicy(_) => {}
        }
    }
}

/// The relation that a comment locks. That of an index is its own, which nobody else needs; for what belongs to a table the table
/// is only opened, as to read it.
fn commented(on: Object<'_>) -> Option<&QualifiedName> {
    match on {
        Object::Table(name)
        | Object::Column(name, _)
        | Object::View(name)
        | Object::MaterializedView(name) => Some(name),
        Object::Schema(_)
        | Object::Extension(_)
        | Object::EnumType(_)
        | Object::CompositeType(_)
        | Object::Domain(_)
        | Object::DomainCheck(..)
        | Object::Sequence(_)
        | Object::SequenceOwner(_)
        | Object::Function(_)
        | Object::Overload(..)
        | Object::Index(..)
        | Object::Constraint(..)
        | Object::Trigger(..)
        | Object::Policy(..)
        | Object::PartitionPolicy(_) => None,
    }
}
