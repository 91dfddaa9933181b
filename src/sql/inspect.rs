//! What an expression is made of, as far as its tokens tell.

use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, TokenWithSpan, Word};

use super::lex::{bytes, lex};
use super::{Expr, Ident};

/// Aggregates whose result depends on the order in which rows come.
const ORDERED: [&str; 10] = [
    "array_agg",
    "string_agg",
    "json_agg",
    "jsonb_agg",
    "json_object_agg",
    "jsonb_object_agg",
    "xmlagg",
    "range_agg",
    "any_value",
    "mode",
];

impl Expr {
    /// The columns that are written `relation.column`.
    pub fn qualified_columns(&self) -> Vec<(Ident, Ident)> {
        let Ok(lexed) = lex(self.as_str()) else {
            return Vec::new();
        };
        lexed
            .tokens
            .windows(3)
            .filter_map(|tokens| match tokens {
                [relation, dot, column] if dot.token == Token::Period => {
                    Some((ident(&relation.token)?, ident(&column.token)?))
                }
                _ => None,
            })
            .collect()
    }

    /// The first aggregate whose result depends on an order that is not written.
    pub fn unordered_aggregate(&self) -> Option<String> {
        let lexed = lex(self.as_str()).ok()?;
        for (position, pair) in lexed.tokens.windows(2).enumerate() {
            let [name, open] = pair else { continue };
            let Some(name) = ident(&name.token) else {
                continue;
            };
            if open.token != Token::LParen || !ORDERED.contains(&name.as_str()) {
                continue;
            }
            let arguments = lexed.tokens.get(position + 2..).unwrap_or_default();
            if !is_ordered(arguments) {
                return Some(name.as_str().to_owned());
            }
        }
        None
    }

    /// The operands of the ANDs at the top, or the expression itself.
    pub fn conjuncts(&self) -> Vec<Self> {
        let whole = || vec![self.clone()];
        let Ok(lexed) = lex(self.as_str()) else {
            return whole();
        };
        let mut depth = 0_usize;
        let mut start = 0_usize;
        let mut parts = Vec::new();
        for token in &lexed.tokens {
            match &token.token {
                Token::LParen | Token::LBracket => depth += 1,
                Token::RParen | Token::RBracket => depth = depth.saturating_sub(1),
                Token::Word(word) if depth == 0 && word.quote_style.is_none() => {
                    match word.keyword {
                        Keyword::OR | Keyword::BETWEEN | Keyword::CASE => return whole(),
                        Keyword::AND => {
                            let Some(range) = bytes(token.span) else {
                                return whole();
                            };
                            let Some(text) = self.as_str().get(start..range.start) else {
                                return whole();
                            };
                            parts.push(Self::vouched(text.trim().to_owned()));
                            start = range.end;
                        }
                        _ => {}
                    }
                }
                _ => {}
            }
        }
        let Some(last) = self.as_str().get(start..) else {
            return whole();
        };
        parts.push(Self::vouched(last.trim().to_owned()));
        parts
    }
}

/// Whether an ORDER BY stands before the call's own parenthesis closes.
fn is_ordered(arguments: &[TokenWithSpan]) -> bool {
    let mut depth = 0_usize;
    for token in arguments {
        match &token.token {
            Token::LParen => depth += 1,
            Token::RParen if depth == 0 => return false,
            Token::RParen => depth -= 1,
            Token::Word(word) if depth == 0 && word.keyword == Keyword::ORDER => return true,
            _ => {}
        }
    }
    false
}

fn ident(token: &Token) -> Option<Ident> {
    let Token::Word(Word {
        value, quote_style, ..
    }) = token
    else {
        return None;
    };
    Some(match quote_style {
        Some(_) => Ident::new(value.clone()),
        None => Ident::new(value.to_ascii_lowercase()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expr(text: &str) -> Expr {
        Expr::vouched(text.to_owned())
    }

    #[test]
    fn order_is_looked_for_in_the_call_itself() {
        assert_eq!(
            expr("array_agg(a.x ORDER BY a.y)").unordered_aggregate(),
            None
        );
        assert_eq!(expr("count(a.x)").unordered_aggregate(), None);
        for unordered in [
            "array_agg(a.x)",
            "array_agg(f(a.x) ) || array_agg(1 order by 1)",
        ] {
            assert_eq!(
                expr(unordered).unordered_aggregate().as_deref(),
                Some("array_agg"),
                "{unordered}"
            );
        }
    }

    #[test]
    fn only_ands_at_the_top_are_split() {
        let parts = |text| -> Vec<String> {
            let parts = expr(text).conjuncts();
            parts.iter().map(|part| part.as_str().to_owned()).collect()
        };
        assert_eq!(parts("a AND (b and c) and d"), ["a", "(b and c)", "d"]);
        for whole in ["a or b and c", "a between 1 and 2", "(a and b)"] {
            assert_eq!(parts(whole), [whole]);
        }
    }
}
