//! Constants.

use std::ops::Range;

use sqlparser::ast;

use super::super::lex::{bytes, invalid};
use super::super::types::Ty;
use super::{Binder, Part};
use crate::pg::Volatility;

impl Binder<'_> {
    /// A constant.
    pub(super) fn literal(&mut self, literal: &ast::ValueWithSpan) -> Option<Part> {
        let span = bytes(literal.span).unwrap_or_else(|| self.lexed.extent());
        let written = self.lexed.text.get(span.clone()).unwrap_or_default();
        match &literal.value {
            ast::Value::Number(digits, false) => self.number(digits, false, &span),
            ast::Value::SingleQuotedString(text)
            | ast::Value::EscapedStringLiteral(text)
            | ast::Value::UnicodeStringLiteral(text) => Some(text_constant(text, span)),
            ast::Value::DollarQuotedString(text) => Some(text_constant(&text.value, span)),
            ast::Value::Null => Some(Part::new(Ty::Unknown, Volatility::Immutable)),
            ast::Value::Boolean(_) => Some(Part::constant("bool")),
            ast::Value::SingleQuotedByteStringLiteral(bits)
                if bits.chars().all(|c| matches!(c, '0' | '1')) =>
            {
                Some(Part::constant("bit"))
            }
            ast::Value::HexStringLiteral(digits)
                if written.starts_with(['x', 'X'])
                    && digits.chars().all(|c| c.is_ascii_hexdigit()) =>
            {
                Some(Part::constant("bit"))
            }
            ast::Value::Placeholder(_) => {
                self.report(
                    invalid(
                        format!("`{written}` is a place for a parameter, and there are none here"),
                        span,
                    )
                    .with_hint("write the value itself"),
                );
                None
            }
            _ => self.refuse(
                format!("PostgreSQL has no constant such as `{written}`"),
                span,
            ),
        }
    }

    /// A number takes the smallest of integer, bigint and numeric that holds it.
    pub(super) fn number(
        &mut self,
        digits: &str,
        negative: bool,
        span: &Range<usize>,
    ) -> Option<Part> {
        let fraction = digits.contains(['.', 'e', 'E']);
        if !digits
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-'))
        {
            return self.refuse(
                format!("`{digits}` is a number that PostgreSQL 15 does not read"),
                span.clone(),
            );
        }
        if fraction {
            return Some(Part::constant("numeric"));
        }
        let signed = if negative {
            format!("-{digits}")
        } else {
            digits.to_owned()
        };
        Some(Part::constant(if signed.parse::<i32>().is_ok() {
            "int4"
        } else if signed.parse::<i64>().is_ok() {
            "int8"
        } else {
            "numeric"
        }))
    }
}

fn text_constant(value: &str, span: Range<usize>) -> Part {
    Part {
        constant: Some((value.to_owned(), span)),
        ..Part::new(Ty::Unknown, Volatility::Immutable)
    }
}
