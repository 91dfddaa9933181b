//! Operators, and what is written with words but means operators: LIKE, BETWEEN, IN.

use std::ops::Range;

use sqlparser::ast::{self, BinaryOperator, UnaryOperator};

use super::super::lex::{bytes, invalid};
use super::super::remedy::Culprit;
use super::super::resolve_call::{self, Unresolved};
use super::super::types::{Ty, Types};
use super::walk::worst;
use super::{Binder, Part, nearest};
use crate::pg::Volatility;

type Operand<'e> = (&'e ast::Expr, Part);

impl Binder<'_> {
    /// `a operator b`. A chain of operators is a tree that leans to the left as deep as the chain is long; it is
    /// walked without recursion.
    pub(super) fn binary(&mut self, expr: &ast::Expr) -> Option<Part> {
        let mut chain = Vec::new();
        let mut first = expr;
        while let ast::Expr::BinaryOp { left, op, right } = first {
            chain.push((first, op, right.as_ref()));
            first = left;
        }
        let mut left_expr = first;
        let mut left = self.walk(first);
        for (whole, op, right_expr) in chain.into_iter().rev() {
            let right = self.walk(right_expr);
            left = match (left, right) {
                (Some(a), Some(b)) => self.apply(whole, op, (left_expr, a), (right_expr, b)),
                _ => None,
            };
            left_expr = whole;
        }
        left
    }

    fn apply(
        &mut self,
        whole: &ast::Expr,
        op: &BinaryOperator,
        left: Operand<'_>,
        right: Operand<'_>,
    ) -> Option<Part> {
        match op {
            BinaryOperator::And | BinaryOperator::Or => {
                let what = if *op == BinaryOperator::And {
                    "what AND joins"
                } else {
                    "what OR joins"
                };
                self.require_boolean(left.0, &left.1, what);
                self.require_boolean(right.0, &right.1, what);
                Some(Part::constant("bool").worsened(left.1.volatility.max(right.1.volatility)))
            }
            BinaryOperator::Overlaps => self.overlaps(whole, &left.1, &right.1),
            _ => {
                if is_comparison(op)
                    && matches!(left.0, ast::Expr::BinaryOp { op: inner, .. } if is_comparison(inner))
                {
                    let span = self.span(whole);
                    self.report(
                        invalid("comparisons cannot follow one another", span).with_hint(
                            "put one in parentheses, or join two by AND: a < b and b < c",
                        ),
                    );
                    return None;
                }
                let name = operator_name(op);
                self.operate(whole, &name, &[left, right])
            }
        }
    }

    /// `operator a`.
    pub(super) fn unary(
        &mut self,
        whole: &ast::Expr,
        op: UnaryOperator,
        operand: &ast::Expr,
    ) -> Option<Part> {
        if let (UnaryOperator::Minus, ast::Expr::Value(value)) = (op, operand)
            && let ast::Value::Number(digits, false) = &value.value
        {
            let span = bytes(value.span).unwrap_or_default();
            return self.number(digits, true, &span);
        }
        let part = self.walk(operand)?;
        match op {
            UnaryOperator::Not => {
                self.require_boolean(operand, &part, "what NOT turns around");
                Some(Part::constant("bool").worsened(part.volatility))
            }
            UnaryOperator::PGPostfixFactorial => self.unsupported(whole),
            _ => self.operate(whole, op.to_string().trim(), &[(operand, part)]),
        }
    }

    /// Several expressions under one comparison operator.
    pub(super) fn compared(
        &mut self,
        whole: &ast::Expr,
        name: &str,
        exprs: &[&ast::Expr],
    ) -> Option<Part> {
        let parts = self.walk_all(exprs.iter().copied())?;
        let operands: Vec<Operand<'_>> = exprs.iter().copied().zip(parts).collect();
        self.operate(whole, name, &operands)
    }

    /// An operator over bound operands; rows are compared part by part.
    pub(super) fn operate(
        &mut self,
        whole: &ast::Expr,
        name: &str,
        operands: &[Operand<'_>],
    ) -> Option<Part> {
        if let [(_, left), (_, right)] = operands
            && let (Ty::Row(a), Ty::Row(b)) = (&left.ty, &right.ty)
        {
            let (a, b) = (a.clone(), b.clone());
            return self.compare_rows(whole, name, (&a, left.volatility), (&b, right.volatility));
        }
        let parts: Vec<Part> = operands.iter().map(|(_, p)| p.clone()).collect();
        let span = self.operator_span(whole, name, operands);
        self.operate_parts(name, &parts, span)
    }

    fn compare_rows(
        &mut self,
        whole: &ast::Expr,
        name: &str,
        (a, a_cost): (&[Ty], Volatility),
        (b, b_cost): (&[Ty], Volatility),
    ) -> Option<Part> {
        let span = self.span(whole);
        if a.len() != b.len() {
            return self.refuse(
                format!("the two rows have {} and {} parts", a.len(), b.len()),
                span,
            );
        }
        let mut result = Part::constant("bool").worsened(a_cost.max(b_cost));
        for (x, y) in a.iter().zip(b) {
            let pair = [
                Part::new(x.clone(), Volatility::Immutable),
                Part::new(y.clone(), Volatility::Immutable),
            ];
            result = result.worsened(self.operate_parts(name, &pair, span.clone())?.volatility);
        }
        Some(result)
    }

    /// An operator over parts.
    pub(super) fn operate_parts(
        &mut self,
        name: &str,
        parts: &[Part],
        span: Range<usize>,
    ) -> Option<Part> {
        let inputs: Vec<Ty> = parts.iter().map(|p| p.ty.clone()).collect();
        let overloads = self.types.knowledge.operators(name);
        match resolve_call::operator(&self.types, overloads, &inputs) {
            Ok(found) => {
                for (part, argument) in parts.iter().zip(&found.arguments) {
                    self.check_constant(part, argument);
                }
                let declared: Vec<&str> = found
                    .item
                    .left
                    .into_iter()
                    .chain([found.item.right])
                    .collect();
                let inlined = self.inlined(name, &found.arguments, &declared);
                let own = inlined
                    .unwrap_or(found.item.volatility)
                    .max(found.conversion);
                let types = self.types;
                let culprit = Culprit::Operator {
                    name,
                    operands: &inputs,
                    arguments: &found.arguments,
                    types: &types,
                };
                // An operand that is not immutable has been reported; what it is computed with is no second fault.
                if worst(parts) == Volatility::Immutable {
                    self.account(own, &culprit, span);
                }
                Some(Part::new(found.result, own.max(worst(parts))))
            }
            Err(why) => {
                self.report_operator(name, &inputs, why, span);
                None
            }
        }
    }

    fn report_operator(&mut self, name: &str, inputs: &[Ty], why: Unresolved, span: Range<usize>) {
        let spelled: Vec<String> = inputs
            .iter()
            .map(|t| match t {
                Ty::Unknown => "an untyped constant".to_owned(),
                _ => self.spell(t),
            })
            .collect();
        let call = match spelled.as_slice() {
            [left, right] => format!("{left} {name} {right}"),
            _ => format!("{name} {}", spelled.join(", ")),
        };
        let overloads = self.types.knowledge.operators(name);
        let extension = self.extension_with(name, inputs);
        let problem = match why {
            Unresolved::NoMatch => invalid(format!("there is no operator {call}"), span),
            Unresolved::Ambiguous | Unresolved::Undetermined => {
                invalid(format!("the operator {call} may mean several things"), span)
            }
        };
        let hint = if overloads.is_empty() {
            match name {
                "==" => "equality is written `=`".to_owned(),
                "&&" | "AND" => "write `and`".to_owned(),
                "XOR" => "write `<>` between two booleans".to_owned(),
                _ => match nearest(name, ["=", "<>", "<=", ">=", "||", "->", "->>", "@>"]) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "PostgreSQL has no operator of that name".to_owned(),
                },
            }
        } else if let Some(extension) = extension {
            format!("add `{extension}` to `extensions:` in specql.yaml, which brings it")
        } else {
            match (name, inputs) {
                ("+", _) if inputs.iter().any(|t| self.types.category(t) == 'S') => {
                    "texts are joined by `||`".to_owned()
                }
                _ => "cast one side to the type of the other: `value::integer`, `value::text`"
                    .to_owned(),
            }
        };
        self.report(problem.with_hint(hint));
    }

    /// The extension that brings an operator for these operands.
    fn extension_with(&self, name: &str, inputs: &[Ty]) -> Option<&'static str> {
        let overloads = self.types.knowledge.operators(name);
        let missing = overloads.iter().filter_map(|o| o.extension);
        missing
            .filter(|e| !self.types.has(Some(e)))
            .find(|extension| {
                let mut extensions = self.types.extensions.to_vec();
                extensions.push((*extension).to_owned());
                let types = Types {
                    extensions: &extensions,
                    ..self.types
                };
                resolve_call::operator(&types, overloads, inputs).is_ok()
            })
    }

    fn overlaps(&mut self, whole: &ast::Expr, left: &Part, right: &Part) -> Option<Part> {
        let (Ty::Row(a), Ty::Row(b)) = (&left.ty, &right.ty) else {
            return self.unsupported(whole);
        };
        let inputs: Vec<Part> = a
            .iter()
            .chain(b)
            .map(|t| Part::new(t.clone(), left.volatility.max(right.volatility)))
            .collect();
        self.named_call("overlaps", &inputs, self.span(whole))
    }

    /// `a BETWEEN low AND high`.
    pub(super) fn between(
        &mut self,
        whole: &ast::Expr,
        of: &ast::Expr,
        low: &ast::Expr,
        high: &ast::Expr,
    ) -> Option<Part> {
        let parts = self.walk_all([of, low, high])?;
        let [of_part, low_part, high_part] = <[Part; 3]>::try_from(parts).ok()?;
        let a = self.operate(whole, ">=", &[(of, of_part.clone()), (low, low_part)]);
        let b = self.operate(whole, "<=", &[(of, of_part), (high, high_part)]);
        Some(Part::constant("bool").worsened(a?.volatility.max(b?.volatility)))
    }

    /// `a IN (b, c)`: with several constants, these are brought to one type together with `a`.
    pub(super) fn is_in(
        &mut self,
        whole: &ast::Expr,
        of: &ast::Expr,
        target: &ast::InTarget,
    ) -> Option<Part> {
        let ast::InTarget::List(list) = target else {
            self.walk(of);
            return self.subquery(whole);
        };
        if list.is_empty() {
            let span = self.span(whole);
            return self.refuse("IN needs at least one value", span);
        }
        let of_part = self.walk(of)?;
        let mut constant_inputs = vec![of_part.ty.clone()];
        let mut parts = Vec::with_capacity(list.len());
        let mut complete = true;
        for element in list {
            let before = self.references;
            match self.walk(element) {
                Some(part) => {
                    let constant = self.references == before && !matches!(part.ty, Ty::Row(_));
                    if constant {
                        constant_inputs.push(part.ty.clone());
                    }
                    parts.push((constant, part));
                }
                None => complete = false,
            }
        }
        if !complete {
            return None;
        }
        let common = (constant_inputs.len() > 2)
            .then(|| self.types.common(&constant_inputs))
            .flatten();
        let mut result = Part::constant("bool").worsened(of_part.volatility);
        let mut done: Vec<Ty> = Vec::new();
        for (element, (constant, mut part)) in list.iter().zip(parts) {
            result = result.worsened(part.volatility);
            if let Some(common) = &common
                && constant
            {
                self.check_constant(&part, common);
                part.ty = common.clone();
            }
            // A list of a thousand constants is one comparison a type.
            if done.contains(&part.ty) {
                continue;
            }
            done.push(part.ty.clone());
            let found = self.operate(whole, "=", &[(of, of_part.clone()), (element, part)])?;
            result = result.worsened(found.volatility);
        }
        Some(result)
    }

    /// `a operator ANY (array)`.
    pub(super) fn any_or_all(
        &mut self,
        whole: &ast::Expr,
        left: &ast::Expr,
        name: &str,
        right: &ast::Expr,
    ) -> Option<Part> {
        if matches!(right, ast::Expr::Subquery(_)) {
            self.walk(left);
            return self.subquery(right);
        }
        let left_part = self.walk(left)?;
        let right_part = self.walk(right)?;
        let element = match &right_part.ty {
            Ty::Unknown => Ty::Unknown,
            array => {
                if let Some(element) = self.types.element(array) {
                    element
                } else {
                    let span = self.span(right);
                    let spelled = self.spell(array);
                    return self.refuse(
                        format!("ANY and ALL take an array, and this is {spelled}"),
                        span,
                    );
                }
            }
        };
        let element = Part::new(element, right_part.volatility);
        let name = if name == "!=" { "<>" } else { name };
        self.operate(whole, name, &[(left, left_part), (right, element)])
    }

    /// LIKE, ILIKE, SIMILAR TO.
    pub(super) fn pattern(&mut self, whole: &ast::Expr) -> Option<Part> {
        let (negated, any, of, pattern, escape, base) = match whole {
            ast::Expr::Like {
                negated,
                any,
                expr,
                pattern,
                escape_char,
            } => (*negated, *any, expr, pattern, escape_char, "~~"),
            ast::Expr::ILike {
                negated,
                any,
                expr,
                pattern,
                escape_char,
            } => (*negated, *any, expr, pattern, escape_char, "~~*"),
            ast::Expr::SimilarTo {
                negated,
                expr,
                pattern,
                escape_char,
            } => (*negated, false, expr, pattern, escape_char, "~"),
            _ => return self.unsupported(whole),
        };
        let name = if negated {
            format!("!{base}")
        } else {
            base.to_owned()
        };
        if any {
            return self.any_or_all(whole, of, &name, pattern);
        }
        let of_part = self.walk(of)?;
        let mut pattern_part = self.walk(pattern)?;
        let span = self.span(whole);
        if base == "~" {
            let mut inputs = vec![pattern_part];
            if let Some(escape) = escape {
                inputs.push(self.walk(escape)?);
            }
            pattern_part = self.named_call("similar_to_escape", &inputs, span)?;
        } else if let Some(escape) = escape {
            let escape = self.walk(escape)?;
            let inputs = [pattern_part, escape];
            pattern_part = self.named_call("like_escape", &inputs, span)?;
        }
        self.operate(whole, &name, &[(of, of_part), (pattern, pattern_part)])
    }

    /// Where the operator itself stands, else the whole.
    fn operator_span(
        &self,
        whole: &ast::Expr,
        name: &str,
        operands: &[Operand<'_>],
    ) -> Range<usize> {
        let [(left, _), (right, _)] = operands else {
            return self.span(whole);
        };
        let (start, end) = (self.span(left).start, self.span(right).start);
        let matches = |text: &str| text == name || (name == "<>" && text == "!=");
        self.lexed
            .tokens_from(start)
            .iter()
            .filter_map(|t| Some((bytes(t.span)?, self.lexed.slice(t))))
            .take_while(|(range, _)| range.end <= end)
            .filter(|(_, text)| matches(text))
            .last()
            .map_or_else(|| self.span(whole), |(range, _)| range)
    }
}

/// The operators that `PostgreSQL` does not let stand beside one another.
fn is_comparison(op: &BinaryOperator) -> bool {
    matches!(
        op,
        BinaryOperator::Eq
            | BinaryOperator::NotEq
            | BinaryOperator::Lt
            | BinaryOperator::LtEq
            | BinaryOperator::Gt
            | BinaryOperator::GtEq
    )
}

/// The operator's name in the catalogs.
fn operator_name(op: &BinaryOperator) -> String {
    match op {
        BinaryOperator::PGCustomBinaryOperator(parts) => parts.last().cloned().unwrap_or_default(),
        other => other.to_string(),
    }
}
