//! A table becomes partitioned, or is no longer, or is partitioned by something else.

use std::borrow::Cow;

use super::column::not_null_name;
use super::draft::Draft;
use super::node::{Node, Nodes, Part, Stage, Work, Zone};
use super::partition::MeantimeCheck;
use super::world::World;
use super::{Action, Duration, IndexWay, Statement, TableAction};
use crate::catalog::{
    Bound, Constraint, ConstraintKind, Index, Partition, PartitionStrategy, RangeValue, Table,
};
use crate::diff::{Change, Object, compare_bounds};
use crate::pg::Version;
use crate::resolve::joined;
use crate::sql::{Expr, Ident, QualifiedName};

/// The new form of a table takes the place of the old one. By range, all rows so far stay where they are: the old table
/// becomes the partition of all that came before the first period that is yet to come. Otherwise rows are copied.
pub(super) fn node<'a>(
    name: &'a QualifiedName,
    previous: &'a Table,
    next: &'a Table,
    world: &World<'a>,
) -> Node<'a> {
    let change = Repartition {
        name,
        previous,
        next,
        world,
    };
    let drafts = match boundary(name, previous, next, world) {
        Some(boundary) => change.in_place(boundary),
        None => change.copied(),
    };
    let object = Object::Table(name);
    let functions = next.triggers.values().map(|trigger| &trigger.function);
    let mut node = Node::recipe(object, drafts)
        .after([object])
        .after(functions.map(Object::Function));
    if node.rewrites() {
        node.zone = Zone::Rewrite(name);
    }
    node
}

/// What takes time and stops nobody is done before: that the rows so far lie where they should, and the indexes that the
/// old table is to have.
pub(super) fn prepare<'a>(changes: &[Change<'a>], world: &World<'a>, nodes: &mut Nodes<'a>) {
    for change in changes {
        let Change::Repartition {
            name,
            previous,
            next,
        } = *change
        else {
            continue;
        };
        let Some(boundary) = boundary(name, previous, next, world) else {
            // The rows are copied into partitions that are there by then.
            for (part, ..) in parts_of(name, world) {
                nodes.0.shift_remove(&(Object::Table(part), Part::Main));
            }
            without_dropped_columns(name, previous, nodes);
            continue;
        };
        let change = Repartition {
            name,
            previous,
            next,
            world,
        };
        let columns = next.columns.iter();
        let columns = columns.map(|column| Object::Column(name, &column.name));
        let prepared = change.prepared(boundary);
        let prepared = Node::recipe(Object::Table(name), prepared).after(columns);
        nodes.insert(prepared.part(Part::First));
        let covered: Vec<&QualifiedName> = world
            .to
            .tables
            .iter()
            .filter(|(_, table)| is_covered(table, name, boundary))
            .map(|(name, _)| name)
            .collect();
        nodes.0.retain(|(object, _), _| match object {
            Object::Table(of)
            | Object::Column(of, _)
            | Object::Constraint(of, _)
            | Object::Index(of, _)
            | Object::Trigger(of, _)
            | Object::Policy(of, _) => !covered.contains(of),
            _ => true,
        });
    }
}

/// Columns that go are not copied: nothing more is done to them, at the same price.
fn without_dropped_columns<'a>(
    name: &'a QualifiedName,
    previous: &'a Table,
    nodes: &mut Nodes<'a>,
) {
    let mut hazards = Vec::new();
    for column in &previous.columns {
        let object = Object::Column(name, &column.name);
        if nodes
            .get(object)
            .is_some_and(|node| node.stage == Stage::Drop)
            && let Some(node) = nodes.0.shift_remove(&(object, Part::Main))
            && let Work::Recipe(drafts) = node.work
        {
            hazards.extend(drafts.into_iter().flat_map(|draft| draft.hazards));
        }
    }
    if let Some(node) = nodes.get_mut(Object::Table(name))
        && let Work::Recipe(drafts) = &mut node.work
        && let Some(first) = drafts.first_mut()
    {
        first.hazards.extend(hazards);
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

/// Where the rows so far end: at the first of the periods that are kept ready ahead.
fn boundary<'a>(
    name: &QualifiedName,
    previous: &Table,
    next: &Table,
    world: &World<'a>,
) -> Option<&'a str> {
    let key = next.partition_key.as_ref()?;
    let single = key.strategy == PartitionStrategy::Range && key.columns.len() == 1;
    if previous.partition_key.is_some() || !single {
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

struct Repartition<'w, 'a> {
    name: &'a QualifiedName,
    previous: &'a Table,
    next: &'a Table,
    world: &'w World<'a>,
}

impl<'a> Repartition<'_, 'a> {
    fn object(&self) -> Object<'a> {
        Object::Table(self.name)
    }

    fn draft(&self, statement: Statement<'a>) -> Draft<'a> {
        Draft::new(Action::Alter, self.object(), statement)
    }

    fn alter(&self, action: TableAction<'a>) -> Draft<'a> {
        self.draft(Statement::alter(self.name, action))
    }

    /// The old table, once it is put aside.
    fn aside(&self, suffix: &str) -> QualifiedName {
        QualifiedName {
            schema: self.name.schema.clone(),
            name: joined(&[self.name.name.as_str(), suffix]),
        }
    }

    fn prepared(&self, boundary: &'a str) -> Vec<Draft<'a>> {
        let legacy = self.aside("legacy");
        let check = self.check(boundary);
        let proven = check
            .iter()
            .flat_map(|check| check.proven(self.object(), self.name, self.world));
        proven.chain(self.indexes_built(&legacy)).collect()
    }

    fn in_place(&self, boundary: &'a str) -> Vec<Draft<'a>> {
        let legacy = self.aside("legacy");
        let check = self.check(boundary);
        let mut drafts = vec![super::privileges::noted(self.object(), self.name)];
        drafts.extend(self.triggers_dropped());
        drafts.extend(self.keys_of(&legacy));
        drafts.extend(self.indexes_renamed(&legacy));
        drafts.extend(self.not_null_renamed(&legacy));
        drafts.extend(self.identities().map(|column| {
            // A partition has none of its own.
            self.alter(TableAction::DropIdentity(column))
        }));
        drafts.push(self.alter(TableAction::RenameTo(Cow::Owned(legacy.name.clone()))));
        drafts.extend(self.made());
        drafts.push(self.alter(TableAction::Attach {
            partition: Cow::Owned(legacy.clone()),
            bound: Cow::Owned(Bound::RangeOf {
                from: vec![RangeValue::Minimum],
                to: vec![RangeValue::Value(boundary.to_owned())],
            }),
        }));
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
        drafts.push(super::privileges::given(self.object(), self.name));
        drafts.extend(self.comments());
        drafts
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

    /// What the new form has and the old table has not, built while others write: what is attached later is not built
    /// under its lock.
    fn indexes_built(&self, legacy: &QualifiedName) -> Vec<Draft<'a>> {
        let outside = |draft: Draft<'a>| draft.outside(Duration::Build);
        let keys = self.new_keys().into_iter().map(|(name, constraint)| {
            let statement = Statement::CreateKeyIndex {
                table: Cow::Borrowed(self.name),
                name: Cow::Owned(key_name(legacy, constraint)),
                constraint,
                way: IndexWay::Concurrently,
            };
            outside(Draft::new(
                Action::Create,
                Object::Constraint(self.name, name),
                statement,
            ))
        });
        let missing = self.next.indexes.iter().filter(|(_, index)| {
            let mut before = self.previous.indexes.values();
            !before.any(|other| same_index(other, index))
        });
        let indexes = missing.map(|(name, index)| {
            let statement = Statement::CreateIndex {
                relation: Cow::Borrowed(self.name),
                name: Cow::Owned(index_name(legacy, index)),
                index,
                way: IndexWay::Concurrently,
            };
            outside(Draft::new(
                Action::Create,
                Object::Index(self.name, name),
                statement,
            ))
        });
        keys.chain(indexes).collect()
    }

    /// Keys of the new form that the old table has under no name.
    fn new_keys(&self) -> Vec<(&'a Ident, &'a Constraint)> {
        let keys = self.next.constraints.iter().filter(|(_, c)| is_key(c));
        keys.filter(|(_, key)| {
            let mut before = self.previous.constraints.values();
            !before.any(|other| other.kind == key.kind)
        })
        .collect()
    }

    /// The old table's keys get the names of a partition's; those that the new form has not are dropped, for a partition
    /// cannot keep a primary key of its own, and an index name cannot be taken twice.
    fn keys_of(&self, legacy: &QualifiedName) -> Vec<Draft<'a>> {
        let mut drafts = Vec::new();
        for (name, constraint) in &self.previous.constraints {
            if !is_key(constraint) {
                continue;
            }
            let stays = self
                .next
                .constraints
                .values()
                .any(|c| c.kind == constraint.kind);
            drafts.push(self.alter(if stays {
                TableAction::RenameConstraint {
                    from: Cow::Borrowed(name),
                    to: Cow::Owned(key_name(legacy, constraint)),
                }
            } else {
                TableAction::DropConstraint(Cow::Borrowed(name))
            }));
        }
        for constraint in self.new_keys() {
            drafts.push(self.alter(TableAction::UseIndex {
                constraint,
                index: Cow::Owned(key_name(legacy, constraint.1)),
                renamed: false,
            }));
        }
        drafts
    }

    fn indexes_renamed(&self, legacy: &QualifiedName) -> Vec<Draft<'a>> {
        let indexes = self.previous.indexes.iter();
        indexes
            .map(|(name, index)| {
                let to = index_name(legacy, index);
                self.draft(Statement::RenameIndex {
                    if_exists: false,
                    from: QualifiedName {
                        schema: self.name.schema.clone(),
                        name: name.clone(),
                    },
                    to: Cow::Owned(to),
                })
            })
            .collect()
    }

    /// The name of a NOT NULL, which has one from 18 on, is taken by no other table of the schema.
    fn not_null_renamed(&self, aside: &QualifiedName) -> Vec<Draft<'a>> {
        if self.world.version() < Version::V18 {
            return Vec::new();
        }
        let columns = self.next.columns.iter().filter(|column| column.not_null);
        columns
            .map(|column| {
                self.alter(TableAction::RenameConstraint {
                    from: Cow::Owned(not_null_name(self.name, &column.name)),
                    to: Cow::Owned(not_null_name(aside, &column.name)),
                })
            })
            .collect()
    }

    fn triggers_dropped(&self) -> Vec<Draft<'a>> {
        let triggers = self.previous.triggers.keys();
        triggers
            .map(|trigger| {
                self.draft(Statement::Drop {
                    object: Object::Trigger(self.name, trigger),
                    concurrently: false,
                })
            })
            .collect()
    }

    fn triggers_made(&self) -> Vec<Draft<'a>> {
        let triggers = self.next.triggers.iter();
        triggers
            .map(|(name, trigger)| {
                self.draft(Statement::CreateTrigger {
                    table: self.name,
                    name,
                    trigger,
                })
            })
            .collect()
    }

    /// The new form, with its constraints and indexes, and without a row.
    fn made(&self) -> Vec<Draft<'a>> {
        let mut constraints = Vec::new();
        for named in &self.next.constraints {
            super::constraint::insert(&mut constraints, named);
        }
        let create = Statement::CreateTable {
            name: self.name,
            table: self.next,
            constraints,
        };
        let indexes = self.next.indexes.iter();
        std::iter::once(create)
            .chain(indexes.map(|(name, index)| super::index::plain(self.name, name, index)))
            .map(|statement| self.draft(statement))
            .collect()
    }

    /// Columns that number the rows.
    fn identities(&self) -> impl Iterator<Item = &'a Ident> + use<'a> {
        let columns = self.next.columns.iter();
        columns
            .filter(|column| column.identity.is_some())
            .map(|column| &column.name)
    }

    /// The new form counts from 1 by itself.
    fn identities_continued(&self) -> impl Iterator<Item = Draft<'a>> {
        let table = self.name;
        self.identities()
            .map(move |column| self.draft(Statement::ContinueIdentity { table, column }))
    }

    /// Those of the new form: it is another table to the server.
    fn comments(&self) -> Vec<Draft<'a>> {
        let (name, table) = (self.name, self.next);
        let columns = table.columns.iter();
        let columns = columns.map(|c| (Object::Column(name, &c.name), &c.comment));
        let constraints = table.constraints.iter();
        let constraints = constraints.map(|(n, c)| (Object::Constraint(name, n), &c.comment));
        let indexes = table.indexes.iter();
        let indexes = indexes.map(|(n, i)| (Object::Index(name, n), &i.comment));
        let triggers = table.triggers.iter();
        let triggers = triggers.map(|(n, t)| (Object::Trigger(name, n), &t.comment));
        std::iter::once((self.object(), &table.comment))
            .chain(columns)
            .chain(constraints)
            .chain(indexes)
            .chain(triggers)
            .filter_map(|(on, comment)| {
                let text = Some(comment.as_deref()?);
                Some(Draft::new(
                    Action::Comment,
                    on,
                    Statement::Comment { on, text },
                ))
            })
            .collect()
    }

    /// All rows go into the new form, in one transaction during which nobody else reads or writes.
    fn copied(&self) -> Vec<Draft<'a>> {
        let aside = self.aside("specql_old");
        let mut drafts = vec![super::privileges::noted(self.object(), self.name)];
        for (name, constraint) in &self.previous.constraints {
            if is_key(constraint) {
                drafts.push(self.alter(TableAction::RenameConstraint {
                    from: Cow::Borrowed(name),
                    to: Cow::Owned(joined(&[name.as_str(), "specql_old"])),
                }));
            }
        }
        for name in self.previous.indexes.keys() {
            drafts.push(self.draft(Statement::RenameIndex {
                if_exists: false,
                from: QualifiedName {
                    schema: self.name.schema.clone(),
                    name: name.clone(),
                },
                to: Cow::Owned(joined(&[name.as_str(), "specql_old"])),
            }));
        }
        drafts.extend(self.not_null_renamed(&aside));
        drafts.push(self.alter(TableAction::RenameTo(Cow::Owned(aside.name.clone()))));
        drafts.extend(self.made());
        drafts.extend(
            parts_of(self.name, self.world).map(|(name, partition, table)| {
                self.draft(Statement::CreatePartition {
                    name,
                    partition,
                    table,
                    constraints: table.constraints.iter().collect(),
                })
            }),
        );
        let stored = |column: &&crate::catalog::Column| column.generated.is_none();
        let copy = Statement::CopyRows {
            from: aside.clone(),
            to: self.name,
            columns: self
                .next
                .columns
                .iter()
                .filter(stored)
                .map(|column| &column.name)
                .collect(),
        };
        let reason = "all rows are copied into the table's new form";
        let safer = "partition by range: the rows so far stay where they are";
        drafts.push(Draft {
            duration: Duration::Rewrite,
            ..self
                .draft(copy)
                .with(self.world.rewrite(self.name, reason, safer))
        });
        drafts.extend(self.identities_continued());
        drafts.push(self.draft(Statement::DropTable { name: aside }));
        drafts.extend(self.triggers_made());
        drafts.push(super::privileges::given(self.object(), self.name));
        drafts.extend(self.comments());
        drafts
    }
}

/// The partitions that a table is to have, from the top down.
fn parts_of<'a>(
    name: &'a QualifiedName,
    world: &World<'a>,
) -> impl Iterator<Item = (&'a QualifiedName, &'a Partition, &'a Table)> + use<'a> {
    let mut found: Vec<(&'a QualifiedName, &'a Partition, &'a Table)> = Vec::new();
    let mut parent = Some(name);
    let mut next = 0;
    while let Some(of) = parent {
        let below = world.to.tables.iter().filter_map(|(name, table)| {
            let partition = table.partition.as_ref()?;
            (partition.of == *of).then_some((name, partition, table))
        });
        found.extend(below);
        parent = found.get(next).map(|(name, ..)| *name);
        next += 1;
    }
    found.into_iter()
}

fn is_key(constraint: &Constraint) -> bool {
    match constraint.kind {
        ConstraintKind::PrimaryKey { .. } | ConstraintKind::Unique { .. } => true,
        ConstraintKind::Check { .. }
        | ConstraintKind::ForeignKey(_)
        | ConstraintKind::Exclude { .. } => false,
    }
}

fn same_index(one: &Index, other: &Index) -> bool {
    let bare = |index: &Index| Index {
        comment: None,
        ..index.clone()
    };
    bare(one) == bare(other)
}

/// The name that the server gives to a partition's key.
fn key_name(partition: &QualifiedName, constraint: &Constraint) -> Ident {
    let name = super::constraint::inherited_index_name(partition, constraint, &|column| column);
    name.unwrap_or_else(|| partition.name.clone())
}

fn index_name(partition: &QualifiedName, index: &Index) -> Ident {
    super::index::inherited_name(partition, index, &|column| column)
}
