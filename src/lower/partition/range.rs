//! RANGE: periods of time, or ranges of numbers.

use jiff::civil::{Date, DateTime, Time};

use super::super::period::{Interval, Period, Unit};
use super::super::{Context, partition_value};
use super::{MAX_PARTITIONS, Suffixed, refuse, text_of};
use crate::catalog::{Bound, PeriodUnit, PolicyLevel};
use crate::diagnose::{Code, Diagnostic, Diagnostics};
use crate::resolve::suggest;
use crate::sql::TypeName;
use crate::syntax::{IntervalsSpec, Located, PartitioningSpec, Scalar};

/// Partitions, and the policy that keeps them at run time.
pub(super) type Ranges = (Vec<Suffixed>, PolicyLevel);

/// RANGE: the periods from `start:` or the current one, to so many ahead, without those wholly past retention.
pub(super) fn range(
    cx: &Context<'_>,
    spec: &PartitioningSpec,
    ty: &TypeName,
    diagnostics: &mut Diagnostics,
) -> Option<Ranges> {
    refuse(
        spec.partitions.as_ref().map(|p| &p.at),
        "`partitions:` is for HASH",
        "RANGE has `intervals:`",
        diagnostics,
    )?;
    let kind = RangeKey::of(ty);
    let (mut partitions, policy) = match kind {
        RangeKey::Number => numbers(cx, spec, ty, diagnostics)?,
        RangeKey::Date | RangeKey::Timestamp | RangeKey::TimestampTz => {
            periods(cx, spec, kind, diagnostics)?
        }
        RangeKey::Other => {
            diagnostics.push(
                Diagnostic::error(Code::PartitionColumnType, &spec.column.at, format!("`{}` is {ty}, which has no periods", spec.column.value))
                    .hint("RANGE takes a date, timestamp, timestamptz or number; for other types use LIST or HASH"),
            );
            return None;
        }
    };
    if spec.default.as_ref().is_some_and(|d| d.value) {
        partitions.push(("default".into(), Bound::Default));
    }
    Some((partitions, policy))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RangeKey {
    Date,
    Timestamp,
    TimestampTz,
    Number,
    Other,
}

impl RangeKey {
    fn of(ty: &TypeName) -> Self {
        match ty {
            _ if ty.is("date") => Self::Date,
            _ if ty.is("timestamp") => Self::Timestamp,
            _ if ty.is("timestamptz") => Self::TimestampTz,
            _ if ["int2", "int4", "int8", "numeric"].iter().any(|t| ty.is(t)) => Self::Number,
            _ => Self::Other,
        }
    }

    /// A bound as the server prints it; with the offset written out the session's time zone moves nothing.
    fn bound(self, moment: DateTime) -> String {
        let date = moment.date();
        let time = format!(
            "{:02}:{:02}:{:02}",
            moment.hour(),
            moment.minute(),
            moment.second()
        );
        match self {
            Self::TimestampTz => format!("{date} {time}+00"),
            Self::Timestamp => format!("{date} {time}"),
            Self::Date | Self::Number | Self::Other => date.to_string(),
        }
    }
}

fn periods(
    cx: &Context<'_>,
    spec: &PartitioningSpec,
    key: RangeKey,
    diagnostics: &mut Diagnostics,
) -> Option<Ranges> {
    let interval = interval(spec, key, diagnostics)?;
    let retention = match &spec.retention {
        None => None,
        Some(text) => Some(self::retention(text, diagnostics)?),
    };
    let as_of = cx.as_of.to_datetime(Time::midnight());
    let start = match &spec.start {
        None => as_of,
        Some(start) => moment(start, diagnostics)?,
    };
    let cutoff = retention.and_then(|r| r.before(as_of));
    let premake = spec.premake.as_ref().map_or(cx.config.premake, |p| p.value);
    let made = enumerate(interval, start, as_of, premake, cutoff);
    if made.is_none() {
        diagnostics.push(
            Diagnostic::error(Code::InvalidInterval, &spec.at.key("intervals"), "these periods leave the calendar or are too many")
                .hint(format!("choose a later `start:` or a longer interval: at most {MAX_PARTITIONS} partitions are made")),
        );
    }
    let partitions = made?.into_iter().map(|p| {
        let bound = Bound::Range {
            from: key.bound(p.from),
            to: key.bound(p.to),
        };
        (interval.suffix(p), bound)
    });
    let policy = PolicyLevel {
        level: 0,
        unit: unit(interval.unit),
        units: interval.count.into(),
        premake,
        starts_at: spec
            .start
            .is_some()
            .then(|| RangeKey::Timestamp.bound(start)),
        retention: retention.map(Interval::literal),
        drop_expired: spec.drop_expired.unwrap_or_default(),
        subpartitions: None,
    };
    Some((partitions.collect(), policy))
}

fn retention(text: &Located<String>, diagnostics: &mut Diagnostics) -> Option<Interval> {
    let retention = Interval::parse(&text.value);
    if retention.is_none() {
        diagnostics.push(
            Diagnostic::error(
                Code::InvalidInterval,
                &text.at,
                format!("`{}` is no length of time", text.value),
            )
            .hint("write it as in `retention: \"2 years\"`; units are hours, days, weeks, months, quarters and years"),
        );
    }
    retention
}

fn unit(unit: Unit) -> PeriodUnit {
    match unit {
        Unit::Hour => PeriodUnit::Hour,
        Unit::Day => PeriodUnit::Day,
        Unit::Week => PeriodUnit::Week,
        Unit::Month => PeriodUnit::Month,
        Unit::Quarter => PeriodUnit::Quarter,
        Unit::Year => PeriodUnit::Year,
    }
}

/// The periods from the one of `start` to `premake` after the later of `start` and `as_of`; those that end at or before `cutoff`
/// are left out. `None`: out of the calendar, or too many.
fn enumerate(
    interval: Interval,
    start: DateTime,
    as_of: DateTime,
    premake: u32,
    cutoff: Option<DateTime>,
) -> Option<Vec<Period>> {
    let first = match cutoff {
        Some(cutoff) if cutoff > start => cutoff,
        _ => start,
    };
    let current = interval.floor(start.max(as_of))?;
    let mut periods = Vec::new();
    let mut ahead = 0;
    let mut period = interval.starting(interval.floor(first)?)?;
    loop {
        if cutoff.is_none_or(|c| period.to > c) {
            periods.push(period);
        }
        if period.from >= current {
            if ahead >= premake {
                return Some(periods);
            }
            ahead += 1;
        }
        if periods.len() > MAX_PARTITIONS {
            return None;
        }
        period = interval.starting(period.to)?;
    }
}

fn interval(
    spec: &PartitioningSpec,
    key: RangeKey,
    diagnostics: &mut Diagnostics,
) -> Option<Interval> {
    let at = spec.at.key("intervals");
    let hint =
        "write hourly, daily, weekly, monthly, quarterly, yearly, or a length such as \"10 days\"";
    let scalar = match &spec.intervals {
        Some(IntervalsSpec::One(one)) => one,
        Some(IntervalsSpec::Many(many)) if many.len() == 1 => many.first()?,
        Some(IntervalsSpec::Many(_) | IntervalsSpec::Groups(_)) => {
            diagnostics.push(
                Diagnostic::error(
                    Code::InvalidInterval,
                    &at,
                    "RANGE takes one interval, not a list of values",
                )
                .hint(hint),
            );
            return None;
        }
        None => {
            diagnostics.push(
                Diagnostic::error(Code::InvalidInterval, &spec.at, "RANGE needs `intervals:`")
                    .hint(hint),
            );
            return None;
        }
    };
    let text = text_of(&scalar.value);
    let Some(interval) = Interval::parse(&text) else {
        let diagnostic = Diagnostic::error(
            Code::InvalidInterval,
            &scalar.at,
            format!("`{text}` is no interval"),
        );
        let names = [
            "hourly",
            "daily",
            "weekly",
            "monthly",
            "quarterly",
            "yearly",
        ];
        diagnostics.push(match suggest(&text, names.into_iter()) {
            Some(near) => diagnostic.hint(format!("did you mean `{near}`?")),
            None => diagnostic.hint(hint),
        });
        return None;
    };
    if key == RangeKey::Date && interval.unit == Unit::Hour {
        diagnostics.push(
            Diagnostic::error(
                Code::InvalidInterval,
                &scalar.at,
                format!("`{}` is a date, which has no hours", spec.column.value),
            )
            .hint("make it a timestamptz, or partition daily"),
        );
        return None;
    }
    Some(interval)
}

fn moment(start: &Located<Scalar>, diagnostics: &mut Diagnostics) -> Option<DateTime> {
    let text = text_of(&start.value);
    let day = text
        .parse::<Date>()
        .ok()
        .map(|d| d.to_datetime(Time::midnight()));
    let found = text.parse::<DateTime>().ok().or(day);
    if found.is_none() {
        diagnostics.push(
            Diagnostic::error(
                Code::InvalidValue,
                &start.at,
                format!("`{text}` is no date"),
            )
            .hint("write it as in `start: 2024-01-01`"),
        );
    }
    found
}

/// Number keys: so many ranges from `start:` on. There is no "now" among numbers, so `premake` counts from the first.
fn numbers(
    cx: &Context<'_>,
    spec: &PartitioningSpec,
    ty: &TypeName,
    diagnostics: &mut Diagnostics,
) -> Option<Ranges> {
    let at = spec.at.key("intervals");
    let size = match &spec.intervals {
        Some(IntervalsSpec::One(one)) => text_of(&one.value).parse::<i64>().ok(),
        Some(IntervalsSpec::Many(many)) => match many.as_slice() {
            [one] => text_of(&one.value).parse::<i64>().ok(),
            _ => None,
        },
        Some(IntervalsSpec::Groups(_)) | None => None,
    };
    let Some(size) = size.filter(|n| *n > 0) else {
        diagnostics.push(
            Diagnostic::error(
                Code::InvalidInterval,
                &at,
                format!(
                    "`{}` is a number, so its interval is a whole number",
                    spec.column.value
                ),
            )
            .hint("write it as in `intervals: 1000000`"),
        );
        return None;
    };
    if let Some(retention) = &spec.retention {
        diagnostics.push(
            Diagnostic::error(
                Code::InvalidInterval,
                &retention.at,
                "a table partitioned by a number has no retention: its ranges have no age",
            )
            .hint("remove `retention:`, or partition by time"),
        );
        return None;
    }
    let start = match &spec.start {
        None => 0,
        Some(start) => whole_number(start, diagnostics)?,
    };
    let premake = spec.premake.as_ref().map_or(cx.config.premake, |p| p.value);
    let count = i64::from(premake) + 1;
    let (least, most) = partition_value::whole_numbers(ty);
    let mut partitions = Vec::new();
    for n in 0..count.min(i64::try_from(MAX_PARTITIONS).unwrap_or(i64::MAX) + 1) {
        let bounds = size
            .checked_mul(n)
            .and_then(|o| start.checked_add(o))
            .and_then(|from| Some((from, from.checked_add(size)?)))
            .filter(|(from, to)| *from >= least && *to <= most);
        let Some((from, to)) = bounds else {
            diagnostics.push(
                Diagnostic::error(
                    Code::InvalidInterval,
                    &at,
                    format!(
                        "these ranges go beyond `{}`, which is {ty} and ends at {most}",
                        spec.column.value
                    ),
                )
                .hint("choose a smaller interval or `premake:`, or a wider type"),
            );
            return None;
        };
        partitions.push((
            number_word(from),
            Bound::Range {
                from: from.to_string(),
                to: to.to_string(),
            },
        ));
    }
    let policy = PolicyLevel {
        level: 0,
        unit: PeriodUnit::Number,
        units: size,
        premake,
        starts_at: spec.start.is_some().then(|| start.to_string()),
        retention: None,
        drop_expired: false,
        subpartitions: None,
    };
    Some((partitions, policy))
}

fn whole_number(start: &Located<Scalar>, diagnostics: &mut Diagnostics) -> Option<i64> {
    let text = text_of(&start.value);
    let number = text.parse::<i64>().ok();
    if number.is_none() {
        diagnostics.push(
            Diagnostic::error(
                Code::InvalidValue,
                &start.at,
                format!("`{text}` is no whole number"),
            )
            .hint("write it as in `start: 0`"),
        );
    }
    number
}

pub(super) fn number_word(number: i64) -> String {
    if number < 0 {
        format!("minus_{}", number.unsigned_abs())
    } else {
        number.to_string()
    }
}
