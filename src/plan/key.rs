//! Keys that go or become other ones: what refers to them and does not come again lets go first, and a table never has two
//! primary keys.

use super::node::{Nodes, Part, Stage};
use super::retyped::Which;
use super::world::World;
use super::{constraint, repoint, retyped};
use crate::catalog::ForeignKey;
use crate::diff::Object;

/// Makes way for keys and unique indexes; foreign keys that stay while theirs is replaced are `repoint`'s.
pub(super) fn make_way<'a>(world: &World<'a>, nodes: &mut Nodes<'a>) {
    for (table, previous) in &world.from.tables {
        let constraints = previous.constraints.keys();
        let constraints = constraints.map(|name| Object::Constraint(table, name));
        let indexes = previous.indexes.keys();
        let indexes = indexes.map(|name| Object::Index(table, name));
        for object in constraints.chain(indexes) {
            let which = if nodes.0.contains_key(&(object, Part::First)) {
                Which::All
            } else if is_replaced(object, nodes) {
                Which::Changing
            } else {
                continue;
            };
            let Some(columns) = repoint::unique_columns(object, world) else {
                continue;
            };
            let refers = |key: &ForeignKey| {
                key.references == *table
                    && constraint::same_columns(columns.iter().copied(), &key.referenced_columns)
            };
            retyped::referring_keys(which, refers, &[object], world, nodes);
        }
    }
}

/// Whether a key or an index is dropped, and another one has its name.
fn is_replaced<'a>(object: Object<'a>, nodes: &Nodes<'a>) -> bool {
    let node = nodes.get(object).filter(|node| node.stage == Stage::Make);
    node.is_some_and(|node| repoint::gives_up(object, &node.work))
}

/// The new primary key of a table comes when the old one is gone.
pub(super) fn one_primary_key<'a>(world: &World<'a>, nodes: &mut Nodes<'a>) {
    for (table, next) in &world.to.tables {
        let Some((table, previous)) = world.from.tables.get_key_value(table) else {
            continue;
        };
        let (Some((old, _)), Some((new, _))) = (previous.primary_key(), next.primary_key()) else {
            continue;
        };
        let (gone, comes) = (
            Object::Constraint(table, old),
            Object::Constraint(table, new),
        );
        if old == new || nodes.get(comes).is_none() {
            continue;
        }
        if nodes.goes(gone)
            && let Some(node) = nodes.0.shift_remove(&(gone, Part::Main))
        {
            nodes.insert(node.part(Part::First).before([comes]));
        } else if let Some(node) = nodes.get_mut(comes) {
            node.needs.push(gone);
        }
    }
}
