//! `specql.projection_status`: what a person, or `refresh_projections()`, wants to know of each projection.

use super::Refreshed;
use crate::catalog::{Catalog, Join, OutputColumn, Query, Source, View};
use crate::sql::{Expr, Ident, QualifiedName, TypeName};
use crate::syntax::RefreshMode;

/// How long a mark may wait before it is worth a word.
const PATIENCE: &str = "1 hour";

const UNKNOWN: &str = "nobody knows of a refresh since the schema was loaded or the server crashed: CALL specql.refresh_projections()";
const LOST_ROWS: &str =
    "a source has lost a partition, whose rows are still shown: CALL specql.refresh_projections()";
const WAITING: &str =
    "marks wait for longer than an hour: nobody calls specql.refresh_projections(), or it fails";

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
pub fn view(refreshed: &[Refreshed], catalog: &Catalog) -> View {
    let projection = Ident::new("projection");
    let pending = Ident::new("pending");
    let latest = Ident::new("latest");
    let of = |relation: &Ident, column: &str| Expr::qualified_column(relation, &Ident::new(column));
    let marks = Expr::call("coalesce", &[of(&pending, "marks"), Expr::integer(0)]);
    // Due: somebody asked; or nobody knows when it was refreshed, after a crash too; or time alone changes it.
    let never = Expr::is_null(&of(&latest, "refreshed_at"));
    let unknown = both(&never, &of(&projection, "due_when_unknown"));
    let marked = Expr::binary(&marks, ">", &Expr::integer(0));
    let due = [marked.clone(), unknown.clone(), of(&projection, "unasked")];
    let incremental = Expr::binary(&of(&projection, "mode"), "=", &Expr::string("incremental"));
    let patience = Expr::string(PATIENCE).cast(&TypeName::core("interval"));
    let long_ago = Expr::binary(&Expr::call("now", &[]), "-", &patience);
    let problem = Expr::case(&[
        (unknown, Expr::string(UNKNOWN)),
        (both(&incremental, &marked), Expr::string(LOST_ROWS)),
        (
            Expr::binary(&of(&pending, "since"), "<", &long_ago),
            Expr::string(WAITING),
        ),
    ]);
    let columns = [
        ("projection", Some(of(&projection, "name"))),
        ("mode", Some(of(&projection, "mode"))),
        ("due", Expr::joined("OR", &due)),
        ("pending_marks", Some(marks)),
        ("pending_since", Some(of(&pending, "since"))),
        ("last_refresh", Some(of(&latest, "refreshed_at"))),
        ("last_refresh_took", Some(of(&latest, "took"))),
        ("problem", Some(problem)),
    ];
    let query = Query {
        columns: output(columns),
        from: Source::Values {
            columns: ["name", "mode", "unasked", "due_when_unknown"]
                .map(Ident::new)
                .to_vec(),
            rows: refreshed.iter().map(|r| row(r, catalog)).collect(),
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

fn both(left: &Expr, right: &Expr) -> Expr {
    Expr::joined("AND", &[left.clone(), right.clone()]).unwrap_or_else(Expr::null)
}

fn row(refreshed: &Refreshed, catalog: &Catalog) -> Vec<Expr> {
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
        Expr::boolean(refreshed.is_due_when_unknown(catalog)),
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
