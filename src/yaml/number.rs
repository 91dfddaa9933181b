//! What a plain scalar is: YAML 1.2's core schema, with two narrowings. Only `true` and `false` are booleans, so that
//! `on:`, `no` and `YES` stay text; `.inf` and `.nan` are text.

use super::tree::NodeValue;

/// The value of a plain scalar.
pub(super) fn plain(text: &str) -> NodeValue {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => NodeValue::Null,
        "true" => NodeValue::Bool(true),
        "false" => NodeValue::Bool(false),
        _ if is_decimal(text) => NodeValue::Number(text.to_owned()),
        _ => match radix(text) {
            Some(number) => NodeValue::Number(number.to_string()),
            None => NodeValue::String(text.to_owned()),
        },
    }
}

/// `[-+]? ( digits [. digits?] | . digits ) ( [eE] [-+]? digits )?`
fn is_decimal(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return false;
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    digits(whole)
        && digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent.is_none_or(|exponent| {
            let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
            !exponent.is_empty() && digits(exponent)
        })
}

/// `0x1F` and `0o17`: no server version that we support reads them all, so they become decimal.
fn radix(text: &str) -> Option<u128> {
    let (digits, radix) = match text.get(..2)? {
        "0x" => (text.get(2..)?, 16),
        "0o" => (text.get(2..)?, 8),
        _ => return None,
    };
    if digits.starts_with(['+', '-']) {
        return None;
    }
    u128::from_str_radix(digits, radix).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_spelling() {
        for text in [
            "0",
            "-1",
            "+2",
            "0.50",
            ".5",
            "1.",
            "1e5",
            "1.5E-3",
            "007",
            "123456789012345678901234567890",
        ] {
            assert_eq!(plain(text), NodeValue::Number(text.into()), "{text}");
        }
        assert_eq!(plain("0x1F"), NodeValue::Number("31".into()));
        assert_eq!(plain("0o17"), NodeValue::Number("15".into()));
    }

    #[test]
    fn all_else_is_text() {
        for text in [
            "yes",
            "on",
            "No",
            "True",
            "1_000",
            "2024-01-01",
            "1e",
            ".",
            "-",
            "e5",
            "1.2.3",
            "12:30",
            ".inf",
            ".nan",
            "0x",
            "0xZZ",
            "0x+1",
            "--1",
            "1e5e6",
        ] {
            assert_eq!(plain(text), NodeValue::String(text.into()), "{text}");
        }
    }
}
