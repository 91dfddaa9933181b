//! `specql.status`: one row for each projection that is refreshed and each partitioned table that is kept, with what is wrong.

use crate::catalog::{Catalog, Join, OutputColumn, Query, SCHEMA, Source, View};
use crate::sql::{Expr, Ident, QualifiedName, TypeName};

/// A kind of object: what it is called, the view that tells of each, and its columns there for those of the status.
struct Kind {
    word: &'static str,
    view: &'static str,
    columns: [Option<&'static str>; COLUMNS.len()],
}

const COLUMNS: [(&str, &str); 8] = [
    ("name", "text"),
    ("last_refresh", "timestamptz"),
    ("pending_marks", "int8"),
    ("pending_since", "timestamptz"),
    ("partitions_ahead", "int8"),
    ("next_expiry", "timestamptz"),
    ("rows_in_default", "int8"),
    ("problem", "text"),
];

const KINDS: [Kind; 2] = [
    Kind {
        word: "projection",
        view: "projection_status",
        columns: [
            Some("projection"),
            Some("last_refresh"),
            Some("pending_marks"),
            Some("pending_since"),
            None,
            None,
            None,
            Some("problem"),
        ],
    },
    Kind {
        word: "partitioned table",
        view: "partition_status",
        columns: [
            Some("table_name"),
            None,
            None,
            None,
            Some("ahead"),
            Some("next_expiry"),
            Some("rows_in_default"),
            Some("problem"),
        ],
    },
];

/// Adds it where there is something to tell.
pub fn add(catalog: &mut Catalog) {
    let named = |name| QualifiedName::new(SCHEMA, name);
    let kinds: Vec<&Kind> = KINDS
        .iter()
        .filter(|kind| catalog.views.contains_key(&named(kind.view)))
        .collect();
    if kinds.is_empty() {
        return;
    }
    let object = Ident::new("object");
    let word = Expr::qualified_column(&object, &Ident::new("kind"));
    // A query has no UNION: the rows of each kind are joined to its word.
    let joins = kinds
        .iter()
        .map(|kind| Join {
            source: Source::Table {
                name: named(kind.view),
                alias: Ident::new(kind.view),
            },
            on: Expr::binary(&word, "=", &Expr::string(kind.word)),
        })
        .collect();
    let told = |position: usize| {
        let columns = kinds.iter().filter_map(|kind| {
            let column = kind.columns.get(position).copied().flatten()?;
            Some(Expr::qualified_column(
                &Ident::new(kind.view),
                &Ident::new(column),
            ))
        });
        columns.collect::<Vec<_>>()
    };
    let mut columns = vec![output("kind", word.clone())];
    let mut name_is_there = None;
    for (position, (name, ty)) in COLUMNS.into_iter().enumerate() {
        let of_kinds = told(position);
        let value = match of_kinds.as_slice() {
            [] => Expr::null().cast(&TypeName::core(ty)),
            [one] => one.clone(),
            several => Expr::call("coalesce", several),
        };
        match name {
            "name" => name_is_there = Some(Expr::is_not_null(&value)),
            "problem" => columns.insert(2, output("ok", Expr::is_null(&value))),
            _ => {}
        }
        columns.push(output(name, value));
    }
    let rows = kinds.iter().map(|kind| vec![Expr::string(kind.word)]);
    let query = Query {
        columns,
        from: Source::Values {
            columns: vec![Ident::new("kind")],
            rows: rows.collect(),
            alias: object,
        },
        joins,
        filter: name_is_there,
        group_by: Vec::new(),
    };
    let view = View {
        comment: Some(
            "Each projection that is refreshed and each partitioned table that is kept: how it stands, and what is wrong"
                .into(),
        ),
        ..View::new(query)
    };
    catalog.views.insert(named("status"), view);
}

fn output(name: &str, expression: Expr) -> OutputColumn {
    OutputColumn {
        expression,
        name: Ident::new(name),
    }
}
