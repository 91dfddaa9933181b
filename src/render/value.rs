//! What a template may print.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::{self, Display, Write};
use std::sync::Arc;

use minijinja::Value;
use minijinja::value::{Object, ObjectRepr};

use super::RenderError;
use crate::sql::{Expr, Ident, Literal, QualifiedName, ServerText, TypeName};

/// No name or text of a server holds a NUL.
const BODY_QUOTE: &str = "\0$\0";

/// Quotes bodies by a tag that nothing in the statement contains, whatever that is made of.
pub(super) fn with_body_quotes(text: String) -> String {
    if !text.contains(BODY_QUOTE) {
        return text;
    }
    let numbered = (1_u32..).map(|number| format!("$function_{number}$"));
    let tag = std::iter::once("$function$".to_owned())
        .chain(numbered)
        .find(|tag| !text.contains(tag.as_str()));
    text.replace(BODY_QUOTE, &tag.unwrap_or_default())
}

/// A piece of SQL. It is made only from values that print themselves safely, and from words of this program.
#[derive(Debug)]
pub struct Sql(Cow<'static, str>);

impl Sql {
    /// A word or words of the language.
    pub fn keyword(word: &'static str) -> Self {
        Self(Cow::Borrowed(word))
    }

    /// A whole number.
    pub fn number(number: i64) -> Self {
        Self(number.to_string().into())
    }

    /// White space to indent with.
    pub fn spaces(count: usize) -> Self {
        Self(" ".repeat(count).into())
    }

    /// Values between commas.
    pub fn list<T: Into<Self>>(items: impl IntoIterator<Item = T>) -> Self {
        Self::joined(", ", items)
    }

    /// Values between commas, in parentheses.
    pub fn tuple<T: Into<Self>>(items: impl IntoIterator<Item = T>) -> Self {
        Self(format!("({})", Self::list(items).0).into())
    }

    /// Values between spaces.
    pub fn words(items: impl IntoIterator<Item = Self>) -> Self {
        Self::joined(" ", items)
    }

    fn joined<T: Into<Self>>(separator: &'static str, items: impl IntoIterator<Item = T>) -> Self {
        // Room for most lists, which would grow several times.
        let mut text = String::with_capacity(64);
        for item in items {
            if !text.is_empty() {
                text.push_str(separator);
            }
            text.push_str(&item.into().0);
        }
        Self(text.into())
    }

    /// An expression where the grammar wants a term: in parentheses unless it is a column, a constant or a call.
    pub fn term(expr: &Expr) -> Self {
        Self(expr.term().into())
    }

    /// An expression in parentheses.
    pub fn in_parentheses(expr: &Expr) -> Self {
        Self(format!("({expr})").into())
    }

    /// A piece in parentheses.
    pub fn parenthesised(inner: &Self) -> Self {
        Self(format!("({})", inner.0).into())
    }

    /// `name (parameter = value, …)`.
    pub fn with_parameters(name: Self, parameters: &BTreeMap<Ident, String>) -> Self {
        if parameters.is_empty() {
            return name;
        }
        Self(format!("{} ({})", name.0, Self::parameters(parameters).0).into())
    }

    /// `parameter = value, …`.
    pub fn parameters(parameters: &BTreeMap<Ident, String>) -> Self {
        Self::list(parameters.iter().map(|(name, value)| {
            let value = Literal::new(value);
            Self(format!("{name} = {value}").into())
        }))
    }

    /// Storage parameters of a table and, with the prefix `toast.`, of its TOAST table.
    pub fn storage_parameters(parameters: &BTreeMap<String, String>) -> Self {
        Self::list(parameters.iter().map(|(name, value)| {
            let value = Literal::new(value);
            let text = match name.split_once('.') {
                Some((space, name)) => {
                    format!("{}.{} = {value}", Ident::from(space), Ident::from(name))
                }
                None => format!("{} = {value}", Ident::from(name.as_str())),
            };
            Self(text.into())
        }))
    }

    /// `schema.name`, or the name alone.
    pub fn qualified(schema: Option<&Ident>, name: &Ident) -> Self {
        match schema {
            Some(schema) => Self(format!("{schema}.{name}").into()),
            None => Self::from(name),
        }
    }

    /// A routine with the arguments that tell it from others of its name.
    pub fn routine(name: &QualifiedName, arguments: &ServerText) -> Self {
        Self(format!("{name}({arguments})").into())
    }

    /// `value AS name`.
    pub fn aliased(value: &Expr, name: &Ident) -> Self {
        Self(format!("{value} AS {name}").into())
    }

    /// A parameter: `name type`.
    pub fn typed(name: &Ident, ty: &TypeName) -> Self {
        Self(format!("{name} {ty}").into())
    }

    /// `DOMAIN name`: whose constraint is meant.
    pub fn domain(name: &QualifiedName) -> Self {
        Self(format!("DOMAIN {name}").into())
    }

    /// `ONLY table`: without its partitions.
    pub fn only(table: &QualifiedName) -> Self {
        Self(format!("ONLY {table}").into())
    }

    /// Where the quote of a function's body stands until [`with_body_quotes`] puts it there.
    pub fn body_quote() -> Self {
        Self(Cow::Borrowed(BODY_QUOTE))
    }

    /// An operator, which holds nothing but the characters of one.
    /// <https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-OPERATORS>
    pub fn operator(operator: &str) -> Result<Self, RenderError> {
        let comment = operator.contains("--") || operator.contains("/*");
        if operator.is_empty()
            || comment
            || !operator.chars().all(|c| "+-*/<>=~!@#%^&|`?".contains(c))
        {
            return Err(RenderError::NotAnOperator {
                operator: operator.to_owned(),
            });
        }
        Ok(Self(operator.to_owned().into()))
    }

    fn print(value: &impl Display) -> Self {
        // Room for most names and types, which come in several pieces.
        let mut text = String::with_capacity(32);
        // Writing to a string cannot fail.
        let _ = write!(text, "{value}");
        Self(text.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&Ident> for Sql {
    fn from(value: &Ident) -> Self {
        Self::print(value)
    }
}

impl From<&QualifiedName> for Sql {
    fn from(value: &QualifiedName) -> Self {
        Self::print(value)
    }
}

impl From<&TypeName> for Sql {
    fn from(value: &TypeName) -> Self {
        Self::print(value)
    }
}

impl From<&Literal> for Sql {
    fn from(value: &Literal) -> Self {
        Self::print(value)
    }
}

impl From<&ServerText> for Sql {
    fn from(value: &ServerText) -> Self {
        Self(value.as_str().to_owned().into())
    }
}

impl From<&Expr> for Sql {
    fn from(value: &Expr) -> Self {
        Self(value.as_str().to_owned().into())
    }
}

impl From<Sql> for Value {
    fn from(sql: Sql) -> Self {
        Self::from_object(sql)
    }
}

impl Object for Sql {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A piece of SQL as a template receives it.
pub(super) fn sql(value: impl Into<Sql>) -> Value {
    value.into().into()
}

/// The same for a value that may be missing.
pub(super) fn optional<T: Into<Sql>>(value: Option<T>) -> Value {
    value.map_or(Value::from(()), sql)
}

/// Storage parameters; nothing where there are none.
pub(super) fn parameters(parameters: &BTreeMap<Ident, String>) -> Value {
    optional((!parameters.is_empty()).then(|| Sql::parameters(parameters)))
}

/// Named values as a template receives them. A handful of names is searched faster than a map is built, and a schema has
/// hundreds of thousands of these.
pub(super) struct Record<const N: usize>(pub [(&'static str, Value); N]);

impl<const N: usize> fmt::Debug for Record<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map()
            .entries(self.0.iter().map(|(name, value)| (name, value)))
            .finish()
    }
}

impl<const N: usize> Object for Record<N> {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        let (_, value) = self.0.iter().find(|(name, _)| *name == key)?;
        Some(value.clone())
    }

    fn is_true(self: &Arc<Self>) -> bool {
        true
    }
}

/// Makes a [`Record`]: `record! { name => value, flag => true }`.
macro_rules! record {
    ($($name:ident => $value:expr),* $(,)?) => {
        minijinja::Value::from_object($crate::render::value::Record([
            $((stringify!($name), minijinja::Value::from($value)),)*
        ]))
    };
}

pub(super) use record;
