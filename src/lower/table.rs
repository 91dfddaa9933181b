//! An entity as a table.

use super::bind::bind;
use super::names::Claim;
use super::{
    Context, Lowered, constraint, default, domain, index, partition, rename, search, touch,
};
use crate::catalog::{self, Constraint, ConstraintKind, EnumType, Generated, Identity, Table};
use crate::diagnose::{Code, Diagnostic, Diagnostics};
use crate::resolve::{Column, ColumnDefault, Domain, Entity, Model, first_free, joined};
use crate::sql::{self, Expr, Ident, Scope, TypeName};

/// A server's limit on columns, less what the system columns take.
const MAX_COLUMNS: usize = 1600;

/// Gives computed columns the type of their expression. What is wrong with an expression is reported when the column is
/// lowered, not here.
pub fn settle_computed_types(cx: &Context<'_>, entity: &mut Entity) {
    if entity.columns.iter().all(|c| c.ty.is_some()) {
        return;
    }
    let mut types: Vec<(usize, TypeName)> = Vec::new();
    {
        let scope = cx.scope(vec![entity.relation(None, true)]);
        for (position, column) in entity.columns.iter().enumerate() {
            if column.ty.is_none()
                && let Some(text) = &column.generated
                && let Ok(bound) =
                    sql::bind(&text.text, &scope, sql::Context::Generated, cx.knowledge)
            {
                types.push((position, bound.ty.unwrap_or_else(|| TypeName::core("text"))));
            }
        }
    }
    for (position, ty) in types {
        if let Some(column) = entity.columns.get_mut(position) {
            column.ty = Some(ty);
        }
    }
}

/// Lowers one entity to its table, its partitions and the types that it brings.
pub fn lower(cx: &Context<'_>, model: &Model, entity: &Entity) -> Lowered {
    let mut lowered = Lowered::default();
    lowered.claims.push(Claim::relation(
        &entity.table.schema,
        &entity.table.name,
        "table",
        &entity.table_at,
    ));
    if entity.columns.len() > MAX_COLUMNS {
        lowered.diagnostics.push(
            Diagnostic::error(
                Code::InvalidValue,
                &entity.at,
                format!(
                    "`{}` has {} columns; PostgreSQL takes {MAX_COLUMNS}",
                    entity.name,
                    entity.columns.len()
                ),
            )
            .hint("move some of them to an entity of their own, or into one jsonb field"),
        );
    }
    let mut table = Table {
        columns: Vec::with_capacity(entity.columns.len()),
        comment: entity.description.clone(),
        ..Table::default()
    };
    let scope = cx.scope(vec![entity.relation(None, true)]);
    for column in &entity.columns {
        if let Some(made) = self::column(cx, entity, column, &scope, &mut lowered.diagnostics) {
            if made.identity.is_some() {
                let parts = [entity.table.name.as_str(), made.name.as_str(), "seq"];
                lowered.claims.push(Claim::relation(
                    &entity.table.schema,
                    &joined(&parts),
                    "sequence",
                    &column.at,
                ));
            }
            table.columns.push(made);
        }
        if let (Domain::Enum(labels), Some(ty)) = (&column.domain, &column.ty)
            && let Some(name) = ty.qualified()
        {
            lowered.claims.push(Claim::relation(
                &name.schema,
                &name.name,
                "type",
                &column.at,
            ));
            lowered.enums.push((
                name,
                EnumType {
                    labels: labels.clone(),
                    comment: None,
                },
            ));
        }
    }
    rename::table(entity, &mut lowered);
    constraint::lower(cx, model, entity, &mut table, &mut lowered);
    domain_checks(entity, &mut table, &mut lowered);
    index::lower(cx, entity, &mut table, &mut lowered);
    if entity.touch_updated_at {
        let (name, trigger) = touch::trigger();
        table.triggers.insert(name, trigger);
    }
    let partitions = partition::lower(cx, entity, &mut table, &mut lowered);
    lowered.tables.push((entity.table.clone(), table));
    lowered.tables.extend(partitions);
    // Names are kept while all other entities are lowered.
    lowered.claims.shrink_to_fit();
    lowered
}

fn column(
    cx: &Context<'_>,
    entity: &Entity,
    column: &Column,
    scope: &Scope<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<catalog::Column> {
    let generated = match (&column.generated, &column.generated_from) {
        (Some(text), _) => {
            let bound = bind(
                cx,
                &text.text,
                &text.at,
                text.offset,
                scope,
                sql::Context::Generated,
                diagnostics,
            )?;
            if let Some(ty) = &column.ty
                && !sql::assignable(bound.ty.as_ref(), ty, &cx.extensions, cx.knowledge)
            {
                let found = bound
                    .ty
                    .as_ref()
                    .map_or_else(|| "text".to_owned(), ToString::to_string);
                let span = text.offset..text.offset + text.text.len();
                diagnostics.push(
                    Diagnostic::error(
                        Code::InvalidExpression,
                        &text.at.within(span),
                        format!(
                            "the expression is {found}, and no assignment turns that into {ty}"
                        ),
                    )
                    .hint(format!("make the field {found}, or cast the expression")),
                );
            }
            Some(bound.expr)
        }
        (None, Some(from)) => Some(search::vector(
            cx,
            entity,
            column,
            &from.0,
            from.1.as_ref(),
            diagnostics,
        )?),
        (None, None) => None,
    };
    let ty = column.ty.clone()?;
    if generated.is_some() && !matches!(column.default, ColumnDefault::None) {
        diagnostics.push(
            Diagnostic::error(
                Code::InvalidValue,
                &column.at,
                format!("`{}` is generated, so it has no default", column.field),
            )
            .hint("remove the default, or `generated:`"),
        );
    }
    let (default, identity) = match &column.default {
        ColumnDefault::None => (None, None),
        ColumnDefault::Written(spec) => (
            default::written(cx, column, &ty, spec, scope, diagnostics),
            None,
        ),
        ColumnDefault::RandomUuid => (Some(Expr::call("gen_random_uuid", &[])), None),
        ColumnDefault::UuidV7 => (Some(Expr::call("uuidv7", &[])), None),
        ColumnDefault::Now => (Some(Expr::call("now", &[])), None),
        ColumnDefault::Identity => (None, Some(Identity::ByDefault)),
    };
    Some(catalog::Column {
        not_null: column.not_null,
        default,
        identity,
        generated: generated.map(|expression| Generated {
            expression,
            stored: true,
        }),
        comment: column.description.clone(),
        ..catalog::Column::new(column.name.clone(), ty)
    })
}

/// The CHECKs that hold columns to their domains, under the names that `PostgreSQL` gives them.
fn domain_checks(entity: &Entity, table: &mut Table, lowered: &mut Lowered) {
    for column in &entity.columns {
        let Some(condition) = column
            .ty
            .as_ref()
            .and_then(|ty| domain::check(&column.domain, &column.name, ty))
        else {
            continue;
        };
        let name = free_constraint_name(
            table,
            &[entity.table.name.as_str(), column.name.as_str(), "check"],
        );
        lowered
            .claims
            .push(Claim::constraint(&entity.table, &name, &column.at));
        table
            .constraints
            .insert(name, Constraint::new(ConstraintKind::Check { condition }));
    }
}

/// `PostgreSQL`'s way with a default name that is taken: `orders_status_check1`.
pub fn free_constraint_name(table: &Table, parts: &[&str]) -> Ident {
    let numbered = |n| {
        let last = format!("{}{n}", parts.last().copied().unwrap_or_default());
        match parts.split_last() {
            Some((_, before)) if n > 0 => joined(&[before, &[last.as_str()]].concat()),
            _ => joined(parts),
        }
    };
    first_free(numbered, |name| table.constraints.contains_key(name))
}
