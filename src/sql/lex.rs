//! Text → tokens that know their byte ranges.
//!
//! `sqlparser` counts lines and characters; its spans are replaced by byte offsets here (all on "line 1"), so that every
//! identifier and constant in the tree it builds says where in the text it stands.

use std::ops::Range;

use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::tokenizer::{Location, Span, Token, TokenWithSpan, Tokenizer, Whitespace};

use super::Problem;
use crate::diagnose::Code;

/// Longest text that is taken.
const MAX_BYTES: usize = 64 * 1024;
/// Deepest tree that is built: operators in a row and parentheses add up, because the tree of `a + b + c` is as deep as
/// it has operators, and a deep tree overflows the stack where it is dropped.
const MAX_DEPTH: usize = 1000;

/// The tokens of a text; white space and comments are left out.
#[derive(Debug)]
pub(super) struct Lexed<'a> {
    /// The text.
    pub text: &'a str,
    /// Its tokens, with spans that are byte offsets; see [`bytes`].
    pub tokens: Vec<TokenWithSpan>,
}

/// The byte range that a span of this room means; `None` for a span that `sqlparser` left empty.
pub(super) fn bytes(span: Span) -> Option<Range<usize>> {
    let start = usize::try_from(span.start.column).ok()?;
    let end = usize::try_from(span.end.column).ok()?;
    (span.start.line == 1 && span.end.line == 1 && start <= end).then_some(start..end)
}

/// An `invalid-expression`.
pub(super) fn invalid(message: impl Into<String>, span: Range<usize>) -> Problem {
    Problem {
        code: Code::InvalidExpression,
        message: message.into(),
        hint: None,
        span,
    }
}

impl Problem {
    /// The same with what to write instead.
    pub(super) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// Takes a text apart.
pub(super) fn lex(text: &str) -> Result<Lexed<'_>, Problem> {
    if text.len() > MAX_BYTES {
        return Err(invalid(
            format!(
                "the expression is {} KiB long; at most 64 KiB are taken",
                text.len() / 1024
            ),
            0..text.len().min(1),
        )
        .with_hint("put the logic into a function, or a long list of values into a table"));
    }
    if let Some(at) = text.find('\0') {
        return Err(invalid(
            "a NUL character, which PostgreSQL cannot store",
            at..at + 1,
        ));
    }
    let raw = Tokenizer::new(&PostgreSqlDialect {}, text)
        .tokenize_with_location()
        .map_err(|e| unfinished(text, offset(text, &line_starts(text), e.location)))?;
    let starts = line_starts(text);
    let mut tokens = Vec::with_capacity(raw.len() / 2 + 1);
    let mut at = Cursor {
        text,
        starts: &starts,
        line: 1,
        column: 1,
        offset: 0,
    };
    for token in raw {
        let start = at.advance(token.span.start);
        let end = at.advance(token.span.end);
        if !matches!(token.token, Token::Whitespace(_)) {
            tokens.push(TokenWithSpan::new(token.token, byte_span(start..end)));
        } else if let Token::Whitespace(Whitespace::MultiLineComment(_)) = &token.token
            && !text.get(start..end).is_some_and(|t| t.ends_with("*/"))
        {
            return Err(unfinished(text, start));
        }
    }
    let lexed = Lexed { text, tokens };
    lexed.check_operators()?;
    lexed.check_depth()?;
    Ok(lexed)
}

impl Lexed<'_> {
    /// The author's own spelling of a token.
    pub(super) fn slice(&self, token: &TokenWithSpan) -> &str {
        bytes(token.span)
            .and_then(|range| self.text.get(range))
            .unwrap_or_default()
    }

    /// The tokens that begin at or after a place.
    pub(super) fn tokens_from(&self, start: usize) -> &[TokenWithSpan] {
        let first = self
            .tokens
            .partition_point(|t| bytes(t.span).is_some_and(|range| range.start < start));
        self.tokens.get(first..).unwrap_or_default()
    }

    /// The range from the first token to the end of the last.
    pub(super) fn extent(&self) -> Range<usize> {
        let start = self.tokens.first().and_then(|t| bytes(t.span));
        let end = self.tokens.last().and_then(|t| bytes(t.span));
        match (start, end) {
            (Some(start), Some(end)) => start.start..end.end,
            _ => 0..self.text.len(),
        }
    }

    /// Refuses operators that stand so close that `PostgreSQL` reads another operator than `sqlparser`: `@-1`.
    /// <https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-OPERATORS>
    fn check_operators(&self) -> Result<(), Problem> {
        let mut index = 0;
        while let Some(token) = self.tokens.get(index) {
            index += 1;
            if !is_operator(self.slice(token)) {
                continue;
            }
            let Some(mut run) = bytes(token.span) else {
                continue;
            };
            if token.token == Token::DoubleEq {
                return Err(invalid("PostgreSQL has no operator `==`", run)
                    .with_hint("equality is written `=`"));
            }
            let first = run.clone();
            while let Some(next) = self.tokens.get(index)
                && let Some(range) = bytes(next.span)
                && range.start == run.end
                && is_operator(self.slice(next))
            {
                run.end = range.end;
                index += 1;
            }
            let written = self.text.get(run.clone()).unwrap_or_default();
            let read = self.text.get(first).unwrap_or_default();
            // `*` in `count(*)` has no operator beside it, so a run of one token is always read alike.
            if first_operator(written) != read && written != read {
                return Err(
                    invalid(format!("PostgreSQL reads `{written}` as one operator"), run)
                        .with_hint("put a space between the two operators"),
                );
            }
        }
        Ok(())
    }

    fn check_depth(&self) -> Result<(), Problem> {
        let mut levels = vec![0_usize];
        let mut depth = 0_usize;
        for token in &self.tokens {
            let level = levels.last_mut();
            match (&token.token, level) {
                (Token::LParen | Token::LBracket, _) => {
                    levels.push(1);
                    depth += 1;
                }
                (Token::RParen | Token::RBracket, Some(level)) => {
                    depth -= *level;
                    *level = 0;
                    if levels.len() > 1 {
                        levels.pop();
                        // What stands in parentheses counts as one operand.
                    }
                }
                (Token::Comma, Some(level)) => {
                    depth -= *level;
                    *level = 1;
                    depth += 1;
                }
                (_, Some(level)) if counts(self.slice(token)) => {
                    *level += 1;
                    depth += 1;
                }
                _ => {}
            }
            if depth > MAX_DEPTH {
                return Err(invalid(
                    format!("more than {MAX_DEPTH} operators or parentheses inside one another"),
                    bytes(token.span).unwrap_or_default(),
                )
                .with_hint("write a long chain of comparisons as `column IN (…)`"));
            }
        }
        Ok(())
    }
}

/// Whether a token may make the tree one level deeper.
fn counts(token: &str) -> bool {
    is_operator(token)
        || token == "::"
        || token == "."
        || [
            "and", "or", "not", "is", "isnull", "notnull", "between", "in", "like", "ilike",
            "similar", "collate", "at", "case", "overlaps", "interval", "operator",
        ]
        .iter()
        .any(|word| token.eq_ignore_ascii_case(word))
}

const OPERATOR_CHARACTERS: &str = "+-*/<>=~!@#%^&|`?";

fn is_operator(token: &str) -> bool {
    !token.is_empty() && token.chars().all(|c| OPERATOR_CHARACTERS.contains(c))
}

/// The operator that `PostgreSQL`'s lexer takes from the start of a run of operator characters: a trailing `+` or `-`
/// belongs to it only when it has one of the characters below in it.
fn first_operator(run: &str) -> &str {
    if run.contains(|c: char| "~!@#%^&|`?".contains(c)) {
        return run;
    }
    let cut = run.trim_end_matches(['+', '-']);
    if cut.is_empty() {
        run.get(..1).unwrap_or(run)
    } else {
        cut
    }
}

fn byte_span(range: Range<usize>) -> Span {
    let at = |offset: usize| Location {
        line: 1,
        column: offset as u64,
    };
    Span::new(at(range.start), at(range.end))
}

fn line_starts(text: &str) -> Vec<usize> {
    std::iter::once(0)
        .chain(text.match_indices('\n').map(|(at, _)| at + 1))
        .collect()
}

fn offset(text: &str, starts: &[usize], at: Location) -> usize {
    Cursor {
        text,
        starts,
        line: 1,
        column: 1,
        offset: 0,
    }
    .advance(at)
}

/// Turns locations that only grow into byte offsets without reading a line from its start each time.
struct Cursor<'a> {
    text: &'a str,
    starts: &'a [usize],
    line: u64,
    column: u64,
    offset: usize,
}

impl Cursor<'_> {
    fn advance(&mut self, to: Location) -> usize {
        if to.line != self.line || to.column < self.column {
            let line = usize::try_from(to.line.saturating_sub(1)).unwrap_or(0);
            self.offset = self.starts.get(line).copied().unwrap_or(self.text.len());
            self.line = to.line;
            self.column = 1;
        }
        while self.column < to.column {
            let Some(c) = self.text.get(self.offset..).and_then(|t| t.chars().next()) else {
                break;
            };
            self.offset += c.len_utf8();
            self.column += 1;
        }
        self.offset
    }
}

/// What the tokenizer refuses is something that was opened and not closed.
fn unfinished(text: &str, at: usize) -> Problem {
    let rest = text.get(at..).unwrap_or_default();
    let (what, close) = match rest.chars().next() {
        Some('\'') => ("a string", "'"),
        Some('"') => ("a quoted name", "\""),
        Some('/') => ("a comment", "*/"),
        Some('$') => ("a dollar-quoted string", "its tag"),
        // E'…', B'…', X'…'
        Some(_) if rest.get(1..2) == Some("'") => ("a string", "'"),
        _ => {
            let before = text.get(..at).unwrap_or_default();
            let start = before
                .trim_end_matches(|c| OPERATOR_CHARACTERS.contains(c))
                .len();
            if start < before.len() {
                let operator = before.get(start..).unwrap_or_default();
                return invalid(
                    format!("PostgreSQL reads `{operator}` as one operator"),
                    start..at,
                )
                .with_hint("put a space between the two operators");
            }
            return invalid(
                "a string, a quoted name or a comment is opened and never closed",
                at.min(text.len())..text.len(),
            );
        }
    };
    invalid(
        format!("{what} begins here and is never closed"),
        at.min(text.len())..text.len(),
    )
    .with_hint(if close == "'" {
        "close it with '; a quote inside a text is written twice: 'it''s'".to_owned()
    } else {
        format!("close it with {close}")
    })
}
