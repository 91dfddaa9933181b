//! Triggers.

use minijinja::Value;

use super::value::{Sql, optional, record, sql};
use crate::catalog::{Trigger, TriggerEvent, TriggerTiming};
use crate::sql::{Ident, Literal, QualifiedName};

pub(super) fn context(table: &QualifiedName, name: &Ident, trigger: &Trigger) -> Value {
    let Trigger {
        timing,
        events,
        for_each_row,
        constraint,
        deferrable,
        initially_deferred,
        old_table,
        new_table,
        condition,
        function,
        arguments,
        comment: _,
    } = trigger;
    let timing = match timing {
        TriggerTiming::Before => "BEFORE",
        TriggerTiming::After => "AFTER",
    };
    let events: Vec<Value> = events.iter().map(|event| sql(keyword(*event))).collect();
    let arguments = arguments.iter().map(|text| Sql::from(&Literal::new(text)));
    record! {
        name => sql(name),
        table => sql(table),
        timing => sql(Sql::keyword(timing)),
        events => events,
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

fn keyword(event: TriggerEvent) -> Sql {
    Sql::keyword(match event {
        TriggerEvent::Insert => "INSERT",
        TriggerEvent::Update => "UPDATE",
        TriggerEvent::Delete => "DELETE",
        TriggerEvent::Truncate => "TRUNCATE",
    })
}
