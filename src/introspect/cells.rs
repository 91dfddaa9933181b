//! The values of a row, taken one after the other.

use std::str::FromStr;

use postgres::types::{FromSql, ToSql, Type};
use postgres::{Row, Transaction};

use super::{IntrospectError, Scope};
use crate::sql::{Expr, Ident, QualifiedName};

/// How many rows are fetched at once: to fetch each by itself took a twentieth of the client's instructions.
const AT_ONCE: i32 = 2048;

/// A parameter of a query. Where its type is told, the server is not asked for it first: a query that has few rows is one round trip.
pub(super) type Parameter<'p> = (&'p (dyn ToSql + Sync), Type);

/// Runs a query of a scope and takes its rows; of a whole database never all are in memory. `parameters` are those of the query, if
/// it has any.
pub(super) fn each<E>(
    tx: &mut Transaction<'_>,
    query: &str,
    scope: &Scope,
    parameters: &[Parameter<'_>],
    mut take: impl FnMut(&Row) -> Result<(), E>,
) -> Result<(), IntrospectError>
where
    IntrospectError: From<E>,
{
    if let Scope::Temporary(_) = scope {
        let rows = tx.query_typed(query, parameters)?;
        return Ok(rows.iter().try_for_each(take)?);
    }
    let parameters: Vec<_> = parameters.iter().map(|(value, _)| *value).collect();
    let portal = tx.bind(query, &parameters)?;
    loop {
        let rows = tx.query_portal(&portal, AT_ONCE)?;
        let is_last = rows.len() < AT_ONCE.unsigned_abs() as usize;
        rows.iter().try_for_each(&mut take)?;
        if is_last {
            return Ok(());
        }
    }
}

/// A row and how far it has been read.
pub(super) struct Cells<'a> {
    row: &'a Row,
    next: usize,
}

impl<'a> Cells<'a> {
    /// From the first column on.
    pub(super) fn new(row: &'a Row) -> Self {
        Self { row, next: 0 }
    }

    /// The next column's value.
    pub(super) fn take<T: FromSql<'a>>(&mut self) -> Result<T, postgres::Error> {
        let position = self.next;
        self.next += 1;
        self.row.try_get(position)
    }

    /// The same as a letter: a `"char"`, whose text would cost the server a call.
    pub(super) fn letter(&mut self) -> Result<char, postgres::Error> {
        Ok(char::from(self.take::<i8>()?.cast_unsigned()))
    }

    /// The same as an identifier.
    pub(super) fn ident(&mut self) -> Result<Ident, postgres::Error> {
        Ok(Ident::new(self.take::<String>()?))
    }

    /// The same where there may be none.
    pub(super) fn optional_ident(&mut self) -> Result<Option<Ident>, postgres::Error> {
        Ok(self.take::<Option<String>>()?.map(Ident::new))
    }

    /// The next two columns as a name.
    pub(super) fn name(&mut self) -> Result<QualifiedName, postgres::Error> {
        Ok(QualifiedName {
            schema: self.ident()?,
            name: self.ident()?,
        })
    }

    /// The same as numbers with spaces between them: an `int2vector` or `oidvector` as text.
    pub(super) fn numbers<T: FromStr>(&mut self) -> Result<Vec<T>, postgres::Error> {
        let text: &str = self.take()?;
        Ok(text
            .split(' ')
            .filter_map(|number| number.parse().ok())
            .collect())
    }

    /// What the server printed of an object; an empty text means that the object is gone since.
    pub(super) fn printed(&mut self) -> Result<Option<String>, IntrospectError> {
        let text: Option<String> = self.take()?;
        if text.as_ref().is_some_and(String::is_empty) {
            return Err(IntrospectError::Changed("a relation".into()));
        }
        Ok(text)
    }

    /// The same as an expression.
    pub(super) fn expr(&mut self) -> Result<Option<Expr>, IntrospectError> {
        Ok(self.printed()?.map(Expr::from_server))
    }
}
