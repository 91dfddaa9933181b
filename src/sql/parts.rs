//! The small grammars around an expression: an index element, an output column.

use std::ops::Range;

use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, TokenWithSpan, Word};

use super::lex::{Lexed, bytes, invalid, lex};
use super::{Ident, Problem};

/// `lower(email) COLLATE "C" text_pattern_ops DESC NULLS LAST`, taken apart.
/// <https://www.postgresql.org/docs/current/sql-createindex.html>
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexElement {
    /// Byte range of the column name or expression in the text; outer parentheses are left off.
    pub expression: Range<usize>,
    /// COLLATE.
    pub collation: Option<Ident>,
    /// Operator class.
    pub operator_class: Option<Ident>,
    /// `Some(true)` for DESC, `Some(false)` for an ASC that was written.
    pub descending: Option<bool>,
    /// `Some(true)` for NULLS FIRST, `Some(false)` for NULLS LAST.
    pub nulls_first: Option<bool>,
}

/// Takes an index element apart. The expression itself is not bound yet.
pub fn parse_index_element(text: &str) -> Result<IndexElement, Problem> {
    let lexed = lex(text)?;
    let mut tokens = lexed.tokens.as_slice();
    let nulls_first = match tokens {
        [rest @ .., nulls, which] if !rest.is_empty() && word(nulls, Keyword::NULLS) => {
            let first = word(which, Keyword::FIRST);
            if !first && !word(which, Keyword::LAST) {
                return Err(invalid(
                    format!("`nulls {}` is no order", lexed.slice(which)),
                    range(which),
                )
                .with_hint("write NULLS FIRST or NULLS LAST"));
            }
            tokens = rest;
            Some(first)
        }
        _ => None,
    };
    let descending = match tokens {
        [rest @ .., last] if !rest.is_empty() && word(last, Keyword::DESC) => {
            tokens = rest;
            Some(true)
        }
        [rest @ .., last] if !rest.is_empty() && word(last, Keyword::ASC) => {
            tokens = rest;
            Some(false)
        }
        _ => None,
    };
    let head = head(tokens);
    let (key, rest) = tokens.split_at_checked(head).unwrap_or((tokens, &[]));
    let parsed = options(&lexed, rest)?;
    // What looks like more than a key is one expression whose parentheses were left out: `a || b`.
    let (key, collation, operator_class) = match parsed {
        Some((collation, class)) => (key, collation, class),
        None => (tokens, None, None),
    };
    Ok(IndexElement {
        expression: inner(key).unwrap_or(0..text.len()),
        collation,
        operator_class,
        descending,
        nulls_first,
    })
}

/// How many tokens the key itself has: a name, a call, or something in parentheses.
fn head(tokens: &[TokenWithSpan]) -> usize {
    let mut index = 0;
    while matches!(tokens.get(index).map(|t| &t.token), Some(Token::Word(_))) {
        index += 1;
        if tokens.get(index).is_some_and(|t| t.token == Token::Period) {
            index += 1;
        } else {
            break;
        }
    }
    if tokens.get(index).is_none_or(|t| t.token != Token::LParen) {
        return index;
    }
    closing(tokens, index).map_or(tokens.len(), |at| at + 1)
}

fn closing(tokens: &[TokenWithSpan], open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (index, token) in tokens.iter().enumerate().skip(open) {
        match token.token {
            Token::LParen => depth += 1,
            Token::RParen => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(index);
                }
            }
            _ => {}
        }
    }
    None
}

type Options = (Option<Ident>, Option<Ident>);

/// COLLATE and the operator class; `None` when something else stands there.
fn options(lexed: &Lexed<'_>, tokens: &[TokenWithSpan]) -> Result<Option<Options>, Problem> {
    let (collation, rest) = match tokens {
        [collate, rest @ ..] if word(collate, Keyword::COLLATE) => match name(rest) {
            Some((ident, after)) => (Some(ident), after),
            None => {
                return Err(invalid(
                    "COLLATE is followed by the name of a collation",
                    range(collate),
                )
                .with_hint("write COLLATE \"C\""));
            }
        },
        _ => (None, tokens),
    };
    match name(rest) {
        None if rest.is_empty() => Ok(Some((collation, None))),
        Some((class, [])) => Ok(Some((collation, Some(class)))),
        Some((class, [open, ..])) if open.token == Token::LParen => Err(invalid(
            format!("parameters of the operator class {class} are not compiled"),
            range(open).start..lexed.extent().end,
        )
        .with_hint("leave the parentheses out: the operator class has defaults")),
        None | Some(_) => Ok(None),
    }
}

/// A name with an optional schema, which is left off.
fn name(tokens: &[TokenWithSpan]) -> Option<(Ident, &[TokenWithSpan])> {
    let (first, rest) = tokens.split_first()?;
    let Token::Word(w) = &first.token else {
        return None;
    };
    let infix = matches!(
        w.keyword,
        Keyword::AND
            | Keyword::OR
            | Keyword::IS
            | Keyword::IN
            | Keyword::NOT
            | Keyword::LIKE
            | Keyword::ILIKE
            | Keyword::BETWEEN
            | Keyword::AT
            | Keyword::COLLATE
            | Keyword::SIMILAR
    );
    if w.quote_style.is_none() && infix {
        return None;
    }
    match rest {
        [dot, more @ ..] if dot.token == Token::Period => name(more),
        _ => Some((folded(w), rest)),
    }
}

fn folded(word: &Word) -> Ident {
    match word.quote_style {
        Some(_) => Ident::new(word.value.clone()),
        None => Ident::new(word.value.to_ascii_lowercase()),
    }
}

/// The range of the tokens without parentheses that go around all of them.
fn inner(mut tokens: &[TokenWithSpan]) -> Option<Range<usize>> {
    while let [open, within @ .., _] = tokens
        && open.token == Token::LParen
        && closing(tokens, 0) == Some(tokens.len() - 1)
        && !within.is_empty()
    {
        tokens = within;
    }
    Some(range(tokens.first()?).start..range(tokens.last()?).end)
}

fn range(token: &TokenWithSpan) -> Range<usize> {
    bytes(token.span).unwrap_or_default()
}

fn word(token: &TokenWithSpan, keyword: Keyword) -> bool {
    matches!(&token.token, Token::Word(w) if w.quote_style.is_none() && w.keyword == keyword)
}

/// `COUNT(*) as order_count`, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputColumn {
    /// Byte range of the expression in the text.
    pub expression: Range<usize>,
    /// The alias, unquoted, and its byte range.
    pub alias: Option<(Ident, Range<usize>)>,
}

/// Takes an output column apart. The expression itself is not bound yet.
pub fn parse_output_column(text: &str) -> Result<OutputColumn, Problem> {
    let lexed = lex(text)?;
    let mut depth = 0_usize;
    let mut found = None;
    for (index, token) in lexed.tokens.iter().enumerate() {
        match token.token {
            Token::LParen | Token::LBracket => depth += 1,
            Token::RParen | Token::RBracket => depth = depth.saturating_sub(1),
            // A column that is itself called `as` stands first, and has to be in quotes elsewhere.
            _ if depth == 0 && index > 0 && word(token, Keyword::AS) => found = Some(index),
            _ => {}
        }
    }
    let Some(at) = found else {
        return Ok(OutputColumn {
            expression: lexed.extent(),
            alias: None,
        });
    };
    let (before, after) = lexed
        .tokens
        .split_at_checked(at)
        .unwrap_or((&lexed.tokens, &[]));
    let start = before.first().map(range).unwrap_or_default().start;
    let end = before.last().map(range).unwrap_or_default().end;
    let alias = match after {
        [_, alias] => match &alias.token {
            Token::Word(w) => Some((folded(w), range(alias))),
            _ => None,
        },
        _ => None,
    };
    match (alias, after) {
        (Some(alias), _) => Ok(OutputColumn {
            expression: start..end,
            alias: Some(alias),
        }),
        (None, [as_word]) => Err(invalid("AS is followed by a name", range(as_word))),
        (None, [_, first, ..]) => {
            let span = range(first).start..lexed.extent().end;
            let written = text.get(span.clone()).unwrap_or_default();
            Err(
                invalid(format!("`{written}` is no name for a column"), span).with_hint(
                    "a name of several words is written in double quotes: as \"user count\"",
                ),
            )
        }
        (None, []) => Err(invalid("AS is followed by a name", start..end)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element(
        text: &str,
    ) -> (
        String,
        Option<String>,
        Option<String>,
        Option<bool>,
        Option<bool>,
    ) {
        let e = parse_index_element(text).expect(text);
        let show = |i: Option<Ident>| i.map(|i| i.as_str().to_owned());
        (
            text[e.expression].to_owned(),
            show(e.collation),
            show(e.operator_class),
            e.descending,
            e.nulls_first,
        )
    }

    #[test]
    fn index_elements() {
        let some = |s: &str| Some(s.to_owned());
        assert_eq!(element("name"), ("name".into(), None, None, None, None));
        assert_eq!(
            element("name DESC"),
            ("name".into(), None, None, Some(true), None)
        );
        assert_eq!(
            element("lower(x) text_pattern_ops DESC NULLS LAST"),
            (
                "lower(x)".into(),
                None,
                some("text_pattern_ops"),
                Some(true),
                Some(false)
            )
        );
        assert_eq!(
            element("\"user id\" desc"),
            ("\"user id\"".into(), None, None, Some(true), None)
        );
        assert_eq!(
            element("status COLLATE \"C\" asc nulls first"),
            ("status".into(), some("C"), None, Some(false), Some(true))
        );
        assert_eq!(
            element("(at::date)"),
            ("at::date".into(), None, None, None, None)
        );
        assert_eq!(
            element("((a || b)) gin_trgm_ops"),
            ("a || b".into(), None, some("gin_trgm_ops"), None, None)
        );
        assert_eq!(
            element("a || b DESC"),
            ("a || b".into(), None, None, Some(true), None)
        );
        assert_eq!(
            element("(a) || (b)"),
            ("(a) || (b)".into(), None, None, None, None)
        );
        assert_eq!(element("desc"), ("desc".into(), None, None, None, None));
        assert_eq!(
            element("a is null"),
            ("a is null".into(), None, None, None, None)
        );
        assert_eq!(
            element("title collate pg_catalog.\"C\" public.gin_trgm_ops"),
            ("title".into(), some("C"), some("gin_trgm_ops"), None, None)
        );
        for wrong in [
            "a nulls middle",
            "a collate",
            "a gist_trgm_ops(siglen=32)",
            "'a",
        ] {
            assert!(parse_index_element(wrong).is_err(), "{wrong}");
        }
        assert!(
            parse_index_element("").is_ok(),
            "the empty expression is refused where it is bound"
        );
    }

    #[test]
    fn output_columns() {
        let taken = |text: &str| {
            let c = parse_output_column(text).expect(text);
            (
                text[c.expression].to_owned(),
                c.alias
                    .map(|(i, r)| (i.as_str().to_owned(), text[r].to_owned())),
            )
        };
        let alias = |name: &str, written: &str| Some((name.to_owned(), written.to_owned()));
        assert_eq!(
            taken("COUNT(*) as Order_count"),
            ("COUNT(*)".into(), alias("order_count", "Order_count"))
        );
        assert_eq!(
            taken("\"order\" as \"as\""),
            ("\"order\"".into(), alias("as", "\"as\""))
        );
        assert_eq!(taken("cast(a as text)"), ("cast(a as text)".into(), None));
        assert_eq!(
            taken("cast(a as text) AS b"),
            ("cast(a as text)".into(), alias("b", "b"))
        );
        assert_eq!(taken("id"), ("id".into(), None));
        assert!(parse_output_column("a as user count").is_err());
        assert!(parse_output_column("a as").is_err());
    }
}
