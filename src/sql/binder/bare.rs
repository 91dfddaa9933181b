//! Values that SQL calls by a bare word: `CURRENT_DATE`, USER.

use std::ops::Range;

use sqlparser::ast;

use super::super::Context;
use super::super::lex::invalid;
use super::super::remedy::Culprit;
use super::super::types::Ty;
use super::{Binder, Part};
use crate::pg::Volatility;

impl Binder<'_> {
    /// The values that SQL calls by a bare word.
    pub(super) fn bare_function(&mut self, name: &str, span: &Range<usize>) -> Option<Part> {
        let folded = name.to_ascii_lowercase();
        let ty = match folded.as_str() {
            "current_date" => "date",
            "current_time" => "timetz",
            "current_timestamp" => "timestamptz",
            "localtime" => "time",
            "localtimestamp" => "timestamp",
            "current_user" | "session_user" | "user" | "current_role" | "current_catalog"
            | "current_schema" => "name",
            _ => return None,
        };
        if folded == "user" && self.context != Context::Default && self.has_column("user") {
            self.report(
                invalid(
                    "a bare `user` is the name of the database user, not the column",
                    span.clone(),
                )
                .with_hint("write \"user\", in double quotes, for the column"),
            );
            return None;
        }
        let types = self.types;
        let culprit = Culprit::Function {
            name: &folded,
            inputs: &[],
            arguments: &[],
            by_conversion: false,
            types: &types,
        };
        self.account(Volatility::Stable, &culprit, span.clone());
        Some(Part::new(Ty::core(ty), Volatility::Stable))
    }

    /// `current_timestamp(3)`.
    pub(super) fn with_precision(
        &mut self,
        part: Part,
        list: &ast::FunctionArgumentList,
        name: &str,
        span: &Range<usize>,
    ) -> Option<Part> {
        let digits = match self.plain_arguments(list, name, span)?.as_slice() {
            [ast::Expr::Value(value)] => match &value.value {
                ast::Value::Number(digits, _) => digits.parse::<i32>().ok(),
                _ => None,
            },
            _ => None,
        };
        match digits {
            Some(digits) => Some(Part {
                modifiers: vec![digits.min(6)],
                ..part
            }),
            None => self.refuse(
                format!("{name} takes nothing, or a number of digits in parentheses"),
                span.clone(),
            ),
        }
    }

    fn has_column(&self, name: &str) -> bool {
        self.scope
            .relations
            .iter()
            .filter(|r| r.unqualified)
            .flat_map(|r| &r.columns)
            .any(|c| c.names.contains(&name))
    }
}
