//! Type names.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Ident, QualifiedName};
use crate::pg::Knowledge;
use crate::pg::names::{sql_name, typname_of};

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

    /// `text`, `varchar`, `bpchar`, `citext`, `name`: what text search and string functions take.
    pub fn is_textual(&self) -> bool {
        ["text", "varchar", "bpchar", "citext", "name"]
            .iter()
            .any(|t| self.is(t))
    }

    /// `smallint`, `integer`, `bigint`.
    pub fn is_integer(&self) -> bool {
        ["int2", "int4", "int8"].iter().any(|t| self.is(t))
    }

    /// Whether it is the type of a schema that has this name.
    pub fn is_named(&self, name: &QualifiedName) -> bool {
        self.schema.as_ref() == Some(&name.schema) && self.name.as_str() == name.name.as_str()
    }

    /// The name under which `pg` knows it: an array under its array type's name, a type that a project makes under the pseudo type
    /// that stands for it. `None`: a type that `pg` has never heard of (`pg(vector)`), of which nothing can be said.
    pub fn typname(&self, knowledge: &Knowledge) -> Option<&'static str> {
        if self.schema.is_some() {
            return Some(if self.array { "anyarray" } else { "anyenum" });
        }
        let known = knowledge.type_named(self.name.as_str())?;
        if self.array {
            known.array
        } else {
            Some(known.name)
        }
    }

    /// Whether two are the same but for their modifiers.
    pub fn has_same_base(&self, other: &Self) -> bool {
        (&self.schema, &self.name, self.array) == (&other.schema, &other.name, other.array)
    }

    /// Whether all expressions of one type are expressions of the other: those of another length, of other integers, of other texts.
    pub fn is_like(&self, other: &Self) -> bool {
        self.has_same_base(other)
            || self.is_integer() && other.is_integer()
            || self.is_textual() && other.is_textual()
    }
}

impl TypeName {
    /// Reads a type as SQL spells it, modifiers and array brackets included; `None` when it is no type's form. Whether
    /// there is such a type is not asked.
    ///
    /// ```
    /// use specqlc::sql::TypeName;
    ///
    /// let ty = TypeName::parse("timestamp(3) with time zone").unwrap();
    /// assert_eq!(ty, TypeName::core("timestamptz").with_modifiers(&[3]));
    /// assert_eq!(TypeName::parse("varchar(80)[]").unwrap().to_string(), "character varying(80)[]");
    /// ```
    pub fn parse(spelling: &str) -> Option<Self> {
        let (scalar, array) = split_brackets(spelling.trim())?;
        let (words, modifiers) = split_modifiers(scalar)?;
        let folded = words.to_ascii_lowercase();
        let spelled = folded.strip_prefix("pg_catalog.").unwrap_or(&folded);
        let interval = spelled == "interval" || spelled.starts_with("interval ");
        let mut ty = if interval {
            // `interval day to second` is an interval whose fields no value shows.
            Self::core("interval")
        } else if let Some(typname) = typname_of(if words.starts_with('"') {
            &words
        } else {
            spelled
        }) {
            Self::core(typname)
        } else {
            named(&words)?
        };
        ty.array = array;
        ty.modifiers = modifiers;
        Some(ty.with_implied_modifiers(spelled))
    }

    /// What the server adds of itself: `char` is `char(1)`, `numeric(5)` is `numeric(5,0)`, `float(24)` is `real`.
    /// <https://www.postgresql.org/docs/current/datatype-numeric.html>
    fn with_implied_modifiers(mut self, spelled: &str) -> Self {
        match (
            self.schema.as_ref(),
            self.name.as_str(),
            self.modifiers.as_slice(),
        ) {
            (None, "bpchar", []) if spelled != "bpchar" => self.modifiers = vec![1],
            (None, "bit", []) => self.modifiers = vec![1],
            (None, "numeric", [precision]) => self.modifiers = vec![*precision, 0],
            (None, "float8", [digits]) if spelled == "float" => {
                if *digits <= 24 {
                    self.name = Ident::new("float4");
                }
                self.modifiers.clear();
            }
            _ => {}
        }
        self
    }
}

/// `schema.name` or `name`, each quoted or not.
fn named(words: &str) -> Option<TypeName> {
    let mut parts = Vec::new();
    let mut rest = words;
    loop {
        let (part, after) = if let Some(quoted) = rest.strip_prefix('"') {
            let (name, after) = quoted.split_once('"')?;
            (name.to_owned(), after)
        } else {
            let end = rest
                .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$'))
                .unwrap_or(rest.len());
            let (name, after) = rest.split_at_checked(end)?;
            (name.to_ascii_lowercase(), after)
        };
        if part.is_empty()
            || part.starts_with(|c: char| c.is_ascii_digit()) && !words.starts_with('"')
        {
            return None;
        }
        parts.push(part);
        match after.strip_prefix('.') {
            Some(more) => rest = more,
            None if after.is_empty() => break,
            None => return None,
        }
    }
    match parts.as_slice() {
        [name] => Some(TypeName::core(name)),
        [schema, name] if schema == "pg_catalog" => Some(TypeName::core(name)),
        [schema, name] => Some(TypeName {
            schema: Some(Ident::new(schema.as_str())),
            ..TypeName::core(name)
        }),
        _ => None,
    }
}

/// Takes `[]`, `[3]`, `[][]` or `ARRAY` off.
fn split_brackets(spelling: &str) -> Option<(&str, bool)> {
    let mut scalar = spelling;
    let mut array = false;
    while let Some(inner) = scalar.strip_suffix(']') {
        let (before, size) = inner.rsplit_once('[')?;
        if !size.trim().chars().all(|c| c.is_ascii_digit()) {
            return None;
        }
        scalar = before.trim_end();
        array = true;
    }
    if scalar.to_ascii_lowercase().ends_with(" array") {
        scalar = scalar.get(..scalar.len() - " array".len())?.trim_end();
        array = true;
    }
    (!scalar.is_empty()).then_some((scalar, array))
}

/// Takes `(10,2)` out, wherever it stands.
fn split_modifiers(scalar: &str) -> Option<(String, Vec<i32>)> {
    let Some((before, rest)) = scalar.split_once('(') else {
        let words: Vec<&str> = scalar.split_whitespace().collect();
        return (!words.is_empty()).then(|| (words.join(" "), Vec::new()));
    };
    let (inside, after) = rest.split_once(')')?;
    let modifiers: Option<Vec<i32>> = inside.split(',').map(|m| m.trim().parse().ok()).collect();
    let words: Vec<&str> = before
        .split_whitespace()
        .chain(after.split_whitespace())
        .collect();
    Some((words.join(" "), modifiers?))
}

impl fmt::Display for TypeName {
    /// As `format_type` prints it: `timestamp(3) with time zone`, `numeric(10,2)[]`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let modifiers = match self.modifiers.as_slice() {
            [] => String::new(),
            some => {
                let numbers: Vec<String> = some.iter().map(ToString::to_string).collect();
                format!("({})", numbers.join(","))
            }
        };
        match (&self.schema, self.name.as_str()) {
            (Some(schema), _) => write!(f, "{schema}.{}{modifiers}", self.name)?,
            // Without a length these two would be read as of length 1.
            (None, "bpchar") if modifiers.is_empty() => f.write_str("bpchar")?,
            (None, "bit") if modifiers.is_empty() => f.write_str("\"bit\"")?,
            (None, name) => {
                let spelled = sql_name(name);
                let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
                let plain =
                    name.chars().all(plain) && !name.starts_with(|c: char| c.is_ascii_digit());
                match spelled.split_once(" with") {
                    Some((first, rest)) if first == "time" || first == "timestamp" => {
                        write!(f, "{first}{modifiers} with{rest}")?;
                    }
                    _ if spelled == name && !plain => {
                        write!(f, "{}{modifiers}", self.name)?;
                    }
                    _ => write!(f, "{spelled}{modifiers}")?,
                }
            }
        }
        if self.array {
            f.write_str("[]")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_are_read_and_printed_as_the_server_prints_them() {
        for (written, printed) in [
            ("int", "integer"),
            ("VARCHAR(80)", "character varying(80)"),
            ("text[]", "text[]"),
            ("int[3][4]", "integer[]"),
            ("integer ARRAY", "integer[]"),
            ("decimal(10, 2)", "numeric(10,2)"),
            ("numeric(10)", "numeric(10,0)"),
            ("numeric", "numeric"),
            ("timestamp(3) with time zone", "timestamp(3) with time zone"),
            ("TIMESTAMP WITH TIME ZONE", "timestamp with time zone"),
            ("timestamptz(3)", "timestamp(3) with time zone"),
            ("time", "time without time zone"),
            ("char", "character(1)"),
            ("char(3)", "character(3)"),
            ("bpchar", "bpchar"),
            ("bit(8)", "bit(8)"),
            ("bit varying(8)", "bit varying(8)"),
            ("\"char\"", "\"char\""),
            ("float(24)", "real"),
            ("float(53)", "double precision"),
            ("interval(3)", "interval(3)"),
            ("interval day to second", "interval"),
            ("\"4\"", "\"4\""),
            ("pg_catalog.text", "text"),
            ("public.\"My Type\"[]", "public.\"My Type\"[]"),
            ("json", "json"),
        ] {
            let ty = TypeName::parse(written).expect(written);
            assert_eq!(ty.to_string(), printed, "{written}");
            let again = TypeName::parse(printed).expect(printed);
            assert_eq!(again, ty, "{printed}");
        }
        for wrong in ["", "[]", "text(", "text(a)", "a b", "1", "a.b.c", "text[x]"] {
            assert_eq!(TypeName::parse(wrong), None, "{wrong}");
        }
    }
}
