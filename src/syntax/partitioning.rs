//! `partitioning:`.

use super::context::{Context, Item};
use super::mapping::Mapping;
use super::names;
use super::spec::{IntervalsSpec, Located, PartitioningSpec, Scalar};
use crate::diagnose::Code;
use crate::yaml::NodeValue;

/// Reads `partitioning:`.
pub(super) fn partitioning(item: &Item<'_>, cx: &mut Context<'_>) -> Option<PartitioningSpec> {
    let mut mapping = Mapping::read(item, "a mapping with `strategy` and `column`", cx)?;
    let strategy = mapping.require("strategy", cx);
    let strategy = strategy.and_then(|item| item.string("`RANGE`, `LIST` or `HASH`", cx));
    let column = mapping.require("column", cx);
    let column = column.and_then(|item| item.string("a field", cx));
    let intervals = mapping.take("intervals");
    let action = mapping.take("retention_action");
    let start = mapping.take("start");
    let sub = mapping.take("partitioning");
    let spec = PartitioningSpec {
        at: item.place.clone(),
        // One that lacks either is dropped below, when all its keys have been looked at.
        strategy: strategy
            .clone()
            .unwrap_or_else(|| item.located(String::new())),
        column: column
            .clone()
            .unwrap_or_else(|| item.located(String::new())),
        intervals: intervals.and_then(|item| self::intervals(&item, cx)),
        retention: mapping.string("retention", cx),
        drop_expired: action.and_then(|item| item.choice(&[("detach", false), ("drop", true)], cx)),
        start: start.and_then(|item| located_scalar(&item, "a date or a number", cx)),
        premake: number(&mut mapping, "premake", cx),
        default: mapping.boolean("default", cx),
        partitions: number(&mut mapping, "partitions", cx),
        sub: sub.and_then(|item| partitioning(&item, cx)).map(Box::new),
    };
    mapping.finish(cx);
    (strategy.is_some() && column.is_some()).then_some(spec)
}

fn number(
    mapping: &mut Mapping<'_>,
    key: &'static str,
    cx: &mut Context<'_>,
) -> Option<Located<u32>> {
    let item = mapping.take(key)?;
    // One that is no number is reported, and counts as there.
    let number = item.whole_number("a whole number", cx).unwrap_or(1);
    Some(item.located(number))
}

fn intervals(item: &Item<'_>, cx: &mut Context<'_>) -> Option<IntervalsSpec> {
    let what = "an interval, a list of values, or a mapping of names and values";
    match &item.node.value {
        NodeValue::Mapping(_) => {
            let groups = Mapping::read(item, what, cx)?.rest();
            Some(IntervalsSpec::Groups(
                groups
                    .into_iter()
                    .map(|(name, item)| group(name, &item, cx))
                    .collect(),
            ))
        }
        NodeValue::Sequence(_) => Some(IntervalsSpec::Many(values(item, cx))),
        NodeValue::Null => {
            cx.expected(item, what);
            None
        }
        _ => located_scalar(item, what, cx).map(IntervalsSpec::One),
    }
}

fn group(
    name: Located<String>,
    item: &Item<'_>,
    cx: &mut Context<'_>,
) -> (Located<String>, Vec<Located<Scalar>>) {
    names::check("a partition", &name.value, &name.at, cx);
    let values = values(item, cx);
    if item.is_null() || matches!(&item.node.value, NodeValue::Sequence(items) if items.is_empty())
    {
        cx.error(
            Code::InvalidValue,
            &item.place,
            format!("the partition `{}` has no values", name.value),
        );
    }
    (name, values)
}

fn values(item: &Item<'_>, cx: &mut Context<'_>) -> Vec<Located<Scalar>> {
    let items = item.one_or_many("a list of values", cx).unwrap_or_default();
    items
        .iter()
        .filter_map(|item| located_scalar(item, "a value", cx))
        .collect()
}

fn located_scalar(item: &Item<'_>, what: &str, cx: &mut Context<'_>) -> Option<Located<Scalar>> {
    item.scalar(what, cx).map(|scalar| item.located(scalar))
}
