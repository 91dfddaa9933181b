//! Values of LIST partitions, each in the one text form of its type: two spellings of a value must be seen to be one,
//! since the server refuses a value that stands in two partitions.

use jiff::civil::Date;

use super::Context;
use crate::sql::TypeName;

/// Types of the core and its extensions whose values have one text form here.
const TYPES: [&str; 13] = [
    "int2", "int4", "int8", "numeric", "float4", "float8", "bool", "date", "uuid", "text",
    "varchar", "bpchar", "citext",
];

/// Whether values of the type can be listed. Those of a type that the compiler does not know are passed through.
pub fn can_be_listed(cx: &Context<'_>, ty: &TypeName) -> bool {
    let known = ty.schema.is_none() && cx.knowledge.type_named(ty.name.as_str()).is_some();
    !ty.array && (!known || TYPES.contains(&ty.name.as_str()))
}

/// A value in the text form of its type. `None`: it is none of that type.
pub fn canonical(ty: &TypeName, text: &str) -> Option<String> {
    match ty.name.as_str() {
        "int2" => text.parse::<i16>().ok().map(|n| n.to_string()),
        "int4" => text.parse::<i32>().ok().map(|n| n.to_string()),
        "int8" => text.parse::<i64>().ok().map(|n| n.to_string()),
        "numeric" => decimal(text, &ty.modifiers),
        "float4" => text.parse::<f32>().ok().filter(|n| n.is_finite()).map(|n| {
            // Zero has one sign.
            (n + 0.0).to_string()
        }),
        "float8" => text
            .parse::<f64>()
            .ok()
            .filter(|n| n.is_finite())
            .map(|n| (n + 0.0).to_string()),
        "bool" => ["true", "false"].contains(&text).then(|| text.to_owned()),
        "date" => text.parse::<Date>().ok().map(|d| d.to_string()),
        "uuid" => is_uuid(text).then(|| text.to_ascii_lowercase()),
        "varchar" => fits(text, ty).then(|| text.to_owned()),
        "bpchar" => {
            let text = text.trim_end_matches(' ');
            fits(text, ty).then(|| text.to_owned())
        }
        _ => Some(text.to_owned()),
    }
}

/// The whole numbers that a column of the type takes.
pub fn whole_numbers(ty: &TypeName) -> (i64, i64) {
    match (ty.name.as_str(), ty.modifiers.as_slice()) {
        ("int2", _) => (i16::MIN.into(), i16::MAX.into()),
        ("int4", _) => (i32::MIN.into(), i32::MAX.into()),
        ("numeric", [precision, scale @ ..]) => {
            let digits = precision - scale.first().unwrap_or(&0);
            let most = u32::try_from(digits.max(0))
                .ok()
                .and_then(|digits| 10_i64.checked_pow(digits))
                .map_or(i64::MAX, |beyond| beyond - 1);
            (-most, most)
        }
        _ => (i64::MIN, i64::MAX),
    }
}

fn fits(text: &str, ty: &TypeName) -> bool {
    ty.modifiers
        .first()
        .is_none_or(|most| text.chars().count() <= usize::try_from(*most).unwrap_or(0))
}

/// A number that the column keeps as it is, with as many digits after the point as the column has.
fn decimal(text: &str, modifiers: &[i32]) -> Option<String> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() && fraction.is_empty() || !plain(whole) || !plain(fraction) {
        return None;
    }
    let whole = whole.trim_start_matches('0');
    let mut fraction = fraction.trim_end_matches('0').to_owned();
    if let [precision, scale @ ..] = modifiers {
        let scale = scale.first().copied().unwrap_or(0);
        let after = usize::try_from(scale).unwrap_or(0);
        let before = usize::try_from(precision - scale).unwrap_or(0);
        if whole.len() > before || fraction.len() > after {
            return None;
        }
        fraction.push_str(&"0".repeat(after - fraction.len()));
    }
    let is_zero = whole.is_empty() && fraction.bytes().all(|b| b == b'0');
    let sign = if negative && !is_zero { "-" } else { "" };
    let whole = if whole.is_empty() { "0" } else { whole };
    let point = if fraction.is_empty() { "" } else { "." };
    Some(format!("{sign}{whole}{point}{fraction}"))
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.char_indices().all(|(i, c)| {
            if [8, 13, 18, 23].contains(&i) {
                c == '-'
            } else {
                c.is_ascii_hexdigit()
            }
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_has_one_form() {
        let numeric = |modifiers: &[i32], text: &str| {
            canonical(&TypeName::core("numeric").with_modifiers(modifiers), text)
        };
        assert_eq!(numeric(&[], "1.0").as_deref(), Some("1"));
        assert_eq!(numeric(&[], "-0.0").as_deref(), Some("0"));
        assert_eq!(numeric(&[], "+007.50").as_deref(), Some("7.5"));
        assert_eq!(numeric(&[5, 2], "-.5").as_deref(), Some("-0.50"));
        assert_eq!(numeric(&[5, 2], "1.234"), None);
        assert_eq!(numeric(&[3, 1], "100"), None);
        assert_eq!(numeric(&[], "."), None);
        assert_eq!(numeric(&[], "NaN"), None);
        let core = |name: &str, text: &str| canonical(&TypeName::core(name), text);
        assert_eq!(core("float8", "1e2"), core("float8", "100"));
        assert_eq!(core("float8", "-0"), core("float8", "0"));
        assert_eq!(core("int4", "01").as_deref(), Some("1"));
        assert_eq!(core("bpchar", "a ").as_deref(), Some("a"));
        let short = TypeName::core("varchar").with_modifiers(&[2]);
        assert_eq!(canonical(&short, "äö").as_deref(), Some("äö"));
        assert_eq!(canonical(&short, "abc"), None);
    }

    #[test]
    fn bounds_of_whole_numbers() {
        let numeric = |modifiers: &[i32]| {
            whole_numbers(&TypeName::core("numeric").with_modifiers(modifiers)).1
        };
        assert_eq!(numeric(&[5, 2]), 999);
        assert_eq!(numeric(&[2, 4]), 0);
        assert_eq!(numeric(&[40]), i64::MAX);
        assert_eq!(whole_numbers(&TypeName::core("int2")), (-32768, 32767));
    }
}
