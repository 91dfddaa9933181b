//! Rendered SQL, statement by statement, read by a parser that had no part in writing it.

use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::parser::Parser;

/// What the parser cannot read, though servers take it: how such a statement starts, a part of it, and why.
const BEYOND_THE_PARSER: &[(&str, &str, &str)] = &[
    (
        "ALTER SEQUENCE",
        " RENAME TO ",
        "another name for a sequence",
    ),
    (
        "CREATE TRIGGER",
        "('",
        "arguments of trigger functions are not in its grammar",
    ),
    (
        "CREATE CONSTRAINT TRIGGER",
        "WHEN (",
        "conditions of constraint triggers are not in its grammar",
    ),
    ("DO $function", "", "DO is not in its grammar"),
    (
        "CREATE PROCEDURE",
        "AS $function",
        "bodies of procedures between dollar signs are not in its grammar",
    ),
    (
        "CREATE TABLE",
        "EXCLUDE USING",
        "exclusion constraints are not in its grammar",
    ),
    (
        "ALTER TABLE",
        "EXCLUDE USING",
        "exclusion constraints are not in its grammar",
    ),
    (
        "CREATE TABLE",
        "PARTITION BY",
        "partitioned partitions are not in its grammar",
    ),
    (
        "ALTER TABLE",
        " NOT VALID",
        "NOT NULL as a constraint that is looked at later is not in its grammar",
    ),
    (
        "ALTER TABLE",
        " DROP EXPRESSION",
        "DROP EXPRESSION is not in its grammar",
    ),
    (
        "ALTER TABLE",
        " SET SCHEMA ",
        "moving a table is not in its grammar",
    ),
    (
        "ALTER TYPE",
        " SET SCHEMA ",
        "moving a type is not in its grammar",
    ),
    (
        "ALTER TABLE",
        " SET EXPRESSION",
        "SET EXPRESSION is not in its grammar",
    ),
    (
        "ALTER TABLE",
        " DROP IDENTITY",
        "DROP IDENTITY is not in its grammar",
    ),
    (
        "CREATE TABLE",
        "(LIKE ",
        "LIKE with more than one INCLUDING is not in its grammar",
    ),
    ("DROP ROUTINE", "", "DROP ROUTINE is not in its grammar"),
    (
        "ALTER INDEX IF EXISTS",
        "",
        "renaming an index that may not be there is not in its grammar",
    ),
    (
        "ALTER INDEX",
        "ATTACH PARTITION",
        "indexes of partitions are not in its grammar",
    ),
    (
        "DROP INDEX CONCURRENTLY",
        "",
        "dropping an index concurrently is not in its grammar",
    ),
    (
        "CREATE INDEX",
        "ON ONLY",
        "indexes of a partitioned table alone are not in its grammar",
    ),
    (
        "CREATE UNIQUE INDEX",
        "ON ONLY",
        "indexes of a partitioned table alone are not in its grammar",
    ),
    (
        "COMMENT ON CONSTRAINT",
        "",
        "comments on constraints are not in its grammar",
    ),
    (
        "COMMENT ON ROUTINE",
        "",
        "comments on routines are not in its grammar",
    ),
    (
        "COMMENT ON INDEX",
        "",
        "comments on indexes are not in its grammar",
    ),
];

/// Why the parser does not take a statement, unless that is known.
pub fn parse_error(statement: &str) -> Option<String> {
    // The one word of a materialized view that is not in its grammar; all else of it is judged.
    let statement = statement.strip_suffix("WITH DATA").unwrap_or(statement);
    let error = Parser::parse_sql(&PostgreSqlDialect {}, statement).err()?;
    let known = BEYOND_THE_PARSER
        .iter()
        .any(|(start, part, _)| statement.starts_with(start) && statement.contains(part));
    (!known).then(|| format!("sqlparser: {error}\n{statement}"))
}

/// The statements of a script, without their semicolons and comments before them.
pub fn statements(script: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut at = 0;
    while let Some(rest) = script.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with(';') {
            found.push(&script[start..at]);
            at += 1;
            start = at;
        } else {
            at += token(rest);
        }
    }
    found.push(&script[start..]);
    found
        .into_iter()
        .map(without_comments)
        .filter(|statement| !statement.is_empty())
        .collect()
}

/// Length of what must not be split: a quoted string or name, a comment, a dollar-quoted body; else one character.
fn token(rest: &str) -> usize {
    let until = |end: &str, from: usize| {
        rest[from..]
            .find(end)
            .map_or(rest.len(), |found| from + found + end.len())
    };
    if rest.starts_with("--") {
        return until("\n", 2);
    }
    if rest.starts_with("/*") {
        return until("*/", 2);
    }
    // A doubled quote inside is the end of one string and the start of the next: the same to us.
    if rest.starts_with('\'') || rest.starts_with('"') {
        return until(&rest[..1], 1);
    }
    if rest.starts_with("E'") {
        return escaped(rest);
    }
    if let Some(tag) = rest.strip_prefix('$')
        && let Some(end) = tag.find('$')
        && tag[..end].chars().all(|c| c.is_alphanumeric() || c == '_')
    {
        let tag = &rest[..end + 2];
        return until(tag, tag.len());
    }
    rest.chars().next().map_or(1, char::len_utf8)
}

fn escaped(rest: &str) -> usize {
    let mut characters = rest.char_indices().skip(2);
    while let Some((at, c)) = characters.next() {
        match c {
            '\\' => drop(characters.next()),
            '\'' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

fn without_comments(statement: &str) -> &str {
    let mut statement = statement.trim();
    while statement.starts_with("--") {
        statement = statement
            .split_once('\n')
            .map_or("", |(_, rest)| rest.trim());
    }
    statement
}

#[test]
fn a_script_is_split_where_statements_end() {
    let script = "-- a; b\nSELECT ';', \"a;b\", E'\\';'; -- end\n\nDO $x$ ; $$;$$ ; $x$;\n/* ; */ SELECT 1\n";
    assert_eq!(
        statements(script),
        [
            "SELECT ';', \"a;b\", E'\\';'",
            "DO $x$ ; $$;$$ ; $x$",
            "/* ; */ SELECT 1"
        ]
    );
}

#[test]
fn a_statement_that_is_no_sql_is_told() {
    assert!(parse_error("CREATE TABEL a (b text)").is_some());
    assert!(parse_error("CREATE TABLE a (b text)").is_none());
}
