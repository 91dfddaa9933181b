//! What partitions are made and removed at run time: rows of `specql.partition_policy`.

use std::collections::BTreeMap;

use postgres::{Row, Transaction};

use super::IntrospectError;
use super::cells::Cells;
use crate::catalog::{PartitionPolicy, PeriodUnit, PolicyLevel, Subpartitions};
use crate::sql::QualifiedName;

/// Whether there is a table of them that may be read; no row where there is none.
const READABLE: &str = "
    SELECT has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
    FROM pg_catalog.pg_namespace AS n
    JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid
    WHERE n.nspname = 'specql' AND c.relname = 'partition_policy'";

/// Policies by their tables.
pub(super) type Policies = BTreeMap<QualifiedName, PartitionPolicy>;

/// The policies; `None` where the table of them is there and may not be read.
pub(super) fn read(tx: &mut Transaction<'_>) -> Result<Option<Policies>, IntrospectError> {
    let mut policies = Policies::new();
    let Some(readable) = tx.query_typed_opt(READABLE, &[])? else {
        return Ok(Some(policies));
    };
    if !readable.try_get::<_, bool>(0)? {
        return Ok(None);
    }
    for row in tx.query_typed(include_str!("queries/partition_policy.sql"), &[])? {
        let (table, level) = level(&row)?;
        let policy = policies
            .entry(table)
            .or_insert_with(|| PartitionPolicy { levels: Vec::new() });
        policy.levels.push(level);
    }
    Ok(Some(policies))
}

fn level(row: &Row) -> Result<(QualifiedName, PolicyLevel), IntrospectError> {
    let mut cells = Cells::new(row);
    let table = cells.name()?;
    let unreadable = |text: &str| IntrospectError::Unreadable {
        object: format!("the partition policy of {table}"),
        text: text.to_owned(),
    };
    let level = PolicyLevel {
        level: number(cells.take()?),
        unit: {
            let word = cells.take()?;
            unit(word).ok_or_else(|| unreadable(word))?
        },
        units: cells.take()?,
        premake: number(cells.take()?),
        starts_at: cells.take()?,
        retention: retention(&mut cells)?,
        drop_expired: cells.take::<&str>()? == "drop",
        subpartitions: match cells.take::<Option<&str>>()? {
            Some(text) => Some(subpartitions(text).ok_or_else(|| unreadable(text))?),
            None => None,
        },
    };
    Ok((table, level))
}

fn number(value: i32) -> u32 {
    u32::try_from(value).unwrap_or_default()
}

fn unit(word: &str) -> Option<PeriodUnit> {
    Some(match word {
        "hour" => PeriodUnit::Hour,
        "day" => PeriodUnit::Day,
        "week" => PeriodUnit::Week,
        "month" => PeriodUnit::Month,
        "quarter" => PeriodUnit::Quarter,
        "year" => PeriodUnit::Year,
        "number" => PeriodUnit::Number,
        _ => return None,
    })
}

fn subpartitions(text: &str) -> Option<Subpartitions> {
    serde_json::from_str(text).ok()
}

/// An interval in the largest unit that it is a whole number of, as the specs' are; any other as the server prints it.
fn retention(cells: &mut Cells<'_>) -> Result<Option<String>, postgres::Error> {
    let months: Option<i64> = cells.take()?;
    let days: Option<i64> = cells.take()?;
    let hours: Option<i64> = cells.take()?;
    let text: Option<String> = cells.take()?;
    let (Some(months), Some(days), Some(hours)) = (months, days, hours) else {
        return Ok(text);
    };
    Ok(Some(match (months, days, hours) {
        (months, 0, 0) if months % 12 == 0 => format!("{} years", months / 12),
        (months, 0, 0) => format!("{months} months"),
        (0, days, 0) if days % 7 == 0 => format!("{} weeks", days / 7),
        (0, days, 0) => format!("{days} days"),
        (0, 0, hours) => format!("{hours} hours"),
        _ => return Ok(text),
    }))
}
