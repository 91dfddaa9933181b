//! `every:`: an interval as a cron expression.

use crate::diagnose::{Code, Diagnostic, Diagnostics};
use crate::syntax::Located;

/// The cron expression of an interval that starts anew with the minute, hour or day.
pub fn schedule(every: &Located<String>, diagnostics: &mut Diagnostics) -> Option<String> {
    let schedule = cron(&every.value);
    if schedule.is_none() {
        diagnostics.push(
            Diagnostic::error(
                Code::InvalidValue,
                &every.at,
                format!("`{}` is no interval that can be scheduled", every.value),
            )
            .hint("write seconds from 1 to 59, minutes that divide an hour, hours that divide a day, or `1 day`: `every: \"5 minutes\"`"),
        );
    }
    schedule
}

fn cron(text: &str) -> Option<String> {
    let text = text.trim();
    let split = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, unit) = text.split_at_checked(split)?;
    let count: u32 = if digits.is_empty() {
        1
    } else {
        digits.parse().ok()?
    };
    let unit = unit.trim().to_ascii_lowercase();
    let unit = match unit.strip_suffix('s') {
        Some(singular) if !singular.is_empty() => singular,
        _ => &unit,
    };
    match (unit, count) {
        ("s" | "sec" | "second", 60) | ("m" | "min" | "minute", 1) => Some("* * * * *".into()),
        ("s" | "sec" | "second", 1..=59) => Some(format!("{count} seconds")),
        ("m" | "min" | "minute", 60) | ("h" | "hour", 1) => Some("0 * * * *".into()),
        ("m" | "min" | "minute", 2..=59) if 60 % count == 0 => Some(format!("*/{count} * * * *")),
        ("h" | "hour", 24) | ("d" | "day", 1) => Some("0 0 * * *".into()),
        ("h" | "hour", 2..=23) if 24 % count == 0 => Some(format!("0 */{count} * * *")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::cron;

    #[test]
    fn intervals_that_divide_the_next_unit_have_a_schedule() {
        for (every, expected) in [
            ("5 minutes", Some("*/5 * * * *")),
            ("1 minute", Some("* * * * *")),
            ("minute", Some("* * * * *")),
            ("60 seconds", Some("* * * * *")),
            ("30 seconds", Some("30 seconds")),
            ("10s", Some("10 seconds")),
            ("60 minutes", Some("0 * * * *")),
            ("2 Hours", Some("0 */2 * * *")),
            ("24 hours", Some("0 0 * * *")),
            ("1 day", Some("0 0 * * *")),
            ("7 minutes", None),
            ("5 hours", None),
            ("2 days", None),
            ("0 minutes", None),
            ("5", None),
            ("", None),
            ("-5 minutes", None),
            ("99999999999 minutes", None),
        ] {
            assert_eq!(cron(every).as_deref(), expected, "{every}");
        }
    }
}
