//! What the server prints, taken apart. It quotes every name and string that needs it, so that quotes and parentheses
//! are enough to go by.

/// Splits at the commas that stand in no quotes and no parentheses: how `pg_get_expr` prints several expressions.
pub(super) fn split_list(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, c, depth) in plain(text) {
        if c == ',' && depth == 0 {
            parts.extend(text.get(start..at).map(str::trim));
            start = at + 1;
        }
    }
    parts.extend(text.get(start..).map(str::trim));
    parts
}

/// What stands in the parentheses after a word that is in no quotes: `… WHEN (condition) …`.
pub(super) fn parenthesis_after<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let opening = plain(text).find_map(|(at, c, depth)| {
        let before = text.get(..at)?.strip_suffix(' ')?;
        (c == '(' && depth == 1 && before.ends_with(word)).then_some(at)
    })?;
    let inside = text.get(opening..)?;
    let closing =
        plain(inside).find_map(|(at, c, depth)| (c == ')' && depth == 0).then_some(at))?;
    inside.get(1..closing)
}

/// The text without parentheses that go around all of it.
pub(super) fn without_parentheses(mut text: &str) -> &str {
    while let Some(inside) = text.strip_prefix('(').and_then(|t| t.strip_suffix(')')) {
        let whole = plain(text).find(|(_, c, depth)| *c == ')' && *depth == 0);
        if whole.is_none_or(|(at, _, _)| at + 1 != text.len()) {
            break;
        }
        text = inside;
    }
    text
}

/// The characters outside of quotes, with their places and how deep in parentheses and brackets they stand: an opening one
/// stands inside, a closing one outside. In an `E''` string the server doubles backslashes and quotes, so that every
/// quote there begins or ends something.
fn plain(text: &str) -> impl Iterator<Item = (usize, char, usize)> {
    let mut quote = None;
    let mut depth = 0_usize;
    text.char_indices().filter_map(move |(at, c)| {
        match (quote, c) {
            (Some(open), _) => {
                if c == open {
                    quote = None;
                }
                return None;
            }
            (None, '\'' | '"') => {
                quote = Some(c);
                return None;
            }
            (None, '(' | '[') => depth += 1,
            (None, ')' | ']') => depth = depth.saturating_sub(1),
            (None, _) => {}
        }
        Some((at, c, depth))
    })
}

/// The value of a constant: `'it''s'`, `E'a\\b'`, `'x'::text`, `12`, `true`. `None` is NULL.
pub(super) fn constant(text: &str) -> Option<String> {
    let text = text.trim();
    let (escaped, quoted) = match text.strip_prefix('E') {
        Some(rest) if rest.starts_with('\'') => (true, rest),
        _ => (false, text),
    };
    let Some(inside) = quoted.strip_prefix('\'') else {
        let plain = without_parentheses(text.split("::").next().unwrap_or(text));
        return (!text.eq_ignore_ascii_case("null")).then(|| plain.to_owned());
    };
    let mut value = String::new();
    let mut characters = inside.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '\'' if characters.next_if_eq(&'\'').is_none() => break,
            '\\' if escaped => value.extend(characters.next()),
            _ => value.push(c),
        }
    }
    Some(value)
}

/// `name=value` as `reloptions` and `attoptions` have it.
pub(super) fn option(text: &str) -> (String, String) {
    match text.split_once('=') {
        Some((name, value)) => (name.to_owned(), value.to_owned()),
        None => (text.to_owned(), String::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_split_outside_of_quotes_and_parentheses() {
        assert_eq!(
            split_list("lower(a, b), 'x, ''y', \"c,\"\"d\", ARRAY[1, 2]"),
            ["lower(a, b)", "'x, ''y'", "\"c,\"\"d\"", "ARRAY[1, 2]"]
        );
        assert_eq!(split_list("a"), ["a"]);
    }

    #[test]
    fn a_condition_is_found_behind_its_word() {
        let text = "CREATE TRIGGER \" WHEN (x)\" BEFORE UPDATE OF a ON public.t FOR EACH ROW \
                    WHEN ((old.a = ') WHEN (b'::text)) EXECUTE FUNCTION public.f('WHEN (')";
        assert_eq!(
            parenthesis_after(text, "WHEN"),
            Some("(old.a = ') WHEN (b'::text)")
        );
        assert_eq!(parenthesis_after("EXECUTE FUNCTION f()", "WHEN"), None);
    }

    #[test]
    fn only_parentheses_around_all_are_taken_off() {
        assert_eq!(without_parentheses("((a > 0))"), "a > 0");
        assert_eq!(without_parentheses("(a) AND (b)"), "(a) AND (b)");
        assert_eq!(without_parentheses("(')' = a)"), "')' = a");
        assert_eq!(without_parentheses("lower(a)"), "lower(a)");
    }

    #[test]
    fn constants_have_values() {
        for (text, value) in [
            ("'it''s'", Some("it's")),
            ("E'a\\\\b''c'", Some("a\\b'c")),
            ("'-5'::integer", Some("-5")),
            ("12", Some("12")),
            ("NULL", None),
            ("'NULL'", Some("NULL")),
        ] {
            assert_eq!(constant(text).as_deref(), value, "{text}");
        }
    }
}
