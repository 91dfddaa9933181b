//! Function calls.

use std::ops::Range;

use sqlparser::ast::{
    self, FunctionArg, FunctionArgExpr, FunctionArgumentClause, FunctionArguments,
};

use super::super::lex::{bytes, invalid};
use super::super::named_arguments;
use super::super::remedy::Culprit;
use super::super::resolve_call::{self, Unresolved};
use super::super::types::Ty;
use super::super::{Context, Problem};
use super::walk::worst;
use super::{Binder, Part, nearest};
use crate::diagnose::Code;
use crate::pg::{CastContext, CastMethod, Function, FunctionKind, Volatility};

/// Aggregates that are only called `WITHIN GROUP (ORDER BY …)`.
const ORDERED_SET: &[&str] = &["percentile_cont", "percentile_disc", "mode"];

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
    fn plain_arguments<'e>(
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
        let mut parts = Vec::new();
        let mut names: Vec<String> = Vec::new();
        let mut star = false;
        let mut complete = true;
        for argument in &list.args {
            let value = match argument {
                FunctionArg::Unnamed(value) => value,
                FunctionArg::Named { name, arg, .. } => {
                    names.push(name.value.to_ascii_lowercase());
                    arg
                }
                FunctionArg::ExprNamed {
                    name: ast::Expr::Identifier(name),
                    arg,
                    ..
                } => {
                    names.push(name.value.to_ascii_lowercase());
                    arg
                }
                FunctionArg::ExprNamed { .. } => {
                    return self.refuse(format!("this argument of {name}() cannot be read"), span);
                }
            };
            match value {
                FunctionArgExpr::Expr(e) => match self.walk(e) {
                    Some(part) => parts.push(part),
                    None => complete = false,
                },
                FunctionArgExpr::Wildcard if list.args.len() == 1 => star = true,
                _ => {
                    return self
                        .refuse(format!("`*` cannot be an argument of {name}() here"), span);
                }
            }
        }
        let mut extra = Vec::new();
        for clause in &list.clauses {
            match clause {
                FunctionArgumentClause::OrderBy(keys) => {
                    extra.extend(keys.iter().map(|k| &k.expr));
                }
                _ => return self.refuse(format!("this clause cannot be used in {name}()"), span),
            }
        }
        let mut cost = Volatility::Immutable;
        for e in extra.iter().copied() {
            match self.walk(e) {
                Some(part) => cost = cost.max(part.volatility),
                None => complete = false,
            }
        }
        for key in &call.within_group {
            match self.walk(&key.expr) {
                Some(part) => parts.push(part),
                None => complete = false,
            }
        }
        if let Some(filter) = &call.filter {
            match self.walk(filter) {
                Some(part) => {
                    self.require_boolean(filter, &part, "a FILTER");
                    cost = cost.max(part.volatility);
                }
                None => complete = false,
            }
        }
        if self.types.knowledge.functions(name).is_empty() && !self.is_type_call(name, &parts) {
            return self.unknown_function(name, span);
        }
        if !complete {
            return None;
        }
        if !names.is_empty() {
            let positional = list.args.len() - names.len();
            return self.call_by_names(name, parts, positional, &names, span);
        }
        let nested = self.aggregates > aggregates_before;
        let (part, kind) = self.resolve_named(name, &parts, star, &span)?;
        let aggregate_only = list.duplicate_treatment == Some(ast::DuplicateTreatment::Distinct)
            || !extra.is_empty()
            || call.filter.is_some()
            || !call.within_group.is_empty();
        match kind {
            FunctionKind::Aggregate => {
                let empty = parts.is_empty() && !star && call.within_group.is_empty();
                self.aggregate(name, nested, !call.within_group.is_empty(), empty, &span)?;
            }
            FunctionKind::Normal if star => {
                return self.refuse(
                    format!("{name}(*) is no aggregate, so it cannot take `*`"),
                    span,
                );
            }
            FunctionKind::Normal if aggregate_only => {
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
        Some(part.worsened(cost))
    }

    fn aggregate(
        &mut self,
        name: &str,
        nested: bool,
        within_group: bool,
        empty: bool,
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
        if empty {
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
        if ORDERED_SET.contains(&name) && !within_group {
            self.report(
                invalid(
                    format!("{name}() needs to know the order of the rows"),
                    span.clone(),
                )
                .with_hint(format!("write {name}(…) within group (order by column)")),
            );
            return None;
        }
        self.aggregates += 1;
        Some(())
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
        parts: Vec<Part>,
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
            match from.and_then(|i| parts.get(i)) {
                Some(part) => inputs.push(part.clone()),
                None => {
                    let declared = overloads.iter().find_map(|f| f.arguments.get(index))?;
                    inputs.push(Part::constant(declared));
                }
            }
        }
        self.named_call(name, &inputs, span)
    }

    fn report_call(
        &mut self,
        name: &str,
        overloads: &[Function],
        inputs: &[Ty],
        star: bool,
        why: Unresolved,
        span: &Range<usize>,
    ) {
        let spelled: Vec<String> = inputs.iter().map(|t| self.spell(t)).collect();
        let call = if star {
            format!("{name}(*)")
        } else {
            format!("{name}({})", spelled.join(", "))
        };
        let known = resolve_call::signatures(&self.types, overloads);
        if known.is_empty() {
            let _: Option<()> = self.unknown_function(name, span.clone());
            return;
        }
        const SHOWN: usize = 8;
        let mut listed = known
            .iter()
            .take(SHOWN)
            .cloned()
            .collect::<Vec<_>>()
            .join(", ");
        if known.len() > SHOWN {
            listed.push_str(&format!(" and {} more", known.len() - SHOWN));
        }
        let message = match why {
            Unresolved::NoMatch => format!("{call} does not exist; there is {listed}"),
            Unresolved::Ambiguous => format!("{call} may mean several functions: {listed}"),
            Unresolved::Undetermined => {
                format!("nothing says what type the arguments of {call} have")
            }
        };
        self.report(Problem {
            code: Code::UnknownFunction,
            message,
            hint: Some("cast the arguments to the types that it takes: `value::text`".to_owned()),
            span: span.clone(),
        });
    }

    /// Reports a function that is not there, or is brought by an extension that the project does not have.
    pub(super) fn unknown_function<T>(&mut self, name: &str, span: Range<usize>) -> Option<T> {
        let extension = self
            .types
            .knowledge
            .functions(name)
            .iter()
            .find_map(|f| f.extension);
        let (message, hint) = match extension {
            Some(extension) => (
                format!(
                    "the function {name}() belongs to the extension {extension}, which the project does not have"
                ),
                Some(format!(
                    "add {extension} to `extensions:` in the project file"
                )),
            ),
            None => {
                let known = self.types.knowledge.function_names();
                let near = instead(name).or_else(|| nearest(name, known.iter().copied()));
                (
                    format!("there is no function {name}()"),
                    near.map(|near| format!("did you mean {near}()?")),
                )
            }
        };
        self.report(Problem {
            code: Code::UnknownFunction,
            message,
            hint,
            span,
        });
        None
    }

    /// The values that SQL calls by a bare word.
    pub(super) fn bare_function(&mut self, name: &str, span: &Range<usize>) -> Option<Part> {
        let folded = name.to_ascii_lowercase();
        let ty = match folded.as_str() {
            "current_date" => "date",
            "current_time" => "timetz",
            "current_timestamp" => "timestamptz",
            "localtime" => "time",
            "localtimestamp" => "timestamp",
            "current_user" | "session_user" | "user" | "current_role" | "current_catalog"
            | "current_schema" => "name",
            _ => return None,
        };
        if folded == "user" && self.context != Context::Default && self.has_column("user") {
            self.report(
                invalid(
                    "a bare `user` is the name of the database user, not the column",
                    span.clone(),
                )
                .with_hint("write \"user\", in double quotes, for the column"),
            );
            return None;
        }
        let types = self.types;
        let culprit = Culprit::Function {
            name: &folded,
            inputs: &[],
            arguments: &[],
            by_conversion: false,
            types: &types,
        };
        self.account(Volatility::Stable, &culprit, span.clone());
        Some(Part::new(Ty::core(ty), Volatility::Stable))
    }

    /// `current_timestamp(3)`.
    fn with_precision(
        &mut self,
        part: Part,
        list: &ast::FunctionArgumentList,
        name: &str,
        span: &Range<usize>,
    ) -> Option<Part> {
        let digits = match self.plain_arguments(list, name, span)?.as_slice() {
            [ast::Expr::Value(value)] => match &value.value {
                ast::Value::Number(digits, _) => digits.parse::<i32>().ok(),
                _ => None,
            },
            _ => None,
        };
        match digits {
            Some(digits) => Some(Part {
                modifiers: vec![digits.min(6)],
                ..part
            }),
            None => self.refuse(
                format!("{name} takes nothing, or a number of digits in parentheses"),
                span.clone(),
            ),
        }
    }

    fn has_column(&self, name: &str) -> bool {
        self.scope
            .relations
            .iter()
            .filter(|r| r.unqualified)
            .flat_map(|r| &r.columns)
            .any(|c| c.names.contains(&name))
    }
}

/// What functions of other databases are called here.
fn instead(name: &str) -> Option<&'static str> {
    Some(match name {
        "ifnull" | "isnull" | "nvl" => "coalesce",
        "len" | "datalength" => "length",
        "getdate" | "sysdate" | "curdate" | "getutcdate" => "now",
        "ucase" => "upper",
        "lcase" => "lower",
        "charindex" | "instr" | "locate" => "strpos",
        "group_concat" | "listagg" => "string_agg",
        "newid" | "uuid" => "gen_random_uuid",
        "rand" => "random",
        "regexp_substr_all" => "regexp_matches",
        "date_format" => "to_char",
        _ => return None,
    })
}
