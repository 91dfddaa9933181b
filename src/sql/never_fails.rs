//! Whether an expression can be computed of every row.

use sqlparser::ast::{self, BinaryOperator, DataType, UnaryOperator};

use super::lex::lex;
use super::parse::parse;
use super::takes_null::{arguments, is_called, is_comparison};
use super::{Expr, Ident, TypeName};

/// Functions that have a value, or NULL, for all that they take. How large a value may be is not looked at: a text of a megabyte is
/// too long for `to_tsvector`.
const TOTAL: [&str; 38] = [
    "array_length",
    "array_remove",
    "array_to_string",
    "btrim",
    "cardinality",
    "ceil",
    "char_length",
    "coalesce",
    "concat",
    "concat_ws",
    "date_part",
    "date_trunc",
    "floor",
    "greatest",
    "initcap",
    "isempty",
    "json_to_tsvector",
    "jsonb_to_tsvector",
    "jsonb_typeof",
    "least",
    "left",
    "length",
    "lower",
    "ltrim",
    "md5",
    "nullif",
    "octet_length",
    "replace",
    "reverse",
    "right",
    "round",
    "rtrim",
    "setweight",
    "starts_with",
    "strip",
    "to_jsonb",
    "to_tsvector",
    "upper",
];

/// Types of numbers, each of which takes all that the ones before it hold.
const NUMBERS: [&str; 4] = ["int2", "int4", "int8", "numeric"];

/// Whether an expression has a value, or is NULL, whatever is in these columns: it divides by nothing, reads nothing from text, and its
/// sums have no end. `false` says only that this was not seen.
pub fn never_fails(expression: &Expr, columns: &[(&Ident, &TypeName)]) -> bool {
    let Ok(lexed) = lex(expression.as_str()) else {
        return false;
    };
    parse(&lexed).is_ok_and(|tree| is_total(&tree, columns))
}

fn is_total(expr: &ast::Expr, columns: &[(&Ident, &TypeName)]) -> bool {
    let total = |expr: &ast::Expr| is_total(expr, columns);
    match expr {
        ast::Expr::Identifier(_) | ast::Expr::Value(_) | ast::Expr::TypedString { .. } => true,
        ast::Expr::Nested(inner)
        | ast::Expr::IsNull(inner)
        | ast::Expr::IsNotNull(inner)
        | ast::Expr::IsTrue(inner)
        | ast::Expr::IsNotTrue(inner)
        | ast::Expr::IsFalse(inner)
        | ast::Expr::IsNotFalse(inner)
        | ast::Expr::Extract { expr: inner, .. }
        | ast::Expr::UnaryOp {
            op: UnaryOperator::Not,
            expr: inner,
        } => total(inner),
        ast::Expr::UnaryOp {
            op: UnaryOperator::Minus | UnaryOperator::Plus,
            expr: inner,
        } => total(inner) && (bound(inner).is_some() || is_numeric(inner, columns)),
        ast::Expr::BinaryOp { left, op, right } => {
            let sums = || bound(expr).is_some() || is_numeric(expr, columns);
            let has_value = match op {
                BinaryOperator::Plus | BinaryOperator::Minus | BinaryOperator::Multiply => sums(),
                BinaryOperator::Divide | BinaryOperator::Modulo => is_divisor(right),
                op => is_total_operator(op),
            };
            has_value && total(left) && total(right)
        }
        ast::Expr::Cast {
            expr: inner,
            data_type,
            ..
        } => is_literal(inner) || total(inner) && takes_all(data_type, inner, columns),
        ast::Expr::Like {
            expr: inner,
            pattern,
            ..
        }
        | ast::Expr::ILike {
            expr: inner,
            pattern,
            ..
        } => is_literal(pattern) && total(inner),
        ast::Expr::Between {
            expr: inner,
            low,
            high,
            ..
        } => [inner, low, high].into_iter().all(|expr| total(expr)),
        ast::Expr::In {
            expr: inner,
            target: ast::InTarget::List(list),
            ..
        } => total(inner) && list.iter().all(total),
        ast::Expr::Case {
            operand,
            conditions,
            else_result,
            ..
        } => {
            let beside = operand.iter().chain(else_result);
            let mut of_conditions = conditions.iter();
            beside.into_iter().all(|expr| total(expr))
                && of_conditions.all(|when| total(&when.condition) && total(&when.result))
        }
        ast::Expr::Array(array) => array.elem.iter().all(total),
        ast::Expr::Function(call) => is_known(call) && arguments(call).all(total),
        _ => false,
    }
}

/// Operators that have a value for all that they take.
fn is_total_operator(op: &BinaryOperator) -> bool {
    is_comparison(op)
        || matches!(
            op,
            BinaryOperator::And
                | BinaryOperator::Or
                | BinaryOperator::StringConcat
                | BinaryOperator::Arrow
                | BinaryOperator::LongArrow
        )
}

fn is_known(call: &ast::Function) -> bool {
    // It refuses elements that are NULL or empty.
    let is_words = is_called_as(call, "array_to_tsvector");
    TOTAL.iter().any(|name| is_called_as(call, name))
        || is_words && arguments(call).all(|words| removes(words, &["''", "NULL"]))
}

fn is_called_as(call: &ast::Function, name: &str) -> bool {
    let called = call.name.to_string().to_lowercase();
    called.strip_prefix("pg_catalog.").unwrap_or(&called) == name
}

/// Whether these constants, the last one first, are taken out of a list.
fn removes(expr: &ast::Expr, constants: &[&str]) -> bool {
    let Some((constant, others)) = constants.split_first() else {
        return true;
    };
    let ast::Expr::Function(call) = expr else {
        return false;
    };
    let mut arguments = arguments(call);
    let (Some(list), Some(removed)) = (arguments.next(), arguments.next()) else {
        return false;
    };
    is_called_as(call, "array_remove") && is_constant(removed, constant) && removes(list, others)
}

fn is_constant(expr: &ast::Expr, constant: &str) -> bool {
    match expr {
        ast::Expr::Nested(inner) | ast::Expr::Cast { expr: inner, .. } => {
            is_constant(inner, constant)
        }
        ast::Expr::Value(value) => value.value.to_string() == constant,
        _ => false,
    }
}

fn is_literal(expr: &ast::Expr) -> bool {
    match expr {
        ast::Expr::Value(_) | ast::Expr::TypedString { .. } => true,
        ast::Expr::Nested(inner) | ast::Expr::Cast { expr: inner, .. } => is_literal(inner),
        _ => false,
    }
}

/// A constant that is not zero.
fn is_divisor(expr: &ast::Expr) -> bool {
    match expr {
        ast::Expr::Nested(inner) | ast::Expr::Cast { expr: inner, .. } => is_divisor(inner),
        ast::Expr::Value(value) => match &value.value {
            ast::Value::Number(number, _) => number.contains(|c| ('1'..='9').contains(&c)),
            _ => false,
        },
        _ => false,
    }
}

/// What a whole number never exceeds, nor its negative: of a constant, of how long something is, and of what is made of such. `None`
/// where that is not known, or no integer holds it.
fn bound(expr: &ast::Expr) -> Option<i32> {
    // No value has more bytes.
    const LONGEST: i32 = (1 << 30) - 1;
    match expr {
        ast::Expr::Nested(inner) => bound(inner),
        ast::Expr::Value(value) => match &value.value {
            ast::Value::Number(number, _) => number.parse().ok(),
            _ => None,
        },
        ast::Expr::Function(call) => match call.name.to_string().to_lowercase().as_str() {
            "length" | "char_length" | "octet_length" | "cardinality" => Some(LONGEST),
            "coalesce" => {
                let bounds: Option<Vec<i32>> = arguments(call).map(bound).collect();
                bounds?.into_iter().max()
            }
            _ => None,
        },
        ast::Expr::BinaryOp { left, op, right } => {
            let (left, right) = (bound(left)?, bound(right)?);
            match op {
                BinaryOperator::Plus | BinaryOperator::Minus => left.checked_add(right),
                BinaryOperator::Multiply => left.checked_mul(right),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Whether a value is of a type whose sums have no end that anybody reaches.
fn is_numeric(expr: &ast::Expr, columns: &[(&Ident, &TypeName)]) -> bool {
    match expr {
        ast::Expr::Identifier(name) => {
            column(name, columns).is_some_and(|ty| ty.name.as_str() == "numeric" && !ty.array)
        }
        ast::Expr::Nested(inner) => is_numeric(inner, columns),
        ast::Expr::Cast { data_type, .. } => number(data_type) == Some("numeric"),
        ast::Expr::BinaryOp {
            left,
            op: BinaryOperator::Plus | BinaryOperator::Minus | BinaryOperator::Multiply,
            right,
        } => is_numeric(left, columns) || is_numeric(right, columns),
        _ => false,
    }
}

fn column<'t>(name: &ast::Ident, columns: &[(&Ident, &'t TypeName)]) -> Option<&'t TypeName> {
    let mut columns = columns.iter();
    let found = columns.find(|(column, _)| is_called(name, column));
    found.map(|(_, ty)| *ty)
}

/// Whether a type takes all values of an expression: text does, and a number of more digits.
fn takes_all(ty: &DataType, expr: &ast::Expr, columns: &[(&Ident, &TypeName)]) -> bool {
    if matches!(ty, DataType::Text | DataType::Varchar(None)) {
        return true;
    }
    if let DataType::Array(ast::ArrayElemTypeDef::SquareBracket(element, _)) = ty {
        let is_list = matches!(expr, ast::Expr::Identifier(name)
            if column(name, columns).is_some_and(|ty| ty.array));
        return is_list && takes_all(element, expr, columns);
    }
    let rank = |name: &str| NUMBERS.iter().position(|number| *number == name);
    let from = match expr {
        ast::Expr::Identifier(name) => column(name, columns),
        _ => None,
    };
    let from = from.filter(|ty| ty.schema.is_none() && !ty.array);
    let from = from.and_then(|ty| rank(ty.name.as_str()));
    from.zip(number(ty).and_then(rank))
        .is_some_and(|(from, to)| from <= to)
}

/// What a server calls a type of numbers that has no modifiers.
fn number(ty: &DataType) -> Option<&'static str> {
    Some(match ty {
        DataType::SmallInt(_) | DataType::Int2(_) => "int2",
        DataType::Integer(_) | DataType::Int(_) | DataType::Int4(_) => "int4",
        DataType::BigInt(_) | DataType::Int8(_) => "int8",
        DataType::Numeric(ast::ExactNumberInfo::None)
        | DataType::Decimal(ast::ExactNumberInfo::None) => "numeric",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_computed_of_every_row() {
        let columns = [
            (Ident::new("amount"), TypeName::core("int4")),
            (Ident::new("price"), TypeName::core("numeric")),
            (Ident::new("name"), TypeName::core("text")),
            (Ident::new("tags"), TypeName::core("varchar").array_of()),
        ];
        let columns: Vec<_> = columns.iter().map(|(name, ty)| (name, ty)).collect();
        let never = |text: &str| never_fails(&Expr::vouched(text.to_owned()), &columns);
        for text in [
            "name",
            "lower(name) || '/' || amount::text",
            "setweight(to_tsvector('english'::regconfig, coalesce(name, ''::text)), 'A'::\"char\")",
            "price * amount + 1",
            "length(name) + 1",
            "length(name) - coalesce(length(other), 0)",
            "-price",
            "price / 100",
            "amount::bigint",
            "CASE WHEN amount > 0 THEN 'some' ELSE 'none' END",
            "amount IN (1, 2) AND name LIKE 'a%'",
            "pg_catalog.date_part('year', happened)",
            "array_to_tsvector(array_remove(array_remove(coalesce(tags::text[], '{}'::text[]), NULL::text), ''::text))",
        ] {
            assert!(never(text), "{text}");
        }
        for text in [
            "amount / price",
            "price / 0",
            "amount * 2",
            "length(name) * 3",
            "-amount",
            "name::integer",
            "amount::smallint",
            "price::integer",
            "name LIKE other",
            "mine(name)",
            "array_to_tsvector(tags)",
            "array_to_tsvector(array_remove(array_remove(tags, NULL), 'a'))",
            "name::text[]",
            "lower(mine(name))",
            "CASE WHEN name::integer > 0 THEN 1 END",
        ] {
            assert!(!never(text), "{text}");
        }
    }
}
