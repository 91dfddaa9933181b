//! Whether an expression always has a value.

use sqlparser::ast;

use super::lex::lex;
use super::parse::parse;
use super::takes_null::{arguments, gives_null_only_for_null, is_called, is_strict};
use super::{Expr, Ident};

/// Whether an expression is never NULL where these columns never are. `false` says only that this was not seen.
pub fn never_null(expression: &Expr, columns: &[&Ident]) -> bool {
    let Ok(lexed) = lex(expression.as_str()) else {
        return false;
    };
    parse(&lexed).is_ok_and(|tree| has_value(&tree, columns))
}

fn has_value(expr: &ast::Expr, columns: &[&Ident]) -> bool {
    let value = |expr: &ast::Expr| has_value(expr, columns);
    match expr {
        ast::Expr::Identifier(name) => columns.iter().any(|column| is_called(name, column)),
        ast::Expr::Value(value) => value.value != ast::Value::Null,
        ast::Expr::Nested(inner)
        | ast::Expr::Cast { expr: inner, .. }
        | ast::Expr::UnaryOp { expr: inner, .. } => value(inner),
        ast::Expr::IsNull(_) | ast::Expr::IsNotNull(_) => true,
        ast::Expr::BinaryOp { left, op, right } => {
            gives_null_only_for_null(op) && value(left) && value(right)
        }
        ast::Expr::Function(call) if call.name.to_string().eq_ignore_ascii_case("coalesce") => {
            arguments(call).any(value)
        }
        ast::Expr::Function(call) => {
            is_strict(call) && arguments(call).count() > 0 && arguments(call).all(value)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_a_value_where_its_columns_have_one() {
        let there = Ident::new("there");
        let never = |text: &str| never_null(&Expr::vouched(text.to_owned()), &[&there]);
        for text in [
            "there",
            "(THERE + 1)",
            "length(lower(there)) * 2",
            "coalesce(other, there)",
            "coalesce(length(other), 0)",
            "other IS NULL",
            "-there::bigint",
            "'x' || there",
            "there > 1 AND other IS NOT NULL",
        ] {
            assert!(never(text), "{text}");
        }
        for text in [
            "other",
            "\"There\"",
            "there + other",
            "NULL",
            "nullif(there, 1)",
            "coalesce(other, NULL)",
            "there ->> 'a'",
            "CASE WHEN there THEN 1 END",
            "now()",
        ] {
            assert!(!never(text), "{text}");
        }
    }
}
