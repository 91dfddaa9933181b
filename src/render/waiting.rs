//! What becomes of rows in a default partition that belong to one that comes.

use minijinja::Value;

use super::value::{Sql, record, sql};
use crate::plan::Statement;
use crate::sql::{Expr, Literal};

/// Such a statement's template and what the template receives.
pub(super) fn context(statement: &Statement<'_>) -> (&'static str, Value) {
    match statement {
        Statement::KeepOut {
            default,
            check,
            condition,
        } => (
            "keep_out.sql.j2",
            record! {
                table => sql(*default),
                name => sql(check),
                belongs => sql(condition),
                excluded => sql(&Expr::negated(condition)),
            },
        ),
        Statement::ValidateWhereItHolds { table, name } => (
            "validate_where_it_holds.sql.j2",
            record! {
                table => sql(*table),
                table_name => sql(&Literal::new(table.to_string())),
                name => sql(name),
                check => sql(&Literal::new(name.as_str())),
            },
        ),
        Statement::MoveWaiting {
            default,
            of,
            check,
            condition,
            into,
        } => (
            "move_waiting.sql.j2",
            record! {
                of => sql(*of),
                table => sql(*default),
                default => sql(&Literal::new(default.to_string())),
                check => sql(&Literal::new(check.as_str())),
                belongs => sql(&Literal::new(Sql::from(condition).as_str())),
                into => sql(&Literal::new(into.to_string())),
            },
        ),
        // All others have templates of their own.
        _ => ("drop.sql.j2", Value::from(())),
    }
}
