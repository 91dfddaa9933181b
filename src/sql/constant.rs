//! Whether an untyped constant can be read as the type that its surroundings give it. The server reads it when the
//! statement is parsed, so a constant that cannot be read makes the schema fail to load.
//!
//! Only what is certain is refused: a format that is not known here is left to the server.

use serde::de::IgnoredAny;

use super::types::{Ty, Types};

/// How a value of the type is written, when `value` is certainly none.
pub(super) fn refused(types: &Types<'_>, value: &str, ty: &Ty) -> Option<&'static str> {
    let trimmed = value.trim();
    if types.element(ty).is_some() {
        let written =
            trimmed.starts_with('{') && trimmed.ends_with('}') || trimmed.starts_with('[');
        return (!written).then_some("an array is written '{a,b}'");
    }
    let Ty::Core(name) = ty else { return None };
    let number = trimmed.trim_start_matches(['+', '-']);
    let (readable, how) = match name.as_str() {
        "int2" => (
            plain_integer::<i16>(trimmed),
            "a smallint is a whole number such as '42'",
        ),
        "int4" => (
            plain_integer::<i32>(trimmed),
            "an integer is a whole number such as '42'",
        ),
        "int8" => (
            plain_integer::<i64>(trimmed),
            "a bigint is a whole number such as '42'",
        ),
        "numeric" | "float4" | "float8" => (
            number.parse::<f64>().is_ok(),
            "a number is written such as '4.2'",
        ),
        "bool" => (boolean(trimmed), "a boolean is written true or false"),
        "uuid" => (
            uuid(trimmed),
            "a uuid is written '00000000-0000-0000-0000-000000000000'",
        ),
        "json" | "jsonb" => (
            serde_json::from_str::<IgnoredAny>(value).is_ok(),
            "JSON has its keys and texts in double quotes: '{\"key\": \"text\"}'",
        ),
        "date" | "timestamp" | "timestamptz" => (
            dated(trimmed),
            "a date or time is written such as '2024-01-31' or '2024-01-31 12:00+00'",
        ),
        "interval" => (
            super::interval::readable(trimmed, types.knowledge.version()),
            "an interval is written such as '90 days' or '1 hour 30 minutes'",
        ),
        _ => return None,
    };
    (!readable).then_some(how)
}

/// The decimal form, which every supported version reads.
fn plain_integer<T: std::str::FromStr>(text: &str) -> bool {
    text.parse::<T>().is_ok()
}

/// Every unambiguous beginning of these words.
fn boolean(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let begins = |word: &str, least: usize| lower.len() >= least && word.starts_with(&lower);
    begins("true", 1)
        || begins("false", 1)
        || begins("yes", 1)
        || begins("no", 1)
        || begins("on", 2)
        || begins("off", 2)
        || lower == "1"
        || lower == "0"
}

fn uuid(text: &str) -> bool {
    let bare = text
        .strip_prefix('{')
        .and_then(|t| t.strip_suffix('}'))
        .unwrap_or(text);
    let digits: String = bare.chars().filter(|c| *c != '-').collect();
    digits.len() == 32 && digits.chars().all(|c| c.is_ascii_hexdigit())
}

fn dated(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    // The one form that can be read here to the end: the day must be on the calendar.
    let day = lower.get(..10).filter(|d| {
        let form = |(i, c): (usize, char)| {
            if i == 4 || i == 7 {
                c == '-'
            } else {
                c.is_ascii_digit()
            }
        };
        d.char_indices().all(form)
    });
    if let Some(day) = day {
        return day.parse::<jiff::civil::Date>().is_ok();
    }
    lower.contains(|c: char| c.is_ascii_digit())
        || [
            "now",
            "today",
            "tomorrow",
            "yesterday",
            "epoch",
            "infinity",
            "-infinity",
            "+infinity",
        ]
        .contains(&lower.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pg::{Knowledge, Version};

    #[test]
    fn what_cannot_be_read_is_told_from_what_can() {
        let types = Types {
            knowledge: Knowledge::since(Version::V15),
            extensions: &[],
        };
        for (value, ty) in [
            ("1", "int4"),
            (" -1 ", "int4"),
            ("1e5", "numeric"),
            ("NaN", "numeric"),
            ("-Infinity", "float8"),
            ("t", "bool"),
            ("ON", "bool"),
            ("{}", "jsonb"),
            ("\"a\"", "json"),
            ("{a,b}", "_text"),
            ("now", "timestamptz"),
            ("2024-02-29 12:00+00", "timestamptz"),
            ("1 day", "interval"),
            ("P1D", "interval"),
            ("x", "text"),
            ("{00000000-0000-0000-0000-000000000000}", "uuid"),
        ] {
            assert_eq!(refused(&types, value, &Ty::core(ty)), None, "{value} {ty}");
        }
        for (value, ty) in [
            ("a", "int4"),
            ("99999999999", "int4"),
            ("", "int4"),
            ("x", "numeric"),
            ("o", "bool"),
            ("", "bool"),
            ("{a}", "jsonb"),
            ("a", "_text"),
            ("soon", "date"),
            ("2024-02-30", "date"),
            ("x", "uuid"),
            ("day", "interval"),
        ] {
            assert!(
                refused(&types, value, &Ty::core(ty)).is_some(),
                "{value} {ty}"
            );
        }
    }
}
