//! Output columns.

use std::collections::BTreeMap;

use super::super::bind::{bind, diagnostic};
use super::{Builder, Output};
use crate::diagnose::{Code, Diagnostic, Diagnostics, Place};
use crate::pg::Volatility;
use crate::resolve::{Entity, Include, JoinPath};
use crate::sql::{self, Bound, Expr, Ident, Scope, TypeName};
use crate::syntax::{IncludeSpec, Located};

impl<'a> Builder<'a> {
    /// Columns of the root or of what it refers to: no aggregate has a meaning there.
    pub(super) fn plain_outputs(
        &mut self,
        include: &'a Include,
        spec: &'a IncludeSpec,
        diagnostics: &mut Diagnostics,
    ) {
        let Some(entity) = self.entity(include.entity) else {
            return;
        };
        let scope = self.scope(Some(include));
        let is_root = include.path == JoinPath::Root;
        for field in &spec.fields {
            if let Some(columns) = entity.columns_named(field.value.trim()) {
                for position in columns {
                    let Some(column) = entity.column(position) else {
                        continue;
                    };
                    let Some(ty) = column.ty.clone() else {
                        continue;
                    };
                    self.outputs.push(Output {
                        name: column.name.clone(),
                        at: field.at.clone(),
                        expression: Expr::qualified_column(&include.alias, &column.name),
                        ty,
                        root_column: is_root.then_some(position),
                        volatility: Volatility::Immutable,
                    });
                }
                continue;
            }
            let Some((name, bound)) = self.output(field, &scope, entity, diagnostics) else {
                continue;
            };
            if bound.aggregate {
                diagnostics.push(
                    Diagnostic::error(
                        Code::InvalidExpression,
                        &field.at,
                        format!(
                            "`{}` is no collection here: each row of the root has at most one `{}`",
                            field.value, entity.name
                        ),
                    )
                    .hint("aggregates are for entities that refer to the root"),
                );
                continue;
            }
            let root_column = bound
                .columns
                .iter()
                .next()
                .filter(|_| is_root && bound.expr.is_qualified_column())
                .map(|(_, column)| *column);
            self.outputs.push(Output {
                name,
                at: field.at.clone(),
                ty: bound.ty.unwrap_or_else(|| TypeName::core("text")),
                expression: bound.expr,
                root_column,
                volatility: bound.volatility,
            });
        }
    }

    /// Binds `expression [as name]`. A column keeps its name and a call is called as its function; all else needs `as`.
    pub(super) fn output(
        &self,
        field: &Located<String>,
        scope: &Scope<'_>,
        entity: &Entity,
        diagnostics: &mut Diagnostics,
    ) -> Option<(Ident, Bound)> {
        let parts = match sql::parse_output_column(&field.value) {
            Ok(parts) => parts,
            Err(problem) => {
                diagnostics.push(diagnostic(problem, &field.at, 0));
                return None;
            }
        };
        let text = field.value.get(parts.expression.clone())?;
        let bound = bind(
            self.cx,
            text,
            &field.at,
            parts.expression.start,
            scope,
            sql::Context::Output,
            diagnostics,
        )?;
        let name = match parts.alias {
            Some((alias, _)) => Some(alias),
            None if bound.expr.is_column() || bound.expr.is_qualified_column() => bound
                .columns
                .first()
                .and_then(|(r, c)| scope.relations.get(*r)?.columns.get(*c))
                .map(|c| c.column.clone()),
            None => bound.expr.function_name().map(Ident::new),
        };
        let Some(name) = name else {
            diagnostics.push(
                Diagnostic::error(
                    Code::InvalidExpression,
                    &field.at,
                    format!("this column of `{}` has no name", entity.name),
                )
                .hint(format!("write `{} as some_name`", field.value.trim())),
            );
            return None;
        };
        if name.as_str().is_empty() || name.as_str().len() > Ident::MAX_BYTES {
            diagnostics.push(
                Diagnostic::error(
                    Code::InvalidName,
                    &field.at,
                    "a column's name has from 1 to 63 bytes",
                )
                .hint("choose another name after `as`"),
            );
            return None;
        }
        Some((name, bound))
    }

    pub(super) fn report_same_names(&self, diagnostics: &mut Diagnostics) {
        let mut seen: BTreeMap<&Ident, &Place> = BTreeMap::new();
        for output in &self.outputs {
            if let Some(first) = seen.insert(&output.name, &output.at) {
                diagnostics.push(
                    Diagnostic::error(
                        Code::DuplicateName,
                        &output.at,
                        format!(
                            "two columns of this projection are called `{}`",
                            output.name.as_str()
                        ),
                    )
                    .related(first, "the other one")
                    .hint("give one of them a name of its own with `as`"),
                );
            }
        }
    }
}
