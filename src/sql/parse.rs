//! Tokens → the tree of one expression, or what is wrong in words that need no knowledge of a parser.

use sqlparser::ast;
use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Token, TokenWithSpan, Word};

use super::Problem;
use super::lex::{Lexed, bytes, invalid};

/// How deep parentheses, calls and prefix operators may stand inside one another.
const RECURSION_LIMIT: usize = 150;

/// Parses all of the tokens as one expression.
pub(super) fn parse(lexed: &Lexed<'_>) -> Result<ast::Expr, Problem> {
    let whole = 0..lexed.text.len();
    if lexed.tokens.is_empty() {
        return Err(invalid("the expression is empty", whole)
            .with_hint("write one, or remove the key that it belongs to"));
    }
    balanced(lexed)?;
    if let Some(semicolon) = lexed.tokens.iter().find(|t| t.token == Token::SemiColon) {
        return Err(invalid(
            "a semicolon ends a statement, and this is one expression",
            bytes(semicolon.span).unwrap_or(whole),
        )
        .with_hint("leave it out, with everything after it"));
    }
    let dialect = PostgreSqlDialect {};
    let mut parser = Parser::new(&dialect)
        .with_recursion_limit(RECURSION_LIMIT)
        .with_tokens_with_locations(readable(lexed));
    match parser.parse_expr() {
        Ok(tree) => {
            let next = parser.peek_token();
            if next.token == Token::EOF {
                Ok(tree)
            } else {
                Err(leftover(lexed, &next))
            }
        }
        Err(ParserError::RecursionLimitExceeded) => Err(invalid(
            "too many parentheses or calls inside one another",
            lexed.extent(),
        )
        .with_hint("split the expression, or put the logic into a function")),
        Err(ParserError::ParserError(message) | ParserError::TokenizerError(message)) => {
            let refused = refused(lexed, &message).unwrap_or_else(|| parser.peek_token());
            Err(unexpected(lexed, &refused))
        }
    }
}

/// The token that the parser's message names by its place, which is a byte offset here.
fn refused(lexed: &Lexed<'_>, message: &str) -> Option<TokenWithSpan> {
    let (_, column) = message.rsplit_once("Column: ")?;
    let digits: String = column.chars().take_while(char::is_ascii_digit).collect();
    let offset: usize = digits.parse().ok()?;
    let at = |t: &&TokenWithSpan| bytes(t.span).is_some_and(|range| range.start == offset);
    lexed.tokens.iter().find(at).cloned()
}

/// The tokens in the form that `sqlparser` reads: it knows neither `a ISNULL` nor `BETWEEN SYMMETRIC`, whose parts are of
/// the same types as those of `a IS NULL` and `BETWEEN`.
fn readable(lexed: &Lexed<'_>) -> Vec<TokenWithSpan> {
    let mut tokens: Vec<TokenWithSpan> = Vec::with_capacity(lexed.tokens.len());
    let mut rest = lexed.tokens.iter().peekable();
    while let Some(token) = rest.next() {
        let called = rest.peek().is_some_and(|t| t.token == Token::LParen);
        match &token.token {
            Token::Word(w)
                if w.quote_style.is_none()
                    && w.value.eq_ignore_ascii_case("isnull")
                    && !tokens.is_empty()
                    && !called =>
            {
                for word in ["IS", "NULL"] {
                    tokens.push(TokenWithSpan::new(Token::make_keyword(word), token.span));
                }
            }
            Token::Word(w)
                if w.keyword == Keyword::SYMMETRIC
                    && tokens.last().is_some_and(
                        |t| matches!(&t.token, Token::Word(w) if w.keyword == Keyword::BETWEEN),
                    ) => {}
            // On either side of a dot a keyword is a name: `User.status`, `u.order`.
            Token::Word(w)
                if w.quote_style.is_none()
                    && (tokens.last().is_some_and(|t| t.token == Token::Period)
                        || rest.peek().is_some_and(|t| t.token == Token::Period)) =>
            {
                let name = Word {
                    keyword: Keyword::NoKeyword,
                    ..w.clone()
                };
                tokens.push(TokenWithSpan::new(Token::Word(name), token.span));
            }
            _ => tokens.push(token.clone()),
        }
    }
    tokens
}

/// Finds the parenthesis that has no partner.
fn balanced(lexed: &Lexed<'_>) -> Result<(), Problem> {
    let mut open: Vec<&TokenWithSpan> = Vec::new();
    for token in &lexed.tokens {
        let opener = match token.token {
            Token::LParen | Token::LBracket => {
                open.push(token);
                continue;
            }
            Token::RParen => Token::LParen,
            Token::RBracket => Token::LBracket,
            _ => continue,
        };
        if open.pop().is_none_or(|o| o.token != opener) {
            return Err(invalid(
                format!(
                    "`{}` closes nothing that was opened before it",
                    lexed.slice(token)
                ),
                bytes(token.span).unwrap_or_default(),
            )
            .with_hint("remove it, or open it before"));
        }
    }
    match open.last() {
        None => closed_cases(lexed),
        Some(token) => Err(invalid(
            format!("`{}` is never closed", lexed.slice(token)),
            bytes(token.span).unwrap_or_default(),
        )
        .with_hint("close it where the part that it opens ends")),
    }
}

/// Finds the CASE that has no END.
fn closed_cases(lexed: &Lexed<'_>) -> Result<(), Problem> {
    let mut open: Vec<&TokenWithSpan> = Vec::new();
    let mut tokens = lexed.tokens.iter().peekable();
    while let Some(token) = tokens.next() {
        let Token::Word(w) = &token.token else {
            continue;
        };
        let name =
            w.quote_style.is_some() || tokens.peek().is_some_and(|t| t.token == Token::Period);
        match w.keyword {
            // `case = 1` is a column called case.
            Keyword::CASE
                if !name
                    && tokens.peek().is_some_and(
                        |t| matches!(&t.token, Token::Word(w) if w.keyword != Keyword::IS),
                    ) =>
            {
                open.push(token);
            }
            Keyword::END if !name => {
                open.pop();
            }
            _ => {}
        }
    }
    match open.last() {
        Some(case) if lexed.tokens.iter().any(|t| is_word(t, Keyword::WHEN)) => Err(invalid(
            "CASE has no END",
            bytes(case.span).unwrap_or_default(),
        )
        .with_hint("write case when condition then value else other end")),
        _ => Ok(()),
    }
}

fn is_word(token: &TokenWithSpan, keyword: Keyword) -> bool {
    matches!(&token.token, Token::Word(w) if w.quote_style.is_none() && w.keyword == keyword)
}

/// Words that join or begin something: no column is meant by them.
fn is_connective(token: &TokenWithSpan) -> bool {
    [
        Keyword::AND,
        Keyword::OR,
        Keyword::NOT,
        Keyword::IN,
        Keyword::IS,
        Keyword::LIKE,
        Keyword::ILIKE,
        Keyword::BETWEEN,
        Keyword::DISTINCT,
        Keyword::THEN,
        Keyword::WHEN,
        Keyword::ELSE,
    ]
    .iter()
    .any(|keyword| is_word(token, *keyword))
}

fn leftover(lexed: &Lexed<'_>, next: &TokenWithSpan) -> Problem {
    let span = bytes(next.span).unwrap_or(lexed.extent());
    let text = lexed.slice(next);
    let before = lexed.text.get(..span.start).unwrap_or_default().trim();
    let previous = lexed
        .tokens
        .iter()
        .take_while(|t| t.span != next.span)
        .last();
    if let Some(previous) = previous.filter(|t| is_connective(t)) {
        let word = lexed.slice(previous);
        return invalid(
            format!("`{word}` cannot stand here"),
            bytes(previous.span).unwrap_or(span),
        )
        .with_hint("a column, a constant or a function call is expected here");
    }
    let problem = invalid(
        format!(
            "`{text}` cannot follow the complete expression `{}`",
            shorten(before)
        ),
        span,
    );
    match &next.token {
        Token::Comma => problem.with_hint("one expression is expected here, not a list"),
        Token::Word(w) if w.keyword == Keyword::NoKeyword || w.quote_style.is_some() => problem
            .with_hint("an operator is missing, or a name of several words needs double quotes: \"user id\""),
        Token::Word(_) => keyword_hint(problem, text),
        Token::SingleQuotedString(_) => problem.with_hint("an operator is missing before the string"),
        _ => problem.with_hint("an operator such as `and`, `=` or `||` is missing"),
    }
}

fn unexpected(lexed: &Lexed<'_>, next: &TokenWithSpan) -> Problem {
    // The parser may already have read past the token that it refuses; a keyword there is the likelier culprit.
    let position = lexed.tokens.iter().position(|t| t.span == next.span);
    let previous = position
        .unwrap_or(lexed.tokens.len())
        .checked_sub(1)
        .and_then(|i| lexed.tokens.get(i));
    if let Some(token) = previous
        && is_lone_keyword(token)
        && !is_connective(token)
    {
        let text = lexed.slice(token);
        return keyword_hint(
            invalid(
                format!("`{text}` is a keyword of SQL and cannot stand here"),
                bytes(token.span).unwrap_or_default(),
            ),
            text,
        );
    }
    if next.token == Token::LParen
        && let Some(name) = previous
        && matches!(name.token, Token::Word(_))
    {
        let word = lexed.slice(name);
        let start = bytes(name.span).unwrap_or_default().start;
        let end = bytes(next.span).unwrap_or_default().end;
        let problem = invalid(
            format!("what stands in the parentheses of `{word}(…)` cannot be read"),
            start..end,
        );
        return match word.to_ascii_lowercase().as_str() {
            "extract" => problem.with_hint("write extract(year from column)"),
            "cast" => problem.with_hint("write cast(column as type)"),
            "trim" => problem.with_hint("write trim(both 'x' from column)"),
            "position" => problem.with_hint("write position('x' in column)"),
            _ => problem.with_hint("values are separated by commas"),
        };
    }
    if position.is_none() {
        let end = lexed.extent().end;
        let last = previous.map(|t| lexed.slice(t)).unwrap_or_default();
        let start = previous
            .and_then(|t| bytes(t.span))
            .map_or(0, |range| range.start);
        return invalid(
            format!("the expression ends after `{last}`, where something must follow"),
            start..end,
        )
        .with_hint(format!("complete it, or remove `{last}`"));
    }
    let text = lexed.slice(next);
    let problem = invalid(
        format!("`{text}` cannot stand here"),
        bytes(next.span).unwrap_or_default(),
    );
    if previous.is_some_and(|t| is_word(t, Keyword::IS)) {
        return problem.with_hint(
            "IS is followed by NULL, NOT NULL, TRUE, FALSE or DISTINCT FROM; values are compared by `=`",
        );
    }
    match &next.token {
        _ if is_connective(next) => {
            problem.with_hint("a column, a constant or a function call is expected here")
        }
        Token::Word(w) if w.quote_style.is_none() && w.keyword != Keyword::NoKeyword => {
            keyword_hint(problem, text)
        }
        Token::RParen | Token::RBracket | Token::Comma => {
            problem.with_hint("a value is missing before it")
        }
        _ => problem.with_hint("a column, a constant or a function call is expected here"),
    }
}

fn is_lone_keyword(token: &TokenWithSpan) -> bool {
    matches!(&token.token, Token::Word(w) if w.quote_style.is_none()
        && sqlparser::keywords::RESERVED_FOR_COLUMN_ALIAS.contains(&w.keyword))
        || matches!(&token.token, Token::Word(w) if w.quote_style.is_none()
            && matches!(w.keyword, Keyword::ORDER | Keyword::GROUP | Keyword::SELECT | Keyword::TABLE | Keyword::CHECK
                | Keyword::DEFAULT | Keyword::TO | Keyword::FROM | Keyword::WHERE | Keyword::LIMIT | Keyword::OFFSET
                | Keyword::PRIMARY | Keyword::REFERENCES | Keyword::UNIQUE | Keyword::USING | Keyword::COLUMN
                | Keyword::END | Keyword::DESC | Keyword::ASC))
}

fn keyword_hint(problem: Problem, word: &str) -> Problem {
    let lower = word.to_lowercase();
    match lower.as_str() {
        "select" | "with" => problem.with_hint(format!(
            "a subquery cannot be used here; a column called {lower} is written \"{lower}\", in double quotes"
        )),
        "as" => problem.with_hint("an alias cannot be used here"),
        "asc" | "desc" | "nulls" => {
            problem.with_hint("a sort order cannot be used here")
        }
        "and" | "or" | "not" | "in" | "is" | "like" | "ilike" | "between" | "then" | "when" | "else" | "end" => {
            problem.with_hint("look at what stands before it: something is missing or too much")
        }
        _ => problem.with_hint(format!(
            "if a column called {lower} is meant, write \"{lower}\", in double quotes"
        )),
    }
}

/// The end of a long text, for a message.
pub(super) fn shorten(text: &str) -> String {
    const KEEP: usize = 40;
    let count = text.chars().count();
    if count <= KEEP {
        text.to_owned()
    } else {
        let tail: String = text.chars().skip(count - KEEP).collect();
        format!("…{tail}")
    }
}
