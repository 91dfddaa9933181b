//! Triggers.

use minijinja::Value;

use super::value::{Sql, optional, record, sql};
use crate::catalog::{Trigger, TriggerEvent, TriggerState, TriggerTiming};
use crate::sql::{Ident, Literal, QualifiedName};

pub(super) fn context(
    table: &QualifiedName,
    name: &Ident,
    trigger: &Trigger,
    or_replace: bool,
) -> Value {
    let Trigger {
        timing,
        events,
        columns,
        for_each_row,
        constraint,
        deferrable,
        initially_deferred,
        referenced,
        old_table,
        new_table,
        condition,
        function,
        arguments,
        enabled,
        comment: _,
    } = trigger;
    let timing = match timing {
        TriggerTiming::Before => "BEFORE",
        TriggerTiming::After => "AFTER",
        TriggerTiming::InsteadOf => "INSTEAD OF",
    };
    let events: Vec<Value> = events
        .iter()
        .map(|event| sql(self::event(*event, columns)))
        .collect();
    let arguments = arguments.iter().map(|text| Sql::from(&Literal::new(text)));
    record! {
        or_replace => or_replace,
        name => sql(name),
        table => sql(table),
        timing => sql(Sql::keyword(timing)),
        events => events,
        referenced => optional(referenced.as_ref()),
        enabled => optional(state(*enabled).map(Sql::keyword)),
        for_each_row => *for_each_row,
        constraint => *constraint,
        deferrable => *deferrable,
        initially_deferred => *initially_deferred,
        old_table => optional(old_table.as_ref()),
        new_table => optional(new_table.as_ref()),
        condition => optional(condition.as_ref()),
        function => sql(function),
        arguments => sql(Sql::list(arguments)),
    }
}

fn event(event: TriggerEvent, columns: &[Ident]) -> Sql {
    let word = match event {
        TriggerEvent::Insert => "INSERT",
        TriggerEvent::Update if !columns.is_empty() => {
            return Sql::words([Sql::keyword("UPDATE OF"), Sql::list(columns)]);
        }
        TriggerEvent::Update => "UPDATE",
        TriggerEvent::Delete => "DELETE",
        TriggerEvent::Truncate => "TRUNCATE",
    };
    Sql::keyword(word)
}

/// What is said of a trigger that is not simply enabled.
fn state(state: TriggerState) -> Option<&'static str> {
    match state {
        TriggerState::Origin => None,
        TriggerState::Disabled => Some("DISABLE"),
        TriggerState::Replica => Some("ENABLE REPLICA"),
        TriggerState::Always => Some("ENABLE ALWAYS"),
    }
}
