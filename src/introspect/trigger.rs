//! Triggers of tables and views.

use std::collections::BTreeMap;

use postgres::{Row, Transaction};

use super::IntrospectError;
use super::cells::Cells;
use super::names::Names;
use super::printed;
use super::relation::Relation;
use crate::catalog::{Table, Trigger, TriggerEvent, TriggerState, TriggerTiming, View};
use crate::sql::{Expr, Ident};

/// Bits of `tgtype`.
/// <https://github.com/postgres/postgres/blob/REL_18_STABLE/src/include/catalog/pg_trigger.h>
const ROW: i16 = 1;
const BEFORE: i16 = 1 << 1;
const INSTEAD: i16 = 1 << 6;
const EVENTS: [(i16, TriggerEvent); 4] = [
    (1 << 2, TriggerEvent::Insert),
    (1 << 4, TriggerEvent::Update),
    (1 << 3, TriggerEvent::Delete),
    (1 << 5, TriggerEvent::Truncate),
];

/// Reads them.
pub(super) fn read(tx: &mut Transaction<'_>) -> Result<Vec<Row>, IntrospectError> {
    Ok(tx.query_typed(include_str!("queries/trigger.sql"), &[])?)
}

/// Gives tables and views their triggers.
pub(super) fn assemble(
    rows: &[Row],
    names: &Names,
    tables: &mut BTreeMap<u32, Table>,
    views: &mut BTreeMap<u32, View>,
) -> Result<(), IntrospectError> {
    for row in rows {
        let oid: u32 = row.try_get(0)?;
        let Some(relation) = names.relation(oid) else {
            continue;
        };
        let triggers = match (tables.get_mut(&oid), views.get_mut(&oid)) {
            (Some(table), _) => &mut table.triggers,
            (None, Some(view)) => &mut view.triggers,
            (None, None) => continue,
        };
        let (name, trigger) = trigger(row, relation, names)?;
        triggers.insert(name, trigger);
    }
    Ok(())
}

fn trigger(
    row: &Row,
    relation: &Relation,
    names: &Names,
) -> Result<(Ident, Trigger), IntrospectError> {
    let mut cells = Cells::new(row);
    let _relation: u32 = cells.take()?;
    let name = cells.ident()?;
    let bits: i16 = cells.take()?;
    let has = |bit: i16| bits & bit != 0;
    let events = EVENTS.iter().filter(|(bit, _)| has(*bit));
    let events = events.map(|(_, event)| *event).collect();
    let function = cells.name()?;
    let trigger = Trigger {
        timing: if has(INSTEAD) {
            TriggerTiming::InsteadOf
        } else if has(BEFORE) {
            TriggerTiming::Before
        } else {
            TriggerTiming::After
        },
        for_each_row: has(ROW),
        enabled: state(cells.take()?),
        constraint: cells.take()?,
        referenced: cells
            .take::<Option<u32>>()?
            .and_then(|oid| names.relation_name(oid).cloned()),
        deferrable: cells.take()?,
        initially_deferred: cells.take()?,
        columns: relation.column_names(&cells.take::<Vec<i16>>()?),
        arguments: arguments(cells.take()?),
        old_table: cells.optional_ident()?,
        new_table: cells.optional_ident()?,
        condition: condition(cells.printed()?.as_deref(), &name, relation)?,
        comment: cells.take()?,
        ..Trigger::after(events, function)
    };
    Ok((name, trigger))
}

fn state(letter: &str) -> TriggerState {
    match letter {
        "D" => TriggerState::Disabled,
        "R" => TriggerState::Replica,
        "A" => TriggerState::Always,
        _ => TriggerState::Origin,
    }
}

/// Each argument ends with a NUL.
fn arguments(bytes: &[u8]) -> Vec<String> {
    let mut arguments: Vec<String> = bytes
        .split(|byte| *byte == 0)
        .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
        .collect();
    arguments.pop();
    arguments
}

/// WHEN, out of the whole definition.
fn condition(
    definition: Option<&str>,
    name: &Ident,
    relation: &Relation,
) -> Result<Option<Expr>, IntrospectError> {
    let Some(definition) = definition else {
        return Ok(None);
    };
    match printed::parenthesis_after(definition, "WHEN") {
        Some(condition) => Ok(Some(Expr::from_server(printed::without_parentheses(
            condition,
        )))),
        None => Err(IntrospectError::Unreadable {
            object: format!("trigger {name} of {}", relation.name),
            text: definition.to_owned(),
        }),
    }
}
