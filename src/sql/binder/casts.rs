//! Casts, typed constants, collations.

use std::ops::Range;

use sqlparser::ast::{self, DataType, Spanned};

use super::super::lex::{bytes, invalid};
use super::super::remedy::Culprit;
use super::super::types::Ty;
use super::super::{Problem, TypeName};
use super::{Binder, Part, nearest};
use crate::diagnose::Code;
use crate::pg::{CastContext, Volatility};

impl Binder<'_> {
    /// `CAST(a AS type)` and `a::type`.
    pub(super) fn cast(
        &mut self,
        whole: &ast::Expr,
        of: &ast::Expr,
        data_type: &DataType,
    ) -> Option<Part> {
        let target = self.data_type(data_type, whole);
        if let Some(array) = array_literal(of)
            && let Some(target) = &target
            && let Some(element) = self.types.element(&self.types.of(target))
        {
            return self.cast_array(whole, &array.elem, &element, target);
        }
        let part = self.walk(of);
        let (part, target) = (part?, target?);
        self.convert(whole, &part, &target)
    }

    /// The elements of `ARRAY[…]::type[]` are cast one by one.
    fn cast_array(
        &mut self,
        whole: &ast::Expr,
        elements: &[ast::Expr],
        element: &Ty,
        target: &TypeName,
    ) -> Option<Part> {
        let mut volatility = Volatility::Immutable;
        let element_name = self.types.name_of(element, &target.modifiers)?;
        for e in elements {
            let part = if let Some(inner) = array_literal(e) {
                self.cast_array(whole, &inner.elem, element, target)?
            } else {
                let part = self.walk(e)?;
                if self.types.element(&part.ty).is_some() {
                    self.convert(whole, &part, target)?
                } else {
                    self.convert(whole, &part, &element_name)?
                }
            };
            volatility = volatility.max(part.volatility);
        }
        Some(Part {
            ty: self.types.of(target),
            modifiers: target.modifiers.clone(),
            volatility,
            constant: None,
        })
    }

    fn convert(&mut self, whole: &ast::Expr, part: &Part, target: &TypeName) -> Option<Part> {
        let ty = self.types.of(target);
        let Some(cost) = self.types.conversion(&part.ty, &ty, CastContext::Explicit) else {
            let span = self.span(whole);
            let (from, to) = (self.spell(&part.ty), self.spell(&ty));
            return self.refuse(format!("{from} cannot be cast to {to}"), span);
        };
        self.check_constant(part, &ty);
        self.account_conversion(&self.span(whole), &part.ty, &ty, cost);
        Some(Part {
            ty,
            modifiers: target.modifiers.clone(),
            volatility: part.volatility.max(cost),
            constant: None,
        })
    }

    /// Reports a conversion that is not immutable.
    pub(super) fn account_conversion(
        &mut self,
        span: &Range<usize>,
        from: &Ty,
        to: &Ty,
        cost: Volatility,
    ) {
        let types = self.types;
        self.account(
            cost,
            &Culprit::Cast {
                from,
                to,
                types: &types,
            },
            span.clone(),
        );
    }

    /// `date '2024-01-01'`.
    pub(super) fn typed_string(&mut self, typed: &ast::TypedString) -> Option<Part> {
        let span = bytes(typed.value.span).unwrap_or_else(|| self.lexed.extent());
        if typed.uses_odbc_syntax {
            return self.refuse("`{d '…'}` is no constant of PostgreSQL", span);
        }
        let name = self.type_of(&typed.data_type, span.clone())?;
        let ty = self.types.of(&name);
        if let Some(constant) = self.literal(&typed.value) {
            self.check_constant(&constant, &ty);
        }
        Some(Part {
            ty,
            modifiers: name.modifiers,
            volatility: Volatility::Immutable,
            constant: None,
        })
    }

    /// `interval '1 day'`.
    pub(super) fn interval(&mut self, interval: &ast::Interval) -> Option<Part> {
        let constant = match interval.value.as_ref() {
            ast::Expr::Value(v)
                if matches!(
                    v.value,
                    ast::Value::SingleQuotedString(_)
                        | ast::Value::EscapedStringLiteral(_)
                        | ast::Value::DollarQuotedString(_)
                ) =>
            {
                self.literal(v)
            }
            _ => None,
        };
        let Some(constant) = constant else {
            let span = self.span(&interval.value);
            self.report(
                invalid("INTERVAL is followed by a constant in quotes", span)
                    .with_hint("write interval '1 day', or `number * interval '1 day'`"),
            );
            return None;
        };
        self.check_constant(&constant, &Ty::core("interval"));
        Some(Part::constant("interval"))
    }

    /// `a COLLATE "C"`.
    pub(super) fn collate(&mut self, of: &ast::Expr, collation: &ast::ObjectName) -> Option<Part> {
        let part = self.walk(of)?;
        if !self.types.collatable(&part.ty) {
            let span = bytes(collation.span()).unwrap_or_else(|| self.span(of));
            let spelled = self.spell(&part.ty);
            return self.refuse(
                format!("{spelled} has no order of letters, so it takes no COLLATE"),
                span,
            );
        }
        let ty = if part.ty == Ty::Unknown {
            Ty::core("text")
        } else {
            part.ty
        };
        Some(Part { ty, ..part })
    }

    fn data_type(&mut self, data_type: &DataType, whole: &ast::Expr) -> Option<TypeName> {
        let span = self.span(whole);
        self.type_of(data_type, span)
    }

    /// The type that is written; a type of the project is printed with its schema.
    fn type_of(&mut self, data_type: &DataType, span: Range<usize>) -> Option<TypeName> {
        let (element, arrays) = strip_arrays(data_type);
        if let DataType::Custom(name, modifiers) = element
            && modifiers.is_empty()
            && let Some(found) = self.project_type(name)
        {
            return Some(if arrays { found.array_of() } else { found });
        }
        let written = data_type.to_string();
        let known = TypeName::parse(&written);
        let row = known
            .as_ref()
            .and_then(|t| self.types.knowledge.type_named(t.name.as_str()));
        let (message, hint) = match (known, row) {
            (Some(name), Some(row)) if row.category != 'P' && row.category != 'X' => {
                if !self.types.has(row.extension) {
                    let extension = row.extension.unwrap_or_default();
                    (
                        format!(
                            "the type `{written}` belongs to the extension `{extension}`, which the project does not have"
                        ),
                        Some(format!("add `{extension}` to `extensions:` in specql.yaml")),
                    )
                } else if !name.modifiers.is_empty() && !row.takes_modifiers {
                    (
                        format!("the type of {written} takes no number in parentheses"),
                        None,
                    )
                } else {
                    return Some(name);
                }
            }
            _ => {
                let bare = written
                    .split(['(', '['])
                    .next()
                    .unwrap_or_default()
                    .trim()
                    .to_lowercase();
                let names = self.types.knowledge.type_names();
                let near = nearest(&bare, names.iter().copied());
                (
                    format!("there is no type `{bare}`"),
                    near.map(|n| format!("did you mean `{}`?", TypeName::core(n))),
                )
            }
        };
        self.report(Problem {
            code: Code::UnknownType,
            message,
            hint,
            span,
        });
        None
    }

    /// A type that the project makes, found by the columns that have it.
    fn project_type(&mut self, name: &ast::ObjectName) -> Option<TypeName> {
        let idents: Vec<&ast::Ident> = name.0.iter().filter_map(|p| p.as_ident()).collect();
        let fold = |i: &ast::Ident| match i.quote_style {
            Some(_) => i.value.clone(),
            None => i.value.to_ascii_lowercase(),
        };
        let (schema, last) = match idents.as_slice() {
            [last] => (None, *last),
            [schema, last] => (Some(fold(schema)), *last),
            _ => return None,
        };
        let wanted = fold(last);
        let found = self
            .scope
            .relations
            .iter()
            .flat_map(|r| &r.columns)
            .map(|c| &c.ty)
            .filter(|t| t.name.as_str() == wanted)
            .find(|t| match (&t.schema, &schema) {
                (Some(has), Some(wants)) => has.as_str() == wants,
                (Some(_), None) => true,
                (None, _) => false,
            })?;
        let found = TypeName {
            array: false,
            modifiers: Vec::new(),
            ..found.clone()
        };
        if let (Some(start), Some(end)) =
            (idents.first().and_then(|i| bytes(i.span)), bytes(last.span))
        {
            self.replaced
                .insert(start.start, (end.end, found.to_string()));
        }
        Some(found)
    }
}

/// `ARRAY[…]`, in parentheses or not.
fn array_literal(expr: &ast::Expr) -> Option<&ast::Array> {
    match expr {
        ast::Expr::Array(array) => Some(array),
        ast::Expr::Nested(inner) => array_literal(inner),
        _ => None,
    }
}

/// All dimensions of an array are one type.
fn strip_arrays(data_type: &DataType) -> (&DataType, bool) {
    match data_type {
        DataType::Array(
            ast::ArrayElemTypeDef::SquareBracket(inner, _)
            | ast::ArrayElemTypeDef::Qualified(inner, _),
        ) => (strip_arrays(inner).0, true),
        other => (other, false),
    }
}
