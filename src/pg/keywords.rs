//! Which identifiers need double quotes.
//!
//! In: an identifier. Out: yes or no, the same answer for every supported version, so that output
//! does not depend on the version it is made for. Must not know: how quotes are written.

use std::sync::LazyLock;

use foldhash::fast::RandomState;
use indexmap::IndexSet;

use super::data::KEYWORDS;

/// Whether `quote_ident` of some supported server would quote this identifier: it is empty, has
/// other characters than `a-z`, `0-9` and `_`, starts with a digit, or is a keyword that is not
/// unreserved (`json` is one since 17).
/// <https://www.postgresql.org/docs/current/sql-keywords-appendix.html>
///
/// ```
/// use specqlc::pg::keywords::needs_quotes;
///
/// assert!(needs_quotes("order") && needs_quotes("firstName") && needs_quotes("price$"));
/// assert!(!needs_quotes("status") && !needs_quotes("type"));
/// ```
pub fn needs_quotes(identifier: &str) -> bool {
    !is_plain(identifier) || QUOTED.contains(identifier)
}

/// `$` may stand in an unquoted identifier, but `quote_ident` quotes it all the same.
fn is_plain(identifier: &str) -> bool {
    let mut bytes = identifier.bytes();
    bytes
        .next()
        .is_some_and(|b| b.is_ascii_lowercase() || b == b'_')
        && bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// The words that are more than unreserved (category `U`) in at least one version.
static QUOTED: LazyLock<IndexSet<&'static str, RandomState>> =
    LazyLock::new(|| KEYWORDS.lines().skip(1).filter_map(reserved_word).collect());

fn reserved_word(line: &'static str) -> Option<&'static str> {
    let mut fields = line.split('\t').skip(1);
    let word = fields.next()?;
    (fields.next()? != "U").then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_only_where_a_server_would() {
        for quoted in [
            "", "1st", "a b", "Ä", "ä", "a-b", "A", "a$", "select", "user", "int", "json",
        ] {
            assert!(needs_quotes(quoted), "{quoted}");
        }
        for plain in [
            "_",
            "a1",
            "name",
            "value",
            "jsonb",
            "timestamp_at",
            "int4",
            "recheck",
        ] {
            assert!(!needs_quotes(plain), "{plain}");
        }
    }
}
