//! The small grammars around an expression: an index element, an output column.

use std::ops::Range;

use super::{Ident, Problem};

/// `lower(email) COLLATE "C" text_pattern_ops DESC NULLS LAST`, taken apart.
/// <https://www.postgresql.org/docs/current/sql-createindex.html>
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexElement {
    /// Byte range of the column name or expression in the text; outer parentheses are left off.
    pub expression: Range<usize>,
    /// COLLATE.
    pub collation: Option<Ident>,
    /// Operator class.
    pub operator_class: Option<Ident>,
    /// `Some(true)` for DESC, `Some(false)` for an ASC that was written.
    pub descending: Option<bool>,
    /// `Some(true)` for NULLS FIRST, `Some(false)` for NULLS LAST.
    pub nulls_first: Option<bool>,
}

/// Takes an index element apart. The expression itself is not bound yet.
pub fn parse_index_element(_text: &str) -> Result<IndexElement, Problem> {
    todo!()
}

/// `COUNT(*) as order_count`, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputColumn {
    /// Byte range of the expression in the text.
    pub expression: Range<usize>,
    /// The alias, unquoted, and its byte range.
    pub alias: Option<(Ident, Range<usize>)>,
}

/// Takes an output column apart. The expression itself is not bound yet.
pub fn parse_output_column(_text: &str) -> Result<OutputColumn, Problem> {
    todo!()
}
