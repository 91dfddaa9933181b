//! Keys, unique constraints, checks, references, exclusions.

use super::bind::bind;
use super::names::Claim;
use super::table::free_constraint_name;
use super::{Context, Lowered, exclusion, operator_class, partition_columns, rename};
use crate::catalog::{Constraint, ConstraintKind, ForeignKey, ReferentialAction, Table};
use crate::diagnose::{Code, Diagnostic, Place};
use crate::resolve::{Entity, Inherited, Model, Reference, joined, unknown_field};
use crate::sql::{self, Ident};
use crate::syntax::{self, ConstraintSpec, ReferenceAction};

/// Adds an entity's constraints to its table.
pub fn lower(
    cx: &Context<'_>,
    model: &Model,
    entity: &Entity,
    table: &mut Table,
    lowered: &mut Lowered,
) {
    primary_key(cx, entity, table, lowered);
    for field in entity.fields.iter().filter(|f| f.unique) {
        let mut columns: Vec<usize> = field.columns.clone().collect();
        // What nobody wrote, as `id` of the naming style trinity, takes the partition columns in as an undeclared key does.
        if field.at == entity.name_at {
            let partitioned = partition_columns(entity).into_iter();
            columns.extend(partitioned.filter(|c| !field.columns.contains(c)));
        }
        unique(cx, entity, &columns, None, &field.at, table, lowered);
    }
    for constraint in &entity.constraints {
        match constraint.spec.kind.value {
            syntax::ConstraintKind::Unique => {
                if let Some(columns) = columns(entity, &constraint.spec, lowered) {
                    unique(
                        cx,
                        entity,
                        &columns,
                        Some(constraint),
                        &constraint.spec.at,
                        table,
                        lowered,
                    );
                }
            }
            syntax::ConstraintKind::Check => check(cx, entity, constraint, table, lowered),
            syntax::ConstraintKind::Exclude => {
                exclusion::lower(cx, entity, constraint, table, lowered);
            }
            // Both were settled when names were bound.
            syntax::ConstraintKind::PrimaryKey | syntax::ConstraintKind::ForeignKey => {}
        }
    }
    for reference in entity.references.iter().filter(|r| r.enforce) {
        foreign_key(model, entity, reference, table, lowered);
    }
}

fn primary_key(cx: &Context<'_>, entity: &Entity, table: &mut Table, lowered: &mut Lowered) {
    if entity.key.columns.is_empty() {
        return;
    }
    let written = entity.key.constraint.as_ref();
    let at = written.map_or(&entity.name_at, |c| &c.spec.at);
    let name = written
        .and_then(|c| written_name(entity, c))
        .unwrap_or_else(|| free_constraint_name(table, &[entity.table.name.as_str(), "pkey"]));
    if !key_types(cx, entity, &entity.key.columns, at, lowered)
        || !holds_partition_key(entity, &entity.key.columns, "primary key", at, lowered)
    {
        return;
    }
    let kind = ConstraintKind::PrimaryKey {
        columns: entity.column_names(&entity.key.columns),
    };
    add(
        entity,
        name,
        kind,
        written.map(|c| &c.spec),
        true,
        at,
        table,
        lowered,
    );
}

fn unique(
    cx: &Context<'_>,
    entity: &Entity,
    columns: &[usize],
    written: Option<&Inherited<ConstraintSpec>>,
    at: &Place,
    table: &mut Table,
    lowered: &mut Lowered,
) {
    if !key_types(cx, entity, columns, at, lowered)
        || !holds_partition_key(entity, columns, "unique constraint", at, lowered)
    {
        return;
    }
    let names = entity.column_names(columns);
    let nulls_distinct = written
        .and_then(|c| c.spec.nulls_distinct.as_ref())
        .is_none_or(|n| n.value);
    let kind = ConstraintKind::Unique {
        columns: names.clone(),
        nulls_distinct,
    };
    let deferral = deferral(written.map(|c| &c.spec));
    let is_there = table
        .constraints
        .values()
        .any(|c| c.kind == kind && (c.deferrable, c.initially_deferred) == deferral);
    if is_there && written.is_none_or(|c| c.spec.name.is_none()) {
        return;
    }
    let name = written
        .and_then(|c| written_name(entity, c))
        .unwrap_or_else(|| default_name(entity, table, &names, "key"));
    add(
        entity,
        name,
        kind,
        written.map(|c| &c.spec),
        true,
        at,
        table,
        lowered,
    );
}

fn check(
    cx: &Context<'_>,
    entity: &Entity,
    constraint: &Inherited<ConstraintSpec>,
    table: &mut Table,
    lowered: &mut Lowered,
) {
    let spec = &constraint.spec;
    let Some(condition) = &spec.condition else {
        missing(
            spec,
            "a check constraint",
            "condition: \"total > 0\"",
            lowered,
        );
        return;
    };
    let scope = cx.scope(vec![entity.relation(None, true)]);
    let bound = bind(
        cx,
        &condition.value,
        &condition.at,
        0,
        &scope,
        sql::Context::Check,
        &mut lowered.diagnostics,
    );
    // A written name is claimed even when the condition is wrong: both mistakes are worth one run.
    let names: Vec<Ident> = bound
        .iter()
        .flat_map(|b| &b.columns)
        .filter_map(|(_, c)| entity.column(*c))
        .map(|c| c.name.clone())
        .collect();
    let name = written_name(entity, constraint).unwrap_or_else(|| match names.as_slice() {
        [only] => {
            free_constraint_name(table, &[entity.table.name.as_str(), only.as_str(), "check"])
        }
        _ => free_constraint_name(table, &[entity.table.name.as_str(), "check"]),
    });
    match bound {
        Some(bound) => add(
            entity,
            name,
            ConstraintKind::Check {
                condition: bound.expr,
            },
            Some(spec),
            false,
            &spec.at,
            table,
            lowered,
        ),
        None if spec.name.is_some() => {
            lowered
                .claims
                .push(Claim::constraint(&entity.table, &name, name_place(spec)));
        }
        None => {}
    }
}

fn foreign_key(
    model: &Model,
    entity: &Entity,
    reference: &Reference,
    table: &mut Table,
    lowered: &mut Lowered,
) {
    let Some(target) = model.entities.get(reference.target) else {
        return;
    };
    let columns = entity.column_names(&reference.columns);
    warn_of_nulls(entity, reference, lowered);
    refuse_to_write_generated(entity, reference, lowered);
    let written = reference.constraint.as_ref();
    let name = written
        .and_then(|c| written_name(entity, c))
        .unwrap_or_else(|| default_name(entity, table, &columns, "fkey"));
    let kind = ConstraintKind::ForeignKey(Box::new(ForeignKey {
        columns,
        references: target.table.clone(),
        referenced_columns: target.column_names(&reference.target_columns),
        on_delete: action(reference.on_delete),
        on_update: action(reference.on_update),
        match_full: false,
        on_delete_columns: Vec::new(),
        period: false,
    }));
    let at = written.map_or(&reference.at, |c| &c.spec.at);
    add(
        entity,
        name,
        kind,
        written.map(|c| &c.spec),
        false,
        at,
        table,
        lowered,
    );
}

/// The server takes `set_null` on columns that are NOT NULL, and then fails whenever it would act.
fn warn_of_nulls(entity: &Entity, reference: &Reference, lowered: &mut Lowered) {
    let sets_null = |action| action == Some(ReferenceAction::SetNull);
    let (key, what) = match (reference.on_delete, reference.on_update) {
        (action, _) if sets_null(action) => ("on_delete", "delete"),
        (_, action) if sets_null(action) => ("on_update", "change of the key"),
        _ => return,
    };
    let mut columns = reference.columns.iter().filter_map(|c| entity.column(*c));
    if let Some(column) = columns.find(|c| c.not_null) {
        lowered.diagnostics.push(
            Diagnostic::warning(
                Code::InvalidValue,
                &reference.at,
                format!(
                    "`{}` is never NULL, so `{key}=set_null` makes every {what} of a row that is referred to fail",
                    column.name.as_str()
                ),
            )
            .hint("let it be NULL, or choose another action: `restrict` fails with a clearer error, `cascade` goes along"),
        );
    }
}

/// An action that would write a generated column is an error of the server.
fn refuse_to_write_generated(entity: &Entity, reference: &Reference, lowered: &mut Lowered) {
    use ReferenceAction::{Cascade, NoAction, Restrict, SetDefault, SetNull};
    let (key, word) = match (reference.on_delete, reference.on_update) {
        (Some(SetNull), _) => ("on_delete", "set_null"),
        (Some(SetDefault), _) => ("on_delete", "set_default"),
        (_, Some(SetNull)) => ("on_update", "set_null"),
        (_, Some(SetDefault)) => ("on_update", "set_default"),
        (_, Some(Cascade)) => ("on_update", "cascade"),
        (None | Some(Cascade | NoAction | Restrict), None | Some(NoAction | Restrict)) => return,
    };
    let mut columns = reference.columns.iter().filter_map(|c| entity.column(*c));
    if let Some(column) = columns.find(|c| c.generated.is_some() || c.generated_from.is_some()) {
        lowered.diagnostics.push(
            Diagnostic::error(
                Code::InvalidValue,
                &reference.at,
                format!(
                    "`{}` is generated, so `{key}={word}` cannot write it",
                    column.name.as_str()
                ),
            )
            .hint("choose `restrict` or `no_action`, or `cascade` for `on_delete`"),
        );
    }
}

fn action(action: Option<ReferenceAction>) -> ReferentialAction {
    match action {
        None | Some(ReferenceAction::NoAction) => ReferentialAction::NoAction,
        Some(ReferenceAction::Restrict) => ReferentialAction::Restrict,
        Some(ReferenceAction::Cascade) => ReferentialAction::Cascade,
        Some(ReferenceAction::SetNull) => ReferentialAction::SetNull,
        Some(ReferenceAction::SetDefault) => ReferentialAction::SetDefault,
    }
}

/// Adds a constraint and claims its name; `is_index` for those that the server backs by an index of the same name.
#[allow(
    clippy::too_many_arguments,
    reason = "each is another fact of the one constraint"
)]
pub fn add(
    entity: &Entity,
    name: Ident,
    kind: ConstraintKind,
    spec: Option<&ConstraintSpec>,
    is_index: bool,
    at: &Place,
    table: &mut Table,
    lowered: &mut Lowered,
) {
    let at = spec.map_or(at, name_place);
    lowered
        .claims
        .push(Claim::constraint(&entity.table, &name, at));
    if is_index {
        lowered
            .claims
            .push(Claim::relation(&entity.table.schema, &name, "index", at));
    }
    if let Some(former) = spec.and_then(|spec| spec.renamed_from.as_ref()) {
        rename::constraint(&entity.table, &name, former, lowered);
    }
    let (deferrable, initially_deferred) = deferral(spec);
    let constraint = Constraint {
        deferrable,
        initially_deferred,
        comment: spec.and_then(|s| s.error_message.clone()),
        ..Constraint::new(kind)
    };
    table.constraints.entry(name).or_insert(constraint);
}

/// DEFERRABLE, and INITIALLY DEFERRED.
fn deferral(spec: Option<&ConstraintSpec>) -> (bool, bool) {
    spec.map_or((false, false), |spec| {
        (spec.is_deferrable(), spec.initially_deferred)
    })
}

fn name_place(spec: &ConstraintSpec) -> &Place {
    spec.name.as_ref().map_or(&spec.at, |n| &n.at)
}

/// The name that the author gave. An inherited one is made over for the table that inherits it where it names the
/// other table; else only if it would have to be unique in the schema.
pub fn written_name(entity: &Entity, constraint: &Inherited<ConstraintSpec>) -> Option<Ident> {
    let name = &constraint.spec.name.as_ref()?.value;
    let Some(from) = &constraint.from_table else {
        return Some(Ident::new(name.clone()));
    };
    if name.contains(from.as_str()) {
        return Some(joined(&[
            &name.replace(from.as_str(), entity.table.name.as_str())
        ]));
    }
    match constraint.spec.kind.value {
        syntax::ConstraintKind::Check | syntax::ConstraintKind::ForeignKey => {
            Some(Ident::new(name.clone()))
        }
        syntax::ConstraintKind::PrimaryKey
        | syntax::ConstraintKind::Unique
        | syntax::ConstraintKind::Exclude => None,
    }
}

/// `PostgreSQL`'s own name: the table, the columns, and what sort of constraint it is.
pub fn default_name(entity: &Entity, table: &Table, columns: &[Ident], suffix: &str) -> Ident {
    let mut parts = vec![entity.table.name.as_str()];
    parts.extend(columns.iter().map(Ident::as_str));
    parts.push(suffix);
    free_constraint_name(table, &parts)
}

fn columns(entity: &Entity, spec: &ConstraintSpec, lowered: &mut Lowered) -> Option<Vec<usize>> {
    if spec.fields.is_empty() {
        missing(spec, "a unique constraint", "fields: [name]", lowered);
        return None;
    }
    let mut columns = Vec::new();
    let mut complete = true;
    for field in &spec.fields {
        if let Some(found) = entity.columns_named(&field.value) {
            for column in found {
                if columns.contains(&column) {
                    lowered.diagnostics.push(
                        Diagnostic::error(
                            Code::InvalidValue,
                            &field.at,
                            format!("`{}` stands twice in this constraint", field.value),
                        )
                        .hint("name each field once"),
                    );
                    complete = false;
                }
                columns.push(column);
            }
        } else {
            lowered.diagnostics.push(unknown_field(
                &field.value,
                &entity.name,
                entity.known_names(),
                &field.at,
            ));
            complete = false;
        }
    }
    complete.then_some(columns)
}

/// Reports that a constraint lacks the key that makes it one; the example shows it.
pub fn missing(spec: &ConstraintSpec, what: &str, example: &str, lowered: &mut Lowered) {
    let key = example.split(':').next().unwrap_or_default();
    lowered.diagnostics.push(
        Diagnostic::error(
            Code::InvalidValue,
            &spec.at,
            format!("{what} needs `{key}:`"),
        )
        .hint(format!("add `{example}`")),
    );
}

/// A key needs an order of its values: a default btree operator class.
fn key_types(
    cx: &Context<'_>,
    entity: &Entity,
    columns: &[usize],
    at: &Place,
    lowered: &mut Lowered,
) -> bool {
    let mut fine = true;
    for column in columns.iter().filter_map(|c| entity.column(*c)) {
        let Some(ty) = &column.ty else { continue };
        if let Err(hint) = operator_class::check_default(cx, "btree", &column.field, ty) {
            lowered.diagnostics.push(
                Diagnostic::error(
                    Code::MissingOperatorClass,
                    at,
                    format!(
                        "`{}` is {ty}, whose values have no order, so no key can hold it",
                        column.name.as_str()
                    ),
                )
                .hint(hint),
            );
            fine = false;
        }
    }
    fine
}

/// A partitioned table's keys are unique per partition only, so they must hold the partition columns.
pub fn holds_partition_key(
    entity: &Entity,
    columns: &[usize],
    what: &str,
    at: &Place,
    lowered: &mut Lowered,
) -> bool {
    let missing: Vec<usize> = partition_columns(entity)
        .into_iter()
        .filter(|c| !columns.contains(c))
        .collect();
    let Some(first) = entity.column_names(&missing).into_iter().next() else {
        return true;
    };
    let place = entity.partitioning.as_ref().map(|p| &p.column.at);
    let mut diagnostic = Diagnostic::error(
        Code::PartitionKeyNotInKey,
        at,
        format!(
            "the {what} of a partitioned table must hold the partition column `{}`",
            first.as_str()
        ),
    )
    .hint(format!(
        "add `{}` to it: PostgreSQL keeps keys unique within each partition only",
        first.as_str()
    ));
    if let Some(place) = place {
        diagnostic = diagnostic.related(place, "the partition column");
    }
    lowered.diagnostics.push(diagnostic);
    false
}
