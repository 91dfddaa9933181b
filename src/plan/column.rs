//! Columns of tables that are there.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::draft::Draft;
use super::hazard::HazardKind;
use super::index::server_name;
use super::node::{Node, Nodes, Stage};
use super::type_change;
use super::world::World;
use super::{Action, Duration, SCHEMA, Statement, TableAction, computed, dependency};
use crate::catalog::{Column, Constraint, ConstraintKind, Identity, Rare};
use crate::diff::{Change, Object};
use crate::pg::{Version, Volatility};
use crate::resolve::joined;
use crate::sql::{self, Expr, Ident, QualifiedName, Scope};

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
        .after(computed::sources(table, column, world))
}

fn at_once<'a>(table: &'a QualifiedName, column: &'a Column, world: &World<'a>) -> Draft<'a> {
    let object = Object::Column(table, &column.name);
    let action = TableAction::AddColumn(Cow::Borrowed(column));
    let draft = Draft::new(Action::Create, object, Statement::alter(table, action));
    let stored = column.generated.as_ref().is_some_and(|g| g.stored);
    if stored || column.identity.is_some() {
        let hazards = type_change::rewrite_of(table, column, world, computed::PLAIN_COLUMN);
        let duration = if hazards.is_empty() {
            Duration::CatalogChange
        } else {
            Duration::Rewrite
        };
        let stopped = computed::stopped(table, column, world);
        return draft.alone(duration).with(hazards).with(stopped);
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
    draft
        .with(breaks)
        .with(computed::null(table, column, world))
}

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
        rewrite.with(type_change::rewrite_of(
            table,
            column,
            world,
            computed::PLAIN_COLUMN,
        )),
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
        enums: &sql::NO_ENUMS,
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
    let is_swapped = computed::changed(table, previous, next, world, &mut drafts);
    let retyped = previous.ty != next.ty || previous.collation != next.collation;
    if !is_swapped && retyped {
        drafts.extend(type_change::steps(table, previous, next, world));
    }
    match (&previous.default, &next.default) {
        (before, Some(default)) if before.as_ref() != Some(default) => {
            let set = draft(TableAction::SetDefault(name, default));
            // Another type may have brought it.
            let last = drafts.last().map(|last| &last.statement);
            if last != Some(&set.statement) {
                drafts.push(set);
            }
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
        .after(computed::sources(table, next, world))
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
