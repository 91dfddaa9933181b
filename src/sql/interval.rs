//! How `interval` constants are written. <https://www.postgresql.org/docs/current/datatype-datetime.html#DATATYPE-INTERVAL-INPUT>

use crate::pg::Version;

/// What an interval counts in, and what its parts may not exceed: months and days are 32 bits, the rest microseconds in 64.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Count {
    Months,
    Days,
    Microseconds,
}

const SECOND: f64 = 1e6;

/// The spellings of one unit, what it counts, and how many of that it is. Servers look at ten letters of a word and no more.
const UNITS: &[(&[&str], Count, f64)] = &[
    (
        &["us", "usec", "usecs", "usecond", "useconds", "microsecon"],
        Count::Microseconds,
        1.0,
    ),
    (
        &["ms", "msec", "msecs", "msecond", "mseconds", "millisecon"],
        Count::Microseconds,
        1e3,
    ),
    (
        &["s", "sec", "secs", "second", "seconds"],
        Count::Microseconds,
        SECOND,
    ),
    (
        &["m", "min", "mins", "minute", "minutes"],
        Count::Microseconds,
        60.0 * SECOND,
    ),
    (
        &["h", "hr", "hrs", "hour", "hours"],
        Count::Microseconds,
        3600.0 * SECOND,
    ),
    (&["d", "day", "days"], Count::Days, 1.0),
    (&["w", "week", "weeks"], Count::Days, 7.0),
    (&["mon", "mons", "month", "months"], Count::Months, 1.0),
    (&["y", "yr", "yrs", "year", "years"], Count::Months, 12.0),
    (
        &["dec", "decs", "decade", "decades"],
        Count::Months,
        10.0 * 12.0,
    ),
    (
        &["c", "cent", "century", "centuries"],
        Count::Months,
        100.0 * 12.0,
    ),
    (
        &["mil", "mils", "millennia", "millennium"],
        Count::Months,
        1000.0 * 12.0,
    ),
];

/// Whether every server from `version` on reads the text as an interval, as far as words, their order and sizes tell.
pub(super) fn readable(text: &str, version: Version) -> bool {
    let lower = text.trim().to_ascii_lowercase();
    if lower.trim_start_matches(['+', '-']) == "infinity" {
        return version >= Version::V17;
    }
    // ISO 8601, which begins with a capital: P1Y2M3DT4H5M6S.
    if let Some(iso) = text.trim().strip_prefix('P') {
        return iso.contains(|c: char| c.is_ascii_digit())
            && iso
                .chars()
                .all(|c| c.is_ascii_digit() || "YMWDTHS.,:+-".contains(c));
    }
    let lower = match lower.strip_suffix("ago") {
        // It turns what has a unit around.
        Some(before) if !before.contains(|c: char| c.is_ascii_alphabetic()) => return false,
        Some(before) => before,
        None => &lower,
    };
    let allowed = |c: char| c.is_ascii_alphanumeric() || c.is_whitespace() || ".,:+-@;".contains(c);
    lower.contains(|c: char| c.is_ascii_digit()) && lower.chars().all(allowed) && units_fit(lower)
}

/// Each word is a unit that stands once, after a number that it can count.
fn units_fit(text: &str) -> bool {
    let mut seen = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_alphabetic()) {
        let (before, word_on) = rest.split_at(start);
        let end = word_on
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(word_on.len());
        let (word, after) = word_on.split_at(end);
        let seen_letters = word.get(..10).unwrap_or(word);
        let Some((names, count, factor)) = UNITS
            .iter()
            .find(|(names, _, _)| names.contains(&seen_letters))
        else {
            return false;
        };
        let number = before
            .trim_end()
            .rsplit([' ', '\t', '\n', '\r', ',', '@', ';']);
        let number = number.map(|n| n.trim_start_matches(['+', '-'])).next();
        if seen.contains(names) || !number.is_some_and(|n| counts(n, *count, *factor)) {
            return false;
        }
        seen.push(names);
        rest = after;
    }
    true
}

/// Whether so many of a unit fit into an interval.
fn counts(number: &str, count: Count, factor: f64) -> bool {
    let most = match count {
        Count::Months | Count::Days => f64::from(i32::MAX),
        Count::Microseconds => 9.2e18,
    };
    // `1-2 year` and `4:05 hours` are left to the server.
    number.contains(['-', ':']) || number.parse::<f64>().is_ok_and(|n| n * factor <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_every_server_reads_is_told_from_what_one_does_not() {
        for good in [
            "1 day",
            "1day",
            "90",
            "1:30",
            "-1 day +2:00",
            "@ 1 hour ago",
            "1.5 days",
            ".5 day",
            "1 DAY 2 Hours",
            "1 day, 2 hours",
            "1d2h30m",
            "1y2mon",
            "P1Y",
            "PT1H",
            "P0001-02-03T04:05:06",
            "1-2",
            "1-2 3 4:05:06",
            "3 mins 5",
            "1 microsecond",
            "1 milliseconds",
            "1 c",
            "2 centuries",
            "1 mil",
            "2 millennia",
            "1 millennium",
            "1 dec",
            "3 decades",
            "2 w",
            "1 yr",
            "1 usec",
            "1 msecond",
            "178000000 years",
            "+ 1 day",
            "- 1 day",
        ] {
            assert!(readable(good, Version::V15), "{good}");
        }
        for bad in [
            "90 entity",
            "1 quarter",
            "1 fortnight",
            "day",
            "",
            " ",
            "P",
            "p1y",
            "1e3 days",
            "1 day and 2 hours",
            "1 day 2 days",
            "1 mon 1 month",
            "1/2 day",
            "1 timezone",
            "ago 1 day",
            "1 ago",
            "1 day ago ago",
            "day 1",
            "99999999999 days",
            "178956971 years",
            "1 tag",
            "½ day",
            "infinity",
        ] {
            assert!(!readable(bad, Version::V15), "{bad}");
        }
        assert!(readable("-infinity", Version::V17));
    }
}
