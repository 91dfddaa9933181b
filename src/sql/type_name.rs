//! Type names.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Ident;

/// A type as a column has it: `numeric(10,2)`, `text[]`, `public.orders_status`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TypeName {
    /// `None` for a type of the core (or of an extension, found by its bare name).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<Ident>,
    /// `typname` (`int4`), not the SQL spelling; for a type that the project makes, its name.
    pub name: Ident,
    /// `varchar(80)` → `[80]`, `numeric(10,2)` → `[10, 2]`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub modifiers: Vec<i32>,
    /// Whether this is the array type over the named type.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub array: bool,
}

impl TypeName {
    /// A type of the core, by `typname`.
    pub fn core(name: &str) -> Self {
        Self {
            schema: None,
            name: Ident::new(name),
            modifiers: Vec::new(),
            array: false,
        }
    }

    /// The same with modifiers.
    #[must_use]
    pub fn with_modifiers(mut self, modifiers: &[i32]) -> Self {
        self.modifiers = modifiers.to_vec();
        self
    }

    /// The array type over it.
    #[must_use]
    pub fn array_of(mut self) -> Self {
        self.array = true;
        self
    }

    /// Whether this is the bare core type of that `typname`, whatever its modifiers; never true of an array.
    pub fn is(&self, typname: &str) -> bool {
        self.schema.is_none() && !self.array && self.name.as_str() == typname
    }

    /// `text`, `varchar`, `bpchar`, `citext`: what text search and string functions take.
    pub fn is_textual(&self) -> bool {
        ["text", "varchar", "bpchar", "citext", "name"]
            .iter()
            .any(|t| self.is(t))
    }
}

impl fmt::Display for TypeName {
    /// As `format_type` prints it: `timestamp(3) with time zone`, `numeric(10,2)[]`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let _ = f;
        todo!()
    }
}
