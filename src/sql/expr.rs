//! An SQL expression as text that is known to be one expression.

use std::fmt;

use serde::{Deserialize, Serialize};

use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::Token;

use super::lex::lex;
use super::{Ident, Literal, TypeName};
use crate::pg::keywords::needs_quotes;

/// One complete SQL expression. Made only by binding what an author wrote, by the constructors here, or by reading
/// what a server printed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Expr(String);

impl Expr {
    /// Only `sql` itself vouches for text.
    pub(super) fn vouched(text: String) -> Self {
        Self(text)
    }

    /// What a server printed: `pg_get_expr` and its like print one complete expression, with every name quoted that needs
    /// it.
    pub fn from_server(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// A column by its name.
    pub fn column(name: &Ident) -> Self {
        Self(name.to_string())
    }

    /// A column of a relation or alias.
    pub fn qualified_column(relation: &Ident, name: &Ident) -> Self {
        Self(format!("{relation}.{name}"))
    }

    /// A string constant.
    pub fn string(value: &str) -> Self {
        Self(Literal::new(value).to_string())
    }

    /// A whole number.
    pub fn integer(value: i64) -> Self {
        Self(value.to_string())
    }

    /// A function call.
    pub fn call(function: &str, arguments: &[Self]) -> Self {
        let arguments: Vec<&str> = arguments.iter().map(|a| a.0.as_str()).collect();
        Self(format!("{function}({})", arguments.join(", ")))
    }

    /// `left operator right`; operands that are no simple term are put in parentheses.
    pub fn binary(left: &Self, operator: &str, right: &Self) -> Self {
        Self(format!("{} {operator} {}", left.term(), right.term()))
    }

    /// All of the operands joined by one associative operator (`||`, `AND`, `OR`); `None` of no operand.
    pub fn joined(operator: &str, operands: &[Self]) -> Option<Self> {
        match operands {
            [] => None,
            [one] => Some(one.clone()),
            many => Some(Self(
                many.iter()
                    .map(Self::term)
                    .collect::<Vec<_>>()
                    .join(&format!(" {operator} ")),
            )),
        }
    }

    /// `expression::type`.
    #[must_use]
    pub fn cast(&self, ty: &TypeName) -> Self {
        // `-1::text` is the negative of a text.
        if self.0.starts_with('-') {
            return Self(format!("({})::{ty}", self.0));
        }
        Self(format!("{}::{ty}", self.term()))
    }

    /// The text, as it stands in SQL.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text in parentheses unless it is a simple term already: a column, a constant, a call, a subscript.
    pub fn term(&self) -> String {
        match self.shape() {
            Shape::Other => format!("({})", self.0),
            Shape::Column
            | Shape::QualifiedColumn
            | Shape::Subscript
            | Shape::Constant
            | Shape::Call => self.0.clone(),
        }
    }

    /// A lone column name.
    pub fn is_column(&self) -> bool {
        self.shape() == Shape::Column
    }

    /// A column of a relation: `orders.total`.
    pub fn is_qualified_column(&self) -> bool {
        self.shape() == Shape::QualifiedColumn
    }

    /// A lone constant: number, string, boolean, NULL, with or without a cast.
    pub fn is_constant(&self) -> bool {
        self.shape() == Shape::Constant
    }

    /// One function call with nothing around it: the only expression that an index key takes without parentheses.
    pub fn is_call(&self) -> bool {
        self.shape() == Shape::Call
    }

    fn shape(&self) -> Shape {
        if let Some(shape) = plain_shape(&self.0) {
            return shape;
        }
        let Ok(lexed) = lex(&self.0) else {
            return Shape::Other;
        };
        let tokens: Vec<&Token> = lexed.tokens.iter().map(|t| &t.token).collect();
        match tokens.as_slice() {
            [name] if is_name(name) => Shape::Column,
            [relation, Token::Period, name] if is_name(relation) && is_name(name) => {
                Shape::QualifiedColumn
            }
            [name, Token::LBracket, Token::Number(..), Token::RBracket] if is_name(name) => {
                Shape::Subscript
            }
            tokens if is_constant(tokens) => Shape::Constant,
            tokens if is_call(tokens) => Shape::Call,
            _ => Shape::Other,
        }
    }
}

/// The shape of what most expressions are, and what needs no lexer: `price`, `0`, `'draft'`, `now()`.
fn plain_shape(text: &str) -> Option<Shape> {
    let is_name = |text: &str| {
        let plain = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_';
        text.bytes().all(plain) && !needs_quotes(text)
    };
    if is_name(text) {
        return Some(Shape::Column);
    }
    let string = text
        .strip_prefix('\'')
        .and_then(|rest| rest.strip_suffix('\''));
    if string.is_some_and(|inside| !inside.contains('\''))
        || !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit())
    {
        return Some(Shape::Constant);
    }
    let function = text.strip_suffix("()")?;
    is_name(function).then_some(Shape::Call)
}

/// What an expression is, as far as parentheses go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Column,
    QualifiedColumn,
    Subscript,
    Constant,
    Call,
    Other,
}

fn is_constant(tokens: &[&Token]) -> bool {
    let mut tokens = tokens.iter().copied().peekable();
    if tokens.next_if(|t| **t == Token::Minus).is_some()
        && !matches!(tokens.peek(), Some(Token::Number(..)))
    {
        return false;
    }
    let constant = match tokens.next() {
        Some(Token::Word(w)) => {
            w.quote_style.is_none()
                && matches!(w.keyword, Keyword::TRUE | Keyword::FALSE | Keyword::NULL)
        }
        Some(
            Token::Number(..)
            | Token::SingleQuotedString(_)
            | Token::EscapedStringLiteral(_)
            | Token::DollarQuotedString(_),
        ) => true,
        _ => false,
    };
    let belongs_to_a_cast = |t: &Token| {
        matches!(
            t,
            Token::Word(_)
                | Token::Number(..)
                | Token::LParen
                | Token::RParen
                | Token::LBracket
                | Token::RBracket
                | Token::Comma
                | Token::Period
                | Token::DoubleColon
        ) && !is_infix_word(t)
    };
    constant
        && match tokens.next() {
            None => true,
            Some(Token::DoubleColon) => tokens.all(belongs_to_a_cast),
            Some(_) => false,
        }
}

fn is_call(tokens: &[&Token]) -> bool {
    let Some(open) = tokens.iter().position(|t| **t == Token::LParen) else {
        return false;
    };
    let (name, rest) = tokens.split_at(open);
    let named = match name {
        [Token::Word(w)] => w.quote_style.is_some() || !NO_CALLS.contains(&w.keyword),
        [Token::Word(_), Token::Period, Token::Word(_)] => true,
        _ => false,
    };
    let mut depth = 0_usize;
    let closes = rest.iter().position(|t| {
        match t {
            Token::LParen => depth += 1,
            Token::RParen => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0
    });
    named && closes.is_some_and(|at| at + 1 == rest.len())
}

/// Words that may stand before a parenthesis and call nothing.
const NO_CALLS: &[Keyword] = &[
    Keyword::NOT,
    Keyword::ROW,
    Keyword::EXISTS,
    Keyword::ARRAY,
    Keyword::ANY,
    Keyword::ALL,
    Keyword::SOME,
    Keyword::CASE,
    Keyword::INTERVAL,
];

fn is_name(token: &Token) -> bool {
    matches!(token, Token::Word(w) if w.quote_style.is_some() || !needs_quotes(&w.value.to_ascii_lowercase()))
}

/// After a cast a type's words may follow, but no operator that is a word.
fn is_infix_word(token: &Token) -> bool {
    matches!(token, Token::Word(w) if w.quote_style.is_none() && matches!(w.keyword,
        Keyword::AND | Keyword::OR | Keyword::IS | Keyword::IN | Keyword::NOT | Keyword::LIKE | Keyword::ILIKE
            | Keyword::BETWEEN | Keyword::SIMILAR | Keyword::COLLATE | Keyword::AT | Keyword::OVERLAPS))
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expr(text: &str) -> Expr {
        Expr::vouched(text.to_owned())
    }

    #[test]
    fn columns_constants_and_calls_are_told_apart() {
        for column in ["a", "\"user id\"", "Name"] {
            assert!(expr(column).is_column(), "{column}");
        }
        for constant in [
            "1",
            "-1",
            "'x'",
            "'x'::text",
            "null",
            "TRUE",
            "'{}'::text[]",
            "1::numeric(10,2)",
            "'x'::timestamp with time zone",
        ] {
            assert!(expr(constant).is_constant(), "{constant}");
        }
        for call in [
            "lower(a)",
            "coalesce(a, (b))",
            "pg_catalog.lower(a)",
            "extract(year from a)",
        ] {
            assert!(expr(call).is_call(), "{call}");
        }
        for other in [
            "a b",
            "a.b",
            "1 + 1",
            "'x' || 'y'",
            "'x'::text || 'y'",
            "lower(a) || b",
            "not (a)",
            "(a)",
            "lower(a) || upper(b)",
            "current_date",
            "-a",
            "'x'::text is null",
            "",
            "count(a) filter (where b)",
        ] {
            let e = expr(other);
            assert!(
                !e.is_column() && !e.is_constant() && !e.is_call(),
                "{other}"
            );
        }
        assert_eq!(expr("u.a").term(), "u.a");
        assert_eq!(expr("a + b").term(), "(a + b)");
        assert_eq!(
            Expr::integer(-1).cast(&TypeName::core("text")).as_str(),
            "(-1)::text"
        );
    }
}
