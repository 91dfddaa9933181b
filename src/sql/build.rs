//! Expressions that the compiler writes itself.

use super::{Expr, Ident, QualifiedName, TypeName};

impl Expr {
    /// NULL.
    pub fn null() -> Self {
        Self::vouched("NULL".into())
    }

    /// TRUE or FALSE.
    pub fn boolean(value: bool) -> Self {
        Self::vouched(if value { "TRUE" } else { "FALSE" }.into())
    }

    /// CASE with a value for the first condition that holds; NULL where none does. A line each, as in a list of columns.
    pub fn case(branches: &[(Self, Self)]) -> Self {
        let branches: Vec<String> = branches
            .iter()
            .map(|(condition, value)| {
                format!(
                    "\n        WHEN {} THEN {}",
                    condition.as_str(),
                    value.as_str()
                )
            })
            .collect();
        Self::vouched(format!("CASE{}\n    END", branches.concat()))
    }

    /// `value IS NULL`.
    pub fn is_null(value: &Self) -> Self {
        Self::vouched(format!("{} IS NULL", value.term()))
    }

    /// `value IS NOT NULL`.
    pub fn is_not_null(value: &Self) -> Self {
        Self::vouched(format!("{} IS NOT NULL", value.term()))
    }

    /// `NOT (condition)`.
    pub fn negated(condition: &Self) -> Self {
        Self::vouched(format!("NOT ({condition})"))
    }

    /// Whether a row's values are one of those that stand side by side in a function's first parameters, which are arrays.
    pub fn among_parameters(values: &[Self]) -> Self {
        let arrays: Vec<String> = (1..=values.len()).map(|n| format!("${n}")).collect();
        let arrays = arrays.join(", ");
        Self::vouched(match values {
            [value] => format!("{value} = ANY ({arrays})"),
            values => format!(
                "({}) IN (SELECT * FROM unnest({arrays}) AS wanted)",
                list(values)
            ),
        })
    }

    /// The `*` of `count(*)`.
    pub fn all_rows() -> Self {
        Self::vouched("*".into())
    }

    /// A number that the caller has checked to be one.
    pub fn number(digits: &str) -> Self {
        Self::vouched(digits.to_owned())
    }

    /// `ARRAY[…]`.
    pub fn array(elements: &[Self]) -> Self {
        Self::vouched(format!("ARRAY[{}]", list(elements)))
    }

    /// `value IN (…)`.
    pub fn in_list(value: &Self, members: &[Self]) -> Self {
        Self::vouched(format!("{} IN ({})", value.term(), list(members)))
    }

    /// `value BETWEEN low AND high`, or one comparison where a bound is missing; `None` where both are.
    pub fn within(value: &Self, low: Option<&Self>, high: Option<&Self>) -> Option<Self> {
        match (low, high) {
            (None, None) => None,
            (Some(low), None) => Some(Self::binary(value, ">=", low)),
            (None, Some(high)) => Some(Self::binary(value, "<=", high)),
            (Some(low), Some(high)) => Some(Self::vouched(format!(
                "{} BETWEEN {} AND {}",
                value.term(),
                low.term(),
                high.term()
            ))),
        }
    }

    /// All of the conditions, none of which has an OR outside parentheses.
    pub fn every(conditions: &[Self]) -> Option<Self> {
        let texts: Vec<&str> = conditions.iter().map(Self::as_str).collect();
        (!texts.is_empty()).then(|| Self::vouched(texts.join(" AND ")))
    }

    /// `value operator ALL (array)`.
    pub fn all(value: &Self, operator: &str, array: &Self) -> Self {
        Self::vouched(format!("{} {operator} ALL ({array})", value.term()))
    }

    /// `value[n]`.
    pub fn subscript(value: &Self, n: i64) -> Self {
        Self::vouched(format!("{}[{n}]", value.term()))
    }

    /// The name of the function whose call begins the expression, in lower case; `FILTER` and the like may follow the call.
    pub fn function_name(&self) -> Option<String> {
        let (name, _) = self.as_str().split_once('(')?;
        let word = name.trim();
        let plain = !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        let call = self.as_str().split(" FILTER").next().unwrap_or_default();
        (plain && Self::vouched(call.to_owned()).is_call()).then(|| word.to_ascii_lowercase())
    }
}

fn list(expressions: &[Expr]) -> String {
    expressions
        .iter()
        .map(Expr::as_str)
        .collect::<Vec<_>>()
        .join(", ")
}

impl TypeName {
    /// The same with the schema written out where it is the core's: for the bodies of functions, which run in sessions that may
    /// have types of their own by that name. The type must not be one of an extension.
    #[must_use]
    pub fn in_catalog(mut self) -> Self {
        self.schema.get_or_insert_with(|| Ident::new("pg_catalog"));
        self
    }

    /// The name of a type that the project makes.
    pub fn qualified(&self) -> Option<QualifiedName> {
        let schema = self.schema.clone()?;
        Some(QualifiedName {
            schema,
            name: Ident::new(self.name.as_str()),
        })
    }
}
