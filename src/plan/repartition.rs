//! A table becomes partitioned, or is no longer, or is partitioned by something else.

mod copied;
mod in_place;
mod taken_off;

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::constraint::is_taken_for;
use super::draft::Draft;
use super::node::{Node, Nodes, Part, Work, Zone};
use super::world::World;
use super::{Action, NamedConstraint, Statement, TableAction, retyped, table, trigger};
use crate::catalog::{Constraint, ConstraintKind, ForeignKey, Table};
use crate::diff::{Change, Object};
use crate::sql::{Ident, QualifiedName};

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
    let drafts = match in_place::boundary(name, previous, next, world) {
        Some(boundary) => change.in_place(boundary),
        None => change.copied(),
    };
    let object = Object::Table(name);
    let constraints: Vec<_> = next.constraints.iter().collect();
    let functions = next.triggers.values().map(|trigger| &trigger.function);
    let mut node = Node::recipe(object, drafts)
        .after([object])
        .after(table::needs(name, next, &constraints, world.to))
        .after(functions.map(Object::Function));
    if node.rewrites() {
        node.zone = Zone::Rewrite(name);
    }
    node
}

/// Whether a table is copied into another form: its columns come and go with that.
pub(super) fn is_copied(node: &Node<'_>) -> bool {
    let mut drafts = node.drafts().iter();
    drafts.any(|draft| matches!(draft.statement, Statement::CopyRows { .. }))
}

/// What the old form of a table is called as a partition of the new one, where it becomes that.
pub(super) fn legacy<'a>(name: &'a QualifiedName, world: &World<'a>) -> Option<QualifiedName> {
    let (previous, next) = (world.table(name)?, world.to.tables.get(name)?);
    in_place::boundary(name, previous, next, world)?;
    let change = Repartition {
        name,
        previous,
        next,
        world,
    };
    Some(change.legacy())
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
        let change = Repartition {
            name,
            previous,
            next,
            world,
        };
        // Those of the old table itself go with it.
        let refers = |key: &ForeignKey| key.references == *name;
        retyped::referring_keys(
            retyped::Which::All,
            refers,
            &[Object::Table(name)],
            world,
            nodes,
        );
        let Some(boundary) = in_place::boundary(name, previous, next, world) else {
            change.take_over(nodes);
            continue;
        };
        change.prepare_in_place(boundary, nodes);
    }
}

/// The old form of a table holds what it refers to until it goes, but not by a foreign key that has gone before.
pub(super) fn let_go(nodes: &mut Nodes<'_>) {
    let first = nodes.0.keys().filter(|(_, part)| *part == Part::First);
    let gone: BTreeSet<Object<'_>> = first.map(|(object, _)| *object).collect();
    for node in nodes.0.values_mut() {
        let (Object::Table(table), Work::Recipe(drafts)) = (node.object, &mut node.work) else {
            continue;
        };
        for draft in drafts {
            if let Statement::DropTable { keys, .. } = &mut draft.statement {
                keys.retain(|(name, _)| !gone.contains(&Object::Constraint(table, name)));
            }
        }
    }
}

/// What comes to an old table before its new form waits for the columns of that, not for the new form, which waits for it.
pub(super) fn come_to_old_table(nodes: &mut Nodes<'_>) {
    let prepared = nodes
        .0
        .values()
        .filter(|node| node.part == Part::Prepared && matches!(node.object, Object::Table(_)));
    let tables: Vec<_> = prepared.map(|node| node.object).collect();
    for table in tables {
        let before = nodes
            .get(table)
            .map_or_else(Vec::new, |node| node.needs.clone());
        let of_table = |object: &Object<'_>| matches!(*object, Object::Column(of, _) | Object::Constraint(of, _) if Object::Table(of) == table);
        let before = before.into_iter().filter(of_table);
        let is_column = |object: &Object<'_>| matches!(object, Object::Column(..));
        let (columns, constraints): (Vec<_>, Vec<_>) = before.partition(is_column);
        for constraint in constraints {
            if let Some(node) = nodes.get_mut(constraint) {
                node.needs.retain(|need| *need != table);
                node.needs.extend(&columns);
            }
        }
    }
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

    /// Whether a key holds more columns than one that is there.
    fn holds_by_key(&self, constraint: &Constraint) -> bool {
        let Some(columns) = constraint.kind.key_columns() else {
            return false;
        };
        self.previous.constraints.values().any(|before| {
            matches!(&before.kind, ConstraintKind::PrimaryKey { columns: key }
                if key.iter().all(|column| columns.contains(column)))
        })
    }

    fn triggers_made(&self) -> Vec<Draft<'a>> {
        self.triggers_of(self.name, self.next).collect()
    }

    fn triggers_of(
        &self,
        table: &'a QualifiedName,
        definition: &'a Table,
    ) -> impl Iterator<Item = Draft<'a>> {
        let triggers = definition.triggers.iter();
        let with_table =
            triggers.filter(|(_, new)| !trigger::comes_after_table(table, new, self.world));
        with_table.map(move |(name, trigger)| {
            self.draft(Statement::CreateTrigger {
                table,
                name,
                trigger,
                or_replace: false,
            })
        })
    }

    /// The other triggers of the table and of partitions that are made with it.
    fn triggers_after(
        &self,
        parts: impl Iterator<Item = &'a QualifiedName>,
        nodes: &mut Nodes<'a>,
    ) {
        for table in std::iter::once(self.name).chain(parts) {
            let definition = self.world.to.tables.get(table);
            for (name, new) in definition.iter().flat_map(|table| &table.triggers) {
                if trigger::comes_after_table(table, new, self.world)
                    && let Some(mut node) = trigger::again(table, name, self.world)
                {
                    let comment = new.comment.as_deref();
                    node.comments
                        .extend(comment.map(|text| (node.object, Some(text))));
                    node.needs.push(self.object());
                    nodes.insert(node);
                }
            }
        }
    }

    /// The new form, with its constraints and indexes, and without a row.
    fn made(&self) -> Vec<Draft<'a>> {
        let mut constraints: Vec<NamedConstraint<'a>> = Vec::new();
        let mut later = Vec::new();
        let mut all: Vec<NamedConstraint<'a>> = self.next.constraints.iter().collect();
        // The one that can be referred to is there first.
        all.sort_by_key(|(_, constraint)| constraint.deferrable);
        for named in all {
            let same = |(_, other): &NamedConstraint<'a>| is_taken_for(named.1, other);
            if constraints.iter().any(same) {
                later.push(named);
            } else {
                super::constraint::insert(&mut constraints, named);
            }
        }
        let later = later.into_iter().map(|(name, constraint)| {
            let action = TableAction::AddConstraint(Cow::Borrowed(name), Cow::Borrowed(constraint));
            Statement::alter(self.name, action)
        });
        let create = Statement::CreateTable {
            name: self.name,
            table: self.next,
            constraints,
        };
        let indexes = self.next.indexes.iter();
        std::iter::once(create)
            .chain(later)
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
        let triggers =
            triggers.filter(|(_, new)| !trigger::comes_after_table(name, new, self.world));
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
}
