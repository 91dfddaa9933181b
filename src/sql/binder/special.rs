//! Functions that SQL gives a syntax of their own: EXTRACT, SUBSTRING … FROM, AT TIME ZONE.

use sqlparser::ast::{self, CeilFloorKind, DateTimeField, TrimWhereField};

use super::super::lex::invalid;
use super::super::types::Ty;
use super::{Binder, Part, nearest};
use crate::pg::Volatility;

const FIELDS: &[&str] = &[
    "century",
    "day",
    "decade",
    "dow",
    "doy",
    "epoch",
    "hour",
    "isodow",
    "isoyear",
    "julian",
    "microseconds",
    "millennium",
    "milliseconds",
    "minute",
    "month",
    "quarter",
    "second",
    "timezone",
    "timezone_hour",
    "timezone_minute",
    "week",
    "year",
];

impl Binder<'_> {
    /// Any of them.
    pub(super) fn special_call(&mut self, whole: &ast::Expr) -> Option<Part> {
        let span = self.span(whole);
        let text = || Part::new(Ty::Unknown, Volatility::Immutable);
        match whole {
            ast::Expr::AtTimeZone {
                timestamp,
                time_zone,
            } => {
                let parts = self.walk_all([time_zone.as_ref(), timestamp.as_ref()])?;
                self.named_call("timezone", &parts, span)
            }
            ast::Expr::Extract {
                field,
                syntax: ast::ExtractSyntax::From,
                expr,
            } => {
                self.check_field(field, whole)?;
                let part = self.walk(expr)?;
                // The field is a typed constant, so that an untyped second argument is no reason for doubt.
                self.named_call("extract", &[Part::constant("text"), part], span)
            }
            ast::Expr::Ceil { expr, field } => self.rounded("ceil", whole, expr, field),
            ast::Expr::Floor { expr, field } => self.rounded("floor", whole, expr, field),
            ast::Expr::Position { expr, r#in } => {
                let parts = self.walk_all([r#in.as_ref(), expr.as_ref()])?;
                self.named_call("position", &parts, span)
            }
            ast::Expr::Substring {
                expr,
                substring_from,
                substring_for,
                special: _,
                shorthand,
            } => {
                let name = if *shorthand { "substr" } else { "substring" };
                let mut parts = vec![self.walk(expr)?];
                match substring_from {
                    Some(from) => parts.push(self.walk(from)?),
                    // SUBSTRING(a FOR 3) starts at 1.
                    None => parts.push(Part::constant("int4")),
                }
                if let Some(length) = substring_for {
                    parts.push(self.walk(length)?);
                }
                self.named_call(name, &parts, span)
            }
            ast::Expr::Trim {
                trim_where,
                trim_what,
                expr,
                trim_characters,
            } => {
                let name = match trim_where {
                    Some(TrimWhereField::Leading) => "ltrim",
                    Some(TrimWhereField::Trailing) => "rtrim",
                    Some(TrimWhereField::Both) | None => "btrim",
                };
                let mut parts = vec![self.walk(expr)?];
                for what in trim_what
                    .iter()
                    .map(AsRef::as_ref)
                    .chain(trim_characters.iter().flatten())
                {
                    parts.push(self.walk(what)?);
                }
                self.named_call(name, &parts, span)
            }
            ast::Expr::Overlay {
                expr,
                overlay_what,
                overlay_from,
                overlay_for,
            } => {
                let mut parts =
                    self.walk_all([expr.as_ref(), overlay_what.as_ref(), overlay_from.as_ref()])?;
                if let Some(length) = overlay_for {
                    parts.push(self.walk(length)?);
                }
                self.named_call("overlay", &parts, span)
            }
            ast::Expr::IsNormalized { expr, .. } => {
                let part = self.walk(expr)?;
                self.named_call("is_normalized", &[part, text()], span)
            }
            _ => self.unsupported(whole),
        }
    }

    fn rounded(
        &mut self,
        name: &str,
        whole: &ast::Expr,
        expr: &ast::Expr,
        field: &CeilFloorKind,
    ) -> Option<Part> {
        if !matches!(
            field,
            CeilFloorKind::DateTimeField(DateTimeField::NoDateTime)
        ) {
            return self.unsupported(whole);
        }
        let part = self.walk(expr)?;
        self.named_call(name, &[part], self.span(whole))
    }

    fn check_field(&mut self, field: &DateTimeField, whole: &ast::Expr) -> Option<()> {
        let written = field.to_string().to_lowercase();
        let name = written.trim_matches('\'').trim_matches('"');
        // The server takes plurals as well.
        let known = |n: &str| FIELDS.contains(&n);
        if known(name) || name.strip_suffix('s').is_some_and(known) || known(&format!("{name}s")) {
            return Some(());
        }
        let span = self.span(whole);
        let hint = match nearest(name, FIELDS.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there is {}", FIELDS.join(", ")),
        };
        self.report(
            invalid(format!("`{name}` is no part of a date or time"), span).with_hint(hint),
        );
        None
    }
}
