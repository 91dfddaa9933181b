//! Whether two queries that a server printed are one and the same but for parentheses, the nesting of AND and OR, and where an
//! array is cast.

use std::mem;
use std::ops::ControlFlow;

use sqlparser::ast::{BinaryOperator, Expr, Statement, Value, visit_expressions_mut};
use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::parser::Parser;

use super::{ServerText, array_cast};

/// Compares two queries as parsed trees. The server prints `a AND (b >= 1 AND b <= 2)` of BETWEEN, and keeps in a view
/// how its author nested conditions. `false` where one of them cannot be parsed.
pub fn same_query(one: &ServerText, other: &ServerText) -> bool {
    one == other
        || match (tree(one.as_str()), tree(other.as_str())) {
            (Some(one), Some(other)) => one == other,
            _ => false,
        }
}

fn tree(text: &str) -> Option<Vec<Statement>> {
    let mut statements = Parser::parse_sql(&PostgreSqlDialect {}, text).ok()?;
    let _ = visit_expressions_mut(&mut statements, |expr| {
        plain(expr);
        ControlFlow::<()>::Continue(())
    });
    Some(statements)
}

/// Takes away parentheses, casts elements instead of their array, and lets chains of AND and OR lean to the left. What is below has been treated already.
fn plain(expr: &mut Expr) {
    while let Expr::Nested(inner) = expr {
        let inner = mem::replace(&mut **inner, nothing());
        *expr = inner;
    }
    if let Some(elements) = array_cast::of_elements(expr) {
        *expr = elements;
    }
    loop {
        let Expr::BinaryOp { left, op, right } = expr else {
            return;
        };
        let (BinaryOperator::And | BinaryOperator::Or) = op else {
            return;
        };
        let Expr::BinaryOp { op: below, .. } = &**right else {
            return;
        };
        if below != op {
            return;
        }
        // a AND (b AND c) → (a AND b) AND c
        let Expr::BinaryOp {
            left: b,
            right: c,
            op: below,
        } = mem::replace(&mut **right, nothing())
        else {
            return;
        };
        let a = mem::replace(&mut **left, nothing());
        let mut first = Expr::BinaryOp {
            left: Box::new(a),
            op: below,
            right: b,
        };
        plain(&mut first);
        **left = first;
        *right = c;
    }
}

fn nothing() -> Expr {
    Expr::Value(Value::Null.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(one: &str, other: &str) -> bool {
        let query = |condition: &str| {
            ServerText::new(format!("SELECT o.a FROM public.o WHERE {condition}"))
        };
        same_query(&query(one), &query(other))
    }

    #[test]
    fn parentheses_and_nesting_make_no_difference() {
        assert!(same(
            "((a = 1) AND ((b >= 1) AND (b <= 2)))",
            "((a = 1) AND (b >= 1) AND (b <= 2))"
        ));
        assert!(same("a OR (b OR (c OR d))", "((a OR b) OR c) OR d"));
        assert!(same(
            "a AND ((b AND c) AND (d AND e))",
            "a AND b AND c AND d AND e"
        ));
        assert!(same(
            "((a)::text = ANY ((ARRAY['x'::varchar, 'y'::varchar])::text[]))",
            "((a)::text = ANY (ARRAY[('x'::varchar)::text, ('y'::varchar)::text]))"
        ));
    }

    #[test]
    fn what_means_something_else_is_another() {
        assert!(!same("a AND (b OR c)", "a AND b OR c"));
        assert!(!same("a = 1", "a = 2"));
        assert!(!same("a - (b - c) = 1", "a - b - c = 1"));
        assert!(!same("a AND b", "b AND a"));
    }

    #[test]
    fn what_cannot_be_parsed_is_equal_only_to_itself() {
        assert!(same("a ~~~ (", "a ~~~ ("));
        assert!(!same("a ~~~ (", "(a ~~~ ("));
    }
}
