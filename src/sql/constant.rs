//! Whether an untyped constant can be read as the type that its surroundings give it. The server reads it when the
//! statement is parsed, so a constant that cannot be read makes the schema fail to load.
//!
//! Only what is certain is refused: a format that is not known here is left to the server.

use serde::de::IgnoredAny;

use super::types::{Ty, Types};

/// How a value of the type is written, when `value` is certainly none.
pub(super) fn refused(types: &Types<'_>, value: &str, ty: &Ty) -> Option<&'static str> {
    let trimmed = value.trim();
    if let Some(element) = types.element(ty) {
        if trimmed.starts_with('[') {
            return None;
        }
        let Some(inner) = trimmed.strip_prefix('{').and_then(|t| t.strip_suffix('}')) else {
            return Some("an array is written '{a,b}'");
        };
        // Quotes and further braces are left to the server.
        let plain = !inner.trim().is_empty() && !inner.contains(['{', '}', '"', '\\']);
        let mut elements = inner.split(',').map(str::trim).filter(|_| plain);
        return elements.find_map(|value| match value {
            "" => Some("an array is written '{a,b}'"),
            _ if value.eq_ignore_ascii_case("null") => None,
            _ => refused(types, value, &element),
        });
    }
    let Ty::Core(name) = ty else { return None };
    let number = trimmed.trim_start_matches(['+', '-']);
    let (readable, how) = match name.as_str() {
        "int2" => (
            plain_integer::<i16>(trimmed),
            "a smallint is a whole number from -32768 to 32767",
        ),
        "int4" => (
            plain_integer::<i32>(trimmed),
            "an integer is a whole number from -2147483648 to 2147483647",
        ),
        "int8" => (
            plain_integer::<i64>(trimmed),
            "a bigint is a whole number from -9223372036854775808 to 9223372036854775807",
        ),
        "oid" => (object_number(trimmed), "an oid is a whole number"),
        "numeric" => (
            number.parse::<f64>().is_ok(),
            "a number is written such as '4.2'",
        ),
        "float4" | "float8" => (
            float(number, name == "float4"),
            "a number is written such as '4.2' or '1.5e10', within the range of its type",
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
        "time" | "timetz" => (
            clock(trimmed) && trimmed.contains(|c: char| c.is_ascii_digit())
                || ["now", "allballs"].contains(&trimmed.to_ascii_lowercase().as_str()),
            "a time of day is written such as '13:30' or '13:30:00'",
        ),
        "inet" | "cidr" => (
            address(trimmed, name == "cidr"),
            "an address is written such as '192.168.0.1', '10.0.0.0/8' or '2001:db8::1'",
        ),
        "macaddr" | "macaddr8" => (
            hardware_address(trimmed),
            "an address is written such as '08:00:2b:01:02:03'",
        ),
        "bytea" => (
            bytes(value),
            "bytes are written such as '\\xdeadbeef', two digits each",
        ),
        "bit" | "varbit" => (bits(trimmed), "bits are written such as '1010'"),
        "point" => (point(trimmed), "a point is written '(48.8,2.3)'"),
        "int4range" | "int8range" | "numrange" => (
            range(trimmed) && numbers_ascend(trimmed),
            "a range is written '[1,10)', the lower end first",
        ),
        "daterange" | "tsrange" | "tstzrange" => (
            range(trimmed),
            "a range is written '[2024-01-01,2024-02-01)'",
        ),
        _ => return None,
    };
    (!readable).then_some(how)
}

/// A number that the type can hold; too great a one is an error, not infinity.
fn float(number: &str, single: bool) -> bool {
    let Ok(value) = number.parse::<f64>() else {
        return false;
    };
    let said = number.to_ascii_lowercase().contains(['i', 'n']);
    said || value.is_finite() && (!single || value.abs() <= f64::from(f32::MAX))
}

/// Hours, minutes and seconds that there are, where the text begins with some.
fn clock(text: &str) -> bool {
    let mut parts = text.splitn(3, ':');
    let mut next = |most: u32| {
        let part = parts.next().unwrap_or_default();
        let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
        digits.len() > 2 || digits.parse::<u32>().map_or(true, |n| n <= most)
    };
    next(24) && next(59) && next(60)
}

/// An address and how many of its bits count. A network may leave its last bytes away.
fn address(text: &str, network: bool) -> bool {
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address, Some(bits)),
        None => (text, None),
    };
    let within = |most: u8| bits.is_none_or(|b| b.parse::<u8>().is_ok_and(|b| b <= most));
    if address.contains(':') {
        return address.parse::<std::net::Ipv6Addr>().is_ok() && within(128);
    }
    let parts: Vec<&str> = address.split('.').collect();
    let decimal = |part: &&str| {
        part.chars().all(|c| c.is_ascii_digit()) && part.parse::<u32>().is_ok_and(|n| n <= 255)
    };
    parts.iter().all(decimal)
        && (parts.len() == 4 || network && parts.len() < 4)
        && within(32)
        && !(network && has_host_bits(&parts, bits))
}

/// A network with bits to the right of those that count is none.
fn has_host_bits(parts: &[&str], bits: Option<&str>) -> bool {
    let Some(bits) = bits.and_then(|b| b.parse::<u32>().ok()) else {
        return false;
    };
    let number = parts
        .iter()
        .chain(&["0"; 4])
        .take(4)
        .filter_map(|p| p.parse::<u32>().ok())
        .fold(0_u32, |all, part| all << 8 | part & 255);
    bits < 32 && number << bits != 0
}

/// Any of the forms that servers read: six or eight bytes of hexadecimal digits with marks between them.
fn hardware_address(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_hexdigit).count();
    (6..=16).contains(&digits)
        && text
            .chars()
            .all(|c| c.is_ascii_hexdigit() || ":-.".contains(c))
}

/// `\x…`, or text in which a backslash is written twice or begins three octal digits.
fn bytes(text: &str) -> bool {
    if let Some(hex) = text.strip_prefix("\\x") {
        let digits: String = hex.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        return digits.len().is_multiple_of(2) && digits.chars().all(|c| c.is_ascii_hexdigit());
    }
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('\\') {
        let octal = after
            .get(..3)
            .filter(|o| o.chars().all(|c| ('0'..='7').contains(&c)));
        rest = match (after.strip_prefix('\\'), octal) {
            (Some(escaped), _) => escaped,
            (None, Some(_)) => after.get(3..).unwrap_or_default(),
            (None, None) => return false,
        };
    }
    true
}

fn bits(text: &str) -> bool {
    if let Some(hex) = text.strip_prefix(['x', 'X']) {
        return hex.chars().all(|c| c.is_ascii_hexdigit());
    }
    let binary = text.strip_prefix(['b', 'B']).unwrap_or(text);
    binary.chars().all(|c| matches!(c, '0' | '1'))
}

fn point(text: &str) -> bool {
    let inner = text
        .strip_prefix('(')
        .and_then(|t| t.strip_suffix(')'))
        .unwrap_or(text);
    let number = |t: &str| t.trim().parse::<f64>().is_ok();
    inner
        .split_once(',')
        .is_some_and(|(x, y)| number(x) && number(y))
}

fn range(text: &str) -> bool {
    text.eq_ignore_ascii_case("empty")
        || text.starts_with(['[', '(']) && text.ends_with([']', ')']) && text.contains(',')
}

/// Ends that are plain numbers stand in order; others are left to the server.
fn numbers_ascend(range: &str) -> bool {
    let inner = range.trim_matches(['[', ']', '(', ')']);
    let end = |t: &str| t.trim().parse::<f64>().ok();
    match inner
        .split_once(',')
        .map(|(low, high)| (end(low), end(high)))
    {
        Some((Some(low), Some(high))) => low <= high,
        _ => true,
    }
}

/// The decimal form, which every supported version reads.
fn plain_integer<T: std::str::FromStr>(text: &str) -> bool {
    text.parse::<T>().is_ok()
}

/// Four bytes, with a sign or without; newer versions read further forms, which begin with a zero as well.
fn object_number(text: &str) -> bool {
    let most = i64::from(i32::MIN)..=i64::from(u32::MAX);
    let further = ["0x", "0X", "0o", "0O", "0b", "0B"];
    text.parse().is_ok_and(|number: i64| most.contains(&number))
        || text.contains('_')
        || further.iter().any(|start| text.starts_with(start))
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
    let mut digits = 0;
    // A hyphen may follow each four digits.
    let fits = bare.chars().all(|c| {
        digits += usize::from(c.is_ascii_hexdigit());
        c.is_ascii_hexdigit() || c == '-' && digits % 4 == 0 && (4..32).contains(&digits)
    });
    fits && digits == 32 && !bare.contains("--")
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
        let time = lower.get(10..).unwrap_or_default();
        let time = time.trim_start_matches([' ', 't']);
        return day.parse::<jiff::civil::Date>().is_ok() && clock(time);
    }
    could_be_a_day(&lower)
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

/// Whether a text of digits and words has what a day takes: several numbers, one that is long enough for all of them, or
/// a word that says the rest. What it is exactly is left to the server.
fn could_be_a_day(lower: &str) -> bool {
    let numbers = lower.split(|c: char| !c.is_ascii_digit());
    let numbers = numbers.map(str::len).filter(|length| *length > 0);
    let longest = numbers.clone().max().unwrap_or_default();
    let julian = lower.strip_prefix('j').unwrap_or_default();
    let says_the_rest = |word: &&str| lower.starts_with(*word);
    longest > 5
        || numbers.count() > 1
        || julian.starts_with(|c: char| c.is_ascii_digit())
        || longest > 0
            && ["epoch", "infinity", "today", "tomorrow", "yesterday", "now"]
                .iter()
                .any(says_the_rest)
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
            ("0000-0000-00000000000000000000-0000", "uuid"),
            ("{1,NULL, 3}", "_int4"),
            ("{}", "_int4"),
            ("{{1},{2}}", "_int4"),
            ("[0:1]={1,2}", "_int4"),
            ("13:30", "time"),
            ("24:00", "time"),
            ("allballs", "timetz"),
            ("1330", "time"),
            ("1:30 pm", "time"),
            ("2024-01-31T23:59:60Z", "timestamptz"),
            ("2024-01-31 BC", "date"),
            ("192.168.0.1", "inet"),
            ("010.0.0.1/8", "inet"),
            ("2001:db8::1/64", "inet"),
            ("::ffff:1.2.3.4", "inet"),
            ("10", "cidr"),
            ("10.0.0.0/8", "cidr"),
            ("0.0.0.0/0", "cidr"),
            ("08:00:2b:01:02:03", "macaddr"),
            ("08002b-010203", "macaddr"),
            ("8:0:2b:1:2:3", "macaddr"),
            ("\\xDEAD beef", "bytea"),
            ("abc\\\\d\\001", "bytea"),
            ("101", "bit"),
            ("X1F", "varbit"),
            ("", "varbit"),
            ("(1,2.5)", "point"),
            ("1, 2", "point"),
            ("empty", "int4range"),
            ("[1,5)", "int4range"),
            ("(,5]", "int8range"),
            ("[2024-01-01,)", "daterange"),
            ("1e300", "float8"),
            ("-inf", "float4"),
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
            ("{1,a}", "_int4"),
            ("{1,,2}", "_int4"),
            ("25:00", "time"),
            ("12:60", "time"),
            ("noon", "time"),
            ("2024-01-31 25:00", "timestamptz"),
            ("300.1.1.1", "inet"),
            ("10.1", "inet"),
            ("10.0.0.1/33", "inet"),
            ("host", "inet"),
            ("10.0.0.1/8", "cidr"),
            ("zz", "macaddr"),
            ("\\xzz", "bytea"),
            ("\\xabc", "bytea"),
            ("a\\b", "bytea"),
            ("102", "bit"),
            ("x", "point"),
            ("[5,1)", "int4range"),
            ("1-5", "numrange"),
            ("1e400", "float8"),
            ("1e39", "float4"),
            ("0-0000000-00000000000000000000-0000", "uuid"),
        ] {
            assert!(
                refused(&types, value, &Ty::core(ty)).is_some(),
                "{value} {ty}"
            );
        }
    }

    #[test]
    fn an_oid_has_four_bytes() {
        for number in ["0", "4294967295", "-1", "0x1F"] {
            assert!(object_number(number), "{number}");
        }
        for other in ["x", "4294967296", ""] {
            assert!(!object_number(other), "{other}");
        }
    }

    /// As a server of version 15 reads them.
    #[test]
    fn a_number_alone_is_no_day() {
        for day in ["31 jan 2024", "1/31/24", "j2451187", "20240131", "epoch 3"] {
            assert!(dated(day), "{day}");
        }
        for other in ["t1", "2024", "jan 5", "may", ""] {
            assert!(!dated(other), "{other}");
        }
    }
}
