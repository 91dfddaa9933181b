//! Keys that go or become other ones: what refers to them lets go first, and a table never has two primary keys.

use super::node::{Node, Nodes, Part, Stage, Work};
use super::world::World;
use super::{Statement, TableAction, retyped};
use crate::catalog::{Constraint, ConstraintKind, ForeignKey, Table};
use crate::diff::Object;
use crate::sql::{Ident, QualifiedName};

/// Makes way for keys.
pub(super) fn make_way<'a>(world: &World<'a>, nodes: &mut Nodes<'a>) {
    for (table, previous) in &world.from.tables {
        for (name, constraint) in &previous.constraints {
            if let ConstraintKind::PrimaryKey { columns } | ConstraintKind::Unique { columns, .. } =
                &constraint.kind
                && goes(table, name, nodes)
            {
                referring_keys(table, name, columns, world, nodes);
            }
        }
        if let Some((table, next)) = world.to.tables.get_key_value(table) {
            one_primary_key(table, previous, next, nodes);
        }
    }
}

/// Whether a constraint is dropped, for good or to come again.
fn goes<'a>(table: &'a QualifiedName, name: &'a Ident, nodes: &Nodes<'a>) -> bool {
    let object = Object::Constraint(table, name);
    let parts = [Part::First, Part::Main].into_iter();
    parts
        .filter_map(|part| nodes.0.get(&(object, part)))
        .any(drops)
}

fn drops(node: &Node<'_>) -> bool {
    let Work::Recipe(drafts) = &node.work else {
        return false;
    };
    drafts.iter().any(|draft| {
        matches!(&draft.statement, Statement::AlterTable { action, .. }
            if matches!(action.as_ref(), TableAction::DropConstraint(_)))
    })
}

/// The foreign keys that refer to a key; those that go with it wait for it, or it for them, already.
fn referring_keys<'a>(
    table: &'a QualifiedName,
    name: &'a Ident,
    columns: &[Ident],
    world: &World<'a>,
    nodes: &mut Nodes<'a>,
) {
    let object = Object::Constraint(table, name);
    let for_good = nodes
        .get(object)
        .is_some_and(|node| node.stage == Stage::Drop);
    let refers = |key: &ForeignKey| {
        key.references == *table
            && key.referenced_columns.len() == columns.len()
            && key.referenced_columns.iter().all(|c| columns.contains(c))
            && (!for_good || stays(key, world))
    };
    retyped::referring_keys(refers, &[object], world, nodes);
}

/// Whether the same foreign key is there afterwards.
fn stays(key: &ForeignKey, world: &World<'_>) -> bool {
    let is_same = |constraint: &Constraint| matches!(&constraint.kind, ConstraintKind::ForeignKey(other) if **other == *key);
    let mut tables = world.to.tables.values();
    tables.any(|table| table.constraints.values().any(is_same))
}

/// The new primary key comes when the old one is gone.
fn one_primary_key<'a>(
    table: &'a QualifiedName,
    previous: &'a Table,
    next: &'a Table,
    nodes: &mut Nodes<'a>,
) {
    let (Some(old), Some(new)) = (primary_key(previous), primary_key(next)) else {
        return;
    };
    let (gone, comes) = (
        Object::Constraint(table, old),
        Object::Constraint(table, new),
    );
    if old == new || nodes.get(comes).is_none() {
        return;
    }
    let for_good = nodes
        .get(gone)
        .is_some_and(|node| node.stage == Stage::Drop);
    if for_good && let Some(node) = nodes.0.shift_remove(&(gone, Part::Main)) {
        nodes.insert(node.part(Part::First).before([comes]));
    } else if let Some(node) = nodes.get_mut(comes) {
        node.needs.push(gone);
    }
}

fn primary_key(table: &Table) -> Option<&Ident> {
    let mut constraints = table.constraints.iter();
    let key = constraints.find(|(_, c)| matches!(c.kind, ConstraintKind::PrimaryKey { .. }));
    key.map(|(name, _)| name)
}
