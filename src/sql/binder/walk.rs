//! One node of the tree after another.

use std::ops::Range;

use sqlparser::ast::{self, AccessExpr, Subscript};

use super::super::lex::invalid;
use super::super::types::Ty;
use super::{Binder, MAX_DEPTH, Part};
use crate::pg::{CastContext, Volatility};

impl Binder<'_> {
    /// Binds a node with everything below it. `None` when there was a problem, which has been reported.
    pub(super) fn walk(&mut self, expr: &ast::Expr) -> Option<Part> {
        if self.depth >= MAX_DEPTH {
            return self.refuse("the expression is nested too deeply", self.lexed.extent());
        }
        self.depth += 1;
        let part = self.node(expr);
        self.depth -= 1;
        part
    }

    fn node(&mut self, expr: &ast::Expr) -> Option<Part> {
        match expr {
            ast::Expr::Identifier(ident) => self.column(ident),
            ast::Expr::CompoundIdentifier(parts) => self.qualified_column(parts),
            ast::Expr::Value(value) => self.literal(value),
            ast::Expr::Nested(inner) => self.walk(inner),
            ast::Expr::Function(function) => self.call(function),
            ast::Expr::BinaryOp { .. } => self.binary(expr),
            ast::Expr::UnaryOp { op, expr: operand } => self.unary(expr, *op, operand),
            ast::Expr::IsTrue(e)
            | ast::Expr::IsNotTrue(e)
            | ast::Expr::IsFalse(e)
            | ast::Expr::IsNotFalse(e)
            | ast::Expr::IsUnknown(e)
            | ast::Expr::IsNotUnknown(e) => {
                let part = self.walk(e)?;
                self.require_boolean(e, &part, "what IS TRUE, FALSE or UNKNOWN asks about");
                Some(Part::constant("bool").worsened(part.volatility))
            }
            ast::Expr::IsNull(e) | ast::Expr::IsNotNull(e) => {
                let part = self.walk(e)?;
                Some(Part::constant("bool").worsened(part.volatility))
            }
            ast::Expr::IsDistinctFrom(a, b) | ast::Expr::IsNotDistinctFrom(a, b) => {
                self.compared(expr, "=", &[a, b])
            }
            ast::Expr::Between {
                expr: of,
                low,
                high,
                ..
            } => self.between(expr, of, low, high),
            ast::Expr::In {
                expr: of, target, ..
            } => self.is_in(expr, of, target),
            ast::Expr::AnyOp {
                left,
                compare_op,
                right,
                ..
            }
            | ast::Expr::AllOp {
                left,
                compare_op,
                right,
            } => self.any_or_all(expr, left, &compare_op.to_string(), right),
            ast::Expr::Like { .. } | ast::Expr::ILike { .. } | ast::Expr::SimilarTo { .. } => {
                self.pattern(expr)
            }
            ast::Expr::Cast {
                kind,
                expr: of,
                data_type,
                format,
            } => {
                if format.is_some()
                    || matches!(kind, ast::CastKind::TryCast | ast::CastKind::SafeCast)
                {
                    return self.unsupported(expr);
                }
                self.cast(expr, of, data_type)
            }
            ast::Expr::TypedString(typed) => self.typed_string(typed),
            ast::Expr::Interval(interval) => self.interval(interval),
            ast::Expr::Collate {
                expr: of,
                collation,
            } => self.collate(of, collation),
            ast::Expr::Case {
                operand,
                conditions,
                else_result,
                ..
            } => self.case(expr, operand.as_deref(), conditions, else_result.as_deref()),
            ast::Expr::Array(array) => self.array(expr, array),
            ast::Expr::Tuple(parts) => self.row(parts.iter()),
            ast::Expr::CompoundFieldAccess { root, access_chain } => {
                self.access(expr, root, access_chain)
            }
            ast::Expr::AtTimeZone { .. }
            | ast::Expr::Extract { .. }
            | ast::Expr::Ceil { .. }
            | ast::Expr::Floor { .. }
            | ast::Expr::Position { .. }
            | ast::Expr::Substring { .. }
            | ast::Expr::Trim { .. }
            | ast::Expr::Overlay { .. }
            | ast::Expr::IsNormalized { .. } => self.special_call(expr),
            ast::Expr::Exists { .. } | ast::Expr::Subquery(_) => self.subquery(expr),
            _ => self.unsupported(expr),
        }
    }

    /// Refuses a subquery.
    pub(super) fn subquery(&mut self, expr: &ast::Expr) -> Option<Part> {
        let span = self.span(expr);
        let called = self.context.called();
        self.report(
            invalid(format!("{called} cannot hold a subquery"), span)
                .with_hint("keep the value in a column, or check it in a trigger"),
        );
        None
    }

    /// Refuses syntax of other databases.
    pub(super) fn unsupported(&mut self, expr: &ast::Expr) -> Option<Part> {
        let written = self.written(expr);
        let span = self.span(expr);
        self.refuse(
            format!("`{written}` is not an expression that can be used here"),
            span,
        )
    }

    /// Binds several, all of them even when one fails.
    pub(super) fn walk_all<'e>(
        &mut self,
        exprs: impl IntoIterator<Item = &'e ast::Expr>,
    ) -> Option<Vec<Part>> {
        let parts: Vec<Option<Part>> = exprs.into_iter().map(|e| self.walk(e)).collect();
        parts.into_iter().collect()
    }

    /// `ROW(a, b)` and `(a, b)`.
    pub(super) fn row<'e>(
        &mut self,
        exprs: impl IntoIterator<Item = &'e ast::Expr>,
    ) -> Option<Part> {
        let parts = self.walk_all(exprs)?;
        let volatility = worst(&parts);
        Some(Part::new(
            Ty::Row(parts.into_iter().map(|p| p.ty).collect()),
            volatility,
        ))
    }

    /// The part that several alternatives make together.
    pub(super) fn unite(
        &mut self,
        span: &Range<usize>,
        what: &str,
        parts: &[Part],
    ) -> Option<Part> {
        let inputs: Vec<Ty> = parts.iter().map(|p| p.ty.clone()).collect();
        let Some(common) = self.types.common(&inputs) else {
            let spelled: Vec<String> = inputs
                .iter()
                .filter(|t| **t != Ty::Unknown)
                .map(|t| self.spell(t))
                .collect();
            self.report(
                invalid(
                    format!(
                        "the values of {what} are of types that do not go together: {}",
                        spelled.join(", ")
                    ),
                    span.clone(),
                )
                .with_hint("cast them to one type: `value::text`"),
            );
            return None;
        };
        let mut volatility = worst(parts);
        for part in parts {
            let cost = self
                .types
                .conversion(&part.ty, &common, CastContext::Implicit)?;
            self.check_constant(part, &common);
            self.account_conversion(span, &part.ty, &common, cost);
            volatility = volatility.max(cost);
        }
        let modifiers = match parts.split_first() {
            Some((first, rest))
                if first.ty == common
                    && rest
                        .iter()
                        .all(|p| p.ty == common && p.modifiers == first.modifiers) =>
            {
                first.modifiers.clone()
            }
            _ => Vec::new(),
        };
        Some(Part {
            ty: common,
            modifiers,
            volatility,
            constant: None,
        })
    }

    fn case(
        &mut self,
        expr: &ast::Expr,
        operand: Option<&ast::Expr>,
        conditions: &[ast::CaseWhen],
        otherwise: Option<&ast::Expr>,
    ) -> Option<Part> {
        let operand_part = match operand {
            Some(operand) => Some(self.walk(operand)?),
            None => None,
        };
        let mut volatility = Volatility::Immutable;
        let mut results = Vec::new();
        let mut complete = true;
        // The server looks at ELSE first when it chooses the common type.
        match otherwise {
            Some(e) => match self.walk(e) {
                Some(part) => results.push(part),
                None => complete = false,
            },
            None => results.push(Part::new(Ty::Unknown, Volatility::Immutable)),
        }
        for when in conditions {
            let condition = self.walk(&when.condition);
            match (condition, &operand_part, operand) {
                (None, _, _) => complete = false,
                (Some(part), Some(of), Some(operand)) => {
                    // An untyped operand is text in every comparison.
                    let of = if of.ty == Ty::Unknown {
                        Part::constant("text")
                    } else {
                        of.clone()
                    };
                    match self.operate(expr, "=", &[(operand, of), (&when.condition, part)]) {
                        Some(part) => volatility = volatility.max(part.volatility),
                        None => complete = false,
                    }
                }
                (Some(part), _, _) => {
                    self.require_boolean(&when.condition, &part, "what follows WHEN");
                    volatility = volatility.max(part.volatility);
                }
            }
            match self.walk(&when.result) {
                Some(part) => results.push(part),
                None => complete = false,
            }
        }
        if !complete {
            return None;
        }
        Some(
            self.unite(&self.span(expr), "CASE", &results)?
                .worsened(volatility),
        )
    }

    fn array(&mut self, expr: &ast::Expr, array: &ast::Array) -> Option<Part> {
        if !array.named {
            return self.unsupported(expr);
        }
        let parts = self.array_elements(&array.elem)?;
        if parts.is_empty() {
            let span = self.span(expr);
            self.report(
                invalid(
                    "nothing says what type the elements of this empty array have",
                    span,
                )
                .with_hint("cast it: `ARRAY[]::text[]`"),
            );
            return None;
        }
        let united = self.unite(&self.span(expr), "ARRAY", &parts)?;
        let ty = match self.types.element(&united.ty) {
            // An array of arrays is an array of more dimensions, of the same type.
            Some(_) => united.ty.clone(),
            None => {
                if let Some(array) = self.types.array_over(&united.ty) {
                    array
                } else {
                    let span = self.span(expr);
                    let spelled = self.spell(&united.ty);
                    return self.refuse(format!("there are no arrays of {spelled}"), span);
                }
            }
        };
        Some(Part { ty, ..united })
    }

    /// The elements of an array; `[…]` without ARRAY is one more dimension inside one.
    fn array_elements(&mut self, elements: &[ast::Expr]) -> Option<Vec<Part>> {
        let mut parts = Vec::with_capacity(elements.len());
        for element in elements {
            parts.push(match element {
                ast::Expr::Array(inner) if !inner.named => {
                    let named = ast::Array {
                        elem: inner.elem.clone(),
                        named: true,
                    };
                    self.array(element, &named)
                }
                _ => self.walk(element),
            });
        }
        parts.into_iter().collect()
    }

    /// What a subscript takes something out of, and the subscripts: names before them are one name, `relation.column`.
    fn taken_apart<'e>(
        &mut self,
        root: &ast::Expr,
        chain: &'e [AccessExpr],
    ) -> Option<(Part, &'e [AccessExpr])> {
        let dotted = chain.iter().map_while(|step| match step {
            AccessExpr::Dot(ast::Expr::Identifier(name)) => Some(name),
            AccessExpr::Dot(_) | AccessExpr::Subscript(_) => None,
        });
        let ast::Expr::Identifier(first) = root else {
            return Some((self.walk(root)?, chain));
        };
        let names: Vec<ast::Ident> = std::iter::once(first).chain(dotted).cloned().collect();
        if names.len() == 1 {
            return Some((self.walk(root)?, chain));
        }
        let rest = chain.get(names.len() - 1..).unwrap_or_default();
        Some((self.qualified_column(&names)?, rest))
    }

    fn access(&mut self, expr: &ast::Expr, root: &ast::Expr, chain: &[AccessExpr]) -> Option<Part> {
        let (mut part, chain) = self.taken_apart(root, chain)?;
        let mut slice = false;
        for step in chain {
            let AccessExpr::Subscript(subscript) = step else {
                return self.unsupported(expr);
            };
            let bounds: Vec<&ast::Expr> = match subscript {
                Subscript::Index { index } => vec![index],
                Subscript::Slice {
                    lower_bound,
                    upper_bound,
                    stride: None,
                } => {
                    slice = true;
                    lower_bound.iter().chain(upper_bound).collect()
                }
                Subscript::Slice { .. } => return self.unsupported(expr),
            };
            for bound in bounds {
                let index = self.walk(bound)?;
                let wanted = if part.ty.is("jsonb") && self.types.category(&index.ty) != 'N' {
                    Ty::core("text")
                } else {
                    Ty::core("int4")
                };
                if let Some(cost) =
                    self.types
                        .conversion(&index.ty, &wanted, CastContext::Assignment)
                {
                    self.check_constant(&index, &wanted);
                    part = part.worsened(index.volatility.max(cost));
                } else {
                    let span = self.span(bound);
                    let spelled = self.spell(&index.ty);
                    return self.refuse(
                        format!("a subscript must be a whole number, and this is {spelled}"),
                        span,
                    );
                }
            }
        }
        if part.ty.is("jsonb") && !slice {
            return Some(part);
        }
        let Some(element) = self.types.subscripted(&part.ty) else {
            let span = self.span(expr);
            let spelled = self.spell(&part.ty);
            return self.refuse(
                format!("{spelled} is no array, so it has no elements to take by number"),
                span,
            );
        };
        Some(if slice {
            part
        } else {
            Part {
                ty: element,
                ..part
            }
        })
    }
}

/// The worst volatility among parts.
pub(super) fn worst(parts: &[Part]) -> Volatility {
    parts
        .iter()
        .map(|p| p.volatility)
        .max()
        .unwrap_or(Volatility::Immutable)
}
