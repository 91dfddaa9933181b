//! `specql.projection_status`: what a person, or `refresh_projections()`, wants to know of each projection.

use super::Refreshed;
use crate::catalog::{Join, OutputColumn, Query, Source, View};
use crate::sql::{Expr, Ident, QualifiedName};
use crate::syntax::RefreshMode;

/// Names by which a query asks for the time.
const CLOCKS: [&str; 12] = [
    "age",
    "clock_timestamp",
    "current_date",
    "current_time",
    "current_timestamp",
    "localtime",
    "localtimestamp",
    "now",
    "random",
    "statement_timestamp",
    "timeofday",
    "transaction_timestamp",
];

/// Whether the query gives something else when nothing but time has passed.
pub fn depends_on_time(query: &Query) -> bool {
    let asks = |expr: &Expr| {
        expr.as_str()
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .any(|word| CLOCKS.contains(&word.to_ascii_lowercase().as_str()))
    };
    let in_source = |source: &Source| match source {
        Source::Subquery { query, .. } => depends_on_time(query),
        Source::Table { .. } | Source::Values { .. } | Source::Function { .. } => false,
    };
    let Query {
        columns,
        from,
        joins,
        filter,
        group_by,
    } = query;
    columns.iter().any(|column| asks(&column.expression))
        || in_source(from)
        || joins
            .iter()
            .any(|join| asks(&join.on) || in_source(&join.source))
        || filter.iter().any(asks)
        || group_by.iter().any(asks)
}

/// The view.
pub fn view(refreshed: &[Refreshed]) -> View {
    let projection = Ident::new("projection");
    let pending = Ident::new("pending");
    let latest = Ident::new("latest");
    let of = |relation: &Ident, column: &str| Expr::qualified_column(relation, &Ident::new(column));
    let marks = Expr::call("coalesce", &[of(&pending, "marks"), Expr::integer(0)]);
    // Due: somebody asked; or nobody knows when it was refreshed, after a crash too; or time alone changes it.
    let never = Expr::is_null(&of(&latest, "refreshed_at"));
    let stale = Expr::binary(&of(&projection, "mode"), "<>", &Expr::string("incremental"));
    let unknown = Expr::joined("AND", &[never, stale]).unwrap_or_else(Expr::null);
    let due = [
        Expr::binary(&marks, ">", &Expr::integer(0)),
        unknown,
        of(&projection, "unasked"),
    ];
    let columns = [
        ("projection", Some(of(&projection, "name"))),
        ("mode", Some(of(&projection, "mode"))),
        ("due", Expr::joined("OR", &due)),
        ("pending_marks", Some(marks)),
        ("pending_since", Some(of(&pending, "since"))),
        ("last_refresh", Some(of(&latest, "refreshed_at"))),
        ("last_refresh_took", Some(of(&latest, "took"))),
    ];
    let query = Query {
        columns: output(columns),
        from: Source::Values {
            columns: ["name", "mode", "unasked"].map(Ident::new).to_vec(),
            rows: refreshed.iter().map(row).collect(),
            alias: projection.clone(),
        },
        joins: vec![
            Join {
                on: Expr::binary(&of(&pending, "projection"), "=", &of(&projection, "name")),
                source: Source::Subquery {
                    query: Box::new(marks_by_projection()),
                    alias: pending,
                    lateral: false,
                },
            },
            Join {
                on: Expr::binary(&of(&latest, "projection"), "=", &of(&projection, "name")),
                source: Source::Table {
                    name: QualifiedName::new(super::SCHEMA, "projection_refresh"),
                    alias: latest,
                },
            },
        ],
        filter: None,
        group_by: Vec::new(),
    };
    View {
        comment: Some("Projections that are refreshed: what waits for a refresh, and when the last one was (unknown after a crash, until the next)".into()),
        ..View::new(query)
    }
}

fn row(refreshed: &Refreshed) -> Vec<Expr> {
    let mode = match refreshed.mode {
        RefreshMode::Commit => "commit",
        RefreshMode::Statement => "statement",
        RefreshMode::Queued => "queued",
        RefreshMode::Incremental => "incremental",
    };
    vec![
        Expr::string(&refreshed.projection.to_string()),
        Expr::string(mode),
        Expr::boolean(refreshed.unasked),
    ]
}

fn marks_by_projection() -> Query {
    let request = Ident::new("request");
    let of = |column: &str| Expr::qualified_column(&request, &Ident::new(column));
    let columns = [
        ("projection", Some(of("projection"))),
        ("marks", Some(Expr::call("count", &[Expr::all_rows()]))),
        ("since", Some(Expr::call("min", &[of("requested_at")]))),
    ];
    Query {
        columns: output(columns),
        group_by: vec![of("projection")],
        from: Source::Table {
            name: QualifiedName::new(super::SCHEMA, "refresh_request"),
            alias: request,
        },
        joins: Vec::new(),
        filter: None,
    }
}

fn output<const N: usize>(columns: [(&str, Option<Expr>); N]) -> Vec<OutputColumn> {
    columns
        .into_iter()
        .filter_map(|(name, expression)| {
            Some(OutputColumn {
                name: Ident::new(name),
                expression: expression?,
            })
        })
        .collect()
}
