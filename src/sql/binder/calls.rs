//! Function calls.

use std::ops::Range;

use sqlparser::ast::{self, FunctionArg, FunctionArgExpr, FunctionArguments};

use super::super::Problem;
use super::super::lex::{bytes, invalid};
use super::super::named_arguments;
use super::super::remedy::Culprit;
use super::super::resolve_call;
use super::super::types::Ty;
use super::walk::worst;
use super::{Binder, Part};
use crate::diagnose::Code;
use crate::pg::{CastContext, CastMethod, FunctionKind, Volatility};

impl Binder<'_> {
    /// Anything that has the form of a call.
    pub(super) fn call(&mut self, call: &ast::Function) -> Option<Part> {
        let (name, quoted, span) = self.call_name(call)?;
        if call.over.is_some() {
            self.report(
                invalid("window functions (OVER) cannot be used here", span)
                    .with_hint("use it in the query that reads the table"),
            );
            return None;
        }
        let arguments = match &call.args {
            FunctionArguments::None => {
                let before = self.problems.len();
                return match self.bare_function(&name, &span) {
                    Some(part) => Some(part),
                    None if self.problems.len() > before => None,
                    None => self.unknown_function(&name, span),
                };
            }
            FunctionArguments::Subquery(_) => {
                let called = self.context.called();
                return self.refuse(format!("{called} cannot hold a subquery"), span);
            }
            FunctionArguments::List(list) => list,
        };
        if !quoted {
            match name.as_str() {
                "current_timestamp" | "current_time" | "localtime" | "localtimestamp" => {
                    let part = self.bare_function(&name, &span)?;
                    return self.with_precision(part, arguments, &name, &span);
                }
                "coalesce" | "greatest" | "least" => {
                    let exprs = self.plain_arguments(arguments, &name, &span)?;
                    let parts = self.walk_all(exprs.iter().copied())?;
                    if parts.is_empty() {
                        return self.refuse(format!("{name}() needs a value"), span);
                    }
                    return self.unite(&span, &name, &parts);
                }
                "nullif" => return self.nullif(arguments, &span),
                "row" => {
                    let exprs = self.plain_arguments(arguments, &name, &span)?;
                    return self.row(exprs);
                }
                "grouping" => {
                    return self.refuse("GROUPING belongs to a query with GROUP BY", span);
                }
                _ => {}
            }
        }
        self.ordinary_call(call, arguments, &name, span)
    }

    fn call_name(&mut self, call: &ast::Function) -> Option<(String, bool, Range<usize>)> {
        let idents: Vec<&ast::Ident> = call.name.0.iter().filter_map(|p| p.as_ident()).collect();
        let start = idents.first().and_then(|i| bytes(i.span));
        let end = idents.last().and_then(|i| bytes(i.span));
        let span = match (start, end) {
            (Some(start), Some(end)) => start.start..end.end,
            _ => self.lexed.extent(),
        };
        let fold = |ident: &ast::Ident| match ident.quote_style {
            Some(_) => ident.value.clone(),
            None => ident.value.to_ascii_lowercase(),
        };
        match idents.as_slice() {
            [name] => Some((fold(name), name.quote_style.is_some(), span)),
            [schema, name] if fold(schema) == "pg_catalog" => Some((fold(name), true, span)),
            _ => {
                let written = self.lexed.text.get(span.clone()).unwrap_or_default();
                self.report(Problem {
                    code: Code::UnknownFunction,
                    message: format!("the function `{written}` is not known to the compiler"),
                    hint: Some(
                        "only PostgreSQL's own functions and those of the project's extensions can be called, without a schema"
                            .to_owned(),
                    ),
                    span,
                });
                None
            }
        }
    }

    /// The arguments of a call that takes nothing but values.
    pub(super) fn plain_arguments<'e>(
        &mut self,
        list: &'e ast::FunctionArgumentList,
        name: &str,
        span: &Range<usize>,
    ) -> Option<Vec<&'e ast::Expr>> {
        let exprs: Vec<&ast::Expr> = list
            .args
            .iter()
            .filter_map(|a| match a {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(e)) => Some(e),
                _ => None,
            })
            .collect();
        if exprs.len() != list.args.len()
            || list.duplicate_treatment.is_some()
            || !list.clauses.is_empty()
        {
            return self.refuse(format!("{name}() takes values only"), span.clone());
        }
        Some(exprs)
    }

    fn nullif(&mut self, list: &ast::FunctionArgumentList, span: &Range<usize>) -> Option<Part> {
        let exprs = self.plain_arguments(list, "nullif", span)?;
        let parts = self.walk_all(exprs.iter().copied())?;
        let [first, _] = parts.as_slice() else {
            return self.refuse("nullif() takes two values", span.clone());
        };
        let inputs: Vec<Ty> = parts.iter().map(|p| p.ty.clone()).collect();
        let compared = self.operate_parts("=", &parts, span.clone())?;
        // The result is of the type that the first value has in the comparison.
        let overloads = self.types.knowledge.operators("=");
        let found = resolve_call::operator(&self.types, overloads, &inputs).ok()?;
        let ty = match found.arguments.first() {
            Some(ty) if !ty.is("anyenum") => ty.clone(),
            _ => first.ty.clone(),
        };
        let modifiers = if ty == first.ty {
            first.modifiers.clone()
        } else {
            Vec::new()
        };
        Some(Part {
            ty,
            modifiers,
            volatility: compared.volatility,
            constant: None,
        })
    }

    fn ordinary_call(
        &mut self,
        call: &ast::Function,
        list: &ast::FunctionArgumentList,
        name: &str,
        span: Range<usize>,
    ) -> Option<Part> {
        let aggregates_before = self.aggregates;
        let given = self.given(call, list, name, &span)?;
        if self.types.knowledge.functions(name).is_empty() && !self.is_type_call(name, &given.parts)
        {
            return self.unknown_function(name, span);
        }
        if !given.complete {
            return None;
        }
        if !given.names.is_empty() {
            let positional = list.args.len() - given.names.len();
            return self.call_by_names(name, &given.parts, positional, &given.names, span);
        }
        let nested = self.aggregates > aggregates_before;
        let (part, kind) = self.resolve_named(name, &given.parts, given.star, &span)?;
        match kind {
            FunctionKind::Aggregate => self.aggregate(name, &given, nested, &span)?,
            FunctionKind::Normal if given.star => {
                return self.refuse(
                    format!("{name}(*) is no aggregate, so it cannot take `*`"),
                    span,
                );
            }
            FunctionKind::Normal if given.aggregate_only => {
                return self.refuse(
                    format!("{name}() is no aggregate: DISTINCT, ORDER BY, FILTER and WITHIN GROUP belong to aggregates"),
                    span,
                );
            }
            FunctionKind::Normal => {}
            FunctionKind::Window => {
                self.report(
                    invalid(
                        format!("{name}() is a window function, which cannot be used here"),
                        span,
                    )
                    .with_hint("use it in the query that reads the table"),
                );
                return None;
            }
        }
        Some(part.worsened(given.cost))
    }

    /// A call by the function's name in the catalogs.
    pub(super) fn named_call(
        &mut self,
        name: &str,
        parts: &[Part],
        span: Range<usize>,
    ) -> Option<Part> {
        self.resolve_named(name, parts, false, &span)
            .map(|(part, _)| part)
    }

    fn resolve_named(
        &mut self,
        name: &str,
        parts: &[Part],
        star: bool,
        span: &Range<usize>,
    ) -> Option<(Part, FunctionKind)> {
        let types = self.types;
        let overloads = types.knowledge.functions(name);
        let inputs: Vec<Ty> = parts.iter().map(|p| p.ty.clone()).collect();
        let exact = overloads.iter().any(|f| {
            types.has(f.extension)
                && f.arguments.len() == inputs.len()
                && f.arguments.iter().zip(&inputs).all(|(a, i)| i.is(a))
        });
        if !exact && let Some(part) = self.type_call(name, parts, span) {
            return Some((part, FunctionKind::Normal));
        }
        match resolve_call::function(&types, overloads, &inputs, false) {
            Ok(found) => {
                if found.item.returns_set {
                    return self.refuse(
                        format!("{name}() returns many rows, and one value is needed here"),
                        span.clone(),
                    );
                }
                for (part, argument) in parts.iter().zip(&found.arguments) {
                    self.check_constant(part, argument);
                }
                let inlined = self.inlined(name, &found.arguments, &found.item.arguments);
                let own = inlined
                    .unwrap_or(found.item.volatility)
                    .max(found.conversion);
                let culprit = Culprit::Function {
                    name,
                    inputs: &inputs,
                    arguments: &found.arguments,
                    by_conversion: found.item.volatility == Volatility::Immutable,
                    types: &types,
                };
                if found.item.kind == FunctionKind::Normal {
                    self.account(own, &culprit, span.clone());
                }
                let part = Part::new(found.result, own.max(worst(parts)));
                Some((part, found.item.kind))
            }
            Err(why) => {
                self.report_call(name, overloads, &inputs, star, why, span);
                None
            }
        }
    }

    /// The volatility of what a call becomes when the server puts the body of an SQL function in its place, which it
    /// does before it asks what is immutable; such functions turn a value into text first.
    pub(super) fn inlined(
        &self,
        name: &str,
        arguments: &[Ty],
        declared: &[&str],
    ) -> Option<Volatility> {
        if !matches!(name, "||" | "quote_literal" | "quote_nullable") {
            return None;
        }
        let at = declared
            .iter()
            .position(|d| matches!(*d, "anynonarray" | "anyelement"))?;
        self.types
            .conversion(arguments.get(at)?, &Ty::core("text"), CastContext::Explicit)
    }

    fn is_type_call(&self, name: &str, parts: &[Part]) -> bool {
        parts.len() == 1 && self.types.knowledge.type_named(name).is_some()
    }

    /// `text(5)`: a type's name used as a function, where no function of that name takes exactly this.
    fn type_call(&mut self, name: &str, parts: &[Part], span: &Range<usize>) -> Option<Part> {
        let [part] = parts else { return None };
        let row = self.types.knowledge.type_named(name)?;
        if row.category == 'P' || !self.types.has(row.extension) {
            return None;
        }
        let target = Ty::core(name);
        if part.ty != Ty::Unknown {
            let Ty::Core(source) = &part.ty else {
                return None;
            };
            let by_function = self
                .types
                .knowledge
                .cast(source, name)
                .is_some_and(|c| c.method == CastMethod::Function);
            if by_function {
                return None;
            }
        }
        let cost = self
            .types
            .conversion(&part.ty, &target, CastContext::Explicit)?;
        let types = self.types;
        let culprit = Culprit::Cast {
            from: &part.ty,
            to: &target,
            types: &types,
        };
        self.account(cost, &culprit, span.clone());
        Some(Part::new(target, part.volatility.max(cost)))
    }

    /// `make_interval(days => 1)`.
    fn call_by_names(
        &mut self,
        name: &str,
        parts: &[Part],
        positional: usize,
        names: &[String],
        span: Range<usize>,
    ) -> Option<Part> {
        let Some(ordered) = named_arguments::ordered(name, positional, names) else {
            self.report(Problem {
                code: Code::UnknownFunction,
                message: format!(
                    "{name}() is not known to have arguments called {}",
                    names.join(", ")
                ),
                hint: Some("give the arguments by their order, without names".to_owned()),
                span,
            });
            return None;
        };
        // What is left out has a default; its type is taken from the one overload that there is.
        let overloads = self.types.knowledge.functions(name);
        let mut inputs: Vec<Part> = Vec::new();
        for (index, from) in ordered.iter().enumerate() {
            if let Some(part) = from.and_then(|i| parts.get(i)) {
                inputs.push(part.clone());
            } else {
                let declared = overloads.iter().find_map(|f| f.arguments.get(index))?;
                inputs.push(Part::constant(declared));
            }
        }
        self.named_call(name, &inputs, span)
    }
}
