//! Foreign keys hold the key that they refer to fast: where that is replaced, or goes since another makes the same columns
//! unique, they are taken off it.
//!
//! The server has a foreign key rely on the oldest index that fits, so that the other one cannot be made before that is gone. So
//! all of it is done in one transaction: the foreign key goes, the key goes, the other one is there, the foreign key comes again,
//! NOT VALID. No row can break it in between, and none is looked at under a lock: that is done after.

use std::borrow::Cow;

use super::draft::{Draft, Run};
use super::hazard::HazardKind;
use super::node::{Node, Nodes, Part, Stage, Work};
use super::world::World;
use super::{Action, Duration, Statement, TableAction, constraint, repartition, retyped};
use crate::catalog::{Constraint, ForeignKey, IndexKey};
use crate::diff::Object;
use crate::sql::{Ident, QualifiedName};

/// A foreign key that stays as it is.
type Referring<'a> = (&'a QualifiedName, &'a Ident, &'a Constraint);

/// Adds what takes them off.
pub(super) fn referring_keys<'a>(world: &World<'a>, nodes: &mut Nodes<'a>) {
    let keys: Vec<Object<'a>> = nodes
        .0
        .iter()
        .filter(|((_, part), node)| *part == Part::Main && gives_up(node.object, &node.work))
        .map(|((object, _), _)| *object)
        .collect();
    for key in keys {
        let referring: Vec<Referring<'a>> = referring(key, world)
            .into_iter()
            .filter(|(table, name, _)| {
                let own = nodes.get(Object::Constraint(table, name));
                own.is_none_or(|node| matches!(node.work, Work::Nothing))
            })
            .collect();
        for foreign_key in referring {
            let of_table = nodes.get(Object::Table(foreign_key.0));
            if of_table.is_some_and(repartition::is_copied) {
                with_new_form(key, foreign_key, nodes);
            } else {
                around(key, foreign_key, world, nodes);
            }
        }
        before_new_ones(key, world, nodes);
    }
}

/// A foreign key that comes with the plan is made when the key that goes is gone: otherwise it would rely on that.
fn before_new_ones<'a>(key: Object<'a>, world: &World<'a>, nodes: &mut Nodes<'a>) {
    if !nodes.goes(key) {
        return;
    }
    let Some(columns) = unique_columns(key, world) else {
        return;
    };
    let (Object::Constraint(of, _) | Object::Index(of, _)) = key else {
        return;
    };
    let mut coming = Vec::new();
    let mut others = Vec::new();
    for (table, definition) in &world.to.tables {
        for (name, constraint) in &definition.constraints {
            let relies = constraint.foreign_key().is_some_and(|own| {
                own.references == *of
                    && constraint::same_columns(columns.iter().copied(), &own.referenced_columns)
            });
            let object = Object::Constraint(table, name);
            let comes = nodes.get(object).is_some_and(adds_foreign_key) || !world.stays(table);
            if relies && comes {
                coming.push(object);
                coming.extend((!world.stays(table)).then_some(Object::Table(table)));
                others.extend(fitting(constraint, world));
            }
        }
    }
    if !coming.is_empty()
        && let Some(mut node) = nodes.0.shift_remove(&(key, Part::Main))
    {
        // It is still only in the way of what goes, not of what changes.
        node.frees.retain(|object| nodes.goes(*object));
        nodes.insert(node.at(Stage::Make).part(Part::First).after(others));
        for object in coming {
            if let Some(node) = nodes.get_mut(object) {
                node.needs.push(key);
            }
        }
    }
}

fn adds_foreign_key(node: &Node<'_>) -> bool {
    node.stage == Stage::Make && !matches!(node.work, Work::Nothing)
}

/// The keys and indexes that make unique from then on what a foreign key refers to.
fn fitting<'a>(constraint: &'a Constraint, world: &World<'a>) -> impl Iterator<Item = Object<'a>> {
    let keys = constraint::referenced_keys(constraint, world.to);
    keys.filter(|key| fits(*key, constraint, world))
        .chain(constraint::needs_index(constraint, world.to))
}

/// That of a table that is copied goes before the key, and the new form has another when that is gone.
fn with_new_form<'a>(key: Object<'a>, (table, name, _): Referring<'a>, nodes: &mut Nodes<'a>) {
    let object = Object::Constraint(table, name);
    let action = TableAction::DropConstraint(Cow::Borrowed(name));
    let drop = Draft::new(Action::Alter, object, Statement::alter(table, action));
    retyped::taken(object, drop, std::iter::once(key), None, nodes);
    nodes.of(Object::Table(table)).outlives.push(key);
}

/// Whether the object that was there is dropped.
pub(super) fn gives_up(object: Object<'_>, work: &Work<'_>) -> bool {
    match work {
        Work::Recipe(drafts) => drafts.iter().any(|draft| drops(draft, object)),
        Work::Nothing | Work::Create(_) => false,
    }
}

fn drops(draft: &Draft<'_>, object: Object<'_>) -> bool {
    match (&draft.statement, object) {
        (Statement::AlterTable { table, action, .. }, Object::Constraint(of, name)) => {
            **table == *of
                && matches!(&**action, TableAction::DropConstraint(gone) if **gone == *name)
        }
        (Statement::Drop { object: gone, .. }, Object::Index(..)) => *gone == object,
        _ => false,
    }
}

/// The foreign keys that may rely on a key, of tables that stay.
fn referring<'a>(key: Object<'a>, world: &World<'a>) -> Vec<Referring<'a>> {
    let (Object::Constraint(of, _) | Object::Index(of, _)) = key else {
        return Vec::new();
    };
    if !world.stays(of) {
        return Vec::new();
    }
    let Some(columns) = unique_columns(key, world) else {
        return Vec::new();
    };
    let relies = |key: &ForeignKey| {
        key.references == *of
            && constraint::same_columns(columns.iter().copied(), &key.referenced_columns)
    };
    let tables = world.from.tables.iter();
    tables
        .filter_map(|(table, before)| {
            let (table, next) = world.to.tables.get_key_value(table)?;
            Some((table, before, next))
        })
        .flat_map(|(table, before, next)| {
            let own = next.constraints.iter();
            own.filter(|(name, _)| before.constraints.contains_key(*name))
                .map(move |(name, constraint)| (table, name, constraint))
        })
        .filter(|(.., constraint)| constraint.foreign_key().is_some_and(relies))
        .collect()
}

/// The columns that a key or an index made unique before.
pub(super) fn unique_columns<'a>(key: Object<'a>, world: &World<'a>) -> Option<Vec<&'a Ident>> {
    match key {
        Object::Constraint(table, name) => {
            let constraint = world.table(table)?.constraints.get(name)?;
            Some(constraint.kind.key_columns()?.iter().collect())
        }
        Object::Index(table, name) => {
            let index = world.table(table)?.indexes.get(name)?;
            let columns = index.keys.iter().map(IndexKey::column);
            columns.collect::<Option<Vec<_>>>().filter(|_| index.unique)
        }
        _ => None,
    }
}

/// Puts one around what is done to the key.
fn around<'a>(
    key: Object<'a>,
    (table, name, constraint): Referring<'a>,
    world: &World<'a>,
    nodes: &mut Nodes<'a>,
) {
    let object = Object::Constraint(table, name);
    let Some(node) = nodes.get_mut(key) else {
        return;
    };
    let others = fitting(constraint, world);
    node.needs.extend(others.filter(|other| *other != key));
    let Work::Recipe(drafts) = &mut node.work else {
        return;
    };
    let Some(position) = drafts.iter().position(|draft| drops(draft, key)) else {
        return;
    };
    if let Some(draft) = drafts.get_mut(position) {
        together(draft);
    }
    let action = TableAction::DropConstraint(Cow::Borrowed(name));
    let drop = Draft::new(Action::Alter, object, Statement::alter(table, action));
    drafts.insert(position, drop);
    // Of several, all come again before the first is looked at.
    let end = drafts.iter().position(|draft| looks(draft, key));
    let end = end.unwrap_or(drafts.len());
    let (again, looked_at) = again(object, (table, name, constraint), world);
    drafts.splice(end..end, again);
    drafts.extend(looked_at);
}

/// Whether a key makes unique what a foreign key refers to.
fn fits(key: Object<'_>, referring: &Constraint, world: &World<'_>) -> bool {
    let (Object::Constraint(table, name), Some(referring)) = (key, referring.foreign_key()) else {
        return false;
    };
    let table = world.to.tables.get(table);
    let key = table.and_then(|table| table.constraints.get(name));
    let columns = key.and_then(|key| key.kind.key_columns());
    columns.is_some_and(|columns| {
        constraint::same_columns(columns.iter(), &referring.referenced_columns)
    })
}

/// CONCURRENTLY is in no transaction.
fn together(draft: &mut Draft<'_>) {
    if let Statement::Drop { concurrently, .. } = &mut draft.statement {
        *concurrently = false;
    }
    draft.run = Run::Together;
    draft.duration = Duration::CatalogChange;
}

/// Whether a step looks at the rows of a foreign key that has come again.
fn looks(draft: &Draft<'_>, key: Object<'_>) -> bool {
    draft.object != key && draft.run == Run::Alone
}

/// What makes it again, and what looks at it then; which cannot fail, since it has held all the time.
fn again<'a>(
    object: Object<'a>,
    (table, name, constraint): Referring<'a>,
    world: &World<'a>,
) -> (Vec<Draft<'a>>, Vec<Draft<'a>>) {
    let Work::Recipe(drafts) = constraint::add(table, name, constraint, world).work else {
        return (Vec::new(), Vec::new());
    };
    let drafts = drafts.into_iter().map(|mut draft| {
        draft.action = Action::Alter;
        draft.object = object;
        draft
            .hazards
            .retain(|hazard| hazard.kind != HazardKind::MayFailOnData);
        draft
    });
    let (mut again, looked_at): (Vec<_>, Vec<_>) =
        drafts.partition(|draft| match &draft.statement {
            Statement::AlterTable { action, .. } => match &**action {
                TableAction::AddConstraint(_, added) => {
                    added.not_valid || constraint.not_valid || constraint.not_enforced
                }
                _ => false,
            },
            _ => false,
        });
    if let Some(text) = &constraint.comment {
        let text = Some(text.as_str());
        let comment = Statement::Comment { on: object, text };
        again.push(Draft::new(Action::Comment, object, comment));
    }
    (again, looked_at)
}
