//! Whether SQL that was rendered is whole, for two who had no part in writing it.

use specqlc::changeset::{Changeset, github, sarif, script, text};
use specqlc::migrate::{Statement, statements};
use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::tokenizer::{Token, Tokenizer};

/// What a statement begins with.
const BEGINNINGS: [&str; 15] = [
    "alter", "call", "comment", "create", "delete", "do", "drop", "insert", "lock", "refresh",
    "revoke", "select", "set", "truncate", "update",
];

/// What a step renders is whole: nothing in a name or a text ends a statement or begins one.
pub fn is_whole(sql: &str) {
    let found = statements(sql);
    let known = |statement: &Statement| BEGINNINGS.iter().any(|word| statement.begins(&[word]));
    assert!(
        !found.is_empty() && found.iter().all(known),
        "what begins a statement here? {sql}"
    );
    let tokens = Tokenizer::new(&PostgreSqlDialect {}, sql).tokenize();
    let tokens = tokens.unwrap_or_else(|error| panic!("{error}: {sql}"));
    let mut depth = 0_i64;
    let mut least = 0;
    for token in &tokens {
        match token {
            Token::LParen => depth += 1,
            Token::RParen => depth -= 1,
            _ => {}
        }
        least = least.min(depth);
    }
    assert!(depth == 0 && least == 0, "parentheses do not close: {sql}");
    let count = |what: &dyn Fn(&Token) -> bool| tokens.iter().filter(|token| what(token)).count();
    let semicolons = count(&|token| *token == Token::SemiColon);
    // The body of a function in SQL has semicolons of its own.
    let atomic = count(
        &|token| matches!(token, Token::Word(word) if word.quote_style.is_none() && word.value.eq_ignore_ascii_case("atomic")),
    );
    assert!(
        semicolons == found.len() || atomic > 0,
        "{semicolons} semicolons and {} statements: {sql}",
        found.len()
    );
}

/// Every form in which a changeset is shown. No control character that a name holds reaches a terminal, and what is JSON stays it.
pub fn is_shown(changeset: &Changeset) {
    let shown = [text(changeset), github(changeset)];
    for shown in &shown {
        assert!(!shown.contains('\u{1b}'), "{shown:?}");
    }
    let found = serde_json::from_str::<serde_json::Value>(&sarif(changeset));
    assert!(found.is_ok(), "{found:?}");
    assert!(serde_json::to_string(changeset).is_ok());
    let _ = script(changeset, "5s");
}
