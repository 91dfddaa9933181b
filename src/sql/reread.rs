//! Whether a server prints again what it has printed, once it has read it.

use std::ops::ControlFlow;

use sqlparser::ast::{self, BinaryOperator, visit_expressions};

use super::lex::lex;
use super::parse::parse;
use super::{Expr, array_cast};

/// Whether a server that reads an expression which it has printed prints it the same way again. `false` where that was not seen.
///
/// What it prints of `a BETWEEN 1 AND 2 AND b` is `((a >= 1 AND a <= 2) AND b)`, of which it reads one AND of three; and it casts
/// the elements of an array one by one that it prints as cast as a whole. Of 140 conditions of all sorts, on 15 and 18, no
/// other was printed otherwise.
pub fn is_reread_alike(printed: &Expr) -> bool {
    let Ok(lexed) = lex(printed.as_str()) else {
        return false;
    };
    let otherwise = |expr: &ast::Expr| match expr {
        ast::Expr::BinaryOp {
            left,
            op: op @ (BinaryOperator::And | BinaryOperator::Or),
            ..
        } => is_nested(left, op),
        other => array_cast::of_elements(other).is_some(),
    };
    parse(&lexed).is_ok_and(|tree| {
        let found = visit_expressions(&tree, |expr| {
            if otherwise(expr) {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        found.is_continue()
    })
}

/// Whether an operand is one of the same operator, in parentheses.
fn is_nested(operand: &ast::Expr, wanted: &BinaryOperator) -> bool {
    let mut bare = operand;
    while let ast::Expr::Nested(inner) = bare {
        bare = inner;
    }
    let is_bare = std::ptr::eq(bare, operand);
    !is_bare && matches!(bare, ast::Expr::BinaryOp { op, .. } if op == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alike(text: &str) -> bool {
        is_reread_alike(&Expr::vouched(text.to_owned()))
    }

    #[test]
    fn what_is_printed_again_as_it_was() {
        for text in [
            "((a > 1) AND (b > 1) AND (c > 1))",
            "((a > 1) AND ((b > 1) AND (c > 1)))",
            "(((a > 1) OR (b > 1)) AND (c > 1))",
            "(t = ANY (ARRAY['a'::text, 'b'::text]))",
            "((v)::text = ANY (ARRAY[('a'::character varying)::text, ('b'::character varying)::text]))",
            "(a = ANY ('{1,2}'::integer[]))",
        ] {
            assert!(alike(text), "{text}");
        }
    }

    #[test]
    fn what_is_printed_otherwise_once_it_was_read() {
        for text in [
            "(((p[0] >= ('-90'::integer)::double precision) AND (p[0] <= (90)::double precision)) AND (a > 1))",
            "((v IS NULL) OR ((v)::text = ANY ((ARRAY['a'::character varying])::text[])))",
            "((c > 1) AND (((a = 1) OR (b = 1)) OR (d = 1)))",
            "what cannot be read",
        ] {
            assert!(!alike(text), "{text}");
        }
    }
}
