//! `partitioning:`: the partitions that exist at a date.

use std::collections::BTreeMap;

use jiff::civil::{Date, DateTime, Time};

use super::names::Claim;
use super::period::{Interval, Period, Unit};
use super::{Context, Lowered, operator_class, partition_value};
use crate::catalog::{Bound, Partition, PartitionKey, PartitionStrategy, Table};
use crate::diagnose::{Code, Diagnostic, Diagnostics, Place};
use crate::resolve::{Column, Domain, Entity, shortened, suggest};
use crate::sql::{Ident, QualifiedName, TypeName};
use crate::syntax::{IntervalsSpec, Located, PartitioningSpec, Scalar};
use heck::ToSnakeCase;

/// More partitions than this make planning slow and are a mistake in `start:` or `intervals:`.
/// <https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITIONING-DECLARATIVE-BEST-PRACTICES>
const MAX_PARTITIONS: usize = 10_000;

/// Adds the partition key to the table and gives its partitions, those of each level after their parent.
pub fn lower(
    cx: &Context<'_>,
    entity: &Entity,
    table: &mut Table,
    lowered: &mut Lowered,
) -> Vec<(QualifiedName, Table)> {
    let Some(spec) = &entity.partitioning else {
        return Vec::new();
    };
    let Some(scheme) = scheme(cx, entity, spec, &mut lowered.diagnostics) else {
        return Vec::new();
    };
    table.partition_key = Some(scheme.key.clone());
    let mut partitions = Vec::new();
    divide(&entity.table, &scheme, &spec.at, lowered, &mut partitions);
    if partitions.len() > MAX_PARTITIONS {
        lowered.diagnostics.push(
            Diagnostic::error(
                Code::InvalidInterval,
                &spec.at.key("intervals"),
                format!(
                    "this makes {} partitions; more than {MAX_PARTITIONS} are refused",
                    partitions.len()
                ),
            )
            .hint("choose a longer interval, a later `start:` or a shorter `retention:`"),
        );
        return Vec::new();
    }
    for (name, _) in &partitions {
        lowered.claims.push(Claim::relation(
            &name.schema,
            &name.name,
            "partition",
            &spec.at,
        ));
    }
    partitions
}

/// One level of partitioning, all its partitions known.
struct Scheme {
    key: PartitionKey,
    /// Suffix and bound of each, in order.
    partitions: Vec<(String, Bound)>,
    sub: Option<Box<Scheme>>,
}

fn divide(
    parent: &QualifiedName,
    scheme: &Scheme,
    at: &Place,
    lowered: &mut Lowered,
    partitions: &mut Vec<(QualifiedName, Table)>,
) {
    for (suffix, bound) in &scheme.partitions {
        if partitions.len() > MAX_PARTITIONS {
            return;
        }
        let name = QualifiedName {
            schema: parent.schema.clone(),
            name: partition_name(&parent.name, suffix),
        };
        let partition = Some(Partition {
            of: parent.clone(),
            bound: bound.clone(),
        });
        let partition_key = scheme.sub.as_ref().map(|s| s.key.clone());
        partitions.push((
            name.clone(),
            Table {
                partition,
                partition_key,
                ..Table::default()
            },
        ));
        if let Some(sub) = &scheme.sub {
            divide(&name, sub, at, lowered, partitions);
        }
    }
}

/// `{table}_{suffix}`. Of a name that is too long the table's part is shortened, so that partitions still say what they hold, and
/// the same rule can be followed where partitions are made at run time.
fn partition_name(table: &Ident, suffix: &str) -> Ident {
    let suffix = shortened(suffix, Ident::MAX_BYTES / 2);
    let table = shortened(table.as_str(), Ident::MAX_BYTES - 1 - suffix.len());
    Ident::new(format!("{table}_{suffix}"))
}

fn scheme(
    cx: &Context<'_>,
    entity: &Entity,
    spec: &PartitioningSpec,
    diagnostics: &mut Diagnostics,
) -> Option<Scheme> {
    let strategy = strategy(spec, diagnostics)?;
    let columns = entity.columns_named(&spec.column.value)?;
    let columns: Vec<&Column> = columns.filter_map(|c| entity.column(c)).collect();
    let [column] = columns.as_slice() else {
        diagnostics.push(
            Diagnostic::error(
                Code::PartitionColumnType,
                &spec.column.at,
                format!(
                    "`{}` has several columns; a partition key has one here",
                    spec.column.value
                ),
            )
            .hint("name one of its columns"),
        );
        return None;
    };
    if column.generated.is_some() || column.generated_from.is_some() {
        diagnostics.push(
            Diagnostic::error(
                Code::PartitionColumnType,
                &spec.column.at,
                format!(
                    "`{}` is generated, and rows are routed before that happens",
                    spec.column.value
                ),
            )
            .hint("partition by a field that is written"),
        );
        return None;
    }
    let ty = column.ty.as_ref()?;
    let method = if strategy == PartitionStrategy::Hash {
        "hash"
    } else {
        "btree"
    };
    if let Err(hint) = operator_class::check_default(cx, method, ty) {
        diagnostics.push(
            Diagnostic::error(
                Code::PartitionColumnType,
                &spec.column.at,
                format!(
                    "`{}` is {ty}, whose values cannot be told apart by {method}",
                    spec.column.value
                ),
            )
            .hint(format!("partition by another field; {hint}")),
        );
        return None;
    }
    let partitions = match strategy {
        PartitionStrategy::Range => range(cx, spec, ty, diagnostics)?,
        PartitionStrategy::List => list(cx, spec, column, ty, diagnostics)?,
        PartitionStrategy::Hash => hash(spec, diagnostics)?,
    };
    let sub = match &spec.sub {
        None => None,
        Some(sub) => Some(Box::new(scheme(cx, entity, sub, diagnostics)?)),
    };
    Some(Scheme {
        key: PartitionKey {
            strategy,
            columns: vec![column.name.clone()],
        },
        partitions,
        sub,
    })
}

fn strategy(spec: &PartitioningSpec, diagnostics: &mut Diagnostics) -> Option<PartitionStrategy> {
    match spec.strategy.value.to_ascii_uppercase().as_str() {
        "RANGE" => Some(PartitionStrategy::Range),
        "LIST" => Some(PartitionStrategy::List),
        "HASH" => Some(PartitionStrategy::Hash),
        other => {
            let diagnostic = Diagnostic::error(
                Code::UnknownPartitionStrategy,
                &spec.strategy.at,
                format!("there is no partition strategy `{}`", spec.strategy.value),
            );
            diagnostics.push(
                match suggest(other, ["RANGE", "LIST", "HASH"].into_iter()) {
                    Some(near) => diagnostic.hint(format!("did you mean `{near}`?")),
                    None => diagnostic
                        .hint("write RANGE (by time or number), LIST (by value) or HASH (evenly)"),
                },
            );
            None
        }
    }
}

/// RANGE: the periods from `start:` or the current one, to so many ahead, without those wholly past retention.
fn range(
    cx: &Context<'_>,
    spec: &PartitioningSpec,
    ty: &TypeName,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<(String, Bound)>> {
    refuse(
        spec.partitions.as_ref().map(|p| &p.at),
        "`partitions:` is for HASH",
        "RANGE has `intervals:`",
        diagnostics,
    )?;
    let kind = RangeKey::of(ty);
    let mut partitions = match kind {
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
    Some(partitions)
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
) -> Option<Vec<(String, Bound)>> {
    let interval = interval(spec, key, diagnostics)?;
    let retention = match &spec.retention {
        None => None,
        Some(text) => match Interval::parse(&text.value) {
            Some(retention) => Some(retention),
            None => {
                diagnostics.push(
                    Diagnostic::error(Code::InvalidInterval, &text.at, format!("`{}` is no length of time", text.value))
                        .hint("write it as in `retention: \"2 years\"`; units are hours, days, weeks, months, quarters and years"),
                );
                return None;
            }
        },
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
    Some(
        made?
            .into_iter()
            .map(|p| {
                (
                    interval.suffix(p),
                    Bound::Range {
                        from: key.bound(p.from),
                        to: key.bound(p.to),
                    },
                )
            })
            .collect(),
    )
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
) -> Option<Vec<(String, Bound)>> {
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
        Some(start) => match text_of(&start.value).parse::<i64>() {
            Ok(start) => start,
            Err(_) => {
                diagnostics.push(
                    Diagnostic::error(
                        Code::InvalidValue,
                        &start.at,
                        format!("`{}` is no whole number", text_of(&start.value)),
                    )
                    .hint("write it as in `start: 0`"),
                );
                return None;
            }
        },
    };
    let count = i64::from(spec.premake.as_ref().map_or(cx.config.premake, |p| p.value)) + 1;
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
    Some(partitions)
}

fn number_word(number: i64) -> String {
    if number < 0 {
        format!("minus_{}", number.unsigned_abs())
    } else {
        number.to_string()
    }
}

/// LIST: one partition a value or group, and the default one unless it is declined.
fn list(
    cx: &Context<'_>,
    spec: &PartitioningSpec,
    column: &Column,
    ty: &TypeName,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<(String, Bound)>> {
    refuse(
        spec.partitions.as_ref().map(|p| &p.at),
        "`partitions:` is for HASH",
        "LIST has `intervals: [value, …]`",
        diagnostics,
    )?;
    refuse(
        spec.retention.as_ref().map(|r| &r.at),
        "`retention:` is for RANGE",
        "values of a list have no age",
        diagnostics,
    )?;
    refuse(
        spec.start.as_ref().map(|s| &s.at),
        "`start:` is for RANGE",
        "a list begins nowhere",
        diagnostics,
    )?;
    if !partition_value::can_be_listed(cx, ty) {
        diagnostics.push(
            Diagnostic::error(
                Code::PartitionColumnType,
                &spec.column.at,
                format!("`{}` is {ty}, whose values cannot be listed", spec.column.value),
            )
            .hint("LIST takes an enum, text, a number, a boolean, a date or a uuid; for times use RANGE, for other types HASH"),
        );
        return None;
    }
    let groups: Vec<(String, Vec<&Located<Scalar>>)> = match &spec.intervals {
        Some(IntervalsSpec::One(one)) => vec![(word(&text_of(&one.value)), vec![one])],
        Some(IntervalsSpec::Many(many)) => many
            .iter()
            .map(|v| (word(&text_of(&v.value)), vec![v]))
            .collect(),
        Some(IntervalsSpec::Groups(groups)) => groups
            .iter()
            .map(|(name, values)| (word(&name.value), values.iter().collect()))
            .collect(),
        None => Vec::new(),
    };
    if groups.iter().all(|(_, values)| values.is_empty()) {
        diagnostics.push(
            Diagnostic::error(
                Code::InvalidPartitionValue,
                &spec.at,
                "LIST needs the values of its partitions",
            )
            .hint("write `intervals: [one, two]`, or `intervals: {group: [one, two]}`"),
        );
        return None;
    }
    let mut partitions = Vec::new();
    let mut seen: BTreeMap<String, &Place> = BTreeMap::new();
    let mut complete = true;
    for (suffix, members) in groups {
        let mut values = Vec::new();
        for member in members {
            let Some(value) = value(column, ty, &member.value) else {
                diagnostics.push(bad_value(column, ty, member));
                complete = false;
                continue;
            };
            // Two spellings that the type takes for one are one.
            let same = if ty.is("citext") {
                value.to_lowercase()
            } else {
                value.clone()
            };
            if let Some(first) = seen.get(&same) {
                diagnostics.push(
                    Diagnostic::error(
                        Code::DuplicatePartitionValue,
                        &member.at,
                        format!("the value `{value}` stands in two partitions"),
                    )
                    .related(first, "the first one")
                    .hint("a row goes to exactly one partition: remove one of them"),
                );
                complete = false;
                continue;
            }
            seen.insert(same, &member.at);
            values.push(Some(value));
        }
        if values.is_empty() && complete {
            diagnostics.push(
                Diagnostic::error(
                    Code::InvalidPartitionValue,
                    &spec.at.key("intervals"),
                    format!("the group `{suffix}` has no values"),
                )
                .hint("list at least one value, or remove the group"),
            );
            complete = false;
        }
        partitions.push((suffix, Bound::List(values)));
    }
    if spec.default.as_ref().is_none_or(|d| d.value) {
        partitions.push(("default".into(), Bound::Default));
    }
    complete.then_some(partitions)
}

/// A value in the text form of the column's type. `None`: it is none of that type.
fn value(column: &Column, ty: &TypeName, scalar: &Scalar) -> Option<String> {
    if matches!(scalar, Scalar::Null) {
        return None;
    }
    let text = text_of(scalar);
    if let Domain::OneOf(labels) | Domain::Enum(labels) = &column.domain {
        return labels.contains(&text).then_some(text);
    }
    partition_value::canonical(ty, &text)
}

fn bad_value(column: &Column, ty: &TypeName, member: &Located<Scalar>) -> Diagnostic {
    let text = text_of(&member.value);
    match &column.domain {
        Domain::OneOf(labels) | Domain::Enum(labels) => Diagnostic::error(
            Code::InvalidPartitionValue,
            &member.at,
            format!("`{text}` is none of the values of `{}`", column.field),
        )
        .hint(format!("its values are: {}", labels.join(", "))),
        _ if member.value == Scalar::Null => Diagnostic::error(
            Code::InvalidPartitionValue,
            &member.at,
            "a partition column is never NULL, so no partition can hold it",
        )
        .hint("remove the value; quote it if the word itself is meant"),
        _ => Diagnostic::error(
            Code::InvalidPartitionValue,
            &member.at,
            format!("`{text}` is no value of `{}`, which is {ty}", column.field),
        )
        .hint(format!("write values of type {ty}")),
    }
}

/// HASH: so many partitions.
fn hash(spec: &PartitioningSpec, diagnostics: &mut Diagnostics) -> Option<Vec<(String, Bound)>> {
    refuse(
        spec.intervals
            .as_ref()
            .map(|_| &spec.at)
            .map(|at| at.key("intervals"))
            .as_ref(),
        "`intervals:` is for RANGE and LIST",
        "HASH has `partitions: 8`",
        diagnostics,
    )?;
    refuse(
        spec.retention.as_ref().map(|r| &r.at),
        "`retention:` is for RANGE",
        "the partitions of HASH have no age",
        diagnostics,
    )?;
    refuse(
        spec.default.as_ref().filter(|d| d.value).map(|d| &d.at),
        "HASH has no default partition",
        "every value already has its partition: remove `default:`",
        diagnostics,
    )?;
    let Some(count) = &spec.partitions else {
        diagnostics.push(
            Diagnostic::error(Code::InvalidValue, &spec.at, "HASH needs `partitions:`")
                .hint("write how many, as in `partitions: 8`"),
        );
        return None;
    };
    if !(1..=1024).contains(&count.value) {
        diagnostics.push(
            Diagnostic::error(
                Code::InvalidValue,
                &count.at,
                format!("{} partitions are not from 1 to 1024", count.value),
            )
            .hint("a few per processor core are enough; 8 to 64 are usual"),
        );
        return None;
    }
    Some(
        (0..count.value)
            .map(|n| {
                (
                    n.to_string(),
                    Bound::Hash {
                        modulus: count.value,
                        remainder: n,
                    },
                )
            })
            .collect(),
    )
}

/// A key that the strategy does not have.
fn refuse(
    at: Option<&Place>,
    message: &str,
    hint: &str,
    diagnostics: &mut Diagnostics,
) -> Option<()> {
    let Some(at) = at else { return Some(()) };
    diagnostics.push(Diagnostic::error(Code::InvalidValue, at, message).hint(hint));
    None
}

fn text_of(scalar: &Scalar) -> String {
    match scalar {
        Scalar::String(text) | Scalar::Number(text) => text.clone(),
        Scalar::Bool(value) => value.to_string(),
        Scalar::Null => "null".into(),
    }
}

/// A value as a part of a name.
fn word(value: &str) -> String {
    if let Some(number) = value.parse::<i64>().ok().filter(|n| *n < 0) {
        return number_word(number);
    }
    let word = value.to_snake_case();
    match word.as_str() {
        "" if value.is_empty() => "empty".into(),
        "" => format!(
            "u{}",
            value
                .chars()
                .map(|c| format!("{:x}", u32::from(c)))
                .collect::<Vec<_>>()
                .join("_")
        ),
        _ => word,
    }
}
