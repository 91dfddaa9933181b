//! Aggregates: where they may stand, and what only they can have.

use std::ops::Range;

use sqlparser::ast::{self, FunctionArg, FunctionArgExpr, FunctionArgumentClause};

use super::super::Context;
use super::super::lex::invalid;
use super::super::resolve_call;
use super::{Binder, Part};
use crate::pg::Volatility;

/// Aggregates that are only called `WITHIN GROUP (ORDER BY …)`.
const ORDERED_SET: &[&str] = &["percentile_cont", "percentile_disc", "mode"];

/// What a call is given.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a clause that is there or not"
)]
pub(super) struct Given<'e> {
    /// The arguments; those of WITHIN GROUP are the last.
    pub parts: Vec<Part>,
    /// The names of the last ones: `days => 1`.
    pub names: Vec<String>,
    /// `count(*)`.
    pub star: bool,
    /// DISTINCT.
    pub distinct: bool,
    /// WITHIN GROUP.
    pub within_group: bool,
    /// Whether there is anything that only an aggregate can have.
    pub aggregate_only: bool,
    /// What ORDER BY inside the parentheses and FILTER cost.
    pub cost: Volatility,
    /// Whether all of it was bound.
    pub complete: bool,
    arguments: Vec<&'e ast::Expr>,
    order: Vec<&'e ast::Expr>,
}

impl Binder<'_> {
    /// Binds everything that a call is given.
    pub(super) fn given<'e>(
        &mut self,
        call: &'e ast::Function,
        list: &'e ast::FunctionArgumentList,
        name: &str,
        span: &Range<usize>,
    ) -> Option<Given<'e>> {
        let distinct = list.duplicate_treatment == Some(ast::DuplicateTreatment::Distinct);
        let mut given = Given {
            parts: Vec::new(),
            names: Vec::new(),
            star: false,
            distinct,
            within_group: !call.within_group.is_empty(),
            aggregate_only: false,
            cost: Volatility::Immutable,
            complete: true,
            arguments: Vec::new(),
            order: Vec::new(),
        };
        for argument in &list.args {
            let value = match argument {
                FunctionArg::Unnamed(value) => value,
                FunctionArg::Named { name, arg, .. }
                | FunctionArg::ExprNamed {
                    name: ast::Expr::Identifier(name),
                    arg,
                    ..
                } => {
                    given.names.push(name.value.to_ascii_lowercase());
                    arg
                }
                FunctionArg::ExprNamed { .. } => {
                    return self.refuse(
                        format!("this argument of {name}() cannot be read"),
                        span.clone(),
                    );
                }
            };
            match value {
                FunctionArgExpr::Expr(e) => {
                    given.arguments.push(e);
                    let part = self.walk(e);
                    given.take(part);
                }
                FunctionArgExpr::Wildcard if list.args.len() == 1 => given.star = true,
                _ => {
                    return self.refuse(
                        format!("`*` cannot be an argument of {name}() here"),
                        span.clone(),
                    );
                }
            }
        }
        for clause in &list.clauses {
            let FunctionArgumentClause::OrderBy(keys) = clause else {
                return self.refuse(
                    format!("this clause cannot be used in {name}()"),
                    span.clone(),
                );
            };
            given.order.extend(keys.iter().map(|key| &key.expr));
        }
        for key in given.order.clone() {
            match self.walk(key) {
                Some(part) => given.cost = given.cost.max(part.volatility),
                None => given.complete = false,
            }
        }
        for key in &call.within_group {
            let part = self.walk(&key.expr);
            given.take(part);
        }
        if let Some(filter) = &call.filter {
            match self.walk(filter) {
                Some(part) => {
                    self.require_boolean(filter, &part, "a FILTER");
                    given.cost = given.cost.max(part.volatility);
                }
                None => given.complete = false,
            }
        }
        given.aggregate_only =
            distinct || !given.order.is_empty() || call.filter.is_some() || given.within_group;
        Some(given)
    }

    /// Counts an aggregate in, unless it cannot stand here.
    pub(super) fn aggregate(
        &mut self,
        name: &str,
        given: &Given<'_>,
        nested: bool,
        span: &Range<usize>,
    ) -> Option<()> {
        if self.context != Context::Output {
            let called = self.context.called();
            self.report(
                invalid(
                    format!("{called} cannot hold an aggregate, and {name}() is one"),
                    span.clone(),
                )
                .with_hint("an aggregate sees many rows; it belongs in a projection"),
            );
            return None;
        }
        if given.parts.is_empty() && !given.star && !given.within_group {
            self.report(
                invalid(format!("{name}() needs something to work on"), span.clone())
                    .with_hint(format!("write {name}(*) or {name}(column)")),
            );
            return None;
        }
        if nested {
            return self.refuse(
                format!("the aggregate {name}() cannot have another aggregate inside it"),
                span.clone(),
            );
        }
        if ORDERED_SET.contains(&name) && !given.within_group {
            self.report(
                invalid(
                    format!("{name}() needs to know the order of the rows"),
                    span.clone(),
                )
                .with_hint(format!("write {name}(…) within group (order by column)")),
            );
            return None;
        }
        if given.distinct {
            self.check_distinct(given, name, span)?;
        }
        self.aggregates += 1;
        Some(())
    }

    /// With DISTINCT, values must be comparable, and rows can only be ordered by what they are told apart by.
    fn check_distinct(&mut self, given: &Given<'_>, name: &str, span: &Range<usize>) -> Option<()> {
        if given.order.iter().any(|key| !given.arguments.contains(key)) {
            self.report(
                invalid(
                    format!("{name}(distinct …) can only be ordered by its own arguments"),
                    span.clone(),
                )
                .with_hint("leave out DISTINCT, or order by the same expression"),
            );
            return None;
        }
        let equality = self.types.knowledge.operators("=");
        for part in &given.parts {
            let pair = [part.ty.clone(), part.ty.clone()];
            if !matches!(part.ty, super::Ty::Row(_))
                && resolve_call::operator(&self.types, equality, &pair).is_err()
            {
                let spelled = self.spell(&part.ty);
                return self.refuse(
                    format!("DISTINCT compares values, and {spelled} has no equality"),
                    span.clone(),
                );
            }
        }
        Some(())
    }
}

impl Given<'_> {
    fn take(&mut self, part: Option<Part>) {
        match part {
            Some(part) => self.parts.push(part),
            None => self.complete = false,
        }
    }
}
