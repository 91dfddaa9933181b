//! The routines of incremental projections.

use minijinja::Value;

use super::query::query;
use super::value::{Sql, record, sql};
use crate::catalog::{
    ByProjection, ExpireRows, MaintainProjection, NoteChanges, Noted, RebuildProjection,
    StoredProjection, VerifyProjection, WriteProjection,
};
use crate::sql::{Expr, Ident, Literal, QualifiedName, TypeName};

/// A qualified name as text.
pub(super) fn literal(name: &QualifiedName) -> Sql {
    Sql::from(&Literal::new(name.to_string()))
}

fn words(text: &'static str) -> Sql {
    Sql::keyword(text)
}

/// `prefix_1`, `prefix_2`, …
fn numbered(prefix: &str, count: usize) -> Vec<Ident> {
    (1..=count)
        .map(|number| Ident::new(format!("{prefix}_{number}")))
        .collect()
}

fn of(relation: &str, columns: &[Ident]) -> Vec<Expr> {
    let relation = Ident::new(relation);
    columns
        .iter()
        .map(|column| Expr::qualified_column(&relation, column))
        .collect()
}

fn list(expressions: &[Expr]) -> Value {
    sql(Sql::list(expressions))
}

fn all_of(conditions: &[Expr]) -> Value {
    sql(&Expr::joined("AND", conditions).unwrap_or_else(|| Expr::boolean(true)))
}

pub(super) fn note_changes(name: &QualifiedName, changes: &NoteChanges) -> Value {
    let NoteChanges {
        projection,
        insert,
        update,
        delete,
    } = changes;
    let projection = literal(projection);
    let event = |operation: &str, rows: &'static str, both: bool, list: &[Noted]| {
        record! {
            operation => sql(&Literal::new(operation)),
            rows => sql(words(rows)),
            both => both,
            noted => list.iter().map(noted).collect::<Vec<_>>(),
        }
    };
    let events: Vec<Value> = [
        ("INSERT", "new_rows", false, insert),
        ("UPDATE", "new_rows", true, update),
        ("DELETE", "old_rows", false, delete),
    ]
    .into_iter()
    .filter(|(_, _, _, list)| !list.is_empty())
    .map(|(operation, rows, both, list)| event(operation, rows, both, list))
    .collect();
    record! {
        name => sql(name),
        projection => sql(projection),
        events => events,
    }
}

fn noted(noted: &Noted) -> Value {
    let Noted {
        notes,
        columns,
        compared,
    } = noted;
    let keys = numbered("key", columns.len());
    let row = Ident::new("changed_row");
    let values = of("changed_row", columns);
    let text = TypeName::core("text").in_catalog();
    let mut old = values.clone();
    old.extend(compared.iter().map(|compared| {
        let column = Expr::qualified_column(&row, &compared.column);
        if compared.as_text {
            column.cast(&text)
        } else {
            column
        }
    }));
    let mut named = keys.clone();
    named.extend(numbered("value", compared.len()));
    let not_null =
        |values: &[Expr]| -> Vec<Expr> { values.iter().map(Expr::is_not_null).collect() };
    record! {
        notes => sql(notes),
        names => sql(Sql::list(&keys)),
        keys => list(&of("differing", &keys)),
        values => sql(Sql::list(values.iter().zip(&keys).map(|(value, key)| Sql::aliased(value, key)))),
        changed => list(&of("changed", &keys)),
        old => list(&old),
        named => sql(Sql::list(&named)),
        not_null => all_of(&not_null(&of("differing", &keys))),
        not_null_values => all_of(&not_null(&values)),
    }
}

pub(super) fn maintain(name: &QualifiedName, maintain: &MaintainProjection) -> Value {
    let MaintainProjection {
        projection,
        notes,
        key_types,
        links,
        write,
        write_many,
        rebuild,
    } = maintain;
    let count = key_types.len();
    let keys = numbered("key", count);
    let noted = numbered("noted", count);
    let found = numbered("found", count);
    let aggregated = |relation: &str| -> Vec<Expr> {
        of(relation, &keys)
            .iter()
            .map(|key| Expr::call("array_agg", std::slice::from_ref(key)))
            .collect()
    };
    let key_values: Vec<Value> = key_types
        .iter()
        .zip(noted.iter().zip(&found))
        .map(|(ty, (noted, found))| {
            record! { noted => sql(noted), found => sql(found), type => sql(&ty.clone().in_catalog()) }
        })
        .collect();
    let links: Vec<Value> = links
        .iter()
        .map(|link| {
            record! {
                notes => sql(&link.notes),
                alone => link.alone,
                roots => query(&link.roots, 8),
            }
        })
        .collect();
    record! {
        name => sql(name),
        projection => sql(literal(projection)),
        notes => sql(notes),
        keys => key_values,
        key_names => sql(Sql::list(&keys)),
        key_values => list(&of("root", &keys)),
        returned => list(&of("note", &keys)),
        collected => list(&aggregated("gone")),
        found_collected => list(&aggregated("root")),
        noted => sql(Sql::list(&noted)),
        found => sql(Sql::list(&found)),
        first_noted => sql(&Ident::new("noted_1")),
        links => links,
        write => sql(write),
        write_many => sql(write_many),
        rebuild => sql(rebuild),
    }
}

/// What all templates that write the table need of it.
struct Columns {
    all: Vec<Ident>,
    keys: Vec<Ident>,
    others: Vec<Ident>,
}

impl Columns {
    fn of(stored: &StoredProjection) -> Self {
        Self {
            all: stored.keys.iter().chain(&stored.columns).cloned().collect(),
            keys: stored.keys.clone(),
            others: stored.columns.clone(),
        }
    }

    fn same_key(&self) -> Vec<Expr> {
        of("keyed", &self.keys)
            .iter()
            .zip(of("stored", &self.keys))
            .map(|(keyed, stored)| Expr::binary(keyed, "=", &stored))
            .collect()
    }

    fn assignments(&self) -> Vec<Expr> {
        let excluded = of("excluded", &self.others);
        self.others
            .iter()
            .zip(&excluded)
            .map(|(column, value)| Expr::binary(&Expr::column(column), "=", value))
            .collect()
    }
}

pub(super) fn write(name: &QualifiedName, write: &WriteProjection) -> Value {
    let WriteProjection { stored, keyed, few } = write;
    let columns = Columns::of(stored);
    let count = stored.keys.len();
    let parameters = numbered("keys", count);
    let arrays: Vec<TypeName> = stored
        .key_types
        .iter()
        .map(|ty| {
            let mut ty = ty.clone();
            ty.modifiers.clear();
            ty.array_of()
        })
        .collect();
    let among = |relation: &str| -> Expr {
        let values = of(relation, &columns.keys);
        Expr::among_parameters(&values)
    };
    record! {
        name => sql(name),
        few => *few,
        parameters => sql(Sql::list(parameters.iter().zip(&arrays).map(|(name, ty)| Sql::typed(name, ty)))),
        parameter_types => sql(Sql::list(&arrays)),
        table => sql(&stored.table),
        view => sql(keyed),
        fresh => list(&of("keyed", &columns.all)),
        among => sql(&among("keyed")),
        stored_among => sql(&among("stored")),
        columns => sql(Sql::list(&columns.all)),
        values => list(&of("fresh", &columns.all)),
        same_key => all_of(&columns.same_key()),
        primary_key => sql(&stored.primary_key),
        assignments => assignments(&columns),
        excluded => list(&of("excluded", &columns.others)),
        current => list(&of("stored", &columns.others)),
    }
}

fn assignments(columns: &Columns) -> Value {
    let assignments = columns.assignments();
    if assignments.is_empty() {
        Value::from(())
    } else {
        list(&assignments)
    }
}

pub(super) fn rebuild(name: &QualifiedName, rebuild: &RebuildProjection) -> Value {
    let RebuildProjection {
        stored,
        definition,
        sources,
        watched_by: _,
    } = rebuild;
    let columns = Columns::of(stored);
    let projection = literal(&stored.table);
    let sources: Vec<Sql> = sources.iter().map(Sql::only).collect();
    record! {
        name => sql(name),
        projection => sql(projection),
        sources => sql(Sql::list(sources)),
        table => sql(&stored.table),
        view => sql(definition),
        fresh => list(&of("keyed", &columns.all)),
        columns => sql(Sql::list(&columns.all)),
        values => list(&of("fresh", &columns.all)),
        same_key => all_of(&columns.same_key()),
        primary_key => sql(&stored.primary_key),
        assignments => assignments(&columns),
        excluded => list(&of("excluded", &columns.others)),
        current => list(&of("stored", &columns.others)),
    }
}

pub(super) fn verify(name: &QualifiedName, verify: &VerifyProjection) -> Value {
    let VerifyProjection { stored, definition } = verify;
    let columns = Columns::of(stored);
    let equal: Vec<Value> = stored
        .columns
        .iter()
        .filter(|column| !stored.images.contains(column))
        .map(sql)
        .collect();
    record! {
        name => sql(name),
        table => sql(&stored.table),
        view => sql(definition),
        same_key => all_of(&columns.same_key()),
        first_key => stored.keys.first().map(sql),
        equal => equal,
        images => stored.images.iter().map(sql).collect::<Vec<_>>(),
    }
}

pub(super) fn expire(name: &QualifiedName, expire: &ExpireRows) -> Value {
    let ExpireRows { stored, passed } = expire;
    let columns = Columns::of(stored);
    let passed = Expr::joined("OR", passed).unwrap_or_else(|| Expr::boolean(false));
    record! {
        name => sql(name),
        projection => sql(literal(&stored.table)),
        table => sql(&stored.table),
        stored_keys => list(&of("stored", &columns.keys)),
        passed => sql(&passed),
        same_key => all_of(&columns.same_key()),
    }
}

/// Functions by the name of the projection, qualified or, where that is clear, bare.
pub(super) fn by_name(name: &QualifiedName, projections: &ByProjection) -> Value {
    let mut each = Vec::new();
    for (projection, function) in projections {
        let mut names = vec![literal(projection)];
        let alone = projections
            .keys()
            .filter(|p| p.name == projection.name)
            .count()
            == 1;
        if alone {
            names.push(Sql::from(&Literal::new(projection.name.as_str())));
        }
        let names = Sql::list(names);
        each.push(record! {
            names => sql(names),
            function => sql(function),
        });
    }
    record! {
        name => sql(name),
        projections => each,
    }
}
