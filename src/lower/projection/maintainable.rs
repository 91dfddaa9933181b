//! What a projection that is kept row by row may hold: nothing whose value depends on more than the rows.

use super::Builder;
use crate::catalog::Source;
use crate::diagnose::{Code, Diagnostic, Diagnostics, Place};
use crate::pg::Volatility;
use crate::sql::{self, Expr, TimeBound};

impl Builder<'_> {
    /// Reports what cannot be maintained.
    pub(super) fn check_maintainable(&self, diagnostics: &mut Diagnostics) {
        for output in &self.outputs {
            // An aggregate is computed where its rows are collected, and put out by its name there.
            let computed = self.joins.iter().find_map(|join| match &join.source {
                Source::Subquery { query, .. } => {
                    query.columns.iter().find(|c| c.name == output.name)
                }
                Source::Table { .. } | Source::Values { .. } | Source::Function { .. } => None,
            });
            let expression = computed.map_or(&output.expression, |column| &column.expression);
            if output.volatility != Volatility::Immutable {
                diagnostics.push(changes_by_itself(expression.as_str(), &output.at));
            }
            Self::check_order(expression, &output.at, diagnostics);
        }
        for condition in &self.conditions {
            if condition.volatility == Volatility::Immutable {
                continue;
            }
            if !condition.of_projection {
                diagnostics.push(changes_by_itself(
                    condition.expression.as_str(),
                    &condition.at,
                ));
                continue;
            }
            self.check_time(&condition.expression, &condition.at, diagnostics);
        }
    }

    /// The filter by the time of the moment, and the bounds on time that rows fall behind.
    pub(super) fn on_time(&self) -> (Option<Expr>, Vec<TimeBound>) {
        let mut bounds = Vec::new();
        let mut parts = Vec::new();
        for condition in self.conditions.iter().filter(|c| c.of_projection) {
            if condition.volatility == Volatility::Immutable {
                parts.push(condition.expression.clone());
                continue;
            }
            for part in condition.expression.conjuncts() {
                match TimeBound::read(&part) {
                    Some(bound) => {
                        parts.push(bound.with_clock("clock_timestamp"));
                        bounds.push(bound);
                    }
                    None => parts.push(part),
                }
            }
        }
        (Expr::joined("AND", &parts), bounds)
    }

    fn check_order(expression: &Expr, at: &Place, diagnostics: &mut Diagnostics) {
        if let Some(name) = expression.unordered_aggregate() {
            diagnostics.push(
                Diagnostic::error(
                    Code::CannotMaintainIncrementally,
                    at,
                    format!("`{name}` puts rows in no certain order, so what it gives is not determined by the rows"),
                )
                .hint(format!("write the order: `{name}(… ORDER BY …)`; or use `mode: commit`")),
            );
        }
    }

    /// Of what time changes, only a column that falls behind a moving bound can be found by an index.
    fn check_time(&self, condition: &Expr, at: &Place, diagnostics: &mut Diagnostics) {
        let mut bounds = 0;
        let mut refused = false;
        let scope = self.scope(None);
        for part in condition.conjuncts() {
            let Some(bound) = TimeBound::read(&part) else {
                let bound = sql::bind(
                    part.as_str(),
                    &scope,
                    sql::Context::Filter,
                    self.cx.knowledge,
                );
                if bound.is_ok_and(|bound| bound.volatility != Volatility::Immutable) {
                    refused = true;
                    diagnostics.push(changes_by_itself(part.as_str(), at));
                }
                continue;
            };
            bounds += 1;
            let output = self.outputs.iter().find(|o| o.expression == bound.column);
            match output {
                Some(output) if output.root_column.is_some() && output.ty.is("timestamptz") => {}
                Some(output) if output.root_column.is_some() => diagnostics.push(
                    Diagnostic::error(
                        Code::CannotMaintainIncrementally,
                        at,
                        format!("`{}` is {}, which is compared with the time in the zone of each session", bound.column, output.ty),
                    )
                    .hint("make the field timestamptz, or use `mode: queued`"),
                ),
                _ => diagnostics.push(
                    Diagnostic::error(
                        Code::CannotMaintainIncrementally,
                        at,
                        format!("`{}` is not put out: rows whose time is over are found by an index on it", bound.column),
                    )
                    .hint("add it to the fields of the root, or use `mode: queued`"),
                ),
            }
        }
        if bounds == 0 && !refused {
            diagnostics.push(changes_by_itself(condition.as_str(), at));
        }
    }
}

fn changes_by_itself(text: &str, at: &Place) -> Diagnostic {
    Diagnostic::error(
        Code::CannotMaintainIncrementally,
        at,
        format!("`{text}` can change, or differ between sessions, while no row changes"),
    )
    .hint("of conditions on time only `column > now() - interval '…'` in `filters:` is kept; for all else use `mode: commit` or `mode: queued`")
}
