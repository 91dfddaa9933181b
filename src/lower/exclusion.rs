//! EXCLUDE constraints.

use super::bind::bind;
use super::constraint::{add, default_name, missing, written_name};
use super::index::{self, Site};
use super::{Context, Lowered};
use crate::catalog::{ConstraintKind, ExcludeElement, Table};
use crate::diagnose::{Code, Diagnostic, Diagnostics};
use crate::pg::{AccessMethod, Version};
use crate::resolve::{Entity, Inherited};
use crate::sql::{self, Ident};
use crate::syntax::ConstraintSpec;

/// Adds an exclusion constraint to its table.
/// <https://www.postgresql.org/docs/current/sql-createtable.html#SQL-CREATETABLE-EXCLUDE>
pub fn lower(
    cx: &Context<'_>,
    entity: &Entity,
    constraint: &Inherited<ConstraintSpec>,
    table: &mut Table,
    lowered: &mut Lowered,
) {
    let spec = &constraint.spec;
    let method_name = spec
        .using
        .as_ref()
        .map_or_else(|| "gist".to_owned(), |u| u.value.to_ascii_lowercase());
    let using_at = spec.using.as_ref().map_or(&spec.at, |u| &u.at);
    let Some(method) = index::method(cx, &method_name, using_at, &mut lowered.diagnostics) else {
        return;
    };
    if !method.can_exclude {
        lowered.diagnostics.push(
            Diagnostic::error(
                Code::IndexMethodUnsupported,
                using_at,
                format!("{} cannot enforce an exclusion constraint", method.name),
            )
            .hint("use gist, spgist, btree or hash"),
        );
        return;
    }
    if entity.partitioning.is_some() && cx.config.postgres < Version::V17 {
        lowered.diagnostics.push(
            Diagnostic::error(
                Code::PartitionKeyNotInKey,
                &spec.at,
                "a partitioned table cannot have an exclusion constraint before PostgreSQL 17",
            )
            .hint("raise `postgres:` in specql.yaml, or enforce it per partition"),
        );
        return;
    }
    if spec.elements.is_empty() {
        missing(
            spec,
            "an exclusion constraint",
            "elements: [{expression: \"tstzrange(starts, ends)\", with: \"&&\"}]",
            lowered,
        );
        return;
    }
    let elements = elements(cx, entity, spec, method, &mut lowered.diagnostics);
    let scope = cx.scope(vec![entity.relation(None, true)]);
    let predicate = match &spec.condition {
        None => None,
        Some(condition) => {
            match bind(
                cx,
                &condition.value,
                &condition.at,
                0,
                &scope,
                sql::Context::IndexPredicate,
                &mut lowered.diagnostics,
            ) {
                Some(bound) => Some(bound.expr),
                None => return,
            }
        }
    };
    let parts: Vec<String> = elements.iter().map(|e| index::key_word(&e.key)).collect();
    let parts: Vec<Ident> = parts.into_iter().map(Ident::new).collect();
    let name = written_name(entity, constraint)
        .unwrap_or_else(|| default_name(entity, table, &parts, "excl"));
    let kind = ConstraintKind::Exclude {
        method: Ident::new(method.name),
        elements,
        predicate,
    };
    add(
        entity,
        name,
        kind,
        Some(spec),
        true,
        &spec.at,
        table,
        lowered,
    );
}

fn elements(
    cx: &Context<'_>,
    entity: &Entity,
    spec: &ConstraintSpec,
    method: &AccessMethod,
    diagnostics: &mut Diagnostics,
) -> Vec<ExcludeElement> {
    let site = Site::of_entity(cx, entity);
    let mut elements = Vec::new();
    for element in &spec.elements {
        let keys = index::keys(cx, &site, &element.expression, method, diagnostics);
        for (key, class) in keys {
            if let Some(class) = class
                && !cx
                    .knowledge
                    .operator_class_excludes_with(class, &element.operator.value)
            {
                let mut fitting: Vec<&str> = class
                    .operators
                    .iter()
                    .copied()
                    .filter(|o| cx.knowledge.operator_class_excludes_with(class, o))
                    .collect();
                fitting.sort_unstable();
                diagnostics.push(
                    Diagnostic::error(
                        Code::InvalidValue,
                        &element.operator.at,
                        format!(
                            "`{}` cannot exclude with the operator class {}",
                            element.operator.value, class.name
                        ),
                    )
                    .hint(format!("its operators are: {}", fitting.join(" "))),
                );
                continue;
            }
            elements.push(ExcludeElement {
                key,
                operator: element.operator.value.clone(),
            });
        }
    }
    elements
}
