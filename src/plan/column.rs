//! Columns of tables that are there.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::draft::Draft;
use super::hazard::{Hazard, HazardKind};
use super::index::server_name;
use super::node::{Node, Nodes, Part, Stage, Work, Zone};
use super::type_change;
use super::world::World;
use super::{Action, Duration, SCHEMA, Statement, TableAction, dependency, index};
use crate::catalog::{
    Catalog, Column, Constraint, ConstraintKind, Generated, Identity, Index, Rare,
};
use crate::diff::{Change, Object};
use crate::pg::{Version, Volatility};
use crate::resolve::joined;
use crate::sql::{self, Expr, Ident, QualifiedName, Scope, never_null};

/// A column comes. One with a constant or a value that is the same for all rows costs nothing; others have to be written
/// into each row.
pub(super) fn add<'a>(table: &'a QualifiedName, column: &'a Column, world: &World<'a>) -> Node<'a> {
    let object = Object::Column(table, &column.name);
    let numbers_by_partition =
        column.identity.is_some() && world.is_partitioned(table) && world.version() < Version::V17;
    let drafts = if world.may_have_rows(table) && is_volatile(column.default.as_ref(), world) {
        filled_later(table, column, world)
    } else if numbers_by_partition {
        numbered(table, column, world)
    } else {
        vec![at_once(table, column, world)]
    };
    let needs = dependency::of_type(&column.ty, world.to);
    Node::recipe(object, drafts)
        .after(needs)
        .after(computed_from(table, column, world))
}

/// The columns that a column is computed from, which may have been computed themselves before.
fn computed_from<'a>(
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
    named.map(move |other| Object::Column(table, &other.name))
}

fn at_once<'a>(table: &'a QualifiedName, column: &'a Column, world: &World<'a>) -> Draft<'a> {
    let object = Object::Column(table, &column.name);
    let action = TableAction::AddColumn(Cow::Borrowed(column));
    let draft = Draft::new(Action::Create, object, Statement::alter(table, action));
    let stored = column.generated.as_ref().is_some_and(|g| g.stored);
    if stored || column.identity.is_some() {
        let hazards = type_change::rewrite_of(table, column, world, PLAIN_COLUMN);
        let duration = if hazards.is_empty() {
            Duration::CatalogChange
        } else {
            Duration::Rewrite
        };
        let fails = computed_null(table, column, world);
        return draft.alone(duration).with(hazards).with(fails);
    }
    let no_value = !has_value(column);
    let fails = no_value.then(|| {
        let reason = format!("rows that are there have no value of `{}`", column.name);
        let hazard = world.hazard(HazardKind::MayFailOnData, table, reason)?;
        Some(hazard.safer("give it a default"))
    });
    // The server looks for such rows: as long as that takes, nothing else waits for it.
    let draft = match fails.flatten() {
        Some(fails) => draft.alone(Duration::Scan).with([fails]),
        None => draft,
    };
    // What writes the program's own tables changes with them.
    let is_missed = no_value && world.stays(table) && table.schema.as_str() != SCHEMA;
    let breaks = is_missed.then(|| {
        let reason = format!(
            "who leaves `{}` out fails from then on, since it has no default",
            column.name
        );
        world.always(HazardKind::BreaksOldCode, table, reason)
    });
    draft.with(breaks).with(computed_null(table, column, world))
}

/// That a value is computed to be none where there must be one.
fn computed_null(table: &QualifiedName, column: &Column, world: &World<'_>) -> Option<Hazard> {
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

/// What costs no rewrite where a column has values of its own.
const PLAIN_COLUMN: &str = "add a plain column, let a trigger keep it, and fill it in batches";

/// Before 17 partitions have no identity, and a column that is one does not come to them. So it comes with a constant, which
/// costs nothing, the table gets its identity, and the sequence of that numbers the rows of all partitions.
fn numbered<'a>(table: &'a QualifiedName, column: &'a Column, world: &World<'a>) -> Vec<Draft<'a>> {
    let object = Object::Column(table, &column.name);
    let draft = |action| Draft::new(Action::Create, object, Statement::alter(table, action));
    let constant = Column {
        default: Some(Expr::integer(0)),
        identity: None,
        identity_sequence: Rare::default(),
        comment: None,
        ..column.clone()
    };
    let of_table = [
        Expr::string(&table.to_string()),
        Expr::string(column.name.as_str()),
    ];
    let sequence = Expr::call("pg_catalog.pg_get_serial_sequence", &of_table);
    let number = TableAction::SetType {
        column,
        using: Some(Expr::call("pg_catalog.nextval", &[sequence])),
    };
    let rewrite = Draft {
        duration: Duration::Rewrite,
        ..draft(number)
    };
    vec![
        draft(TableAction::AddColumn(Cow::Owned(constant))),
        draft(TableAction::DropDefault(&column.name)),
        draft(TableAction::AddIdentity(column)),
        rewrite.with(type_change::rewrite_of(table, column, world, PLAIN_COLUMN)),
    ]
}

/// NULL at first, then the default for new rows, then for the others, a few at a time, then NOT NULL.
fn filled_later<'a>(
    table: &'a QualifiedName,
    column: &'a Column,
    world: &World<'a>,
) -> Vec<Draft<'a>> {
    let object = Object::Column(table, &column.name);
    let draft = |statement| Draft::new(Action::Create, object, statement);
    let bare = Column {
        not_null: false,
        not_null_constraint: None,
        default: None,
        comment: None,
        ..column.clone()
    };
    let mut drafts = vec![draft(Statement::alter(
        table,
        TableAction::AddColumn(Cow::Owned(bare)),
    ))];
    if let Some(default) = &column.default {
        let action = TableAction::SetDefault(&column.name, default);
        drafts.push(draft(Statement::alter(table, action)));
        let backfill = Statement::Backfill {
            table,
            column: &column.name,
        };
        drafts.push(draft(backfill).outside(Duration::Rewrite));
    }
    if column.not_null {
        // Every row has a value by now: nothing can fail.
        let steps = set_not_null(table, &column.name, world);
        drafts.extend(steps.into_iter().map(|step| Draft {
            hazards: Vec::new(),
            ..step
        }));
    }
    drafts
}

/// Whether each row gets a value of its own, so that rows have to be written.
fn is_volatile(default: Option<&Expr>, world: &World<'_>) -> bool {
    let Some(default) = default else {
        return false;
    };
    let scope = Scope {
        relations: Vec::new(),
        extensions: &[],
    };
    let bound = sql::bind(
        default.as_str(),
        &scope,
        sql::Context::Default,
        world.knowledge(),
    );
    // What cannot be judged here, such as a function of the user's own, is taken for the worst.
    bound.map_or(true, |bound| bound.volatility == Volatility::Volatile)
}

/// A column is another one: generated, type, default, identity, NOT NULL, in an order in which each step is allowed.
pub(super) fn alter<'a>(
    table: &'a QualifiedName,
    previous: &'a Column,
    next: &'a Column,
    world: &World<'a>,
) -> Node<'a> {
    let object = Object::Column(table, &next.name);
    let name = &next.name;
    let draft = |action| Draft::new(Action::Alter, object, Statement::alter(table, action));
    let mut drafts = Vec::new();
    if previous.not_null && !next.not_null {
        drafts.push(draft(TableAction::DropNotNull(name)));
    }
    let given = || format!("who leaves `{name}` out fails from then on, since it has no default");
    if previous.identity.is_some() && next.identity.is_none() {
        let drop = draft(TableAction::DropIdentity(name));
        drafts.push(breaking(drop, table, !has_value(next), given(), world));
    }
    if previous.generated.is_some() && next.generated.is_none() {
        let drop = draft(TableAction::DropExpression(name));
        let reason = format!("`{name}` is no longer computed, and old code does not write it");
        drafts.push(breaking(drop, table, true, reason, world));
    }
    let is_swapped = generated(table, previous, next, world, &mut drafts);
    let retyped = previous.ty != next.ty || previous.collation != next.collation;
    if !is_swapped && retyped {
        drafts.extend(type_change::steps(table, previous, next, world));
    }
    match (&previous.default, &next.default) {
        (before, Some(default)) if before.as_ref() != Some(default) => {
            drafts.push(draft(TableAction::SetDefault(name, default)));
        }
        (Some(_), None) if next.generated.is_none() => {
            let drop = draft(TableAction::DropDefault(name));
            drafts.push(breaking(drop, table, !has_value(next), given(), world));
        }
        _ => {}
    }
    if !previous.not_null && next.not_null && !is_swapped {
        drafts.extend(set_not_null(table, name, world));
    }
    match (previous.identity, next.identity) {
        (before, Some(after)) if before != Some(after) => {
            let action = match before {
                None => TableAction::AddIdentity(next),
                Some(_) => TableAction::SetIdentity(name, after),
            };
            let refuses = after == Identity::Always;
            let reason = format!("who writes a value of `{name}` fails from then on");
            drafts.push(breaking(draft(action), table, refuses, reason, world));
        }
        _ => {}
    }
    Node::recipe(object, drafts)
        .after(dependency::of_type(&next.ty, world.to))
        .after(computed_from(table, next, world))
        .before(dependency::of_type(&previous.ty, world.from))
}

/// Whether an INSERT need not name it.
pub(super) fn has_value(column: &Column) -> bool {
    !column.not_null
        || column.default.is_some()
        || column.identity.is_some()
        || column.generated.is_some()
}

/// The same, after old code is gone if it would fail.
fn breaking<'a>(
    draft: Draft<'a>,
    table: &QualifiedName,
    breaks: bool,
    reason: String,
    world: &World<'_>,
) -> Draft<'a> {
    if breaks {
        let hazard = world.always(HazardKind::BreaksOldCode, table, reason);
        draft.contract().with([hazard])
    } else {
        draft
    }
}

/// What makes a column generated, or by another expression; whether another column takes its place.
fn generated<'a>(
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
        let fails = computed_null(table, next, world).filter(|_| previous.not_null);
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
    let mut drafts = vec![add.with(computed_null(table, next, world))];
    let new_name = |name: &Ident| (*name == next.name).then_some(&meantime);
    let indexes: Vec<(&'a Ident, Index)> = world
        .to
        .tables
        .get(table)
        .into_iter()
        .flat_map(|next| &next.indexes)
        .filter(|(name, _)| carries(table, name, world))
        .map(|(name, index)| (name, index, index.with_renamed_columns(new_name)))
        .filter(|(_, index, renamed)| index != &renamed)
        .map(|(name, _, renamed)| (name, renamed))
        .collect();
    for (name, index) in &indexes {
        let statement = Statement::CreateMeantimeIndex {
            table,
            name: joined(&[name.as_str(), "specql_new"]),
            index: Box::new(index.clone()),
        };
        let object = Object::Index(table, name);
        drafts.push(Draft::new(Action::Create, object, statement).outside(Duration::Build));
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
    for (name, index) in indexes {
        let from = joined(&[name.as_str(), "specql_new"]);
        let object = Object::Index(table, name);
        drafts.push(index::renamed(
            object,
            &table.schema,
            &from,
            Cow::Borrowed(name),
        ));
        if index.comment.is_some()
            && let Some(text) = world
                .to
                .tables
                .get(table)
                .and_then(|t| t.indexes.get(name)?.comment.as_deref())
        {
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
    (swap > 0 && node.stage == Stage::Make).then(|| drafts.split_at(swap))
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

/// NOT NULL without a long lock: a CHECK that need not hold for the rows that are there, then a look at these under a lock
/// that stops nobody, then NOT NULL, for which the server finds the check and does not look again.
pub(super) fn set_not_null<'a>(
    table: &'a QualifiedName,
    column: &'a Ident,
    world: &World<'a>,
) -> Vec<Draft<'a>> {
    let object = Object::Column(table, column);
    let draft = |action| Draft::new(Action::Alter, object, Statement::alter(table, action));
    if !world.may_have_rows(table) {
        return vec![draft(TableAction::SetNotNull(column))];
    }
    let reason = format!("a row without a value of `{column}` stops it");
    let fails = world.hazard(HazardKind::MayFailOnData, table, reason);
    let validate = |name: &Ident| {
        draft(TableAction::Validate {
            name: Cow::Owned(name.clone()),
            references: None,
        })
        .alone(Duration::Scan)
        .contract()
        .with(fails.clone())
        .with(world.scan(table))
    };
    if world.version() >= Version::V18 {
        let name = not_null_name(table, column);
        let add = TableAction::AddNotNull(Cow::Owned(name.clone()), column);
        return vec![draft(add).contract(), validate(&name)];
    }
    let name = joined(&[table.name.as_str(), column.as_str(), "specql_not_null"]);
    let check = Constraint {
        not_valid: true,
        ..Constraint::new(ConstraintKind::Check {
            condition: Expr::is_not_null(&Expr::column(column)),
        })
    };
    let add = TableAction::AddConstraint(Cow::Owned(name.clone()), Cow::Owned(check));
    vec![
        draft(add).contract(),
        validate(&name),
        draft(TableAction::SetNotNull(column)).contract(),
        draft(TableAction::DropConstraint(Cow::Owned(name))).contract(),
    ]
}

/// The name that the server gives to NOT NULL, which has one from 18 on.
pub(super) fn not_null_name(table: &QualifiedName, column: &Ident) -> Ident {
    server_name(table, std::iter::once(column.as_str()), "not_null")
}

/// A column goes, with its values.
pub(super) fn drop<'a>(table: &'a QualifiedName, name: &'a Ident, world: &World<'a>) -> Node<'a> {
    let object = Object::Column(table, name);
    let statement = Statement::alter(table, TableAction::DropColumn(name));
    let hazards = [
        world
            .hazard(
                HazardKind::DeletesData,
                table,
                format!("the values of `{name}` are gone"),
            )
            .map(|hazard| hazard.safer("keep it until nothing needs its values")),
        Some(
            world
                .always(
                    HazardKind::BreaksOldCode,
                    table,
                    format!("who names `{name}` fails from then on"),
                )
                .safer("drop it when no code names it"),
        ),
    ];
    let draft = Draft::new(Action::Drop, object, statement)
        .contract()
        .with(hazards.into_iter().flatten());
    let column = world.column(table, name);
    let ty = column.and_then(|column| dependency::of_type(&column.ty, world.from));
    let node = Node::recipe(object, vec![draft]).at(Stage::Drop).before(ty);
    if column.is_some_and(|column| column.generated.is_some()) {
        // It may be computed from any of the others.
        let all = world.table(table).map_or(&[][..], |table| &table.columns);
        let plain = all.iter().filter(|column| column.generated.is_none());
        return node.before(plain.map(|column| Object::Column(table, &column.name)));
    }
    node
}

/// New columns come in the order of the table, those that are computed from others last.
pub(super) fn in_order<'a>(changes: &[Change<'a>], nodes: &mut Nodes<'a>) {
    let mut added = BTreeMap::<&'a QualifiedName, Vec<&'a Column>>::new();
    for change in changes {
        if let Change::AddColumn { table, column } = *change {
            added.entry(table).or_default().push(column);
        }
    }
    for (table, mut columns) in added {
        columns.sort_by_key(|column| column.generated.is_some());
        for pair in columns.windows(2) {
            if let [before, after] = pair
                && let Some(node) = nodes.get_mut(Object::Column(table, &after.name))
            {
                node.needs.push(Object::Column(table, &before.name));
            }
        }
    }
}
