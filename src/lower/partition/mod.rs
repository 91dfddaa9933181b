//! `partitioning:`: the partitions that exist at a date.

mod hash;
mod list;
mod range;

use super::names::Claim;
use super::{Context, Lowered, operator_class};
use crate::catalog::{
    Bound, Partition, PartitionKey, PartitionPolicy, PartitionStrategy, PolicyLevel, Subpartition,
    Subpartitions, Table,
};
use crate::diagnose::{Code, Diagnostic, Diagnostics, Place};
use crate::resolve::{Column, Entity, shortened, suggest};
use crate::sql::{Ident, QualifiedName};
use crate::syntax::{PartitioningSpec, Scalar};

/// More partitions than this make planning slow, and a server with its default `max_locks_per_transaction` cannot make
/// them in the one transaction that loads a schema.
/// <https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITIONING-DECLARATIVE-BEST-PRACTICES>
const MAX_PARTITIONS: usize = 1_000;

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
    divide(&entity.table, &scheme, &mut partitions);
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
    note_key(entity, spec, &mut lowered.diagnostics);
    for (name, _) in &partitions {
        lowered.claims.push(Claim::relation(
            &name.schema,
            &name.name,
            "partition",
            &spec.at,
        ));
    }
    let levels = policy(&scheme);
    if !levels.is_empty() {
        let policy = PartitionPolicy { levels };
        lowered
            .partition_policies
            .push((entity.table.clone(), policy));
    }
    partitions
}

/// Notes each partition column that the key, which nobody declared, takes in.
fn note_key(entity: &Entity, spec: &PartitioningSpec, diagnostics: &mut Diagnostics) {
    let key = &entity.key;
    if key.constraint.is_some() {
        return;
    }
    let levels = std::iter::successors(Some(spec), |level| level.sub.as_deref());
    for column in levels.map(|level| &level.column) {
        let mut positions = entity.columns_named(&column.value).into_iter().flatten();
        let Some(taken_in) =
            positions.find(|p| key.columns.contains(p) && !key.logical.contains(p))
        else {
            continue;
        };
        let name = entity.column(taken_in).map_or("", |c| c.name.as_str());
        let columns = entity.column_names(&key.columns);
        let columns: Vec<&str> = columns.iter().map(Ident::as_str).collect();
        diagnostics.push(
            Diagnostic::note(
                Code::PartitionKeyAdded,
                &column.at,
                format!(
                    "the primary key of `{}` takes in the partition column: ({})",
                    entity.name,
                    columns.join(", ")
                ),
            )
            .hint(format!("PostgreSQL keeps keys unique per partition, so `{name}` must be part of the key; declare the key to silence this")),
        );
    }
}

/// The end of a partition's name, and its bound.
type Suffixed = (String, Bound);

/// One level of partitioning, all its partitions known.
struct Scheme {
    key: PartitionKey,
    /// Suffix and bound of each, in order.
    partitions: Vec<Suffixed>,
    /// RANGE: what keeps them at run time.
    policy: Option<PolicyLevel>,
    sub: Option<Box<Scheme>>,
}

/// What keeps the levels that are partitioned by range.
fn policy(scheme: &Scheme) -> Vec<PolicyLevel> {
    let levels = std::iter::successors(Some(scheme), |scheme| scheme.sub.as_deref());
    (0..)
        .zip(levels)
        .filter_map(|(level, scheme)| {
            Some(PolicyLevel {
                level,
                subpartitions: scheme.sub.as_deref().map(subpartitions),
                ..scheme.policy.clone()?
            })
        })
        .collect()
}

/// What each new partition is divided into. Ranges are left to the policy of their own level, which follows the date.
fn subpartitions(scheme: &Scheme) -> Subpartitions {
    let fixed = |bound: &Bound| scheme.policy.is_none() || *bound == Bound::Default;
    Subpartitions {
        key: scheme.key.clone(),
        partitions: scheme
            .partitions
            .iter()
            .filter(|(_, bound)| fixed(bound))
            .map(|(suffix, bound)| Subpartition {
                suffix: shortened(suffix, Ident::MAX_BYTES / 2),
                bound: bound.clone(),
            })
            .collect(),
        sub: scheme.sub.as_deref().map(subpartitions).map(Box::new),
    }
}

fn divide(parent: &QualifiedName, scheme: &Scheme, partitions: &mut Vec<(QualifiedName, Table)>) {
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
                partition_key,
                partition,
                ..Table::default()
            },
        ));
        if let Some(sub) = &scheme.sub {
            divide(&name, sub, partitions);
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
    // A field without columns was reported.
    if columns.is_empty() {
        return None;
    }
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
    if let Err(hint) = operator_class::check_default(cx, method, &spec.column.value, ty) {
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
    let (partitions, policy) = match strategy {
        PartitionStrategy::Range => {
            let (partitions, policy) = range::range(cx, spec, ty, diagnostics)?;
            (partitions, Some(policy))
        }
        PartitionStrategy::List => (list::list(cx, spec, column, ty, diagnostics)?, None),
        PartitionStrategy::Hash => (hash::hash(spec, diagnostics)?, None),
    };
    let sub = match &spec.sub {
        None => None,
        Some(sub) => Some(Box::new(scheme(cx, entity, sub, diagnostics)?)),
    };
    Some(Scheme {
        key: PartitionKey {
            strategy,
            columns: vec![column.name.clone()],
            elements: Vec::new(),
        },
        partitions,
        policy,
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
