//! LIST: values, or groups of them.

use std::collections::BTreeMap;

use heck::ToSnakeCase;

use super::super::{Context, partition_value};
use super::range::number_word;
use super::{Suffixed, refuse, text_of};
use crate::catalog::Bound;
use crate::diagnose::{Code, Diagnostic, Diagnostics, Place};
use crate::resolve::Column;
use crate::sql::TypeName;
use crate::syntax::{IntervalsSpec, Located, PartitioningSpec, Scalar};

/// LIST: one partition a value or group, and the default one unless it is declined.
pub(super) fn list(
    cx: &Context<'_>,
    spec: &PartitioningSpec,
    column: &Column,
    ty: &TypeName,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<Suffixed>> {
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
    let groups = groups(spec);
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
            let Some(value) = value(cx, column, ty, &member.value) else {
                diagnostics.push(bad_value(cx, column, ty, member));
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

/// The ends of the partitions' names, and their values as written.
fn groups(spec: &PartitioningSpec) -> Vec<(String, Vec<&Located<Scalar>>)> {
    match &spec.intervals {
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
    }
}

/// A value in the text form of the column's type. `None`: it is none of that type.
fn value(cx: &Context<'_>, column: &Column, ty: &TypeName, scalar: &Scalar) -> Option<String> {
    if matches!(scalar, Scalar::Null) {
        return None;
    }
    let text = text_of(scalar);
    if let Some(labels) = cx.labels(column) {
        return labels.contains(&text).then_some(text);
    }
    partition_value::canonical(ty, &text)
}

fn bad_value(
    cx: &Context<'_>,
    column: &Column,
    ty: &TypeName,
    member: &Located<Scalar>,
) -> Diagnostic {
    let text = text_of(&member.value);
    match cx.labels(column) {
        Some(labels) => Diagnostic::error(
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
