//! Partition policies.

use minijinja::Value;

use super::RenderError;
use super::value::{Sql, record, sql};
use crate::catalog::{PartitionPolicy, PeriodUnit, PolicyLevel};
use crate::sql::{Literal, QualifiedName};

pub(super) fn context(
    table: &QualifiedName,
    policy: &PartitionPolicy,
) -> Result<Value, RenderError> {
    let PartitionPolicy { levels } = policy;
    Ok(record! {
        schema => text(table.schema.as_str()),
        table => text(table.name.as_str()),
        levels => levels.iter().map(level).collect::<Result<Vec<_>, _>>()?,
    })
}

fn level(level: &PolicyLevel) -> Result<Value, RenderError> {
    let PolicyLevel {
        level,
        unit,
        units,
        premake,
        starts_at,
        retention,
        drop_expired,
        subpartitions,
    } = level;
    let subpartitions = subpartitions
        .as_ref()
        .map(serde_json::to_string)
        .transpose()
        .map_err(RenderError::Json)?;
    Ok(record! {
        level => *level,
        unit => text(unit_word(*unit)),
        units => *units,
        premake => *premake,
        starts_at => nullable(starts_at.as_deref()),
        retention => nullable(retention.as_deref()),
        action => text(if *drop_expired { "drop" } else { "detach" }),
        subpartitions => nullable(subpartitions.as_deref()),
    })
}

fn unit_word(unit: PeriodUnit) -> &'static str {
    match unit {
        PeriodUnit::Hour => "hour",
        PeriodUnit::Day => "day",
        PeriodUnit::Week => "week",
        PeriodUnit::Month => "month",
        PeriodUnit::Quarter => "quarter",
        PeriodUnit::Year => "year",
        PeriodUnit::Number => "number",
    }
}

fn text(value: &str) -> Value {
    sql(&Literal::new(value))
}

fn nullable(value: Option<&str>) -> Value {
    value.map_or_else(|| sql(Sql::keyword("NULL")), text)
}
