//! Binding of the authors' expressions, with problems turned into diagnostics at their place.

use super::Context;
use crate::diagnose::{Diagnostic, Diagnostics, Place};
use crate::sql::{self, Bound, Problem, Scope};

/// Binds the expression that begins at `offset` of the scalar at `at`. `None`: reported.
pub fn bind(
    cx: &Context<'_>,
    text: &str,
    at: &Place,
    offset: usize,
    scope: &Scope<'_>,
    context: sql::Context,
    diagnostics: &mut Diagnostics,
) -> Option<Bound> {
    match sql::bind(text, scope, context, cx.knowledge) {
        Ok(bound) => Some(bound),
        Err(problems) => {
            for problem in problems {
                diagnostics.push(diagnostic(problem, at, offset));
            }
            None
        }
    }
}

/// A problem in an expression that begins at `offset` of the scalar at `at`.
pub fn diagnostic(problem: Problem, at: &Place, offset: usize) -> Diagnostic {
    let span = problem.span.start + offset..problem.span.end + offset;
    let diagnostic = Diagnostic::error(problem.code, &at.within(span), problem.message);
    match problem.hint {
        Some(hint) => diagnostic.hint(hint),
        None => diagnostic,
    }
}
