//! What stands in the way of a column's other type.
//!
//! The server carries constraints and indexes over to the new type, as they are. One that means nothing for it, or that no
//! two types can be compared for, makes it refuse: so those that change or go anyhow go before, and so does a foreign key
//! of which both ends change. A column that is computed from another holds that one's type fast. With a column that
//! another takes the place of goes all that is on it: that goes before, and comes again after it.

mod columns;

use std::borrow::Cow;

use super::draft::Draft;
use super::node::{Node, Nodes, Part, Stage, Work};
use super::world::World;
use super::{
    Action, Statement, TableAction, carried, column, comment, computed, constraint, index,
    repartition,
};
use crate::catalog::{Constraint, ForeignKey, Index, Table};
use crate::diff::Object;
use crate::sql::{Expr, Ident, QualifiedName, TypeName};

pub(super) use columns::{Columns, Retyped};

/// Takes what stands in the way of a type away before it, and makes it again after it where it is to stay.
pub(super) fn make_way<'a>(world: &World<'a>, nodes: &mut Nodes<'a>) {
    let mut retyped = Retyped::of(nodes, world);
    if retyped.is_empty() {
        return;
    }
    retyped.with_computed(world);
    let made_anew = Retyped::only(&[&retyped.swapped, &retyped.computed]);
    let computed = Retyped::only(&[&retyped.computed]);
    for (table, previous) in &world.from.tables {
        if let Some((table, next)) = world.to.tables.get_key_value(table) {
            let of_table = nodes.get(Object::Table(table));
            let way = Way {
                table,
                previous,
                next,
                retyped: &retyped,
                made_anew: &made_anew,
                computed: &computed,
                has_new_form: of_table.is_some_and(makes_table),
                is_copied: of_table.is_some_and(repartition::is_copied),
                world,
            };
            way.computed_columns(nodes);
            way.constraints(nodes);
            way.indexes(nodes);
        }
    }
    let held = |key: &ForeignKey| {
        let changes = retyped.any(&key.references, key.referenced_columns.iter());
        changes.then(|| retyped.objects(&key.references).collect())
    };
    keys_of_dropped(held, world, nodes);
}

/// A table that goes is there until the end: its foreign keys are not, where they hold something that changes.
pub(super) fn keys_of_dropped<'a>(
    held: impl Fn(&ForeignKey) -> Option<Vec<Object<'a>>>,
    world: &World<'a>,
    nodes: &mut Nodes<'a>,
) {
    let tables = world.from.tables.iter();
    let dropped = tables.filter(|(table, _)| !world.to.tables.contains_key(*table));
    for (table, previous) in dropped {
        for (name, constraint) in &previous.constraints {
            if let Some(frees) = constraint.foreign_key().and_then(&held) {
                let object = Object::Constraint(table, name);
                let action = TableAction::DropConstraint(Cow::Borrowed(name));
                let drop = Draft::new(Action::Alter, object, Statement::alter(table, action));
                let keys = constraint::referenced_keys(constraint, world.from);
                taken(object, drop, keys.chain(frees), None, nodes);
            }
        }
    }
}

/// Which of the foreign keys that refer to something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    All,
    /// Those that go or become other ones, alone or with their table.
    Changing,
}

/// Foreign keys hold what they refer to fast: they go before that goes or changes, and come again after it where they stay.
pub(super) fn referring_keys<'a>(
    which: Which,
    refers: impl Fn(&ForeignKey) -> bool,
    frees: &[Object<'a>],
    world: &World<'a>,
    nodes: &mut Nodes<'a>,
) {
    for (table, previous) in &world.from.tables {
        if frees.contains(&Object::Table(table)) {
            continue;
        }
        let of_table = nodes.get(Object::Table(table));
        let goes = of_table.is_some_and(|node| node.stage == Stage::Drop);
        let is_copied = of_table.is_some_and(makes_table);
        let wanted = world.to.tables.get_key_value(table);
        let next = wanted.filter(|_| !goes && !is_copied);
        for (name, before) in &previous.constraints {
            let object = Object::Constraint(table, name);
            let there = before.foreign_key().is_some_and(&refers)
                && !nodes.0.contains_key(&(object, Part::First));
            let wanted = wanted.and_then(|(_, next)| next.constraints.get(name));
            let stays = match wanted {
                // The new form has it.
                Some(wanted) if is_copied => wanted.foreign_key().is_some_and(&refers),
                Some(_) => nodes.get(object).is_none_or(only_speaks),
                None => false,
            };
            let changes = goes || !stays;
            if !there || which == Which::Changing && !changes {
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
pub(super) fn makes_table(node: &Node<'_>) -> bool {
    let mut drafts = node.drafts().iter();
    drafts.any(|draft| matches!(draft.statement, Statement::CreateTable { .. }))
}

/// A table that is there before and after.
struct Way<'w, 'a> {
    table: &'a QualifiedName,
    previous: &'a Table,
    next: &'a Table,
    retyped: &'w Retyped<'a>,
    /// Of these, the ones that are other columns afterwards, and of those the ones that are gone for a while.
    made_anew: &'w Retyped<'a>,
    computed: &'w Retyped<'a>,
    /// Whether a new form of it comes, with its keys and indexes.
    has_new_form: bool,
    /// Whether its rows are copied into that.
    is_copied: bool,
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
            let next = next.filter(|(_, next)| !self.comes_with_new_form(next));
            let stays = nodes.get(object).is_none_or(only_speaks)
                && !self.made_anew.in_constraint(self.table, before)
                && !self.may_mean_another(constraint::expressions(before));
            let World { from, to, .. } = self.world;
            let is_carried = |key: &ForeignKey| {
                next.is_some()
                    && !(key.columns.iter()).any(|n| self.retyped.is_labelled(self.table, n))
                    && carried::is_comparable(self.table, key, from, to)
            };
            if stays && before.foreign_key().is_none_or(is_carried) {
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

    /// Whether a new form of the table has it. Where the rows so far become a partition of that, most are made of them first.
    fn comes_with_new_form(&self, constraint: &Constraint) -> bool {
        self.is_copied
            || self.has_new_form && constraint::comes_with_new_form(self.table, constraint)
    }

    /// Whether what the server has of an expression, which nobody has read, may be a cast to the type that goes: carried over to the
    /// type that comes, it would not be what was written (`n + 1` of a float is `n + 1::float8`, also when `n` is an integer again).
    /// Beside integers and texts there are no such casts.
    ///
    /// A label of a native enum that is made anew is, wherever it stands, one of the type that goes.
    fn may_mean_another<'e>(&self, expressions: impl IntoIterator<Item = &'e Expr>) -> bool {
        let printed = self.world.situation.printed;
        let expressions: Vec<_> = expressions.into_iter().collect();
        let mut columns = self.previous.columns.iter();
        columns.any(|before| {
            let mut next = self.next.columns.iter();
            let next = next.find(|next| next.name == before.name);
            let another = next.is_some_and(|next| !means_the_same(&before.ty, &next.ty));
            (another && !printed || self.retyped.is_labelled(self.table, &before.name))
                && expressions
                    .iter()
                    .any(|expression| expression.names_column(&before.name))
        })
    }

    /// What changes its type below a constraint.
    fn changes(&self, constraint: &Constraint) -> impl Iterator<Item = Object<'a>> + use<'a> {
        let other = constraint.foreign_key().map(|key| &key.references);
        let other = other.filter(|other| *other != self.table);
        let theirs = other.map(|other| self.retyped.objects(other));
        let mine = self.retyped.objects(self.table);
        mine.chain(theirs.into_iter().flatten())
    }

    fn indexes(&self, nodes: &mut Nodes<'a>) {
        for (name, before) in &self.previous.indexes {
            let object = Object::Index(self.table, name);
            if !self.retyped.in_index(self.table, before) {
                continue;
            }
            let next = self.next.indexes.get_key_value(name);
            let again = next.filter(|_| !self.has_new_form).map(|(name, next)| {
                let again = index::add(self.table, name, next, self.world);
                again.after(self.retyped.objects(self.table))
            });
            let other = self.may_mean_another(before.expressions());
            if !other && nodes.get(object).is_none_or(only_speaks) {
                let goes = self.computed.in_index(self.table, before)
                    || self.made_anew.in_index(self.table, before)
                        && !computed::carries(self.table, name, self.world);
                match again.filter(|_| goes) {
                    // It has gone with its column.
                    Some(again) => come_again(again, nodes),
                    None => self.commented_afterwards(name, before, nodes),
                }
                continue;
            }
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

    /// An index that the server builds anew for a type has its comment again; but so have those of partitions then, which had none.
    fn commented_afterwards(&self, name: &'a Ident, before: &Index, nodes: &mut Nodes<'a>) {
        let next = self.next.indexes.get(name);
        let (Some(next), false) = (next, self.world.below(self.table).is_empty()) else {
            return;
        };
        let object = Object::Index(self.table, name);
        if before.comment.is_some() {
            let statement = Statement::Comment {
                on: object,
                text: None,
            };
            let first = Draft::new(Action::Comment, object, statement);
            let first = Node::recipe(object, vec![first]).part(Part::First);
            nodes.insert(first.before(self.retyped.objects(self.table)));
        }
        if let Some(text) = next.comment.as_deref() {
            drop(comment::of_what_comes_again(object, nodes));
            let node = nodes.of(object);
            node.comments = vec![(object, Some(text))];
            node.needs.extend(self.retyped.objects(self.table));
        }
    }

    fn computed_columns(&self, nodes: &mut Nodes<'a>) {
        let computed = self.retyped.computed.get(self.table);
        for &name in computed.into_iter().flatten() {
            let object = Object::Column(self.table, name);
            let next = self.next.columns.iter().find(|c| c.name == *name);
            let action = match next {
                Some(_) => Action::Alter,
                None => Action::Drop,
            };
            let statement = Statement::alter(self.table, TableAction::DropColumn(name));
            let drop = Draft::new(action, object, statement);
            let others = || {
                let objects = self.retyped.objects(self.table);
                let computed = |other: &Object<'a>| {
                    matches!(other, Object::Column(_, name)
                        if computed.is_some_and(|computed| computed.contains(name)))
                };
                objects.filter(move |other| !computed(other))
            };
            let again = next.map(|next| {
                let again = column::add(self.table, next, self.world);
                again.after(others())
            });
            taken(object, drop, others(), again, nodes);
        }
    }
}

/// Whether expressions of one type mean the same of another as they are printed.
fn means_the_same(from: &TypeName, to: &TypeName) -> bool {
    from.has_same_base(to) || from.is_integer() || from.is_textual() && to.is_textual()
}

/// Puts an object's end before what it stands in the way of, and its coming again after it.
pub(super) fn taken<'a>(
    object: Object<'a>,
    gone: Draft<'a>,
    frees: impl Iterator<Item = Object<'a>>,
    mut again: Option<Node<'a>>,
    nodes: &mut Nodes<'a>,
) {
    let main = nodes
        .goes(object)
        .then(|| nodes.0.shift_remove(&(object, Part::Main)));
    let drafts = match main.flatten().map(|node| node.work) {
        Some(Work::Recipe(drafts)) => drafts,
        _ => vec![gone],
    };
    let mut first = Node::recipe(object, drafts).part(Part::First).before(frees);
    if let Some(earlier) = nodes.0.shift_remove(&(object, Part::First)) {
        // It stands in the way of something else, too, which it comes again after.
        first.frees.extend(earlier.frees);
        if let (Some(again), Some(main)) = (&mut again, nodes.get(object)) {
            again.needs.extend(&main.needs);
        }
    }
    nodes.insert(first);
    match again {
        Some(again) => come_again(again, nodes),
        None => drop(nodes.0.shift_remove(&(object, Part::Main))),
    }
}

/// Puts an object's coming again in the place of what was to be done to it, but for its comments.
fn come_again<'a>(mut again: Node<'a>, nodes: &mut Nodes<'a>) {
    if let Some(node) = nodes.0.shift_remove(&(again.object, Part::Main)) {
        again.comments.extend(node.comments);
    }
    let of_whole = comment::of_what_comes_again(again.object, nodes);
    again.comments.extend(of_whole);
    nodes.insert(again);
}

/// Whether nothing is done to an object but to its comment.
fn only_speaks(node: &Node<'_>) -> bool {
    matches!(node.work, Work::Nothing)
}
