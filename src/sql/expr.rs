//! An SQL expression as text that is known to be one expression.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Ident, Literal, TypeName};

/// One complete SQL expression. Made only by binding what an author wrote, by the constructors here, or by reading
/// what a server printed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Expr(String);

impl Expr {
    /// Only `sql` itself vouches for text.
    pub(super) fn vouched(text: String) -> Self {
        Self(text)
    }

    /// A column by its name.
    pub fn column(name: &Ident) -> Self {
        Self(name.to_string())
    }

    /// A column of a relation or alias.
    pub fn qualified_column(relation: &Ident, name: &Ident) -> Self {
        Self(format!("{relation}.{name}"))
    }

    /// A string constant.
    pub fn string(value: &str) -> Self {
        Self(Literal::new(value).to_string())
    }

    /// A whole number.
    pub fn integer(value: i64) -> Self {
        Self(value.to_string())
    }

    /// A number that the caller has checked to be one.
    pub fn number(digits: &str) -> Self {
        Self(digits.to_owned())
    }

    /// `ARRAY[…]`.
    pub fn array(elements: &[Self]) -> Self {
        Self(format!("ARRAY[{}]", list(elements)))
    }

    /// `value IN (…)`.
    pub fn in_list(value: &Self, members: &[Self]) -> Self {
        Self(format!("{} IN ({})", value.term(), list(members)))
    }

    /// `value[n]`.
    pub fn subscript(value: &Self, n: i64) -> Self {
        Self(format!("{}[{n}]", value.term()))
    }

    /// A function call.
    pub fn call(function: &str, arguments: &[Self]) -> Self {
        Self(format!("{function}({})", list(arguments)))
    }

    /// `left operator right`; operands that are no simple term are put in parentheses.
    pub fn binary(left: &Self, operator: &str, right: &Self) -> Self {
        Self(format!("{} {operator} {}", left.term(), right.term()))
    }

    /// All of the operands joined by one associative operator (`||`, `AND`, `OR`); `None` of no operand.
    pub fn joined(operator: &str, operands: &[Self]) -> Option<Self> {
        match operands {
            [] => None,
            [one] => Some(one.clone()),
            many => Some(Self(
                many.iter()
                    .map(Self::term)
                    .collect::<Vec<_>>()
                    .join(&format!(" {operator} ")),
            )),
        }
    }

    /// `expression::type`.
    pub fn cast(&self, ty: &TypeName) -> Self {
        Self(format!("{}::{ty}", self.term()))
    }

    /// The text, as it stands in SQL.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text in parentheses unless it is a column, a constant or a call already.
    pub fn term(&self) -> String {
        if self.is_column() || self.is_constant() || self.is_call() {
            self.0.clone()
        } else {
            format!("({})", self.0)
        }
    }

    /// A lone column name.
    pub fn is_column(&self) -> bool {
        todo!()
    }

    /// A lone constant: number, string, boolean, NULL, with or without a cast.
    pub fn is_constant(&self) -> bool {
        todo!()
    }

    /// One function call with nothing around it: the only expression that an index key takes without parentheses.
    pub fn is_call(&self) -> bool {
        todo!()
    }
}

fn list(expressions: &[Expr]) -> String {
    expressions
        .iter()
        .map(Expr::as_str)
        .collect::<Vec<_>>()
        .join(", ")
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
