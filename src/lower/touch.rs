//! `audit_trail`: the trigger that sets `updated_at`.

use crate::catalog::{Function, Routine, SCHEMA, Trigger, TriggerEvent, TriggerTiming};
use crate::sql::{Ident, QualifiedName};

/// The function that all such triggers share.
pub fn function() -> (QualifiedName, Function) {
    let comment = "Sets updated_at to the time of the transaction; kept by specqlc for entities with the pattern audit_trail";
    (
        function_name(),
        Function::new(Routine::SetUpdatedAt, Some(comment.into())),
    )
}

/// The trigger of one table.
pub fn trigger() -> (Ident, Trigger) {
    let trigger = Trigger {
        timing: TriggerTiming::Before,
        for_each_row: true,
        ..Trigger::after(vec![TriggerEvent::Update], function_name())
    };
    (Ident::new("set_updated_at"), trigger)
}

fn function_name() -> QualifiedName {
    QualifiedName::new(SCHEMA, "set_updated_at")
}
