//! Binding of the authors' expressions, with problems turned into diagnostics at their place.

use super::Context;
use crate::diagnose::{Code, Diagnostic, Diagnostics, Place};
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
            let after_effect = reads_untyped(text, scope);
            for problem in problems {
                let of_types = matches!(
                    problem.code,
                    Code::InvalidExpression | Code::UnknownFunction
                );
                if of_types && after_effect {
                    continue;
                }
                diagnostics.push(diagnostic(problem, at, offset));
            }
            None
        }
    }
}

/// Whether the text names a column whose type could not be read. That was reported, and what follows from it is no news.
fn reads_untyped(text: &str, scope: &Scope<'_>) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    scope
        .relations
        .iter()
        .flat_map(|r| &r.columns)
        .filter(|c| c.ty.is("unknown"))
        .any(|c| {
            text.split(|c| !is_word(c))
                .any(|word| c.names.contains(&word))
        })
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
