//! Binding: names to columns, functions and operators to what they are.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::binder::{self, bind_tree};
use super::constant;
use super::lex::{invalid, lex};
use super::parse::parse;
use super::types::Types;
use super::{Expr, Ident, QualifiedName, TypeName};
use crate::diagnose::Code;
use crate::pg::{CastContext, Knowledge, Volatility};

/// What names in an expression may mean.
#[derive(Debug, Clone)]
pub struct Scope<'a> {
    /// The relations in sight.
    pub relations: Vec<Relation<'a>>,
    /// Extensions of the project file: their functions, operators and types are known too.
    pub extensions: &'a [String],
    /// The project's enumerated types.
    pub enums: &'a Enums,
}

/// Enumerated types, with their labels.
pub type Enums = BTreeMap<QualifiedName, Vec<String>>;

/// Where there are none.
pub static NO_ENUMS: Enums = Enums::new();

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
    text: &str,
    scope: &Scope<'_>,
    context: Context,
    knowledge: &Knowledge,
) -> Result<Bound, Vec<Problem>> {
    // A text that is a column's name to the letter is that column, whatever SQL makes of it: `order`, `user id`.
    if context != Context::Default
        && let Some(bound) = whole_column(text.trim(), scope)
        && !(context == Context::Generated && bound.1)
    {
        let mut bound = bound.0;
        if matches!(
            context,
            Context::Check | Context::IndexPredicate | Context::Filter
        ) && !bound.ty.as_ref().is_some_and(|t| t.is("bool"))
        {
            let spelled = bound.ty.map_or_else(String::new, |t| t.to_string());
            return Err(vec![
                invalid(
                    format!(
                        "a condition must be true or false, and this is {spelled}, not boolean"
                    ),
                    0..text.len(),
                )
                .with_hint("compare it with something: `… > 0`, `… is not null`"),
            ]);
        }
        bound.volatility = Volatility::Immutable;
        return Ok(bound);
    }
    let lexed = lex(text).map_err(|p| vec![p])?;
    let tree = parse(&lexed).map_err(|p| vec![p])?;
    bind_tree(&tree, &lexed, scope, context, knowledge)
}

/// The column, and whether it is generated.
fn whole_column(text: &str, scope: &Scope<'_>) -> Option<(Bound, bool)> {
    let (relation, column) = binder::whole_column(text, scope)?;
    let of = scope.relations.get(relation)?;
    let found = of.columns.get(column)?;
    let bound = Bound {
        expr: Expr::vouched(binder::printed_column(of, &found.column)),
        ty: Some(found.ty.clone()),
        volatility: Volatility::Immutable,
        columns: BTreeSet::from([(relation, column)]),
        aggregate: false,
    };
    Some((bound, found.generated))
}

/// Whether a column of type `to` takes a value of type `from` without a written cast, as a default or generated value
/// must be; `None` is an untyped constant, which any type takes.
pub fn assignable(
    from: Option<&TypeName>,
    to: &TypeName,
    extensions: &[String],
    knowledge: &Knowledge,
) -> bool {
    let types = Types {
        knowledge,
        extensions,
    };
    from.is_none_or(|from| {
        let (from, to) = (types.of(from), types.of(to));
        types
            .conversion(&from, &to, CastContext::Assignment)
            .is_some()
    })
}

/// Why the text of an untyped constant (`Bound::ty` is `None`) is certainly no value of a type: how one is written.
/// `None` when it may be one.
pub fn unreadable(
    value: &str,
    ty: &TypeName,
    extensions: &[String],
    knowledge: &Knowledge,
) -> Option<&'static str> {
    let types = Types {
        knowledge,
        extensions,
    };
    constant::refused(&types, value, &types.of(ty))
}
