//! The two spellings of a type: the catalog's (`float8`) and SQL's (`double precision`).
//!
//! In: one. Out: the other. Must not know: which types exist, and nothing of modifiers: `(10, 2)` is
//! taken off before. The grammar of these names:
//! <https://www.postgresql.org/docs/current/datatype.html#DATATYPE-TABLE>

use std::borrow::Cow;

use super::types::Type;

/// `typname`, then SQL's spellings: first the one that `format_type` prints, then the aliases.
const SPELLINGS: [(&str, &[&str]); 17] = [
    ("bit", &["bit"]),
    ("bool", &["boolean"]),
    (
        "bpchar",
        &[
            "character",
            "char",
            "national character",
            "national char",
            "nchar",
        ],
    ),
    ("char", &["\"char\""]),
    ("float4", &["real"]),
    ("float8", &["double precision", "float"]),
    ("int2", &["smallint"]),
    ("int4", &["integer", "int"]),
    ("int8", &["bigint"]),
    ("interval", &["interval"]),
    ("numeric", &["numeric", "decimal", "dec"]),
    ("time", &["time without time zone", "time"]),
    ("timestamp", &["timestamp without time zone", "timestamp"]),
    ("timestamptz", &["timestamp with time zone"]),
    ("timetz", &["time with time zone"]),
    ("varbit", &["bit varying"]),
    (
        "varchar",
        &[
            "character varying",
            "char varying",
            "national character varying",
            "national char varying",
            "nchar varying",
        ],
    ),
];

/// The spelling that `format_type` prints for a type that is not an array: `int4` is `integer`;
/// what has no spelling of its own stays as it is.
///
/// ```
/// use specqlc::pg::names::sql_name;
///
/// assert_eq!(sql_name("timestamptz"), "timestamp with time zone");
/// assert_eq!(sql_name("uuid"), "uuid");
/// ```
pub fn sql_name(typname: &str) -> &str {
    SPELLINGS
        .iter()
        .find(|(name, _)| *name == typname)
        .and_then(|(_, spellings)| spellings.first().copied())
        .unwrap_or(typname)
}

/// The `typname` behind a spelling that only SQL's grammar knows, in any case and with any white
/// space: `None` for all other names, which are their own `typname`. One modifier changes the type
/// and is left to the caller: `float(1)` to `float(24)` are `float4`.
///
/// ```
/// use specqlc::pg::names::typname_of;
///
/// assert_eq!(typname_of("Double  Precision"), Some("float8"));
/// assert_eq!(typname_of("char"), Some("bpchar"));
/// assert_eq!(typname_of("uuid"), None);
/// ```
pub fn typname_of(spelling: &str) -> Option<&'static str> {
    let words: Vec<_> = spelling.split_whitespace().collect();
    let spelling = words.join(" ");
    SPELLINGS
        .iter()
        .find(|(_, spellings)| spellings.iter().any(|one| matches(one, &spelling)))
        .map(|(name, _)| *name)
}

impl Type {
    /// The spelling that `format_type` prints, of an array type too: `integer[]`.
    pub fn sql_name(&self) -> Cow<'static, str> {
        match self.element {
            // Not so `oidvector`, an array type with a name of its own.
            Some(element) if self.name.strip_prefix('_') == Some(element) => {
                format!("{}[]", sql_name(element)).into()
            }
            _ => sql_name(self.name).into(),
        }
    }
}

/// `text[][]` and `text[3]` are the type of `text[]`: the server ignores dimensions.
pub(super) fn split_array(spelling: &str) -> (&str, bool) {
    match spelling.split_once('[') {
        Some((element, dimensions)) if dimensions.trim_end().ends_with(']') => {
            (element.trim(), true)
        }
        _ => (spelling.trim(), false),
    }
}

/// Quotes keep the case of a name: `"CHAR"` is no type.
fn matches(known: &str, spelling: &str) -> bool {
    if known.starts_with('"') {
        known == spelling
    } else {
        known.eq_ignore_ascii_case(spelling)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pg::{Knowledge, Version};

    #[test]
    fn both_ways() {
        for (typname, spellings) in SPELLINGS {
            assert_eq!(sql_name(typname), spellings[0]);
            for spelling in spellings {
                assert_eq!(typname_of(spelling), Some(typname));
                let upper = spelling.to_uppercase();
                assert_eq!(typname_of(&upper).is_some(), typname != "char", "{upper}");
            }
        }
        assert_eq!(typname_of(" time\twith  time zone "), Some("timetz"));
        assert_eq!(typname_of("timestamptz"), None);
    }

    #[test]
    fn every_spelled_type_exists() {
        let knowledge = Knowledge::since(Version::V15);
        for (typname, _) in SPELLINGS {
            assert!(knowledge.type_named(typname).is_some(), "{typname}");
        }
    }

    #[test]
    fn arrays() {
        let knowledge = Knowledge::since(Version::V15);
        let name = |typname| knowledge.type_named(typname).map(Type::sql_name);
        assert_eq!(name("_int4").as_deref(), Some("integer[]"));
        assert_eq!(name("_uuid").as_deref(), Some("uuid[]"));
        assert_eq!(split_array("text [ ] [3]"), ("text", true));
        assert_eq!(split_array("text["), ("text[", false));
    }
}
