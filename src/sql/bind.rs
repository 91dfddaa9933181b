//! Binding: names to columns, functions and operators to what they are.

use std::collections::BTreeSet;
use std::ops::Range;

use super::{Expr, Ident, TypeName};
use crate::diagnose::Code;
use crate::pg::{Knowledge, Volatility};

/// What names in an expression may mean.
#[derive(Debug, Clone, Default)]
pub struct Scope<'a> {
    /// The relations in sight.
    pub relations: Vec<Relation<'a>>,
    /// Extensions of the project file: their functions, operators and types are known too.
    pub extensions: &'a [String],
}

/// One table or alias in sight.
#[derive(Debug, Clone)]
pub struct Relation<'a> {
    /// What may stand before the dot: entity, table, alias.
    pub names: Vec<&'a str>,
    /// What is printed before the dot; `None`: columns are printed bare.
    pub qualifier: Option<Ident>,
    /// Whether an unqualified name is looked up here.
    pub unqualified: bool,
    /// Its columns.
    pub columns: Vec<ScopeColumn<'a>>,
}

/// One column in sight.
#[derive(Debug, Clone)]
pub struct ScopeColumn<'a> {
    /// What it may be called: the column's name, the field's name.
    pub names: Vec<&'a str>,
    /// The column's own name.
    pub column: Ident,
    /// Its type.
    pub ty: TypeName,
    /// A generated column: another generated column cannot refer to it.
    pub generated: bool,
}

/// Where an expression stands, which decides what it may contain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Context {
    /// `DEFAULT`: no column, no aggregate, no subquery; any volatility.
    Default,
    /// `CHECK`: no aggregate, no subquery; must be boolean.
    Check,
    /// `GENERATED ALWAYS AS`: immutable, no generated column, no aggregate, no subquery.
    Generated,
    /// An index key that is an expression: immutable, no aggregate, no subquery.
    IndexExpression,
    /// The predicate of an index or exclusion constraint: immutable, boolean, no aggregate, no subquery.
    IndexPredicate,
    /// A filter of a projection: boolean, no aggregate.
    Filter,
    /// An output column of a projection: aggregates allowed.
    Output,
}

/// What is wrong, and where in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The diagnostic's name.
    pub code: Code,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// What to write instead.
    pub hint: Option<String>,
    /// Byte range in the text.
    pub span: Range<usize>,
}

/// A bound expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    /// Ready to print.
    pub expr: Expr,
    /// Its type; `None` for an untyped constant (`'x'`, NULL) only.
    pub ty: Option<TypeName>,
    /// The worst volatility of its parts.
    pub volatility: Volatility,
    /// The columns it reads: relation and column by their positions in the scope.
    pub columns: BTreeSet<(usize, usize)>,
    /// Whether an aggregate stands in it.
    pub aggregate: bool,
}

/// Binds one expression.
///
/// # Errors
/// Every problem found, in the order of the text: `invalid-expression`, `unknown-field`, `unknown-function`,
/// `unknown-type`, `expression-not-immutable`.
pub fn bind(
    _text: &str,
    _scope: &Scope<'_>,
    _context: Context,
    _knowledge: &Knowledge,
) -> Result<Bound, Vec<Problem>> {
    todo!()
}
