//! Identifiers that quote themselves.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::pg::keywords::needs_quotes;

/// An SQL identifier; prints itself quoted when, and only when, `PostgreSQL` needs it. A copy shares the text: a name goes
/// into the model, the scopes of expressions and several objects of the catalog.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ident(Arc<str>);

impl Ident {
    /// Longest identifier in bytes; the server truncates silently beyond it (`NAMEDATALEN` - 1).
    pub const MAX_BYTES: usize = 63;

    /// An identifier of exactly this spelling.
    pub fn new(name: impl Into<Arc<str>>) -> Self {
        Self(name.into())
    }

    /// The spelling, without quotes.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether SQL may name it: where its spelling stands in a longer word, the answer is yes as well.
    pub fn may_stand_in(&self, sql: &str) -> bool {
        if self.0.contains('"') {
            sql.contains(&self.0.replace('"', "\"\""))
        } else {
            sql.contains(&*self.0)
        }
    }
}

/// Whether a name stands in an SQL text, spelled like this, as a word or in quotes.
pub fn has_word(text: &str, name: &str) -> bool {
    let name = name.replace('"', "\"\"");
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    text.match_indices(&name).any(|(start, _)| {
        let (before, rest) = text.split_at(start);
        let after = rest.get(name.len()..).unwrap_or_default();
        !before.ends_with(is_part) && !after.starts_with(is_part)
    })
}

impl From<&str> for Ident {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}

impl fmt::Display for Ident {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if needs_quotes(&self.0) {
            write!(f, "\"{}\"", self.0.replace('"', "\"\""))
        } else {
            f.write_str(&self.0)
        }
    }
}

/// A schema-qualified name; ordered by schema, then name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QualifiedName {
    /// The schema.
    pub schema: Ident,
    /// The name within it.
    pub name: Ident,
}

impl QualifiedName {
    /// `schema.name`.
    pub fn new(schema: impl Into<Arc<str>>, name: impl Into<Arc<str>>) -> Self {
        Self {
            schema: Ident::new(schema),
            name: Ident::new(name),
        }
    }

    /// Another name in the same schema.
    #[must_use]
    pub fn beside(&self, name: Ident) -> Self {
        Self {
            schema: self.schema.clone(),
            name,
        }
    }
}

impl fmt::Display for QualifiedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.schema.fmt(f)?;
        f.write_str(".")?;
        self.name.fmt(f)
    }
}

impl Serialize for QualifiedName {
    /// As SQL writes it (`public.orders`), so that it can be the key of a map in a snapshot.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for QualifiedName {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text)
            .ok_or_else(|| serde::de::Error::custom(format!("`{text}` is no qualified name")))
    }
}

impl QualifiedName {
    /// Reads `schema.name`, either part quoted or not; the inverse of what it prints.
    pub fn parse(text: &str) -> Option<Self> {
        let (schema, rest) = take_ident(text)?;
        let (name, rest) = take_ident(rest.strip_prefix('.')?)?;
        rest.is_empty().then_some(Self { schema, name })
    }
}

/// Takes one identifier off the front of a text.
fn take_ident(text: &str) -> Option<(Ident, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find('.').unwrap_or(text.len());
        let (name, rest) = text.split_at_checked(end)?;
        return (!name.is_empty()).then(|| (Ident::new(name), rest));
    };
    let mut name = String::new();
    let mut rest = quoted;
    loop {
        let (before, after) = rest.split_once('"')?;
        name.push_str(before);
        match after.strip_prefix('"') {
            Some(more) => {
                name.push('"');
                rest = more;
            }
            None => return Some((Ident::new(name), after)),
        }
    }
}
