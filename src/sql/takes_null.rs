//! Whether a condition can be false where a column is NULL.

use sqlparser::ast::{self, BinaryOperator, UnaryOperator};

use super::lex::lex;
use super::parse::parse;
use super::{Expr, Ident};

/// Functions that conditions are made with, and that give NULL for NULL, and for nothing else.
const STRICT: [&str; 8] = [
    "length",
    "char_length",
    "octet_length",
    "lower",
    "upper",
    "btrim",
    "abs",
    "round",
];

/// Whether a condition is true or NULL for every row in which these columns are NULL, so that a CHECK takes the row. `false`
/// says only that this was not seen.
pub fn takes_null(condition: &Expr, columns: &[&Ident]) -> bool {
    let Ok(lexed) = lex(condition.as_str()) else {
        return false;
    };
    parse(&lexed).is_ok_and(|tree| is_never_false(&tree, columns))
}

fn is_never_false(expr: &ast::Expr, columns: &[&Ident]) -> bool {
    match expr {
        ast::Expr::Nested(inner) => is_never_false(inner, columns),
        ast::Expr::BinaryOp { left, op, right } => match op {
            BinaryOperator::And => is_never_false(left, columns) && is_never_false(right, columns),
            BinaryOperator::Or => is_never_false(left, columns) || is_never_false(right, columns),
            _ => is_null(expr, columns),
        },
        ast::Expr::IsNull(inner) => is_null(inner, columns),
        other => is_null(other, columns),
    }
}

/// Whether an expression is NULL for sure.
fn is_null(expr: &ast::Expr, columns: &[&Ident]) -> bool {
    let null = |expr: &ast::Expr| is_null(expr, columns);
    match expr {
        ast::Expr::Identifier(name) => columns.iter().any(|column| is_called(name, column)),
        ast::Expr::Nested(inner)
        | ast::Expr::Cast { expr: inner, .. }
        | ast::Expr::UnaryOp {
            op: UnaryOperator::Not | UnaryOperator::Minus | UnaryOperator::Plus,
            expr: inner,
        }
        | ast::Expr::Between { expr: inner, .. }
        | ast::Expr::Like { expr: inner, .. }
        | ast::Expr::ILike { expr: inner, .. }
        | ast::Expr::SimilarTo { expr: inner, .. }
        | ast::Expr::In {
            expr: inner,
            target: ast::InTarget::List(_),
            ..
        } => null(inner),
        ast::Expr::AnyOp { left, right, .. } => null(left) && is_list(right),
        ast::Expr::BinaryOp { left, op, right } => match op {
            BinaryOperator::And | BinaryOperator::Or => null(left) && null(right),
            _ => gives_null_only_for_null(op) && (null(left) || null(right)),
        },
        ast::Expr::Function(call) => is_strict(call) && arguments(call).any(null),
        _ => false,
    }
}

/// Whether an operator compares two values.
pub(super) fn is_comparison(op: &BinaryOperator) -> bool {
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

/// Whether an operator gives NULL where an operand is NULL, or, of AND and OR, where both are, and never else.
pub(super) fn gives_null_only_for_null(op: &BinaryOperator) -> bool {
    is_comparison(op)
        || matches!(
            op,
            BinaryOperator::And
                | BinaryOperator::Or
                | BinaryOperator::Plus
                | BinaryOperator::Minus
                | BinaryOperator::Multiply
                | BinaryOperator::Divide
                | BinaryOperator::Modulo
                | BinaryOperator::StringConcat
                | BinaryOperator::PGRegexMatch
                | BinaryOperator::PGRegexIMatch
                | BinaryOperator::PGRegexNotMatch
                | BinaryOperator::PGRegexNotIMatch
                | BinaryOperator::PGLikeMatch
                | BinaryOperator::PGNotLikeMatch
        )
}

/// Whether a function is one that gives NULL for NULL, and for nothing else.
pub(super) fn is_strict(call: &ast::Function) -> bool {
    let name = call.name.to_string().to_lowercase();
    STRICT.contains(&name.as_str())
}

/// Unquoted names are folded to lower case.
pub(super) fn is_called(name: &ast::Ident, column: &Ident) -> bool {
    match name.quote_style {
        Some(_) => name.value == column.as_str(),
        None => name.value.to_lowercase() == column.as_str(),
    }
}

/// Whether it is a list with something in it, as a server prints that.
fn is_list(expr: &ast::Expr) -> bool {
    match expr {
        ast::Expr::Nested(inner) | ast::Expr::Cast { expr: inner, .. } => is_list(inner),
        ast::Expr::Array(array) => !array.elem.is_empty(),
        _ => false,
    }
}

pub(super) fn arguments(call: &ast::Function) -> impl Iterator<Item = &ast::Expr> {
    let list = match &call.args {
        ast::FunctionArguments::List(list) => list.args.as_slice(),
        _ => &[],
    };
    list.iter().filter_map(|argument| match argument {
        ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Expr(expr)) => Some(expr),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_that_take_null() {
        let column = Ident::new("the Code");
        let takes = |text: &str| takes_null(&Expr::vouched(text.to_owned()), &[&column]);
        for condition in [
            "\"the Code\" > 0",
            "length(\"the Code\") < 5 AND \"the Code\" ~ '^a'",
            "(\"the Code\" >= 0) AND (\"the Code\" <= 100)",
            "\"the Code\" = ANY (ARRAY['a'::text, 'b'::text])",
            "\"the Code\" IN ('a', 'b')",
            "\"the Code\" IS NULL OR other > 1",
            "other > 1 OR \"the Code\" BETWEEN 1 AND 2",
            "NOT (\"the Code\" = 'z')",
        ] {
            assert!(takes(condition), "{condition}");
        }
        for condition in [
            "\"the Code\" IS NOT NULL",
            "coalesce(\"the Code\", 'a') <> 'a'",
            "\"the Code\" > 0 AND other > 1",
            "\"the Code\" IS NOT DISTINCT FROM 'a'",
            "the Code",
            "other > 1",
            "\"the Code\" = ANY (ARRAY[]::text[])",
        ] {
            assert!(!takes(condition), "{condition}");
        }
    }
}
