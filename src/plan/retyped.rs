//! What stands in the way of a column's other type.
//!
//! The server carries constraints and indexes over to the new type, as they are. One that means nothing for it, or that no
//! two types can be compared for, makes it refuse: so those that change or go anyhow go before, and so does a foreign key
//! of which both ends change. A column that is computed from another holds that one's type fast.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::draft::Draft;
use super::node::{Node, Nodes, Part, Stage, Work};
use super::world::World;
use super::{Action, Statement, TableAction, column, constraint, index};
use crate::catalog::{
    Column, Constraint, ConstraintKind, ForeignKey, Index, IndexKey, IndexTarget, Table,
};
use crate::diff::Object;
use crate::sql::{Expr, Ident, QualifiedName};

/// Takes what stands in the way of a type away before it, and makes it again after it where it is to stay.
pub(super) fn make_way<'a>(world: &World<'a>, nodes: &mut Nodes<'a>) {
    let retyped = Retyped::of(nodes);
    if retyped.0.is_empty() && retyped.1.is_empty() {
        return;
    }
    for (table, previous) in &world.from.tables {
        if let Some((table, next)) = world.to.tables.get_key_value(table) {
            let way = Way {
                table,
                previous,
                next,
                retyped: &retyped,
                world,
            };
            way.computed_columns(nodes);
            way.constraints(nodes);
            way.indexes(nodes);
        }
    }
    let gone = nodes.0.keys().filter_map(|(object, part)| match object {
        Object::Constraint(table, name) if *part == Part::First => Some((*table, *name)),
        _ => None,
    });
    for (table, name) in gone.collect::<Vec<_>>() {
        let before = world.table(table);
        let before = before.and_then(|before| before.constraints.get(name));
        if let Some(
            ConstraintKind::PrimaryKey { columns } | ConstraintKind::Unique { columns, .. },
        ) = before.map(|before| &before.kind)
        {
            let refers = |key: &ForeignKey| {
                key.references == *table
                    && key.referenced_columns.iter().all(|c| columns.contains(c))
                    && key.referenced_columns.len() == columns.len()
            };
            referring_keys(refers, &[Object::Constraint(table, name)], world, nodes);
        }
    }
}

/// Foreign keys hold what they refer to fast: they go before that goes or changes, and come again after it where they stay.
pub(super) fn referring_keys<'a>(
    refers: impl Fn(&ForeignKey) -> bool,
    frees: &[Object<'a>],
    world: &World<'a>,
    nodes: &mut Nodes<'a>,
) {
    for (table, previous) in &world.from.tables {
        if frees.contains(&Object::Table(table)) {
            continue;
        }
        let with_their_table = nodes
            .get(Object::Table(table))
            .is_some_and(|node| node.stage == Stage::Drop || makes_table(node));
        let next = world.to.tables.get_key_value(table);
        let next = next.filter(|_| !with_their_table);
        for (name, before) in &previous.constraints {
            let object = Object::Constraint(table, name);
            let there = constraint::foreign_key(before).is_some_and(&refers)
                && !nodes.0.contains_key(&(object, Part::First));
            if !there {
                continue;
            }
            let again = next.and_then(|(table, next)| {
                let (name, constraint) = next.constraints.get_key_value(name)?;
                let again = constraint::add(table, name, constraint, world);
                Some(again.after(frees.iter().copied()))
            });
            let action = TableAction::DropConstraint(Cow::Borrowed(name));
            let drop = Draft::new(Action::Alter, object, Statement::alter(table, action));
            let keys = constraint::referenced_keys(before, world.from);
            taken(
                object,
                drop,
                keys.chain(frees.iter().copied()),
                again,
                nodes,
            );
        }
    }
}

/// Whether a table comes in the place of another.
fn makes_table(node: &Node<'_>) -> bool {
    let Work::Recipe(drafts) = &node.work else {
        return false;
    };
    drafts
        .iter()
        .any(|draft| matches!(draft.statement, Statement::CreateTable { .. }))
}

/// Columns that get another type, or may be NULL from now on, which those of a primary key may not.
struct Retyped<'a>(
    BTreeMap<&'a QualifiedName, BTreeSet<&'a Ident>>,
    BTreeMap<&'a QualifiedName, BTreeSet<&'a Ident>>,
);

impl<'a> Retyped<'a> {
    fn of(nodes: &Nodes<'a>) -> Self {
        let mut retyped = BTreeMap::<_, BTreeSet<_>>::new();
        let mut loosened = BTreeMap::<_, BTreeSet<_>>::new();
        for node in nodes.0.values() {
            let (Object::Column(table, name), Work::Recipe(drafts)) = (node.object, &node.work)
            else {
                continue;
            };
            for action in drafts.iter().filter_map(|draft| action(&draft.statement)) {
                match action {
                    TableAction::SetType { .. } => retyped.entry(table).or_default().insert(name),
                    TableAction::DropNotNull(_) => loosened.entry(table).or_default().insert(name),
                    _ => continue,
                };
            }
        }
        Self(retyped, loosened)
    }

    fn any<'n>(&self, table: &QualifiedName, mut columns: impl Iterator<Item = &'n Ident>) -> bool {
        let retyped = self.0.get(table);
        retyped.is_some_and(|retyped| columns.any(|name| retyped.contains(name)))
    }

    /// Whether an expression names one of a table's. To be wrong about it does no harm.
    fn in_expression(&self, table: &QualifiedName, expression: &Expr) -> bool {
        let retyped = self.0.get(table).into_iter().flatten();
        retyped
            .into_iter()
            .any(|name| expression.as_str().contains(name.as_str()))
    }

    fn in_key(&self, table: &QualifiedName, key: &IndexKey) -> bool {
        match &key.target {
            IndexTarget::Column(column) => self.any(table, std::iter::once(column)),
            IndexTarget::Expression(expression) => self.in_expression(table, expression),
        }
    }

    fn in_constraint(&self, table: &QualifiedName, constraint: &Constraint) -> bool {
        match &constraint.kind {
            ConstraintKind::PrimaryKey { columns } => {
                let loosened = self.1.get(table);
                self.any(table, columns.iter())
                    || loosened.is_some_and(|l| columns.iter().any(|name| l.contains(name)))
            }
            ConstraintKind::Unique { columns, .. } => self.any(table, columns.iter()),
            ConstraintKind::Check { condition } => self.in_expression(table, condition),
            ConstraintKind::ForeignKey(key) => {
                self.any(table, key.columns.iter())
                    || self.any(&key.references, key.referenced_columns.iter())
            }
            ConstraintKind::Exclude {
                elements,
                predicate,
                ..
            } => {
                elements.iter().any(|e| self.in_key(table, &e.key))
                    || predicate
                        .iter()
                        .any(|expression| self.in_expression(table, expression))
            }
        }
    }

    fn in_index(&self, table: &QualifiedName, index: &Index) -> bool {
        index.keys.iter().any(|key| self.in_key(table, key))
            || self.any(table, index.include.iter())
            || index
                .predicate
                .iter()
                .any(|expression| self.in_expression(table, expression))
    }

    fn objects(&self, table: &QualifiedName) -> impl Iterator<Item = Object<'a>> + use<'a> {
        let found = [&self.0, &self.1].map(|map| {
            let found = map.get_key_value(table);
            found.map(|(table, names)| (*table, names.clone()))
        });
        found
            .into_iter()
            .flatten()
            .flat_map(|(table, names)| names.into_iter().map(move |n| Object::Column(table, n)))
    }
}

fn action<'s, 'a>(statement: &'s Statement<'a>) -> Option<&'s TableAction<'a>> {
    match statement {
        Statement::AlterTable { action, .. } => Some(action.as_ref()),
        _ => None,
    }
}

/// A table that is there before and after.
struct Way<'w, 'a> {
    table: &'a QualifiedName,
    previous: &'a Table,
    next: &'a Table,
    retyped: &'w Retyped<'a>,
    world: &'w World<'a>,
}

impl<'a> Way<'_, 'a> {
    fn constraints(&self, nodes: &mut Nodes<'a>) {
        for (name, before) in &self.previous.constraints {
            if !self.retyped.in_constraint(self.table, before) {
                continue;
            }
            let object = Object::Constraint(self.table, name);
            let next = self.next.constraints.get_key_value(name);
            let stays = nodes.get(object).is_none_or(only_speaks);
            let stays = match before.kind {
                ConstraintKind::ForeignKey(_) => {
                    stays && next.is_some_and(|(_, next)| self.is_comparable(before, next))
                }
                _ => stays,
            };
            if stays {
                continue;
            }
            let action = TableAction::DropConstraint(Cow::Borrowed(name));
            let drop = Draft::new(Action::Alter, object, Statement::alter(self.table, action));
            let again = next.map(|(name, next)| {
                let again = constraint::add(self.table, name, next, self.world);
                again.after(self.changes(before))
            });
            let keys = constraint::referenced_keys(before, self.world.from);
            taken(object, drop, self.changes(before).chain(keys), again, nodes);
        }
    }

    /// What changes its type below a constraint.
    fn changes(&self, constraint: &Constraint) -> impl Iterator<Item = Object<'a>> + use<'a> {
        let other = constraint::foreign_key(constraint).map(|key| &key.references);
        let other = other.filter(|other| *other != self.table);
        let theirs = other.map(|other| self.retyped.objects(other));
        let mine = self.retyped.objects(self.table);
        mine.chain(theirs.into_iter().flatten())
    }

    fn indexes(&self, nodes: &mut Nodes<'a>) {
        for (name, before) in &self.previous.indexes {
            let object = Object::Index(self.table, name);
            if !self.retyped.in_index(self.table, before)
                || nodes.get(object).is_none_or(only_speaks)
            {
                continue;
            }
            let next = self.next.indexes.get_key_value(name);
            let again = next.map(|(name, next)| {
                let again = index::add(self.table, name, next, self.world);
                again.after(self.retyped.objects(self.table))
            });
            let drop = Draft::new(
                Action::Alter,
                object,
                Statement::Drop {
                    object,
                    concurrently: false,
                },
            );
            taken(object, drop, self.retyped.objects(self.table), again, nodes);
        }
    }

    fn computed_columns(&self, nodes: &mut Nodes<'a>) {
        for before in &self.previous.columns {
            let reads = before.generated.as_ref().is_some_and(|generated| {
                self.retyped
                    .in_expression(self.table, &generated.expression)
            });
            if !reads {
                continue;
            }
            let object = Object::Column(self.table, &before.name);
            let next = self.next.columns.iter().find(|c| c.name == before.name);
            let action = TableAction::DropColumn(&before.name);
            let drop = Draft::new(Action::Alter, object, Statement::alter(self.table, action));
            let others = || {
                let objects = self.retyped.objects(self.table);
                objects.filter(move |other| *other != object)
            };
            let again = next.map(|next| {
                let again = column::add(self.table, next, self.world);
                again.after(others())
            });
            taken(object, drop, others(), again, nodes);
            if let Some(next) = next {
                self.made_again(next, nodes);
            }
        }
    }

    /// The indexes and constraints that went with a column.
    fn made_again(&self, column: &'a Column, nodes: &mut Nodes<'a>) {
        let names = |key: &IndexKey| match &key.target {
            IndexTarget::Column(name) => *name == column.name,
            IndexTarget::Expression(expression) => {
                expression.as_str().contains(column.name.as_str())
            }
        };
        for (name, index) in &self.next.indexes {
            let concerned = index.keys.iter().any(names) || index.include.contains(&column.name);
            if concerned && self.previous.indexes.contains_key(name) {
                let again = index::add(self.table, name, index, self.world);
                nodes.insert(again.after([Object::Column(self.table, &column.name)]));
            }
        }
    }

    /// Whether a foreign key can be checked at any time while one end has its new type and the other its old one.
    fn is_comparable(&self, before: &Constraint, next: &Constraint) -> bool {
        let (Some(key), Some(_)) = (
            constraint::foreign_key(before),
            constraint::foreign_key(next),
        ) else {
            return false;
        };
        let class = |table: Option<&Table>, name: &Ident| {
            let column = table?.columns.iter().find(|c| c.name == *name)?;
            let plain = column.ty.schema.is_none() && !column.ty.array;
            Some(match column.ty.name.as_str() {
                "int2" | "int4" | "int8" if plain => "integer".to_owned(),
                "text" | "varchar" if plain => "text".to_owned(),
                _ => column.ty.to_string(),
            })
        };
        let other = |tables: &'a BTreeMap<QualifiedName, Table>| tables.get(&key.references);
        key.columns
            .iter()
            .zip(&key.referenced_columns)
            .all(|(mine, theirs)| {
                let now = class(Some(self.next), mine);
                now.is_some()
                    && now == class(Some(self.previous), mine)
                    && now == class(other(&self.world.from.tables), theirs)
                    && now == class(other(&self.world.to.tables), theirs)
            })
    }
}

/// Puts an object's end before what it stands in the way of, and its coming again after it.
pub(super) fn taken<'a>(
    object: Object<'a>,
    drop: Draft<'a>,
    frees: impl Iterator<Item = Object<'a>>,
    again: Option<Node<'a>>,
    nodes: &mut Nodes<'a>,
) {
    let main = nodes.0.shift_remove(&(object, Part::Main));
    let (main_drafts, mut comments) = match main {
        Some(Node {
            stage: Stage::Drop,
            work: Work::Recipe(drafts),
            ..
        }) => (Some(drafts), Vec::new()),
        Some(node) => (None, node.comments),
        None => (None, Vec::new()),
    };
    let drafts = main_drafts.unwrap_or_else(|| vec![drop]);
    let first = Node::recipe(object, drafts).part(Part::First);
    nodes.insert(first.before(frees));
    if let Some(mut again) = again {
        again.comments.append(&mut comments);
        nodes.insert(again);
    }
}

/// Whether nothing is done to an object but to its comment.
fn only_speaks(node: &Node<'_>) -> bool {
    matches!(node.work, Work::Nothing)
}
