//! `= …` and `default:`: a literal or an SQL expression; which of them depends on the field's type.

use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock};

use super::Context;
use super::bind::bind;
use super::default_value;
use crate::diagnose::{Code, Diagnostic, Diagnostics, Place};
use crate::resolve::Column;
use crate::sql::{self, Bound, Expr, Scope, TypeName};
use crate::syntax::{DefaultSpec, Scalar, Text};

/// Defaults that were bound, by their text. A default sees no column, so what it means is the same in every table, and a
/// schema has the same few thousands of times: `now()`, `0`, `true`. Text in quotes is left out: it may have to be one of
/// the labels of a type that only this table has.
#[derive(Default)]
pub struct Known(RwLock<BTreeMap<String, Bound>>);

impl Known {
    /// What a text means; found once. `None`: `bind` has reported why it means nothing.
    fn get(&self, text: &str, bind: impl FnOnce() -> Option<Bound>) -> Option<Bound> {
        if text.contains(['\'', '$']) {
            return bind();
        }
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(bound) = known.get(text) {
            return Some(bound.clone());
        }
        drop(known);
        let bound = bind()?;
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(text.to_owned(), bound.clone());
        Some(bound)
    }
}

/// The default of a column that the author wrote. `None`: there is none (`null`), or it was reported.
pub fn written(
    cx: &Context<'_>,
    column: &Column,
    ty: &TypeName,
    spec: &DefaultSpec,
    scope: &Scope<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Expr> {
    match spec {
        DefaultSpec::Scalar(scalar) => {
            let text = match &scalar.value {
                Scalar::Null => return None,
                Scalar::Bool(value) => value.to_string(),
                Scalar::Number(number) => number.clone(),
                Scalar::String(text) => text.clone(),
            };
            if is_words(cx.labels(column), ty) {
                check(cx, column, ty, &text, &scalar.at, diagnostics)?;
                return Some(Expr::string(&text));
            }
            bound(
                cx,
                column,
                ty,
                &Text {
                    text,
                    at: scalar.at.clone(),
                    offset: 0,
                },
                scope,
                diagnostics,
            )
        }
        DefaultSpec::Text(text) => {
            let bare = text.text.trim();
            if bare.eq_ignore_ascii_case("null") {
                return None;
            }
            let labels = cx.labels(column);
            let is_label = labels.is_some_and(|labels| labels.iter().any(|label| label == bare));
            if is_words(labels, ty) && (is_label || is_bare_words(bare)) {
                check(cx, column, ty, bare, &span_of(text), diagnostics)?;
                return Some(Expr::string(bare));
            }
            bound(cx, column, ty, text, scope, diagnostics)
        }
    }
}

/// An expression that the column takes; else the text itself, where that is a value of the column's type: `2024-01-31`, `{}`.
fn bound(
    cx: &Context<'_>,
    column: &Column,
    ty: &TypeName,
    text: &Text,
    scope: &Scope<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Expr> {
    let value = text.text.trim();
    if let Some(meant) = boolean_word(ty, value) {
        diagnostics.push(
            Diagnostic::error(
                Code::InvalidExpression,
                &span_of(text),
                format!("`{value}` is no boolean of SQL"),
            )
            .hint(format!("write `{meant}`")),
        );
        return None;
    }
    let mut problems = Diagnostics::default();
    let expression = expression(cx, ty, text, scope, &mut problems);
    if expression.is_some() {
        if let Some(value) = constant(value) {
            check(cx, column, ty, &value, &span_of(text), diagnostics)?;
        }
        return expression;
    }
    let checked = CHECKED.iter().any(|t| ty.name.as_str() == *t) || ty.array;
    let plain = !value.is_empty() && !value.contains(['(', ')', '\'', ';']);
    if (checked || plain)
        && !value.starts_with('\'')
        && !value.chars().next().is_some_and(char::is_alphabetic)
        && sql::unreadable(value, ty, &cx.extensions, cx.knowledge).is_none()
    {
        check(cx, column, ty, value, &span_of(text), diagnostics)?;
        return Some(Expr::string(value));
    }
    diagnostics.append(problems);
    None
}

/// Types of which it can be told offline whether a text is one of their values.
const CHECKED: [&str; 3] = ["json", "jsonb", "uuid"];

/// An expression that is bound, and that the column takes.
fn expression(
    cx: &Context<'_>,
    ty: &TypeName,
    text: &Text,
    scope: &Scope<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Expr> {
    // A default sees no column, but a name that is one is told so.
    let bound = cx.defaults.get(&text.text, || {
        bind(
            cx,
            &text.text,
            &text.at,
            text.offset,
            scope,
            sql::Context::Default,
            diagnostics,
        )
    })?;
    let at = span_of(text);
    if !sql::assignable(bound.ty.as_ref(), ty, &cx.extensions, cx.knowledge) {
        let found = bound
            .ty
            .as_ref()
            .map_or_else(|| "text".to_owned(), ToString::to_string);
        diagnostics.push(
            Diagnostic::error(
                Code::InvalidExpression,
                &at,
                format!("the default is {found}, and no assignment turns that into {ty}"),
            )
            .hint(format!("write a value of type {ty}, or cast it")),
        );
        return None;
    }
    if bound.ty.is_none()
        && let Some(value) = quoted(text.text.trim())
        && let Some(expected) = sql::unreadable(&value, ty, &cx.extensions, cx.knowledge)
    {
        diagnostics.push(
            Diagnostic::error(
                Code::InvalidExpression,
                &at,
                format!("`{value}` is no value of type {ty}"),
            )
            .hint(expected),
        );
        return None;
    }
    Some(bound.expr)
}

/// Text and enums: a bare word is the value itself.
fn is_words(labels: Option<&[String]>, ty: &TypeName) -> bool {
    !ty.array && (ty.is_textual() || labels.is_some())
}

/// Words without any sign that they are SQL; `current_user` and its like are.
fn is_bare_words(text: &str) -> bool {
    const FUNCTIONS: &[&str] = &[
        "current_user",
        "session_user",
        "current_role",
        "user",
        "current_catalog",
        "current_schema",
        "current_date",
        "current_time",
        "current_timestamp",
        "localtime",
        "localtimestamp",
    ];
    !text.is_empty()
        && !FUNCTIONS.iter().any(|f| text.eq_ignore_ascii_case(f))
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || " _-./:@+#%&!?,;".contains(c))
        && !text.contains("::")
        && !text.contains("--")
}

/// The value of a text that is one quoted SQL string.
fn quoted(text: &str) -> Option<String> {
    let inner = text.strip_prefix('\'')?.strip_suffix('\'')?;
    let value = inner.replace("''", "\u{0}");
    (!value.contains('\'')).then(|| value.replace('\u{0}', "'"))
}

/// What a word that other formats have for a boolean is here.
fn boolean_word(ty: &TypeName, value: &str) -> Option<&'static str> {
    if !ty.is("bool") {
        return None;
    }
    match value.to_ascii_lowercase().as_str() {
        "yes" | "on" | "y" | "t" | "1" => Some("true"),
        "no" | "off" | "n" | "f" | "0" => Some("false"),
        _ => None,
    }
}

fn span_of(text: &Text) -> Place {
    text.at.within(text.offset..text.offset + text.text.len())
}

/// Reports a value that the column does not take.
fn check(
    cx: &Context<'_>,
    column: &Column,
    ty: &TypeName,
    value: &str,
    at: &Place,
    diagnostics: &mut Diagnostics,
) -> Option<()> {
    match default_value::refused(cx, column, ty, value, at) {
        Some(problem) => {
            diagnostics.push(problem);
            None
        }
        None => Some(()),
    }
}

/// The value of a text that is a constant and nothing else.
fn constant(text: &str) -> Option<String> {
    let digits = |c: char| c.is_ascii_digit() || ".+-".contains(c);
    let number = text.parse::<f64>().is_ok() && text.chars().all(digits);
    quoted(text).or_else(|| number.then(|| text.to_owned()))
}
