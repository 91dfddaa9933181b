//! Functions and procedures.

use std::collections::BTreeMap;

use postgres::{Row, Transaction};

use super::cells::Cells;
use super::dependency::Needs;
use super::{IntrospectError, Scope};
use crate::catalog::{Function, Overload, Routine, RoutineDefinition};
use crate::sql::{QualifiedName, ServerText};

/// All of them by their OIDs.
pub(super) type Functions = BTreeMap<u32, FunctionRow>;

/// One of them, without what it needs.
#[derive(Debug)]
pub(super) struct FunctionRow {
    pub name: QualifiedName,
    arguments: ServerText,
    text: ServerText,
    comment: Option<String>,
}

pub(super) fn read(tx: &mut Transaction<'_>, scope: &Scope) -> Result<Functions, IntrospectError> {
    let query = include_str!("queries/function.sql");
    let rows = tx.query_typed(query, &[scope.is_temporary()])?;
    rows.iter().map(function).collect()
}

fn function(row: &Row) -> Result<(u32, FunctionRow), IntrospectError> {
    let mut cells = Cells::new(row);
    let oid = cells.take()?;
    let name = cells.name()?;
    let arguments: Option<String> = cells.take()?;
    let text: Option<String> = cells.take()?;
    // What is printed is the newest state, and NULL where there is none.
    let (Some(arguments), Some(text)) = (arguments, text) else {
        return Err(IntrospectError::Changed(format!("function {name}")));
    };
    let row = FunctionRow {
        name,
        arguments: ServerText::new(arguments),
        text: ServerText::new(text.trim_end()),
        comment: cells.take()?,
    };
    Ok((oid, row))
}

/// By their names: of several the first by its arguments, and the others as its overloads.
pub(super) fn assemble(functions: Functions, needs: &Needs) -> BTreeMap<QualifiedName, Function> {
    let mut by_name: BTreeMap<QualifiedName, BTreeMap<ServerText, Overload>> = BTreeMap::new();
    for (oid, row) in functions {
        let FunctionRow {
            name,
            arguments,
            text,
            comment,
        } = row;
        let definition = RoutineDefinition {
            arguments: arguments.clone(),
            text,
            needs: needs.of_function(oid),
        };
        let overload = Overload {
            definition,
            comment,
        };
        by_name.entry(name).or_default().insert(arguments, overload);
    }
    by_name
        .into_iter()
        .filter_map(|(name, mut overloads)| {
            let (_, first) = overloads.pop_first()?;
            let function = Function {
                routine: Routine::Definition(first.definition),
                overloads,
                comment: first.comment,
            };
            Some((name, function))
        })
        .collect()
}
