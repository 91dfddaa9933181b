//! The values of a row, taken one after the other.

use postgres::Row;
use postgres::types::FromSql;

use super::IntrospectError;
use crate::sql::{Expr, Ident, QualifiedName};

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
