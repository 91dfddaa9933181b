//! `mode: incremental`: a projection as a table, with what keeps it equal to its query.
//!
//! Triggers on the sources note what a statement has changed; a deferred trigger recomputes the noted keys when the transaction
//! commits, one transaction a key at a time. `docs/incremental.md` says why it is right.

mod roles;

use std::collections::BTreeMap;

use self::roles::Roles;
use super::index::{column_key, default_name, plain};
use super::names::{Claim, Namespace};
use super::refresh::{Refreshed, word};
use super::{Context, Lowered};
use crate::catalog::{
    Column, Constraint, ConstraintKind, ExpireRows, Function, MaintainProjection, Materialization,
    Query, RebuildProjection, Routine, SCHEMA, Source, StoredProjection, Table, Trigger,
    TriggerEvent, VerifyProjection, View, WriteProjection,
};
use crate::diagnose::{Code, Diagnostic};
use crate::resolve::{JoinPath, Model, Projection, joined};
use crate::sql::{Expr, Ident, QualifiedName, TimeBound, TypeName};
use crate::syntax::RefreshMode;

/// A column of the table.
pub struct StoredColumn {
    /// Its name.
    pub name: Ident,
    /// Its type.
    pub ty: TypeName,
    /// The root's column that it is, if it is just that.
    pub root_column: Option<usize>,
}

/// What the projection's query is, beside the query itself.
pub struct Definition {
    /// The query.
    pub query: Query,
    /// The columns that it puts out.
    pub columns: Vec<StoredColumn>,
    /// Its filter by the time of the moment, not of the transaction's beginning.
    pub filter_now: Option<Expr>,
    /// Bounds on time that its rows fall behind.
    pub bounds: Vec<TimeBound>,
    /// Its indexes.
    pub indexes: Materialization,
}

/// The functions by which others act on a projection.
#[derive(Debug, Clone)]
pub struct Functions {
    /// At the end of a transaction.
    pub maintain: QualifiedName,
    /// Counts differences.
    pub verify: QualifiedName,
    /// Recomputes all.
    pub rebuild: QualifiedName,
}

/// Whether the projection is one.
pub fn is_asked_for(projection: &Projection) -> bool {
    projection.spec.refresh.as_ref().is_some_and(|refresh| {
        refresh.materialized
            && refresh
                .mode
                .as_ref()
                .is_some_and(|mode| mode.value == RefreshMode::Incremental)
    })
}

/// `key_1`, `key_2`, …: the columns of notes.
pub fn key_names(count: usize) -> Vec<Ident> {
    (1..=count)
        .map(|number| Ident::new(format!("key_{number}")))
        .collect()
}

/// Lowers it: the table, its views, notes, functions and triggers.
pub fn lower(
    cx: &Context<'_>,
    model: &Model,
    projection: &Projection,
    definition: Definition,
    lowered: &mut Lowered,
) {
    let Some(roles) = Roles::of(model, projection, &definition.query) else {
        return;
    };
    if !check_keys(cx, projection, &roles, lowered) {
        return;
    }
    let Some(stored) = stored(cx, model, projection, &definition) else {
        return;
    };
    let names = Names {
        projection: &projection.name,
    };
    let Definition {
        query,
        columns,
        filter_now,
        bounds,
        indexes,
    } = definition;
    table(projection, &stored, columns, &bounds, indexes, lowered);
    let keyed_query = keyed(model, projection, &query, filter_now);
    for (name, query, comment) in [
        (names.of("definition"), query, "The query of the projection"),
        (
            names.of("keyed"),
            keyed_query,
            "The same, a row at a time: from one key of the root by indexes to all that belongs to it",
        ),
    ] {
        let comment = Some(format!("{comment} {}", projection.name));
        let view = View {
            comment,
            ..View::new(query)
        };
        claim_relation(projection, &name, "view", lowered);
        lowered.views.push((name, view));
    }
    for (name, types) in &roles.tables {
        claim_relation(projection, name, "table", lowered);
        lowered
            .tables
            .push((name.clone(), notes_table(projection, name, types)));
    }
    let watched_by = watch(projection, &roles, &names, lowered);
    functions(
        projection, roles, stored, &bounds, watched_by, &names, lowered,
    );
}

/// Names in the schema `specql`.
struct Names<'a> {
    projection: &'a QualifiedName,
}

impl Names<'_> {
    fn of(&self, what: &str) -> QualifiedName {
        let Self { projection } = self;
        QualifiedName {
            schema: Ident::new(SCHEMA),
            name: joined(&[what, projection.schema.as_str(), projection.name.as_str()]),
        }
    }
}

fn claim_relation(
    projection: &Projection,
    name: &QualifiedName,
    what: &'static str,
    lowered: &mut Lowered,
) {
    let at = &projection.spec.name.at;
    lowered
        .claims
        .push(Claim::relation(&name.schema, &name.name, what, at));
}

/// Keys are compared, ordered and hashed with nothing but `pg_catalog` in sight.
fn check_keys(
    cx: &Context<'_>,
    projection: &Projection,
    roles: &Roles<'_>,
    lowered: &mut Lowered,
) -> bool {
    let types = roles.tables.iter().flat_map(|(_, types)| types);
    for ty in types {
        let why = if ty.array {
            "of which there are no lists"
        } else if !is_core(cx, ty, "btree") || !is_core(cx, ty, "hash") {
            "which PostgreSQL itself can not order and hash"
        } else {
            continue;
        };
        lowered.diagnostics.push(
            Diagnostic::error(
                Code::CannotMaintainIncrementally,
                &projection.spec.name.at,
                format!("rows are found by keys of type {ty}, {why}"),
            )
            .hint("use `mode: commit` or `mode: queued`"),
        );
        return false;
    }
    true
}

fn is_core(cx: &Context<'_>, ty: &TypeName, method: &str) -> bool {
    ty.typname(cx.knowledge).is_some_and(|name| {
        cx.knowledge
            .default_operator_class(method, name, &[])
            .is_some()
    })
}

fn stored(
    cx: &Context<'_>,
    model: &Model,
    projection: &Projection,
    definition: &Definition,
) -> Option<StoredProjection> {
    let root = model.entities.get(projection.includes.first()?.entity)?;
    let mut keys = Vec::new();
    let mut key_types = Vec::new();
    for key in &root.key.columns {
        let column = definition
            .columns
            .iter()
            .find(|column| column.root_column == Some(*key))?;
        keys.push(column.name.clone());
        key_types.push(column.ty.clone());
    }
    let others = definition
        .columns
        .iter()
        .filter(|column| !keys.contains(&column.name));
    let images = others
        .clone()
        .filter(|column| !is_core(cx, &column.ty, "btree"))
        .map(|column| column.name.clone())
        .collect();
    let columns = others.map(|column| column.name.clone()).collect();
    Some(StoredProjection {
        table: projection.name.clone(),
        primary_key: joined(&[projection.name.name.as_str(), "pkey"]),
        keys,
        key_types,
        columns,
        images,
    })
}

fn table(
    projection: &Projection,
    stored: &StoredProjection,
    columns: Vec<StoredColumn>,
    bounds: &[TimeBound],
    indexes: Materialization,
    lowered: &mut Lowered,
) {
    let name = &projection.name;
    let mut indexes = indexes.indexes;
    // The primary key is the unique index that a materialized view would need.
    let keys: Vec<_> = stored.keys.iter().map(column_key).collect();
    indexes.remove(&default_name(name.name.as_str(), &keys));
    for bound in bounds.iter().filter_map(TimeBound::column_name) {
        let key = vec![column_key(&bound)];
        let wanted = default_name(name.name.as_str(), &key);
        let led = indexes
            .values()
            .any(|index| index.keys.first() == key.first() && index.predicate.is_none());
        if !led {
            let at = &projection.spec.name.at;
            lowered
                .claims
                .push(Claim::relation(&name.schema, &wanted, "index", at));
            indexes.insert(wanted, plain("btree", key));
        }
    }
    let columns = columns
        .into_iter()
        .map(|column| Column {
            not_null: stored.keys.contains(&column.name),
            ..Column::new(column.name, column.ty)
        })
        .collect();
    let table = Table {
        columns,
        constraints: primary_key(stored.primary_key.clone(), stored.keys.clone()),
        indexes,
        comment: projection.spec.description.clone(),
        ..Table::default()
    };
    lowered.claims.push(Claim::relation(
        &name.schema,
        &stored.primary_key,
        "index",
        &projection.spec.name.at,
    ));
    lowered.tables.push((name.clone(), table));
}

fn primary_key(name: Ident, columns: Vec<Ident>) -> BTreeMap<Ident, Constraint> {
    let constraint = Constraint::new(ConstraintKind::PrimaryKey { columns });
    BTreeMap::from([(name, constraint)])
}

fn notes_table(projection: &Projection, name: &QualifiedName, types: &[TypeName]) -> Table {
    let keys = key_names(types.len());
    let transaction = Ident::new("transaction_id");
    let key_columns = std::iter::once(transaction.clone())
        .chain(keys.iter().cloned())
        .collect();
    let mut columns = vec![Column::new(transaction, TypeName::core("xid8"))];
    columns.extend(
        keys.into_iter()
            .zip(types.iter().cloned())
            .map(|(name, ty)| Column::new(name, ty)),
    );
    for column in &mut columns {
        column.not_null = true;
    }
    Table {
        unlogged: true,
        columns,
        constraints: primary_key(joined(&[name.name.as_str(), "pkey"]), key_columns),
        comment: Some(format!(
            "What running transactions have changed that {} shows; nobody ever sees the rows of another transaction",
            projection.name
        )),
        ..Table::default()
    }
}

/// The query with its collections computed for one row of the root at a time.
fn keyed(model: &Model, projection: &Projection, query: &Query, filter_now: Option<Expr>) -> Query {
    let mut query = query.clone();
    query.filter = filter_now;
    let Some(root) = projection.includes.first() else {
        return query;
    };
    for include in &projection.includes {
        let JoinPath::ToMany(steps) = &include.path else {
            continue;
        };
        let Some(reference) = steps
            .last()
            .and_then(|(id, reference)| model.entities.get(*id)?.references.get(*reference))
        else {
            continue;
        };
        let Some(target) = model.entities.get(reference.target) else {
            continue;
        };
        for join in &mut query.joins {
            let Source::Subquery {
                query: inner,
                alias,
                lateral,
            } = &mut join.source
            else {
                continue;
            };
            if *alias != include.alias {
                continue;
            }
            *lateral = true;
            let of_root = target
                .column_names(&reference.target_columns)
                .into_iter()
                .map(|column| Expr::qualified_column(&root.alias, &column));
            let own = inner
                .group_by
                .iter()
                .zip(of_root)
                .map(|(group, root)| Expr::binary(group, "=", &root));
            let all: Vec<Expr> = inner.filter.iter().cloned().chain(own).collect();
            inner.filter = Expr::joined("AND", &all);
        }
    }
    query
}

/// The trigger functions and triggers of every source; gives the functions' names.
fn watch(
    projection: &Projection,
    roles: &Roles<'_>,
    names: &Names<'_>,
    lowered: &mut Lowered,
) -> Vec<QualifiedName> {
    const EVENTS: [TriggerEvent; 4] = [
        TriggerEvent::Insert,
        TriggerEvent::Update,
        TriggerEvent::Delete,
        TriggerEvent::Truncate,
    ];
    let mut watched_by = Vec::new();
    let at = &projection.spec.name.at;
    for (source, changes) in &roles.sources {
        let function = QualifiedName {
            schema: Ident::new(SCHEMA),
            name: joined(&[
                names.of("note").name.as_str(),
                "from",
                source.schema.as_str(),
                source.name.as_str(),
            ]),
        };
        for event in EVENTS {
            let (used, old, new) = match event {
                TriggerEvent::Insert => (!changes.insert.is_empty(), false, true),
                TriggerEvent::Update => (!changes.update.is_empty(), true, true),
                TriggerEvent::Delete => (!changes.delete.is_empty(), true, false),
                TriggerEvent::Truncate => (true, false, false),
            };
            if !used {
                continue;
            }
            let name = joined(&[projection.name.name.as_str(), "refresh", word(event)]);
            let trigger = Trigger {
                old_table: old.then(|| Ident::new("old_rows")),
                new_table: new.then(|| Ident::new("new_rows")),
                ..Trigger::after(vec![event], function.clone())
            };
            lowered.claims.push(Claim {
                namespace: Namespace::Triggers(source.clone()),
                name: name.clone(),
                what: "trigger",
                at: at.clone(),
            });
            lowered
                .incremental_triggers
                .push((source.clone(), name, trigger));
        }
        let comment = format!(
            "Notes what a statement on {source} has changed that {} shows",
            projection.name
        );
        push_function(
            projection,
            function.clone(),
            Routine::NoteChanges(changes.clone()),
            comment,
            lowered,
        );
        watched_by.push(function);
    }
    watched_by
}

fn functions(
    projection: &Projection,
    roles: Roles<'_>,
    stored: StoredProjection,
    bounds: &[TimeBound],
    watched_by: Vec<QualifiedName>,
    names: &Names<'_>,
    lowered: &mut Lowered,
) {
    let Some(notes) = roles.root_notes().cloned() else {
        return;
    };
    let sources: Vec<QualifiedName> = roles.sources.keys().cloned().collect();
    let functions = Functions {
        maintain: names.of("maintain"),
        verify: names.of("verify"),
        rebuild: names.of("rebuild"),
    };
    let name = &projection.name;
    let passed: Vec<Expr> = bounds
        .iter()
        .filter_map(|bound| {
            let column = Expr::qualified_column(&Ident::new("stored"), &bound.column_name()?);
            Some(bound.passed(&column, "now"))
        })
        .collect();
    let mut all = vec![
        (
            functions.maintain.clone(),
            Routine::MaintainProjection(MaintainProjection {
                projection: name.clone(),
                notes,
                key_types: stored.key_types.clone(),
                links: roles.links,
                write: names.of("write"),
                write_many: names.of("write_many"),
                rebuild: functions.rebuild.clone(),
            }),
            "Recomputes, at the end of a transaction, what it has changed in",
        ),
        (
            names.of("write"),
            Routine::WriteProjection(WriteProjection {
                stored: stored.clone(),
                keyed: names.of("keyed"),
                few: true,
            }),
            "Writes a few keys of",
        ),
        (
            names.of("write_many"),
            Routine::WriteProjection(WriteProjection {
                stored: stored.clone(),
                keyed: names.of("keyed"),
                few: false,
            }),
            "Writes many keys of",
        ),
        (
            functions.verify.clone(),
            Routine::VerifyStored(VerifyProjection {
                stored: stored.clone(),
                definition: names.of("definition"),
            }),
            "Counts the rows that differ from the query of",
        ),
        (
            functions.rebuild.clone(),
            Routine::RebuildStored(RebuildProjection {
                stored: stored.clone(),
                definition: names.of("definition"),
                sources: sources.clone(),
                watched_by,
            }),
            "Recomputes all rows, writing those that differ, of",
        ),
    ];
    let mut refresh = functions.rebuild.clone();
    if !passed.is_empty() {
        refresh = names.of("expire");
        all.push((
            refresh.clone(),
            Routine::ExpireRows(ExpireRows { stored, passed }),
            "Removes the rows whose time is over from",
        ));
    }
    for (function, routine, comment) in all {
        push_function(
            projection,
            function,
            routine,
            format!("{comment} {name}"),
            lowered,
        );
    }
    lowered.refreshed = Some(Refreshed {
        projection: name.clone(),
        function: refresh,
        mode: RefreshMode::Incremental,
        triggered: true,
        unasked: !bounds.is_empty(),
        sources,
        incremental: Some(functions),
    });
}

fn push_function(
    projection: &Projection,
    name: QualifiedName,
    routine: Routine,
    comment: String,
    lowered: &mut Lowered,
) {
    lowered.claims.push(Claim {
        namespace: Namespace::Routines(name.schema.clone()),
        name: name.name.clone(),
        what: "function",
        at: projection.spec.name.at.clone(),
    });
    let comment = Some(comment);
    lowered
        .functions
        .push((name, Function::new(routine, comment)));
}
