//! Partition keys and bounds.

use super::IntrospectError;
use super::key::KeyParts;
use super::names::Names;
use super::printed::{constant, parenthesis_after, split_list, without_parentheses};
use super::relation::{PartitionKeyRow, Relation};
use crate::catalog::{Bound, IndexKey, IndexTarget, PartitionKey, PartitionStrategy, RangeValue};
use crate::sql::Ident;

/// PARTITION BY.
pub(super) fn key(row: &PartitionKeyRow, relation: &Relation, names: &Names) -> PartitionKey {
    let strategy = match row.strategy.as_str() {
        "l" => PartitionStrategy::List,
        "h" => PartitionStrategy::Hash,
        _ => PartitionStrategy::Range,
    };
    let parts = KeyParts {
        columns: &row.columns,
        operator_classes: &row.operator_classes,
        collations: &row.collations,
        expressions: row.expressions.as_deref(),
    };
    let elements = parts.keys(relation, names);
    let plain: Option<Vec<Ident>> = elements.iter().map(plain_column).collect();
    match plain {
        Some(columns) => PartitionKey {
            strategy,
            columns,
            elements: Vec::new(),
        },
        None => PartitionKey {
            strategy,
            columns: Vec::new(),
            elements,
        },
    }
}

fn plain_column(key: &IndexKey) -> Option<Ident> {
    match &key.target {
        IndexTarget::Column(column) if *key == IndexKey::new(key.target.clone()) => {
            Some(column.clone())
        }
        _ => None,
    }
}

/// FOR VALUES. Values of a `character(n)` lose the spaces that fill them up, which mean nothing.
pub(super) fn bound(partition: &Relation, parent: &Relation) -> Result<Bound, IntrospectError> {
    let text = partition.bound.as_deref().unwrap_or_default();
    let padded = parent.partition_key.as_ref().is_some_and(|key| {
        let column = key.columns.first().and_then(|n| parent.definition(*n));
        column.is_some_and(|column| column.ty.is("bpchar"))
    });
    let found = read(text).map(|bound| if padded { unpadded(bound) } else { bound });
    found.ok_or_else(|| IntrospectError::Unreadable {
        object: partition.name.to_string(),
        text: text.to_owned(),
    })
}

fn read(text: &str) -> Option<Bound> {
    if text == "DEFAULT" {
        return Some(Bound::Default);
    }
    if let Some(values) = parenthesis_after(text, "IN") {
        return Some(Bound::List(
            split_list(values).into_iter().map(constant).collect(),
        ));
    }
    if let Some(settings) = parenthesis_after(text, "WITH") {
        let mut numbers = settings
            .split(|c: char| !c.is_ascii_digit())
            .filter_map(|digits| digits.parse().ok());
        return Some(Bound::Hash {
            modulus: numbers.next()?,
            remainder: numbers.next()?,
        });
    }
    let values = |word| -> Option<Vec<RangeValue>> {
        let values = split_list(parenthesis_after(text, word)?);
        values.into_iter().map(range_value).collect()
    };
    let (from, to) = (values("FROM")?, values("TO")?);
    Some(match (from.as_slice(), to.as_slice()) {
        ([RangeValue::Value(from)], [RangeValue::Value(to)]) => Bound::Range {
            from: from.clone(),
            to: to.clone(),
        },
        _ => Bound::RangeOf { from, to },
    })
}

fn range_value(text: &str) -> Option<RangeValue> {
    Some(match without_parentheses(text) {
        "MINVALUE" => RangeValue::Minimum,
        "MAXVALUE" => RangeValue::Maximum,
        value => RangeValue::Value(constant(value)?),
    })
}

fn unpadded(bound: Bound) -> Bound {
    let trim = |text: String| text.trim_end_matches(' ').to_owned();
    match bound {
        Bound::Range { from, to } => Bound::Range {
            from: trim(from),
            to: trim(to),
        },
        Bound::List(values) => Bound::List(values.into_iter().map(|v| v.map(trim)).collect()),
        other @ (Bound::RangeOf { .. } | Bound::Hash { .. } | Bound::Default) => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_read() {
        let value = |text: &str| RangeValue::Value(text.into());
        for (text, bound) in [
            ("DEFAULT", Bound::Default),
            (
                "FOR VALUES FROM ('2024-01-01 00:00:00+00') TO ('2024-02-01 00:00:00+00')",
                Bound::Range {
                    from: "2024-01-01 00:00:00+00".into(),
                    to: "2024-02-01 00:00:00+00".into(),
                },
            ),
            (
                "FOR VALUES FROM (1, MINVALUE) TO ('-5', 'TO (')",
                Bound::RangeOf {
                    from: vec![value("1"), RangeValue::Minimum],
                    to: vec![value("-5"), value("TO (")],
                },
            ),
            (
                "FOR VALUES IN ('a, b', E'c\\\\d', NULL, 'IN (x)')",
                Bound::List(vec![
                    Some("a, b".into()),
                    Some("c\\d".into()),
                    None,
                    Some("IN (x)".into()),
                ]),
            ),
            (
                "FOR VALUES WITH (modulus 4, remainder 3)",
                Bound::Hash {
                    modulus: 4,
                    remainder: 3,
                },
            ),
        ] {
            assert_eq!(read(text), Some(bound), "{text}");
        }
    }
}
