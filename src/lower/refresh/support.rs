//! What all refreshed projections share in the schema `specql`. It is made only where something uses it.

use std::collections::BTreeMap;

use super::super::incremental::Functions;
use super::{Refreshed, SCHEMA, status};
use crate::catalog::{
    ByProjection, Catalog, Column, Constraint, ConstraintKind, Function, Index, IndexKey,
    IndexTarget, RefreshedBy, Routine, Table, Trigger, TriggerEvent,
};
use crate::sql::{Expr, Ident, QualifiedName, TypeName};
use crate::syntax::RefreshMode;

/// The function of the triggers on sources.
pub fn trigger_function(mode: RefreshMode) -> QualifiedName {
    named(match mode {
        RefreshMode::Commit => "request_refresh",
        RefreshMode::Statement => "refresh_now",
        RefreshMode::Queued | RefreshMode::Incremental => "queue_refresh",
    })
}

/// Adds the tables, routines and the view that the projections need.
pub fn support(refreshed: &[Refreshed], catalog: &mut Catalog) {
    if refreshed.is_empty() {
        return;
    }
    let triggered = |mode| refreshed.iter().any(|r| r.mode == mode && r.triggered);
    let mut functions = vec![(
        named("refresh_projection"),
        Routine::RefreshProjection {
            projections: refreshed
                .iter()
                .map(|r| (r.projection.clone(), refreshed_by(r, catalog)))
                .collect(),
        },
        "Refreshes one materialized projection, due or not, by its qualified name",
    )];
    functions.push((
        named("refresh_projections"),
        Routine::RefreshProjections,
        "Refreshes the projections that are due, or only_projection if it is, each in a transaction of its own",
    ));
    if triggered(RefreshMode::Queued) {
        functions.push((
            trigger_function(RefreshMode::Queued),
            Routine::QueueRefresh,
            "Marks the projection that the trigger names for specql.refresh_projections(), and notifies specql_refresh",
        ));
    }
    if triggered(RefreshMode::Commit) {
        functions.push((
            trigger_function(RefreshMode::Commit),
            Routine::RequestRefresh,
            "Requests a refresh of the projection that the trigger names at the end of the transaction",
        ));
    }
    if triggered(RefreshMode::Statement) {
        functions.push((
            trigger_function(RefreshMode::Statement),
            Routine::RefreshNow,
            "Refreshes the projection that the trigger names at the end of the statement",
        ));
    }
    incremental(refreshed, catalog, &mut functions);
    let at_commit = triggered(RefreshMode::Commit)
        || triggered(RefreshMode::Statement)
        || triggered(RefreshMode::Incremental);
    if at_commit {
        functions.push((
            named("refresh_requested"),
            Routine::RefreshRequested {
                incremental: by_projection(refreshed, |functions| &functions.maintain),
                sources: refreshed
                    .iter()
                    .filter(|r| r.triggered && r.mode != RefreshMode::Queued)
                    .map(|r| (r.projection.clone(), r.sources.clone()))
                    .collect(),
            },
            "Refreshes, at the end of a transaction, the projections that it has requested",
        ));
    }
    for (name, routine, comment) in functions {
        let comment = Some(comment.to_owned());
        catalog
            .functions
            .insert(name, Function::new(routine, comment));
    }
    catalog
        .tables
        .insert(named("refresh_request"), refresh_request(at_commit));
    catalog
        .tables
        .insert(named("projection_refresh"), projection_refresh());
    let status = status::view(refreshed, catalog);
    catalog.views.insert(named("projection_status"), status);
}

/// Of an incremental projection only what time has changed, unless marks or a crash say more.
fn refreshed_by(refreshed: &Refreshed, catalog: &Catalog) -> RefreshedBy {
    let rebuild = refreshed.incremental.as_ref().map(|f| &f.rebuild);
    let when_marked =
        rebuild.filter(|f| **f != refreshed.function && refreshed.may_lose_rows(catalog));
    RefreshedBy {
        function: refreshed.function.clone(),
        when_marked: when_marked.cloned(),
    }
}

/// What incremental projections share.
fn incremental(
    refreshed: &[Refreshed],
    catalog: &mut Catalog,
    functions: &mut Vec<(QualifiedName, Routine, &'static str)>,
) {
    if refreshed.iter().all(|r| r.incremental.is_none()) {
        return;
    }
    functions.push((
        named("take_projection"),
        Routine::TakeProjection,
        "Lets nobody else write an incremental projection until the transaction ends",
    ));
    functions.push((
        named("verify_projection"),
        Routine::VerifyProjection {
            projections: by_projection(refreshed, |functions| &functions.verify),
        },
        "Counts the rows of an incremental projection that differ from its query",
    ));
    functions.push((
        named("rebuild_projection"),
        Routine::RebuildProjection {
            projections: by_projection(refreshed, |functions| &functions.rebuild),
        },
        "Recomputes an incremental projection and writes the rows that differ; readers are not blocked",
    ));
    catalog
        .tables
        .insert(named("projection_version"), projection_version());
}

fn by_projection(
    refreshed: &[Refreshed],
    function: impl Fn(&Functions) -> &QualifiedName,
) -> ByProjection {
    refreshed
        .iter()
        .filter_map(|r| {
            Some((
                r.projection.clone(),
                function(r.incremental.as_ref()?).clone(),
            ))
        })
        .collect()
}

/// Who has written last which part of an incremental projection: a row for each of 1,024 parts that keys fall into by their
/// hash, and row -1 for all. Writing it is the lock of a part, and at REPEATABLE READ finds out about writers unseen.
fn projection_version() -> Table {
    let mut part = column("part", "integer");
    part.ty = TypeName::core("int4");
    Table {
        unlogged: true,
        columns: vec![
            column("projection", "text"),
            part,
            column("transaction_id", "xid8"),
        ],
        constraints: primary_key("projection_version_pkey", &["projection", "part"]),
        comment: Some(
            "The last writer of each part of an incremental projection; part -1 is all of it"
                .into(),
        ),
        ..Table::default()
    }
}

fn named(name: &str) -> QualifiedName {
    QualifiedName::new(SCHEMA, name)
}

/// What transactions have asked for. The key holds the time as well: a restored dump begins anew with transaction ids.
fn refresh_request(at_commit: bool) -> Table {
    let transaction = Ident::new("transaction_id");
    let condition = Ident::new("at_commit");
    let mut table = Table {
        unlogged: true,
        columns: vec![
            column("projection", "text"),
            column("transaction_id", "xid8"),
            column("requested_at", "timestamptz"),
            column("at_commit", "bool"),
            Column {
                default: Some(Expr::boolean(false)),
                comment: Some("Of an incremental projection: all of it, because a source was emptied".into()),
                ..column("everything", "bool")
            },
        ],
        constraints: primary_key(
            "refresh_request_pkey",
            &["projection", "transaction_id", "requested_at"],
        ),
        comment: Some("Refreshes of projections that transactions have asked for; rows that others can see are marks, which wait for the next refresh".into()),
        ..Table::default()
    };
    if !at_commit {
        return table;
    }
    let index = Index {
        predicate: Some(Expr::column(&condition)),
        ..Index::new(
            "btree",
            vec![IndexKey::new(IndexTarget::Column(transaction))],
        )
    };
    table
        .indexes
        .insert(Ident::new("idx_refresh_request_transaction_id"), index);
    let trigger = Trigger {
        for_each_row: true,
        constraint: true,
        deferrable: true,
        initially_deferred: true,
        condition: Some(Expr::qualified_column(&Ident::new("new"), &condition)),
        ..Trigger::after(vec![TriggerEvent::Insert], named("refresh_requested"))
    };
    table
        .triggers
        .insert(Ident::new("refresh_requested"), trigger);
    table
}

/// When each projection was refreshed last. A crash empties it, and with it go the marks: what is not known to have been
/// refreshed is due.
fn projection_refresh() -> Table {
    Table {
        unlogged: true,
        columns: vec![
            column("projection", "text"),
            column("refreshed_at", "timestamptz"),
            column("took", "interval"),
        ],
        constraints: primary_key("projection_refresh_pkey", &["projection"]),
        comment: Some("The last refresh of each projection; empty after a crash, when marks may be lost and all are due".into()),
        ..Table::default()
    }
}

fn column(name: &str, ty: &str) -> Column {
    Column {
        not_null: true,
        ..Column::new(Ident::new(name), TypeName::core(ty))
    }
}

fn primary_key(name: &str, columns: &[&str]) -> BTreeMap<Ident, Constraint> {
    let constraint = Constraint::new(ConstraintKind::PrimaryKey {
        columns: columns.iter().copied().map(Ident::new).collect(),
    });
    BTreeMap::from([(Ident::new(name), constraint)])
}
