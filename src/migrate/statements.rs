//! A file taken apart into statements, as psql does it: at semicolons outside of quotes, comments, parentheses and the bodies
//! of SQL functions. The server is still the only one who reads them.

use std::ops::Range;

/// One statement, without its semicolon's surroundings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Its text, with the comments in it.
    pub text: String,
    /// The line that it begins in, from 1.
    pub line: usize,
    /// Its words, names and signs, as they are written.
    pub tokens: Vec<String>,
}

impl Statement {
    /// Whether its words begin with these.
    pub fn begins(&self, words: &[&str]) -> bool {
        self.tokens.len() >= words.len()
            && self
                .tokens
                .iter()
                .zip(words)
                .all(|(token, word)| token.eq_ignore_ascii_case(word))
    }
}

/// Takes a text apart.
pub fn statements(text: &str) -> Vec<Statement> {
    let mut found = Vec::new();
    let mut draft = Draft::default();
    let mut lines = Lines {
        text,
        at: 0,
        line: 1,
    };
    for token in (Tokens { text, at: 0 }) {
        let word = text.get(token.clone()).unwrap_or_default();
        let ends = draft.push(word, token.clone());
        if ends {
            let ended = std::mem::take(&mut draft);
            found.extend(ended.finish(text, &mut lines));
        }
    }
    found.extend(draft.finish(text, &mut lines));
    found
}

/// A statement that is being read.
#[derive(Default)]
struct Draft {
    range: Option<Range<usize>>,
    tokens: Vec<String>,
    parentheses: usize,
    /// How many BEGIN and CASE of a function's body wait for their END.
    blocks: usize,
}

impl Draft {
    /// Adds a token; `true` when it is the semicolon that ends the statement.
    fn push(&mut self, word: &str, token: Range<usize>) -> bool {
        let start = self.range.as_ref().map_or(token.start, |range| range.start);
        self.range = Some(start..token.end);
        match word {
            "(" => self.parentheses += 1,
            ")" => self.parentheses = self.parentheses.saturating_sub(1),
            ";" if self.parentheses == 0 && self.blocks == 0 => return true,
            _ if self.is_routine() => self.count(word),
            _ => {}
        }
        self.tokens.push(word.to_owned());
        false
    }

    fn count(&mut self, word: &str) {
        let is = |other: &str| word.eq_ignore_ascii_case(other);
        let after_begin = self
            .tokens
            .last()
            .is_some_and(|last| last.eq_ignore_ascii_case("begin"));
        if self.blocks > 0 {
            if is("begin") || is("case") {
                self.blocks += 1;
            } else if is("end") {
                self.blocks -= 1;
            }
        } else if is("atomic") && after_begin {
            self.blocks = 1;
        }
    }

    fn is_routine(&self) -> bool {
        let mut words = self.tokens.iter().map(String::as_str);
        let is = |word: Option<&str>, other: &str| {
            word.is_some_and(|word| word.eq_ignore_ascii_case(other))
        };
        if !is(words.next(), "create") {
            return false;
        }
        let mut next = words.next();
        if is(next, "or") {
            words.next();
            next = words.next();
        }
        is(next, "function") || is(next, "procedure")
    }

    fn finish(self, text: &str, lines: &mut Lines<'_>) -> Option<Statement> {
        if self.tokens.is_empty() {
            return None;
        }
        let range = self.range?;
        Some(Statement {
            line: lines.of(range.start),
            text: text.get(range)?.to_owned(),
            tokens: self.tokens,
        })
    }
}

/// Counts lines once, however many statements ask for theirs.
struct Lines<'t> {
    text: &'t str,
    at: usize,
    line: usize,
}

impl Lines<'_> {
    /// The line of a place that is not before the last one that was asked for.
    fn of(&mut self, place: usize) -> usize {
        let between = self.text.get(self.at..place).unwrap_or_default();
        self.line += between.matches('\n').count();
        self.at = place;
        self.line
    }
}

/// Ranges of words, quoted things and single signs; white space and comments are passed over.
struct Tokens<'t> {
    text: &'t str,
    at: usize,
}

impl Iterator for Tokens<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        loop {
            let rest = self.text.get(self.at..)?;
            let first = rest.chars().next()?;
            let start = self.at;
            if first.is_whitespace() {
                self.at += first.len_utf8();
            } else if rest.starts_with("--") {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else if rest.starts_with("/*") {
                self.at += comment(rest);
            } else {
                self.at += token(rest, first);
                return Some(start..self.at);
            }
        }
    }
}

/// The length of a comment; others may stand in it.
fn comment(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

fn token(rest: &str, first: char) -> usize {
    match first {
        '\'' => quoted(rest, '\'', false),
        '"' => quoted(rest, '"', false),
        'e' | 'E' if rest.get(1..2) == Some("'") => {
            1 + quoted(rest.get(1..).unwrap_or_default(), '\'', true)
        }
        '$' => dollar(rest).unwrap_or(1),
        first if is_word(first) => rest
            // A name may hold `$`: `a$b$` opens nothing.
            .find(|c: char| !is_word(c) && c != '$')
            .unwrap_or(rest.len()),
        first => first.len_utf8(),
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The length of a quoted text. A doubled quote needs no care here: it ends one and begins another.
fn quoted(text: &str, quote: char, escapes: bool) -> usize {
    let mut characters = text.char_indices().skip(1);
    while let Some((at, c)) = characters.next() {
        if c == '\\' && escapes {
            characters.next();
        } else if c == quote {
            let after = at + 1;
            if text
                .get(after..)
                .is_some_and(|rest| rest.starts_with(quote))
            {
                characters.next();
            } else {
                return after;
            }
        }
    }
    text.len()
}

/// The length of a text between `$tag$` and the same again; `None` where `$` opens none, as in `$1`.
fn dollar(text: &str) -> Option<usize> {
    let length = text.get(1..)?.find('$')? + 2;
    let tag = text.get(..length)?;
    let name = tag.trim_matches('$');
    let starts = name.chars().next().is_none_or(|c| !c.is_ascii_digit());
    if !starts || !name.chars().all(is_word) {
        return None;
    }
    let body = text.get(length..)?;
    Some(body.find(tag).map_or(text.len(), |at| length + at + length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        let found = statements(text).into_iter();
        found.map(|statement| statement.text).collect()
    }

    #[test]
    fn semicolons_in_quotes_end_nothing() {
        for one in [
            "SELECT ';', E'\\';', \"a;\"\";\", $$;$$, $x$ $$ ; $x$;",
            "SELECT /* ; /* ; */ ; */ 1;",
            "SELECT 1 -- ;\n;",
            "CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2);",
            "CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END;",
            "SELECT a$b$, 'it''s;' FROM t;",
            "SELECT 'ä;', $1",
        ] {
            assert_eq!(texts(one), [one]);
        }
    }

    #[test]
    fn statements_know_their_lines() {
        let found = statements("-- a\n\nSELECT 1;\nBEGIN; ;\n");
        let lines: Vec<_> = found.iter().map(|s| (s.line, s.text.as_str())).collect();
        assert_eq!(lines, [(3, "SELECT 1;"), (4, "BEGIN;")]);
        assert!(found[1].begins(&["begin"]));
    }

    #[test]
    fn many_statements_take_no_longer_each_than_few() {
        let text = "a;\n".repeat(200_000);
        let start = std::time::Instant::now();
        let found = statements(&text);
        assert_eq!(found.last().map(|statement| statement.line), Some(200_000));
        assert!(start.elapsed().as_secs() < 10, "{:?}", start.elapsed());
    }

    #[test]
    fn what_never_ends_ends_with_the_text() {
        for text in [
            "SELECT 'a",
            "SELECT $$a",
            "SELECT 1 /* a",
            "SELECT \"a",
            "$",
            "/*/",
        ] {
            assert!(texts(text).len() <= 1, "{text}");
        }
    }
}
