//! Periods of range partitions: calendar arithmetic in UTC, by `jiff`.

use jiff::civil::{Date, DateTime, Time, date};
use jiff::{Span, ToSpan};

/// How long a period is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interval {
    /// How many units.
    pub count: i32,
    /// The unit.
    pub unit: Unit,
}

/// The units of intervals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unit {
    /// Hours.
    Hour,
    /// Days.
    Day,
    /// Weeks, from Monday.
    Week,
    /// Months.
    Month,
    /// Quarters.
    Quarter,
    /// Years.
    Year,
}

/// One period: from (included) to (excluded), in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// Its beginning.
    pub from: DateTime,
    /// The beginning of the next.
    pub to: DateTime,
}

impl Interval {
    /// Reads `monthly`, `10 days`, `1 month`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        let one = |unit| Some(Self { count: 1, unit });
        match text.as_str() {
            "hourly" => return one(Unit::Hour),
            "daily" => return one(Unit::Day),
            "weekly" => return one(Unit::Week),
            "monthly" => return one(Unit::Month),
            "quarterly" => return one(Unit::Quarter),
            "yearly" | "annually" => return one(Unit::Year),
            _ => {}
        }
        let (count, unit) = text.split_once(char::is_whitespace)?;
        let count: i32 = count.parse().ok().filter(|n| (1..=100_000).contains(n))?;
        let unit = match unit.trim().trim_end_matches('s') {
            "hour" => Unit::Hour,
            "day" => Unit::Day,
            "week" => Unit::Week,
            "month" | "mon" => Unit::Month,
            "quarter" => Unit::Quarter,
            "year" => Unit::Year,
            _ => return None,
        };
        Some(Self { count, unit })
    }

    /// The interval as a span of the calendar.
    fn span(self) -> Span {
        match self.unit {
            Unit::Hour => self.count.hours(),
            Unit::Day => self.count.days(),
            Unit::Week => self.count.weeks(),
            Unit::Month => self.count.months(),
            Unit::Quarter => self.count.saturating_mul(3).months(),
            Unit::Year => self.count.years(),
        }
    }

    /// The interval in the server's words.
    pub fn literal(self) -> String {
        let (count, unit) = match self.unit {
            Unit::Hour => (self.count, "hours"),
            Unit::Day if self.count % 7 == 0 => (self.count / 7, "weeks"),
            Unit::Day => (self.count, "days"),
            Unit::Week => (self.count, "weeks"),
            Unit::Month if self.count % 12 == 0 => (self.count / 12, "years"),
            Unit::Month => (self.count, "months"),
            Unit::Quarter if self.count % 4 == 0 => (self.count / 4, "years"),
            Unit::Quarter => (self.count.saturating_mul(3), "months"),
            Unit::Year => (self.count, "years"),
        };
        format!("{count} {unit}")
    }

    /// The moment so long before another.
    pub fn before(self, moment: DateTime) -> Option<DateTime> {
        moment.checked_sub(self.span()).ok()
    }

    /// The beginning of the period that a moment is in. Single units begin where the calendar says; longer ones are counted
    /// from 2000-01-01 (weeks from the Monday after), so that every run of every machine finds the same ones.
    pub fn floor(self, moment: DateTime) -> Option<DateTime> {
        let midnight = |day: Date| day.to_datetime(Time::midnight());
        let day = moment.date();
        let months = i32::from(day.year()) * 12 + i32::from(day.month()) - 1;
        let from_months = |size: i32| {
            let origin = 2000 * 12;
            let first = origin + (months - origin).div_euclid(size) * size;
            let year = i16::try_from(first.div_euclid(12)).ok()?;
            let month = i8::try_from(first.rem_euclid(12) + 1).ok()?;
            Date::new(year, month, 1).ok().map(midnight)
        };
        let from_days = |origin: Date, size: i32| {
            let days = day.since(origin).ok()?.get_days();
            origin
                .checked_add((days.div_euclid(size) * size).days())
                .ok()
                .map(midnight)
        };
        match self.unit {
            Unit::Hour => {
                let origin = midnight(date(2000, 1, 1));
                let hours = i64::from(day.since(date(2000, 1, 1)).ok()?.get_days()) * 24
                    + i64::from(moment.hour());
                let size = i64::from(self.count);
                origin
                    .checked_add((hours.div_euclid(size) * size).hours())
                    .ok()
            }
            Unit::Day => from_days(date(2000, 1, 1), self.count),
            Unit::Week => from_days(date(2000, 1, 3), self.count.checked_mul(7)?),
            Unit::Month => from_months(self.count),
            Unit::Quarter => from_months(self.count.checked_mul(3)?),
            Unit::Year => from_months(self.count.checked_mul(12)?),
        }
    }

    /// The period that begins at a moment.
    pub fn starting(self, from: DateTime) -> Option<Period> {
        Some(Period {
            from,
            to: from.checked_add(self.span()).ok()?,
        })
    }

    /// What tells a partition of this period from the others of its table: `2024_02`, `2024w06`, `2024q1`.
    pub fn suffix(self, period: Period) -> String {
        let Period { from, .. } = period;
        let (year, month, day) = (from.year(), from.month(), from.day());
        match (self.unit, self.count) {
            (Unit::Hour, _) => format!("{year:04}_{month:02}_{day:02}_{:02}", from.hour()),
            (Unit::Week, 1) => {
                let week = from.date().iso_week_date();
                format!("{:04}w{:02}", week.year(), week.week())
            }
            (Unit::Day | Unit::Week, _) => format!("{year:04}_{month:02}_{day:02}"),
            (Unit::Month, _) => format!("{year:04}_{month:02}"),
            (Unit::Quarter, _) => format!("{year:04}q{}", (month - 1) / 3 + 1),
            (Unit::Year, _) => format!("{year:04}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::datetime;

    fn period(interval: &str, moment: DateTime) -> (String, Period) {
        let interval = Interval::parse(interval).expect("an interval");
        let period = interval
            .floor(moment)
            .and_then(|from| interval.starting(from))
            .expect("a period");
        (interval.suffix(period), period)
    }

    #[test]
    fn a_period_holds_its_moment_and_is_named_by_its_beginning() {
        let moment = datetime(2024, 2, 10, 14, 30, 0, 0);
        for (interval, suffix, from, to) in [
            (
                "hourly",
                "2024_02_10_14",
                datetime(2024, 2, 10, 14, 0, 0, 0),
                datetime(2024, 2, 10, 15, 0, 0, 0),
            ),
            (
                "daily",
                "2024_02_10",
                datetime(2024, 2, 10, 0, 0, 0, 0),
                datetime(2024, 2, 11, 0, 0, 0, 0),
            ),
            (
                "weekly",
                "2024w06",
                datetime(2024, 2, 5, 0, 0, 0, 0),
                datetime(2024, 2, 12, 0, 0, 0, 0),
            ),
            (
                "monthly",
                "2024_02",
                datetime(2024, 2, 1, 0, 0, 0, 0),
                datetime(2024, 3, 1, 0, 0, 0, 0),
            ),
            (
                "quarterly",
                "2024q1",
                datetime(2024, 1, 1, 0, 0, 0, 0),
                datetime(2024, 4, 1, 0, 0, 0, 0),
            ),
            (
                "yearly",
                "2024",
                datetime(2024, 1, 1, 0, 0, 0, 0),
                datetime(2025, 1, 1, 0, 0, 0, 0),
            ),
            (
                "10 days",
                "2024_02_04",
                datetime(2024, 2, 4, 0, 0, 0, 0),
                datetime(2024, 2, 14, 0, 0, 0, 0),
            ),
            (
                "6 months",
                "2024_01",
                datetime(2024, 1, 1, 0, 0, 0, 0),
                datetime(2024, 7, 1, 0, 0, 0, 0),
            ),
        ] {
            assert_eq!(
                period(interval, moment),
                (suffix.to_owned(), Period { from, to }),
                "{interval}"
            );
        }
    }

    #[test]
    fn the_iso_year_of_a_week_is_not_always_that_of_its_monday() {
        assert_eq!(
            period("weekly", datetime(2021, 1, 2, 0, 0, 0, 0)).0,
            "2020w53"
        );
        assert_eq!(
            period("weekly", datetime(2018, 12, 31, 0, 0, 0, 0)).0,
            "2019w01"
        );
    }

    #[test]
    fn moments_before_2000_are_rounded_down_too() {
        assert_eq!(
            period("monthly", datetime(1999, 12, 31, 23, 0, 0, 0)).0,
            "1999_12"
        );
        assert_eq!(
            period("5 hours", datetime(1999, 12, 31, 23, 0, 0, 0))
                .1
                .from,
            datetime(1999, 12, 31, 19, 0, 0, 0)
        );
    }

    #[test]
    fn only_intervals_are_read() {
        for text in ["fortnightly", "0 days", "-1 month", "2 yeers", "days", ""] {
            assert_eq!(Interval::parse(text), None, "{text}");
        }
        assert_eq!(
            Interval::parse("2 years"),
            Some(Interval {
                count: 2,
                unit: Unit::Year
            })
        );
    }
}
