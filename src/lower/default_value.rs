//! Whether a column takes the constant that is its default: one that it does not take would make every insert without a value
//! fail, and loads all the same.

use regex_lite::Regex;

use super::Context;
use crate::diagnose::{Code, Diagnostic, Place};
use crate::resolve::{Column, Domain, suggest};
use crate::sql::TypeName;

/// What is wrong with a value as the default of a column; `None` when nothing is, or when it cannot be told.
pub fn refused(
    cx: &Context<'_>,
    column: &Column,
    ty: &TypeName,
    value: &str,
    at: &Place,
) -> Option<Diagnostic> {
    if ty.array {
        let element = TypeName {
            array: false,
            ..ty.clone()
        };
        return elements(value)?
            .into_iter()
            .find_map(|value| refused(cx, column, &element, value, at));
    }
    outside_type(column, ty, value, at).or_else(|| outside_domain(cx, column, value, at))
}

/// The elements of `{a,b}`, where no quotes or further braces make it harder to tell; NULL is left out.
fn elements(array: &str) -> Option<Vec<&str>> {
    let inner = array.trim().strip_prefix('{')?.strip_suffix('}')?;
    let plain = !inner.contains(['{', '}', '"', '\\']);
    let elements = inner.split(',').map(str::trim);
    let given = elements.filter(|e| !e.is_empty() && !e.eq_ignore_ascii_case("null"));
    plain.then(|| given.collect())
}

fn outside_type(column: &Column, ty: &TypeName, value: &str, at: &Place) -> Option<Diagnostic> {
    if ty.schema.is_some() {
        return None;
    }
    let field = &column.field;
    match (ty.name.as_str(), ty.modifiers.as_slice()) {
        (name @ ("int2" | "int4" | "int8"), _) => {
            let (low, high) = match name {
                "int2" => (i128::from(i16::MIN), i128::from(i16::MAX)),
                "int4" => (i128::from(i32::MIN), i128::from(i32::MAX)),
                _ => (i128::from(i64::MIN), i128::from(i64::MAX)),
            };
            let fits = value.parse::<i128>().ok()?;
            (!(low..=high).contains(&fits)).then(|| {
                problem(at, format!("`{value}` is out of the range of {ty}")).hint(format!(
                    "`{field}` takes {low} to {high}: choose another value or a wider type"
                ))
            })
        }
        ("numeric", [precision, rest @ ..]) => {
            let scale = rest.first().copied().unwrap_or_default();
            let most = precision - scale;
            let digits = i32::try_from(whole_digits(value)?).ok()?;
            (digits > most.max(0) || rounds_up(value, most, scale)).then(|| {
                problem(at, format!("`{value}` is out of the range of {ty}")).hint(format!(
                    "`{field}` takes {most} digits before the point: choose another value or a wider type"
                ))
            })
        }
        ("varchar" | "bpchar", [most]) => {
            // Servers cut spaces off where they are too many.
            let length = value.trim_end_matches(' ').chars().count();
            usize::try_from(*most)
                .is_ok_and(|most| length > most)
                .then(|| {
                    problem(at, format!("`{value}` is too long for {ty}")).hint(format!(
                        "`{field}` takes {most} characters, and these are {length}"
                    ))
                })
        }
        _ => None,
    }
}

/// How many digits a number has before its point.
fn whole_digits(value: &str) -> Option<usize> {
    let unsigned = value.trim_start_matches(['+', '-']);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    (digits(whole) && digits(fraction)).then(|| whole.trim_start_matches('0').len())
}

/// Whether rounding to so many digits after the point makes a number one digit longer: `9.99` in numeric(2,1). Told only of
/// numbers that binary fractions are exact enough for.
fn rounds_up(value: &str, most: i32, scale: i32) -> bool {
    const EXACT: usize = 15;
    let rounded = |number: f64| (number.abs() * 10_f64.powi(scale)).round() / 10_f64.powi(scale);
    value.len() <= EXACT
        && value
            .parse()
            .is_ok_and(|number| rounded(number) >= 10_f64.powi(most))
}

fn outside_domain(
    cx: &Context<'_>,
    column: &Column,
    value: &str,
    at: &Place,
) -> Option<Diagnostic> {
    let field = &column.field;
    if let Some(labels) = cx.labels(column) {
        if labels.iter().any(|l| l == value) {
            return None;
        }
        let refused = problem(at, format!("`{value}` is none of the values of `{field}`"));
        return Some(match suggest(value, labels.iter().map(String::as_str)) {
            Some(near) => refused.hint(format!("did you mean `{near}`?")),
            None => refused.hint(format!("its values are: {}", labels.join(", "))),
        });
    }
    match &column.domain {
        Domain::Any | Domain::OneOf(_) | Domain::Enum(_) | Domain::Coordinates => None,
        Domain::Pattern(pattern) => {
            let matches = Regex::new(pattern).ok()?.is_match(value);
            (!matches).then(|| {
                problem(at, format!("`{field}` does not take the value `{value}`"))
                    .hint(format!("its values match {pattern}"))
            })
        }
        Domain::Between(bounds) => {
            let (low, high) = bounds.as_ref();
            let number = value.parse::<f64>().ok()?;
            let bound = |text: &Option<String>| text.as_ref().and_then(|t| t.parse::<f64>().ok());
            let outside = bound(low).is_some_and(|low| number < low)
                || bound(high).is_some_and(|high| number > high);
            outside.then(|| {
                problem(at, format!("`{field}` does not take the value `{value}`")).hint(format!(
                    "its values are {}",
                    span(low.as_ref(), high.as_ref())
                ))
            })
        }
        Domain::Length(low, high) => {
            let length = u32::try_from(value.chars().count()).ok()?;
            let outside =
                low.is_some_and(|low| length < low) || high.is_some_and(|high| length > high);
            outside.then(|| {
                problem(at, format!("`{field}` does not take the value `{value}`")).hint(format!(
                    "its values have {} characters, and this has {length}",
                    span(low.as_ref(), high.as_ref())
                ))
            })
        }
    }
}

fn span<T: std::fmt::Display>(low: Option<&T>, high: Option<&T>) -> String {
    match (low, high) {
        (Some(low), Some(high)) => format!("from {low} to {high}"),
        (Some(low), None) => format!("at least {low}"),
        (None, Some(high)) => format!("at most {high}"),
        (None, None) => "any".into(),
    }
}

fn problem(at: &Place, message: String) -> Diagnostic {
    Diagnostic::error(Code::InvalidValue, at, message)
}
