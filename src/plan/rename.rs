//! Other names.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::column::not_null_name;
use super::draft::Draft;
use super::hazard::{Hazard, HazardKind};
use super::node::{Node, Nodes, Part, Stage};
use super::world::World;
use super::{Action, Statement, TableAction, index, inherited};
use crate::catalog::ConstraintKind;
use crate::diff::{Object, Rename, in_turn};
use crate::pg::Version;
use crate::sql::{Ident, QualifiedName};

/// What gives an object another name. Who uses a table or a column by its old name fails from then on.
pub(super) fn node<'a>(rename: &'a Rename, world: &World<'a>) -> Node<'a> {
    let [object, _] = objects(rename);
    let (statements, needs) = match rename {
        Rename::Table { from, to } => {
            // What goes on to partitions finds them under the names that the plan knows.
            let parts = world.below(to).into_iter().map(Object::Table);
            let needs = parts.chain([Object::Schema(&to.schema)]).collect();
            let mut statements = table(from, to);
            let columns = world.table(to).map_or(&[][..], |table| &table.columns);
            statements.extend(columns.iter().filter_map(|c| not_null(to, &c.name, world)));
            statements.extend(columns.iter().filter_map(|c| sequence(to, &c.name, world)));
            statements.extend(inherited_indexes(from, to, world.parent(to), world));
            if world.from.partition_policies.contains_key(to) {
                statements.push(Statement::RenamePartitionPolicy { from, to });
            }
            (statements, needs)
        }
        Rename::Column { table, from, to } => {
            let action = TableAction::RenameColumn {
                from: Cow::Borrowed(from),
                to,
            };
            let needs = vec![Object::Table(table)];
            let mut statements = vec![Statement::alter(table, action)];
            if world.former_names(table, to).0 == table {
                statements.extend(not_null(table, to, world));
                statements.extend(sequence(table, to, world));
                if is_first_of_table(rename, world) {
                    statements.extend(indexes_of_parts(table, world));
                }
            }
            (statements, needs)
        }
        Rename::Index { relation, from, to } => {
            let statement = Statement::RenameIndex {
                if_exists: false,
                from: QualifiedName {
                    schema: relation.schema.clone(),
                    name: from.clone(),
                },
                to: Cow::Borrowed(to),
            };
            (vec![statement], vec![Object::Table(relation)])
        }
        Rename::Constraint { table, from, to } => {
            let action = TableAction::RenameConstraint {
                from: Cow::Borrowed(from),
                to: Cow::Borrowed(to),
            };
            let statement = Statement::alter(table, action);
            (vec![statement], vec![Object::Table(table)])
        }
        Rename::EnumType { from, to } => {
            let statement = Statement::RenameType {
                from: Cow::Borrowed(from),
                to: Cow::Borrowed(to),
            };
            (vec![statement], vec![Object::Schema(&to.schema)])
        }
    };
    let breaks = breaks(rename, world);
    let drafts = statements
        .into_iter()
        .map(|statement| {
            let draft = Draft::new(Action::Rename, object, statement);
            // Names that follow are nobody's but the server's.
            match &breaks {
                Some(hazard) if is_own(&draft.statement, rename) => {
                    draft.contract().with([hazard.clone()])
                }
                _ => draft,
            }
        })
        .collect();
    Node::recipe(object, drafts)
        .part(Part::Name)
        .at(Stage::Rename)
        .after(needs)
}

/// The names of partitions' indexes after all columns of their table at once: one may free what another gets.
fn indexes_of_parts<'a>(
    table: &'a QualifiedName,
    world: &World<'a>,
) -> impl Iterator<Item = Statement<'a>> {
    let parts = world.below(table).into_iter();
    let own = parts.filter(|part| world.former_name(part) == *part);
    own.flat_map(|part| inherited_indexes(part, part, world.parent(part), world))
}

/// Whether no other column of the table gets its name before.
fn is_first_of_table(rename: &Rename, world: &World<'_>) -> bool {
    let same = world.renames.iter().find(|other| match (other, rename) {
        (Rename::Column { table: one, .. }, Rename::Column { table: other, .. }) => one == other,
        _ => false,
    });
    same == Some(rename)
}

/// What has the name from then on, and what could have the one that it had.
fn objects(rename: &Rename) -> [Object<'_>; 2] {
    match rename {
        Rename::Table { from, to } => [to, from].map(Object::Table),
        Rename::Column { table, from, to } => [to, from].map(|name| Object::Column(table, name)),
        Rename::Index { relation, from, to } => {
            [to, from].map(|name| Object::Index(relation, name))
        }
        Rename::Constraint { table, from, to } => {
            [to, from].map(|name| Object::Constraint(table, name))
        }
        Rename::EnumType { from, to } => [to, from].map(Object::EnumType),
    }
}

/// Whoever gets the name that another had gets it afterwards: of relations, to which keys belong, in all of a schema.
pub(super) fn one_after_another<'a>(world: &World<'a>, nodes: &mut Nodes<'a>) {
    let mut getting = BTreeMap::<_, Vec<_>>::new();
    for rename in world.renames {
        if let Some([name, _]) = of_relation(rename, world) {
            let [object, _] = objects(rename);
            getting.entry(name).or_default().push(object);
        }
    }
    for rename in world.renames {
        let [object, freed] = objects(rename);
        let others = of_relation(rename, world).and_then(|[_, name]| getting.get(&name));
        if let Some(node) = nodes.0.get_mut(&(object, Part::Name)) {
            node.frees.push(freed);
            if let Object::Table(name) = freed {
                node.frees
                    .extend([Object::View(name), Object::MaterializedView(name)]);
            }
            node.frees.extend(others.into_iter().flatten());
        }
    }
}

/// Its name among relations, and the one that it had.
fn of_relation(rename: &Rename, world: &World<'_>) -> Option<[QualifiedName; 2]> {
    match rename {
        Rename::Table { from, to } => Some([to, from].map(Clone::clone)),
        Rename::Index { relation, from, to } => {
            Some([to, from].map(|name| relation.beside(name.clone())))
        }
        Rename::Constraint { table, from, to } => {
            let constraint = world.table(table)?.constraints.get(to)?;
            let has_index = constraint.kind.has_index();
            has_index.then(|| [to, from].map(|name| table.beside(name.clone())))
        }
        Rename::Column { .. } | Rename::EnumType { .. } => None,
    }
}

/// What code that knows the old name will find. That of an index, or of a constraint that is no key, is in no query.
fn breaks(rename: &Rename, world: &World<'_>) -> Option<Hazard> {
    let breaks = HazardKind::BreaksOldCode;
    let safer = "stop the old code first, or keep a view under the old name";
    match rename {
        Rename::Table { from, to } => {
            let reason = format!("`{from}` is `{to}` from then on");
            Some(world.always(breaks, to, reason).safer(safer))
        }
        Rename::Column { table, from, to } => {
            let reason = format!("`{table}.{from}` is `{to}` from then on");
            Some(world.always(breaks, table, reason).safer(safer))
        }
        Rename::EnumType { from, to } => {
            let reason = format!("`{from}`, which a cast may name, is `{to}` from then on");
            Some(Hazard::new(breaks, reason))
        }
        Rename::Constraint { table, from, to } => {
            let constraint = world.table(table)?.constraints.get(to)?;
            let is_key = match constraint.kind {
                ConstraintKind::PrimaryKey { .. }
                | ConstraintKind::Unique { .. }
                | ConstraintKind::Exclude { .. } => true,
                ConstraintKind::Check { .. } | ConstraintKind::ForeignKey(_) => false,
            };
            let reason = format!("`ON CONFLICT ON CONSTRAINT {from}` fails from then on");
            is_key.then(|| world.always(breaks, table, reason))
        }
        Rename::Index { .. } => None,
    }
}

/// Whether a statement is what was asked for: of a table or column, not of a constraint, index or sequence of it.
fn is_own(statement: &Statement<'_>, rename: &Rename) -> bool {
    match statement {
        Statement::AlterTable { action, .. } => {
            let follows = matches!(**action, TableAction::RenameConstraint { .. });
            !follows || matches!(rename, Rename::Constraint { .. })
        }
        Statement::RenameType { .. } => true,
        _ => false,
    }
}

fn table<'a>(from: &'a QualifiedName, to: &'a QualifiedName) -> Vec<Statement<'a>> {
    let mut statements = Vec::new();
    if from.schema != to.schema {
        statements.push(Statement::alter(from, TableAction::SetSchema(&to.schema)));
    }
    if from.name != to.name {
        let moved = QualifiedName {
            schema: to.schema.clone(),
            name: from.name.clone(),
        };
        statements.push(Statement::AlterTable {
            table: Cow::Owned(moved),
            only: false,
            action: Box::new(TableAction::RenameTo(Cow::Borrowed(&to.name))),
        });
    }
    statements
}

/// From 18 on NOT NULL has a name, which says table and column.
fn not_null<'a>(
    table: &'a QualifiedName,
    column: &'a Ident,
    world: &World<'a>,
) -> Option<Statement<'a>> {
    let definition = world.column(table, column)?;
    let named = definition.not_null && definition.not_null_constraint.is_none();
    if world.version() < Version::V18 || !named {
        return None;
    }
    let (former_table, former) = world.former_names(table, column);
    let from = not_null_name(former_table, former);
    let to = not_null_name(table, column);
    // A table that only moves keeps it.
    (from != to).then(|| {
        let action = TableAction::RenameConstraint {
            from: Cow::Owned(from),
            to: Cow::Owned(to),
        };
        Statement::alter(table, action)
    })
}

/// The sequence of an identity column is named after both.
fn sequence<'a>(
    table: &'a QualifiedName,
    column: &'a Ident,
    world: &World<'a>,
) -> Option<Statement<'a>> {
    let definition = world.column(table, column)?;
    definition.identity?;
    if definition.identity_sequence.name.is_some() {
        return None;
    }
    let (former_table, former) = world.former_names(table, column);
    let name =
        |table, column: &Ident| index::server_name(table, [column.as_str()].into_iter(), "seq");
    let from = QualifiedName {
        schema: table.schema.clone(),
        name: name(former_table, former),
    };
    let to = name(table, column);
    (from.name != to).then_some(Statement::RenameSequence { from, to })
}

/// The indexes that a partition has from the tables above it are named after it by the server, and after the names that
/// columns had when these were made.
pub(super) fn inherited_indexes<'a>(
    from: &QualifiedName,
    to: &'a QualifiedName,
    parent: Option<&'a QualifiedName>,
    world: &World<'a>,
) -> Vec<Statement<'a>> {
    let above = std::iter::successors(parent, |name| world.parent(name));
    let mut changed = Vec::new();
    for parent in above {
        let Some(table) = world.table(parent) else {
            continue;
        };
        let former_column = |column: &'a Ident| world.former_names(parent, column).1;
        let of_schema = |mut parts: Vec<&'a QualifiedName>| {
            parts.retain(|part| part.schema == to.schema && *part != to);
            parts.push(to);
            parts.sort();
            parts
        };
        // One that comes finds the names of others changed already.
        let there = || {
            let parts = if world.exists(to) {
                of_schema(world.below(parent))
            } else {
                vec![to]
            };
            let former = parts.into_iter().map(|part| world.former_name(part));
            former.collect()
        };
        let before = |part: &QualifiedName| -> Vec<(&'a Ident, Ident)> {
            inherited::names(part, table, &former_column).collect()
        };
        let after = |part: &QualifiedName| -> Vec<(&'a Ident, Ident)> {
            inherited::names(part, table, &|column| column).collect()
        };
        // A name without the columns stays, with its number.
        let names = before(from).into_iter().zip(after(to));
        let is_other = |((name, old), (_, new)): ((&Ident, Ident), (&Ident, Ident))| {
            old != new && inherited::has_index(world.to, parent, name)
        };
        let others: Vec<bool> = names.map(is_other).collect();
        if !others.contains(&true) {
            continue;
        }
        let wanted = || of_schema(world.wanted_below(parent));
        let before = inherited::numbered(from, there, before);
        let after = inherited::numbered(to, wanted, after);
        let pairs = others.into_iter().zip(before.into_iter().zip(after));
        let pairs = pairs.filter(|(is_other, _)| *is_other);
        let pairs = pairs.map(|(_, ((_, old), (_, new)))| (old, new));
        changed.extend(pairs.filter(|(old, new)| old != new));
    }
    let statements = in_turn(&changed).into_iter().map(|(old, new)| {
        let from = to.beside(old);
        let to = Cow::Owned(new);
        Statement::RenameIndex {
            if_exists: true,
            from,
            to,
        }
    });
    statements.collect()
}
