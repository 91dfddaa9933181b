//! What keeps partitions at run time: the table of policies, the functions that follow them, a view of how they stand.

use super::refresh::{Refreshed, readers};
use crate::catalog::{
    Catalog, Column, Constraint, ConstraintKind, Function, OutputColumn, Query, Routine, SCHEMA,
    Source, Table, View,
};
use crate::sql::{Expr, Ident, QualifiedName, TypeName};

/// Adds it where a table has a policy.
pub fn add(refreshed: &[Refreshed], catalog: &mut Catalog) {
    if catalog.partition_policies.is_empty() {
        return;
    }
    let readers = readers(refreshed, catalog);
    let marks = !readers.is_empty();
    let mut routines = vec![(
        "run_partition_step",
        Routine::RunPartitionStep { marks },
        "Does one thing that specql.plan_partitions returned, in the transaction of its caller",
    )];
    if marks {
        routines.push((
            "mark_projections",
            Routine::MarkProjections { readers },
            "Marks the projections that read a partitioned table, because it has lost a partition, for specql.refresh_projections()",
        ));
    }
    routines.extend_from_slice(ROUTINES);
    catalog.tables.insert(name("partition_policy"), policies());
    for (function, routine, comment) in routines {
        catalog.functions.insert(
            name(function),
            Function::new(routine, Some(comment.to_owned())),
        );
    }
    catalog.views.insert(name("partition_status"), status());
}

const ROUTINES: &[(&str, Routine, &str)] = &[
    (
        "maintain_partitions",
        Routine::MaintainPartitions,
        "Makes coming partitions and detaches or drops those past retention, as specql.partition_policy says. Returns a row for each \
         thing done or failed, none when there is nothing to do. Run it often, as the owner of the tables, in a transaction of its own",
    ),
    (
        "plan_partitions",
        Routine::PlanPartitions,
        "What specql.maintain_partitions would do for that moment; changes nothing",
    ),
    (
        "plan_partition_policy",
        Routine::PlanPartitionPolicy,
        "What one row of specql.partition_policy asks to be done; an error says what is wrong with it",
    ),
    (
        "create_subpartitions",
        Routine::CreateSubpartitions,
        "Makes the partitions of a new partition that is partitioned itself",
    ),
    (
        "partition_by",
        Routine::PartitionBy,
        "PARTITION BY of a policy's subpartitions, or nothing",
    ),
    (
        "partition_name",
        Routine::PartitionName,
        "The name of a partition: that of its table, shortened where it has to be, and a suffix",
    ),
    (
        "partition_period",
        Routine::PartitionPeriod,
        "The period that a moment (UTC) is in, and the suffix of its partition",
    ),
    (
        "partition_ranges",
        Routine::PartitionRanges,
        "The partitions of a table that have a range, with its bounds",
    ),
    (
        "partition_report",
        Routine::PartitionReport,
        "What the view specql.partition_status shows",
    ),
];

fn name(name: &str) -> QualifiedName {
    QualifiedName::new(SCHEMA, name)
}

fn policies() -> Table {
    let text = || TypeName::core("text");
    let required = |name, ty, comment| column(name, ty, true, None, comment);
    let optional = |name, ty, comment| column(name, ty, false, None, comment);
    let columns = vec![
        required("schema_name", text(), "Schema of the table"),
        required("table_name", text(), "The table"),
        required(
            "level",
            TypeName::core("int4"),
            "0 for the partitions of the table itself, 1 for the partitions of those",
        ),
        required(
            "unit",
            text(),
            "hour, day, week, month, quarter, year, or number",
        ),
        required(
            "units",
            TypeName::core("int8"),
            "How many units a period has",
        ),
        required(
            "premake",
            TypeName::core("int4"),
            "How many periods are kept ready ahead of the current one",
        ),
        optional(
            "starts_at",
            text(),
            "Where the first period lies, when there is no partition yet",
        ),
        optional(
            "retention",
            TypeName::core("interval"),
            "How long a period is kept after its end; NULL: for ever",
        ),
        required(
            "retention_action",
            text(),
            "What becomes of it then: detach or drop",
        ),
        optional(
            "subpartitions",
            TypeName::core("jsonb"),
            "How a new partition is partitioned itself",
        ),
        column(
            "lock_timeout",
            TypeName::core("interval"),
            true,
            Some(Expr::string("1 second").cast(&TypeName::core("interval"))),
            "The longest that a write may have to wait for maintenance",
        ),
    ];
    let key = Constraint::new(ConstraintKind::PrimaryKey {
        columns: ["schema_name", "table_name", "level"]
            .map(Ident::new)
            .to_vec(),
    });
    Table {
        columns,
        constraints: [(Ident::new("partition_policy_pkey"), key)].into(),
        comment: Some(
            "What specql.maintain_partitions keeps; its rows come from the specs, lock_timeout is yours"
                .into(),
        ),
        ..Table::default()
    }
}

fn column(
    name: &str,
    ty: TypeName,
    not_null: bool,
    default: Option<Expr>,
    comment: &str,
) -> Column {
    Column {
        not_null,
        default,
        comment: Some(comment.into()),
        ..Column::new(Ident::new(name), ty)
    }
}

fn status() -> View {
    let alias = Ident::new("report");
    let columns = [
        "table_name",
        "level",
        "partitions",
        "ahead",
        "covered_until",
        "next_expiry",
        "default_partition",
        "rows_in_default",
        "problem",
    ];
    View {
        comment: Some(
            "For each table with a policy: how many periods are ready ahead, until when, and when the next one goes"
                .into(),
        ),
        ..View::new(Query {
            columns: columns
                .map(|column| OutputColumn {
                    expression: Expr::qualified_column(&alias, &Ident::new(column)),
                    name: Ident::new(column),
                })
                .to_vec(),
            from: Source::Function {
                name: name("partition_report"),
                alias,
            },
            joins: Vec::new(),
            filter: None,
            group_by: Vec::new(),
        })
    }
}
