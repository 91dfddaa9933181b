//! The walk over the tree of an expression: one file a kind of node.

mod aggregates;
mod bare;
mod call_problems;
mod calls;
mod casts;
mod columns;
mod literals;
mod operators;
mod special;
#[cfg(test)]
mod tests;
mod walk;

pub(super) use columns::{printed as printed_column, whole as whole_column};

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use sqlparser::ast::{self, Spanned};

use super::constant;
use super::lex::{Lexed, bytes, invalid};
use super::remedy::{self, Culprit};
use super::types::{Ty, Types};
use super::{Bound, Context, Expr, Problem, Scope, TypeName};
use crate::diagnose::Code;
use crate::pg::{Knowledge, Volatility};

/// Deepest tree that is walked: casts and tests in a row (`a::b::c`) nest without parentheses.
const MAX_DEPTH: usize = 150;
/// Problems of one expression after which the rest is not reported.
const MAX_PROBLEMS: usize = 20;

/// One part of an expression, bound. `None` in its place means that its problem has been reported.
#[derive(Debug, Clone)]
pub(super) struct Part {
    ty: Ty,
    modifiers: Vec<i32>,
    volatility: Volatility,
    /// The value of an untyped constant, and where it stands.
    constant: Option<(String, Range<usize>)>,
}

impl Part {
    fn new(ty: Ty, volatility: Volatility) -> Self {
        Self {
            ty,
            modifiers: Vec::new(),
            volatility,
            constant: None,
        }
    }

    fn constant(name: &str) -> Self {
        Self::new(Ty::core(name), Volatility::Immutable)
    }

    fn worsened(mut self, volatility: Volatility) -> Self {
        self.volatility = self.volatility.max(volatility);
        self
    }
}

/// The state of the walk.
pub(super) struct Binder<'a> {
    types: Types<'a>,
    scope: &'a Scope<'a>,
    context: Context,
    lexed: &'a Lexed<'a>,
    problems: Vec<Problem>,
    /// Where names stand in the text, and what is printed there.
    replaced: BTreeMap<usize, (usize, String)>,
    columns: BTreeSet<(usize, usize)>,
    /// How many column references have been met.
    references: usize,
    aggregates: usize,
    depth: usize,
}

/// Binds a tree.
pub(super) fn bind_tree(
    tree: &ast::Expr,
    lexed: &Lexed<'_>,
    scope: &Scope<'_>,
    context: Context,
    knowledge: &Knowledge,
) -> Result<Bound, Vec<Problem>> {
    let mut binder = Binder {
        types: Types {
            knowledge,
            extensions: scope.extensions,
        },
        scope,
        context,
        lexed,
        problems: Vec::new(),
        replaced: BTreeMap::new(),
        columns: BTreeSet::new(),
        references: 0,
        aggregates: 0,
        depth: 0,
    };
    let part = binder.walk(tree);
    if let Some(part) = &part {
        binder.check_whole(tree, part);
    }
    match part {
        Some(part) if binder.problems.is_empty() => Ok(Bound {
            expr: Expr::vouched(binder.printed()),
            ty: binder.types.name_of(&part.ty, &part.modifiers),
            volatility: part.volatility,
            columns: binder.columns,
            aggregate: binder.aggregates > 0,
        }),
        _ => {
            let mut problems = binder.problems;
            problems.sort_by_key(|p| (p.span.start, p.span.end));
            problems.dedup();
            problems.truncate(MAX_PROBLEMS);
            Err(problems)
        }
    }
}

impl Context {
    /// Whether everything in it must be immutable.
    fn immutable(self) -> bool {
        matches!(
            self,
            Self::Generated | Self::IndexExpression | Self::IndexPredicate
        )
    }

    /// Whether it is a condition.
    fn boolean(self) -> bool {
        matches!(self, Self::Check | Self::IndexPredicate | Self::Filter)
    }

    /// How it is called in a message.
    fn called(self) -> &'static str {
        match self {
            Self::Default => "a default",
            Self::Check => "a check",
            Self::Generated => "a generated column",
            Self::IndexExpression => "an index expression",
            Self::IndexPredicate => "an index condition",
            Self::Filter => "a filter",
            Self::Output => "an output column",
        }
    }
}

impl Binder<'_> {
    fn check_whole(&mut self, tree: &ast::Expr, part: &Part) {
        if self.context.boolean() {
            self.require_boolean(tree, part, self.context.called());
        } else if matches!(part.ty, Ty::Row(_)) || self.types.category(&part.ty) == 'P' {
            let called = self.context.called();
            self.report(invalid(
                format!(
                    "{called} must have one value of a column's type, and this is {}",
                    self.types.spell(&part.ty)
                ),
                self.span(tree),
            ));
        }
    }

    fn require_boolean(&mut self, expr: &ast::Expr, part: &Part, what: &str) {
        if part.ty.is("bool") || part.ty == Ty::Unknown {
            self.check_constant(part, &Ty::core("bool"));
            return;
        }
        let spelled = self.types.spell(&part.ty);
        let problem = invalid(
            format!("{what} must be true or false, and this is {spelled}, not boolean"),
            self.span(expr),
        );
        self.report(problem.with_hint("compare it with something: `… > 0`, `… is not null`"));
    }

    /// Reports an untyped constant that cannot be read as the type that it is given.
    fn check_constant(&mut self, part: &Part, ty: &Ty) {
        if let (Some((value, span)), Ty::Project(name)) = (&part.constant, ty)
            && part.ty == Ty::Unknown
            && let Some(labels) = self.labels(name)
            && !labels.contains(value)
        {
            let problem = invalid(
                format!("'{value}' is none of the values of {name}"),
                span.clone(),
            );
            self.report(problem.with_hint(format!("its values are: {}", labels.join(", "))));
            return;
        }
        if part.ty == Ty::Unknown
            && let Some((value, span)) = &part.constant
            && let Some(how) = constant::refused(&self.types, value, ty)
        {
            let spelled = self.types.spell(ty);
            self.report(
                invalid(
                    format!("'{value}' cannot be read as {spelled}"),
                    span.clone(),
                )
                .with_hint(how),
            );
        }
    }

    /// The labels of an enumerated type of the project; an array has none.
    fn labels(&self, name: &TypeName) -> Option<&[String]> {
        let own = name.qualified().filter(|_| !name.array)?;
        self.scope.enums.get(&own).map(Vec::as_slice)
    }

    fn report(&mut self, problem: Problem) {
        // One more than is shown, so that a hostile text costs no more.
        if self.problems.len() <= MAX_PROBLEMS {
            self.problems.push(problem);
        }
    }

    fn refuse<T>(&mut self, message: impl Into<String>, span: Range<usize>) -> Option<T> {
        self.report(invalid(message, span));
        None
    }

    /// Reports a part that is not immutable, where that matters.
    fn account(&mut self, volatility: Volatility, culprit: &Culprit<'_>, span: Range<usize>) {
        if volatility == Volatility::Immutable || !self.context.immutable() {
            return;
        }
        let (message, hint) = remedy::explain(culprit, self.context.called());
        self.report(Problem {
            code: Code::ExpressionNotImmutable,
            message,
            hint: Some(hint),
            span,
        });
    }

    /// Where an expression stands in the text.
    fn span(&self, expr: &ast::Expr) -> Range<usize> {
        bytes(expr.span()).map_or_else(|| self.lexed.extent(), |range| self.close(range))
    }

    /// Spans of nodes leave closing tokens out; takes in what closes the parentheses that are open.
    fn close(&self, range: Range<usize>) -> Range<usize> {
        let mut open = 0_usize;
        for token in self.lexed.tokens_from(range.start) {
            let Some(at) = bytes(token.span) else {
                continue;
            };
            if at.start >= range.end && open == 0 {
                break;
            }
            match self.lexed.slice(token) {
                "(" | "[" => open += 1,
                ")" | "]" => {
                    open = open.saturating_sub(1);
                    if at.start >= range.end && open == 0 {
                        return range.start..at.end;
                    }
                }
                _ => {}
            }
        }
        range
    }

    fn spell(&self, ty: &Ty) -> String {
        self.types.spell(ty)
    }

    fn written(&self, expr: &ast::Expr) -> String {
        let text = self.lexed.text.get(self.span(expr)).unwrap_or_default();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The author's tokens with names replaced, and white space and comments folded.
    fn printed(&self) -> String {
        let mut out = String::with_capacity(self.lexed.text.len());
        let mut last_end = None;
        let mut skip_until = 0;
        for token in &self.lexed.tokens {
            let Some(range) = bytes(token.span) else {
                continue;
            };
            if range.start < skip_until {
                continue;
            }
            let (end, text) = match self.replaced.get(&range.start) {
                Some((end, text)) => (*end, text.as_str()),
                None => (range.end, self.lexed.slice(token)),
            };
            let word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
            // `not"x"` would become one word once its quotes are gone.
            let would_join = word(out.chars().next_back()) && word(text.chars().next());
            if last_end.is_some_and(|last| last < range.start || would_join) {
                out.push(' ');
            }
            out.push_str(text);
            last_end = Some(end);
            skip_until = end;
        }
        out
    }
}

/// The nearest of some names, if one is near.
pub(super) fn nearest<'n>(name: &str, among: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let lower = name.to_lowercase();
    let limit = (lower.chars().count() / 3).clamp(1, 3);
    among
        .into_iter()
        .map(|other| {
            (
                strsim::damerau_levenshtein(&lower, &other.to_lowercase()),
                other,
            )
        })
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, other)| other)
}
