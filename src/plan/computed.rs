//! Computed columns: what they are computed from, what stops that, and how one becomes another.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::draft::Draft;
use super::hazard::{Hazard, HazardKind};
use super::node::{Node, Nodes, Part, Stage, Work, Zone};
use super::retyped::{Columns, Retyped};
use super::type_change;
use super::world::World;
use super::{Action, Duration, Statement, TableAction, dependency, index};
use crate::catalog::{Catalog, Column, Generated, Index};
use crate::diff::Object;
use crate::pg::Version;
use crate::resolve::joined;
use crate::sql::{Expr, Ident, QualifiedName, never_fails, never_null};

/// The columns that a column is computed from, which may have been computed themselves before, and the types that they are of, which
/// may be made anew.
pub(super) fn sources<'a>(
    table: &'a QualifiedName,
    column: &'a Column,
    world: &World<'a>,
) -> impl Iterator<Item = Object<'a>> {
    let definition = world.to.tables.get(table);
    let others = definition.map_or(&[][..], |definition| &definition.columns);
    let generated = column.generated.as_ref();
    let named = move |other: &&'a Column| {
        other.name != column.name
            && generated.is_some_and(|generated| generated.expression.names_column(&other.name))
    };
    let named = others.iter().filter(named);
    named.flat_map(move |other| {
        let types = dependency::of_type(&other.ty, world.to);
        types
            .into_iter()
            .chain([Object::Column(table, &other.name)])
    })
}

/// What of the rows that are there stops a column that comes.
pub(super) fn stopped(table: &QualifiedName, column: &Column, world: &World<'_>) -> Option<Hazard> {
    null(table, column, world).or_else(|| not_computed(table, column, world))
}

/// That a value cannot be computed, or does not fit, of rows that are there.
fn not_computed(table: &QualifiedName, column: &Column, world: &World<'_>) -> Option<Hazard> {
    let generated = column.generated.as_ref().filter(|g| g.stored)?;
    let fits = column.ty.modifiers.is_empty();
    if fits && can_be_computed(&generated.expression, table, world) {
        return None;
    }
    let reason = format!(
        "a row of which `{}` cannot be computed stops it",
        column.name
    );
    world.hazard(HazardKind::MayFailOnData, table, reason)
}

/// Whether an expression can be computed of every row of a relation.
pub(super) fn can_be_computed(
    expression: &Expr,
    relation: &QualifiedName,
    world: &World<'_>,
) -> bool {
    let table = world.to.tables.get(relation);
    let columns = table.map_or(&[][..], |table| &table.columns);
    let types: Vec<_> = columns.iter().map(|c| (&c.name, &c.ty)).collect();
    never_fails(expression, &types)
}

/// That a value is computed to be none where there must be one.
pub(super) fn null(table: &QualifiedName, column: &Column, world: &World<'_>) -> Option<Hazard> {
    let generated = column.generated.as_ref().filter(|_| column.not_null)?;
    let columns = &world.to.tables.get(table)?.columns;
    let there = columns.iter().filter(|column| column.not_null);
    let there: Vec<&Ident> = there.map(|column| &column.name).collect();
    if never_null(&generated.expression, &there) {
        return None;
    }
    let reason = format!(
        "a row for which `{}` is computed to be NULL stops it",
        column.name
    );
    world.hazard(HazardKind::MayFailOnData, table, reason)
}

/// That what is on a column, and stays there, does not hold of the values that it gets, or cannot be built of them.
fn broken<'a>(table: &'a QualifiedName, column: &'a Column, world: &World<'a>) -> Option<Hazard> {
    let (before, next) = (world.table(table)?, world.to.tables.get(table)?);
    let changed = Columns::from([(table, BTreeSet::from([&column.name]))]);
    let changed = Retyped::only(&[&changed]);
    let mut constraints = next.constraints.iter();
    let constraint = constraints.find(|(name, constraint)| {
        let stays = before.constraints.get(*name) == Some(constraint) && !constraint.not_valid;
        stays && changed.in_constraint(table, constraint)
    });
    let indexes = next.indexes.iter().filter(|(name, index)| {
        before.indexes.get(*name) == Some(index) && changed.in_index(table, index)
    });
    let mut indexes =
        indexes.filter(|(name, index)| index::stopped(table, name, index, world).is_some());
    let name = constraint
        .map(|(name, _)| name)
        .or_else(|| indexes.next().map(|(name, _)| name))?;
    let reason = format!(
        "a value that `{}` gets and that `{name}` refuses stops it",
        column.name
    );
    world.hazard(HazardKind::MayFailOnData, table, reason)
}

/// What costs no rewrite where a column has values of its own.
pub(super) const PLAIN_COLUMN: &str =
    "add a plain column, let a trigger keep it, and fill it in batches";

/// What makes a column generated, or by another expression; whether another column takes its place.
pub(super) fn changed<'a>(
    table: &'a QualifiedName,
    previous: &'a Column,
    next: &'a Column,
    world: &World<'a>,
    drafts: &mut Vec<Draft<'a>>,
) -> bool {
    let object = Object::Column(table, &next.name);
    let Some(Generated { expression, stored }) = &next.generated else {
        return false;
    };
    if previous.generated == next.generated {
        return false;
    }
    let same_sort = previous
        .generated
        .as_ref()
        .is_some_and(|before| before.stored == *stored);
    if same_sort && previous.ty == next.ty && world.version() >= Version::V17 {
        let safer = "add a column of the new expression, and swap them when it is filled";
        let hazards = if *stored {
            type_change::rewrite_of(table, next, world, safer)
        } else {
            Vec::new()
        };
        let action = TableAction::SetExpression(&next.name, expression);
        let draft = Draft::new(Action::Alter, object, Statement::alter(table, action));
        let duration = if hazards.is_empty() {
            Duration::CatalogChange
        } else {
            Duration::Rewrite
        };
        let fails = null(table, next, world).filter(|_| previous.not_null);
        let fails = fails.or_else(|| not_computed(table, next, world));
        let fails = fails.into_iter().chain(broken(table, next, world));
        drafts.push(draft.alone(duration).with(hazards).with(fails));
        return false;
    }
    drafts.extend(swapped(table, previous, next, world));
    true
}

/// There is no other way than another column: it comes under a name for the meantime, gets the indexes that the old one
/// has, and takes the place of the old one in one transaction.
fn swapped<'a>(
    table: &'a QualifiedName,
    previous: &'a Column,
    next: &'a Column,
    world: &World<'a>,
) -> Vec<Draft<'a>> {
    let object = Object::Column(table, &next.name);
    let draft = |action| Draft::new(Action::Alter, object, Statement::alter(table, action));
    let meantime = joined(&[next.name.as_str(), "specql_new"]);
    let column = Column {
        name: meantime.clone(),
        comment: None,
        ..next.clone()
    };
    let hazards = type_change::rewrite_of(table, next, world, PLAIN_COLUMN);
    let add = draft(TableAction::AddColumn(Cow::Owned(column)));
    let add = add.alone(Duration::Rewrite).with(hazards);
    let mut drafts = vec![add.with(stopped(table, next, world))];
    let new_name = |name: &Ident| (*name == next.name).then_some(&meantime);
    let indexes: Vec<(&'a Ident, &'a Index, Index)> = world
        .to
        .tables
        .get(table)
        .into_iter()
        .flat_map(|next| &next.indexes)
        .filter(|(name, _)| carries(table, name, world))
        .map(|(name, index)| (name, index, index.with_renamed_columns(new_name)))
        .filter(|(_, index, renamed)| index != &renamed)
        .collect();
    for (name, index, renamed) in &indexes {
        let statement = Statement::CreateMeantimeIndex {
            table,
            name: joined(&[name.as_str(), "specql_new"]),
            index: Box::new(renamed.clone()),
        };
        let object = Object::Index(table, name);
        let build = Draft::new(Action::Create, object, statement).outside(Duration::Build);
        drafts.push(build.with(index::stopped(table, name, index, world)));
    }
    let mut drop = draft(TableAction::DropColumn(&next.name)).contract();
    if previous.generated.is_none() {
        let reason = format!("the values of `{}` are computed from then on", next.name);
        drop = drop.with(world.hazard(HazardKind::DeletesData, table, reason));
    }
    drafts.push(drop);
    drafts.push(draft(TableAction::RenameColumn {
        from: Cow::Owned(meantime),
        to: &next.name,
    }));
    for (name, index, _) in indexes {
        let from = joined(&[name.as_str(), "specql_new"]);
        let object = Object::Index(table, name);
        drafts.push(index::renamed(
            object,
            &table.schema,
            &from,
            Cow::Borrowed(name),
        ));
        if let Some(text) = index.comment.as_deref() {
            let statement = Statement::Comment {
                on: object,
                text: Some(text),
            };
            drafts.push(Draft::new(Action::Comment, object, statement));
        }
    }
    if let Some(text) = &next.comment {
        let statement = Statement::Comment {
            on: object,
            text: Some(text),
        };
        drafts.push(Draft::new(Action::Comment, object, statement));
    }
    drafts
}

/// Views that are in the way of a swap are missing only for that: the column that takes another's place comes, is filled and
/// indexed while they are there. Not where two of them are to have the same index: the one is swapped before the other comes.
pub(super) fn prepare(nodes: &mut Nodes<'_>) {
    if !nodes.0.values().any(|node| node.zone == Zone::Views) {
        return;
    }
    let mut built = BTreeMap::<Object<'_>, usize>::new();
    for draft in nodes
        .0
        .values()
        .filter_map(swap)
        .flat_map(|(before, _)| before)
    {
        if let Statement::CreateMeantimeIndex { .. } = draft.statement {
            *built.entry(draft.object).or_default() += 1;
        }
    }
    let mut prepared = Vec::new();
    for node in nodes.0.values_mut() {
        let Some((before, then)) = swap(node) else {
            continue;
        };
        if before
            .iter()
            .any(|draft| built.get(&draft.object) > Some(&1))
        {
            continue;
        }
        let before = Node::recipe(node.object, before.to_vec()).after(node.needs.iter().copied());
        prepared.push(before.part(Part::Prepared));
        node.work = Work::Recipe(then.to_vec());
    }
    for node in prepared {
        nodes.insert(node);
    }
}

/// What is done to a column before another takes its place, and from then on.
fn swap<'n, 'a>(node: &'n Node<'a>) -> Option<(&'n [Draft<'a>], &'n [Draft<'a>])> {
    let (Work::Recipe(drafts), Object::Column(..)) = (&node.work, node.object) else {
        return None;
    };
    let swap = drafts.iter().position(|draft| match &draft.statement {
        Statement::AlterTable { action, .. } => {
            matches!(action.as_ref(), TableAction::DropColumn(_))
        }
        _ => false,
    })?;
    // A trigger that knows the column goes with it.
    let comes = !matches!(drafts.first()?.statement, Statement::Drop { .. });
    (swap > 0 && comes && node.stage == Stage::Make).then(|| drafts.split_at(swap))
}

/// Whether an index is built on the column that takes another's place before it does: not one that changes itself, nor
/// one of a partitioned table, which cannot be built while others write in one statement.
pub(super) fn carries(table: &QualifiedName, index: &Ident, world: &World<'_>) -> bool {
    let of = |catalog: &Catalog| {
        let index = catalog.tables.get(table)?.indexes.get(index)?;
        Some(Index {
            comment: None,
            ..index.clone()
        })
    };
    of(world.from) == of(world.to) && !world.is_partitioned(table)
}
