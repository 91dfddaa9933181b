//! Whether two expressions are one and the same but for how they are written.

use std::collections::BTreeMap;

use sqlparser::ast::{self, BinaryOperator, FunctionArg, FunctionArgExpr, FunctionArguments};

use super::lex::lex;
use super::parse::parse;
use super::{Expr, TypeName, array_cast};

/// Compares expressions, of which each is parsed once: thousands of tables have few that differ.
#[derive(Debug, Default)]
pub struct Equivalence {
    trees: BTreeMap<Expr, Option<String>>,
}

impl Equivalence {
    /// Whether two expressions are equal as parsed trees: spaces, comments, the case of keywords and names, redundant
    /// parentheses, the nesting of AND and OR, and the form of a cast, or its place around an array, are not looked at. `false` says only that the trees
    /// differ, not that the meanings do: that is for the server to say.
    pub fn holds(&mut self, a: &Expr, b: &Expr) -> bool {
        if a == b {
            return true;
        }
        for expr in [a, b] {
            if !self.trees.contains_key(expr) {
                self.trees.insert(expr.clone(), tree(expr));
            }
        }
        match (self.trees.get(a), self.trees.get(b)) {
            (Some(Some(a)), Some(Some(b))) => a == b,
            _ => false,
        }
    }
}

/// The expression's tree as text; `None` where it has none that says all.
fn tree(expr: &Expr) -> Option<String> {
    let lexed = lex(expr.as_str()).ok()?;
    // The tree does not tell BETWEEN SYMMETRIC from BETWEEN.
    let symmetric = lexed
        .tokens
        .iter()
        .any(|t| lexed.slice(t).eq_ignore_ascii_case("symmetric"));
    let tree = parse(&lexed).ok().filter(|_| !symmetric)?;
    Some(canonical(&tree))
}

/// A text that is the same for equivalent trees.
fn canonical(expr: &ast::Expr) -> String {
    match expr {
        ast::Expr::Nested(inner) => canonical(inner),
        ast::Expr::Identifier(ident) => ident_text(ident),
        ast::Expr::CompoundIdentifier(parts) => {
            parts.iter().map(ident_text).collect::<Vec<_>>().join(".")
        }
        ast::Expr::BinaryOp {
            op: op @ (BinaryOperator::And | BinaryOperator::Or),
            ..
        } => {
            let mut operands = Vec::new();
            flatten(expr, op, &mut operands);
            format!("({op} {})", operands.join(" "))
        }
        ast::Expr::BinaryOp { .. } => chain(expr),
        ast::Expr::UnaryOp { op, expr } => format!("({op} {})", canonical(expr)),
        ast::Expr::Cast {
            expr: operand,
            data_type,
            ..
        } => {
            if let Some(elements) = array_cast::of_elements(expr) {
                return canonical(&elements);
            }
            let written = data_type.to_string();
            let ty = TypeName::parse(&written).map_or(written, |t| t.to_string());
            format!("(cast {} {ty})", canonical(operand))
        }
        ast::Expr::Between {
            expr,
            negated,
            low,
            high,
        } => format!(
            "(between {negated} {} {} {})",
            canonical(expr),
            canonical(low),
            canonical(high)
        ),
        ast::Expr::In {
            expr,
            target: ast::InTarget::List(list),
            negated,
            ..
        } => {
            format!("(in {negated} {} {})", canonical(expr), all(list))
        }
        ast::Expr::AnyOp {
            left,
            compare_op,
            right,
            ..
        } => {
            format!(
                "(any {compare_op} {} {})",
                canonical(left),
                canonical(right)
            )
        }
        ast::Expr::AllOp {
            left,
            compare_op,
            right,
        } => {
            format!(
                "(all {compare_op} {} {})",
                canonical(left),
                canonical(right)
            )
        }
        ast::Expr::AtTimeZone {
            timestamp,
            time_zone,
        } => {
            format!("(zone {} {})", canonical(timestamp), canonical(time_zone))
        }
        ast::Expr::Array(array) => format!("(array {})", all(&array.elem)),
        ast::Expr::Tuple(parts) => format!("(row {})", all(parts)),
        ast::Expr::Collate { expr, collation } => {
            format!("(collate {} {collation})", canonical(expr))
        }
        ast::Expr::Case {
            operand,
            conditions,
            else_result,
            ..
        } => case(operand.as_deref(), conditions, else_result.as_deref()),
        ast::Expr::Function(function) => {
            call(function).unwrap_or_else(|| folded(&expr.to_string()))
        }
        other => canonical_test(other),
    }
}

/// The tests that are written with words.
fn canonical_test(expr: &ast::Expr) -> String {
    match expr {
        ast::Expr::Like {
            negated,
            any: false,
            expr,
            pattern,
            escape_char: None,
        } => {
            format!(
                "(like {negated} {} {})",
                canonical(expr),
                canonical(pattern)
            )
        }
        ast::Expr::ILike {
            negated,
            any: false,
            expr,
            pattern,
            escape_char: None,
        } => {
            format!(
                "(ilike {negated} {} {})",
                canonical(expr),
                canonical(pattern)
            )
        }
        ast::Expr::IsNull(e) => format!("(isnull {})", canonical(e)),
        ast::Expr::IsNotNull(e) => format!("(notnull {})", canonical(e)),
        ast::Expr::IsTrue(e) => format!("(istrue {})", canonical(e)),
        ast::Expr::IsFalse(e) => format!("(isfalse {})", canonical(e)),
        ast::Expr::IsDistinctFrom(a, b) => format!("(distinct {} {})", canonical(a), canonical(b)),
        other => folded(&other.to_string()),
    }
}

/// A long chain leans to the left; it is walked without recursion.
fn chain(expr: &ast::Expr) -> String {
    let mut links = Vec::new();
    let mut first = expr;
    while let ast::Expr::BinaryOp { left, op, right } = first {
        if matches!(op, BinaryOperator::And | BinaryOperator::Or) {
            break;
        }
        links.push((op, right));
        first = left;
    }
    let mut text = canonical(first);
    for (op, right) in links.into_iter().rev() {
        text = format!("({op} {text} {})", canonical(right));
    }
    text
}

fn flatten(expr: &ast::Expr, wanted: &BinaryOperator, operands: &mut Vec<String>) {
    let mut left_first = Vec::new();
    let mut next = expr;
    loop {
        match next {
            ast::Expr::Nested(inner) => next = inner,
            ast::Expr::BinaryOp { left, op, right } if op == wanted => {
                left_first.push(right);
                next = left;
            }
            _ => break,
        }
    }
    operands.push(canonical(next));
    for right in left_first.into_iter().rev() {
        match strip(right) {
            ast::Expr::BinaryOp { op, .. } if op == wanted => flatten(right, wanted, operands),
            other => operands.push(canonical(other)),
        }
    }
}

fn strip(expr: &ast::Expr) -> &ast::Expr {
    match expr {
        ast::Expr::Nested(inner) => strip(inner),
        other => other,
    }
}

fn call(function: &ast::Function) -> Option<String> {
    let FunctionArguments::List(list) = &function.args else {
        return None;
    };
    let plain = list.clauses.is_empty()
        && list.duplicate_treatment.is_none()
        && function.within_group.is_empty()
        && function.filter.is_none()
        && function.over.is_none();
    let mut arguments = Vec::new();
    for argument in &list.args {
        match argument {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(e)) if plain => arguments.push(canonical(e)),
            FunctionArg::Unnamed(FunctionArgExpr::Wildcard) if plain => {
                arguments.push("*".to_owned());
            }
            _ => return None,
        }
    }
    let name: Option<Vec<String>> = function
        .name
        .0
        .iter()
        .map(|p| p.as_ident().map(ident_text))
        .collect();
    Some(format!(
        "(call {} {})",
        name?.join("."),
        arguments.join(" ")
    ))
}

fn case(
    operand: Option<&ast::Expr>,
    conditions: &[ast::CaseWhen],
    otherwise: Option<&ast::Expr>,
) -> String {
    let mut text = "(case".to_owned();
    let mut add = |expr: &ast::Expr| {
        text.push(' ');
        text.push_str(&canonical(expr));
    };
    if let Some(operand) = operand {
        add(operand);
    }
    for when in conditions {
        add(&when.condition);
        add(&when.result);
    }
    match otherwise {
        Some(e) => text.push_str(&[" else ", &canonical(e), ")"].concat()),
        None => text.push(')'),
    }
    text
}

fn all(exprs: &[ast::Expr]) -> String {
    exprs.iter().map(canonical).collect::<Vec<_>>().join(" ")
}

/// Quoted so that `a` and `"a"` are the same and `"A"` is another.
fn ident_text(ident: &ast::Ident) -> String {
    match ident.quote_style {
        Some(_) => format!("{:?}", ident.value),
        None => format!("{:?}", ident.value.to_ascii_lowercase()),
    }
}

/// A printed tree with its words in lower case and its constants as they are.
fn folded(text: &str) -> String {
    let Ok(lexed) = lex(text) else {
        return text.to_owned();
    };
    let words: Vec<String> = lexed
        .tokens
        .iter()
        .map(|token| match &token.token {
            sqlparser::tokenizer::Token::Word(w) if w.quote_style.is_none() => {
                w.value.to_ascii_lowercase()
            }
            _ => lexed.slice(token).to_owned(),
        })
        .collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(a: &str, b: &str) -> bool {
        let [a, b] = [a, b].map(|text| Expr::vouched(text.to_owned()));
        Equivalence::default().holds(&a, &b)
    }

    #[test]
    fn how_it_is_written_does_not_matter() {
        for (a, b) in [
            ("a + b", "(A  +\n(b))"),
            ("a and b and c", "a AND (b AND c)"),
            ("(a or b) or c", "a or (b or c)"),
            ("LOWER(a)", "lower(\"a\")"),
            ("a::int", "cast(a AS integer)"),
            ("a is null", "(a) IS NULL"),
            ("case when (a) then b end", "CASE WHEN a THEN (b) END"),
            ("a != 'X'", "a <> 'X'"),
            ("extract(year from a)", "EXTRACT(YEAR FROM a)"),
            ("a in (1, (2))", "a IN (1,2)"),
            ("(a) <> all (B)", "a <> ALL ((b))"),
            (
                "a = ANY ((ARRAY['x'::character varying, b])::text[])",
                "a = any (array[('x'::varchar)::text, b::text])",
            ),
        ] {
            assert!(same(a, b), "{a} / {b}");
        }
        for (a, b) in [
            ("a - (b - c)", "a - b - c"),
            ("a", "\"A\""),
            ("a = 'x'", "a = 'X'"),
            ("a and b or c", "a and (b or c)"),
            ("a", "b"),
            ("a is null", "a is not null"),
            ("a <> ALL (b)", "a <> ANY (b)"),
            ("ARRAY['x']::text[]", "ARRAY['x']"),
            ("ARRAY['x']::text[]", "ARRAY['x'::varchar]"),
            ("ARRAY[]::text[]", "ARRAY[]::integer[]"),
            ("ARRAY[ARRAY['x']]::text[]", "ARRAY[ARRAY['x']::text]"),
        ] {
            assert!(!same(a, b), "{a} / {b}");
        }
    }
}
