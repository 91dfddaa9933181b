//! Whether a condition takes all that another one takes.

use std::collections::BTreeSet;

use sqlparser::ast::{self, BinaryOperator, Value};

use super::Expr;
use super::lex::lex;
use super::parse::parse;

/// Whether all rows that `narrow` takes are taken by `wide`: both say that one value is among constants, as a list or as
/// a server prints that, and `wide` has at least those of `narrow`. `false` says only that this was not seen.
pub fn widens(narrow: &Expr, wide: &Expr) -> bool {
    match (membership(narrow), membership(wide)) {
        (Some((value, few)), Some((same, many))) => value == same && few.is_subset(&many),
        _ => false,
    }
}

/// `value IN (…)`, `value = ANY (ARRAY[…])`, `value = constant`.
fn membership(expr: &Expr) -> Option<(String, BTreeSet<String>)> {
    let lexed = lex(expr.as_str()).ok()?;
    let tree = parse(&lexed).ok()?;
    let (value, constants) = match bare(&tree) {
        ast::Expr::In {
            expr,
            target: ast::InTarget::List(list),
            negated: false,
            ..
        } => (expr, list.iter().map(constant).collect::<Option<_>>()?),
        ast::Expr::AnyOp {
            left,
            compare_op: BinaryOperator::Eq,
            right,
            ..
        } => match bare(right) {
            ast::Expr::Array(array) => {
                let constants = array.elem.iter().map(constant).collect::<Option<_>>()?;
                (left, constants)
            }
            _ => return None,
        },
        ast::Expr::BinaryOp {
            left,
            op: BinaryOperator::Eq,
            right,
        } => (left, BTreeSet::from([constant(right)?])),
        _ => return None,
    };
    match bare(value) {
        ast::Expr::Identifier(name) => Some((name.value.clone(), constants)),
        _ => None,
    }
}

/// Without parentheses and casts: those of constants of one list, and of the value beside it, are all to its type.
fn bare(expr: &ast::Expr) -> &ast::Expr {
    match expr {
        ast::Expr::Nested(inner) => bare(inner),
        ast::Expr::Cast { expr, .. } => bare(expr),
        other => other,
    }
}

fn constant(expr: &ast::Expr) -> Option<String> {
    match bare(expr) {
        ast::Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) | Value::EscapedStringLiteral(text) => {
                Some(text.clone())
            }
            Value::Number(number, _) => Some(number.clone()),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_larger_list_widens() {
        let widens = |narrow: &str, wide: &str| {
            super::widens(&Expr::vouched(narrow.into()), &Expr::vouched(wide.into()))
        };
        let two = "status IN ('open', 'done')";
        assert!(widens(two, "status IN ('done', 'late', 'open')"));
        assert!(widens(
            "(status = ANY (ARRAY['open'::text, 'done'::text]))",
            "status IN ('open', 'done', 'late')"
        ));
        assert!(widens(
            "((status)::text = ANY ((ARRAY['a'::character varying])::text[]))",
            "status IN ('a', 'b')"
        ));
        assert!(!widens(two, "status IN ('open', 'late')"));
        assert!(!widens(two, "mood IN ('open', 'done', 'late')"));
        assert!(!widens("total > 1", "total > 0"));
    }
}
