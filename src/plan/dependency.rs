//! What a server has noted that an object needs, the types that it names, and what a function's text names.

use std::collections::{BTreeMap, BTreeSet};

use super::SCHEMA;
use crate::catalog::{Catalog, Dependency};
use crate::diff::Object;
use crate::sql::{QualifiedName, TypeName};

/// The objects that are meant. A relation or type may be one of several kinds: what is not there makes no edge.
pub(super) fn objects<'a>(needs: &'a BTreeSet<Dependency>, to: &'a Catalog) -> Vec<Object<'a>> {
    let mut objects = Vec::new();
    for need in needs {
        match need {
            Dependency::Relation(name) => objects.extend([
                Object::Table(name),
                Object::View(name),
                Object::MaterializedView(name),
                Object::Sequence(name),
            ]),
            Dependency::Routine(name) => {
                objects.push(Object::Function(name));
                let overloads = to.functions.get(name).map(|function| &function.overloads);
                objects.extend(
                    overloads
                        .into_iter()
                        .flat_map(|overloads| overloads.keys())
                        .map(|arguments| Object::Overload(name, arguments)),
                );
            }
            Dependency::Type(name) => objects.extend([
                Object::EnumType(name),
                Object::CompositeType(name),
                Object::Domain(name),
            ]),
        }
    }
    objects
}

/// The object that a type is, where it is one of the catalog's.
pub(super) fn of_type<'a>(ty: &TypeName, to: &'a Catalog) -> Option<Object<'a>> {
    let name = QualifiedName {
        schema: ty.schema.clone()?,
        name: ty.name.clone(),
    };
    if let Some((name, _)) = to.enums.get_key_value(&name) {
        return Some(Object::EnumType(name));
    }
    if let Some((name, _)) = to.domains.get_key_value(&name) {
        return Some(Object::Domain(name));
    }
    if let Some((name, _)) = to.composite_types.get_key_value(&name) {
        return Some(Object::CompositeType(name));
    }
    let (name, _) = to.tables.get_key_value(&name)?;
    Some(Object::Table(name))
}

/// What the server looks up by name when it makes a function, and notes nowhere: what the variables of a PL/pgSQL function
/// are declared as, and all that an SQL function names. Only names with their schema are looked at.
pub(super) fn named_in<'a>(definition: &'a str, to: &'a Catalog) -> Vec<Object<'a>> {
    let Some((head, body)) = definition.split_once("\nAS $") else {
        return Vec::new();
    };
    let is_in = |language: &str| {
        head.split_once(" LANGUAGE ")
            .is_some_and(|(_, rest)| rest.split_whitespace().next() == Some(language))
    };
    let looked_at = if is_in("plpgsql") {
        let words = body.match_indices(|c: char| !c.is_alphanumeric() && c != '_');
        let begins = words.map(|(at, _)| at).find(|at| {
            let rest = body.get(at + 1..).unwrap_or_default();
            let word = rest.get(..5).unwrap_or_default();
            let after = rest.get(5..).and_then(|rest| rest.chars().next());
            word.eq_ignore_ascii_case("begin")
                && !after.is_some_and(|c| c.is_alphanumeric() || c == '_')
        });
        body.get(..begins.unwrap_or(body.len())).unwrap_or_default()
    } else if is_in("sql") {
        body
    } else {
        return Vec::new();
    };
    all_named_in(looked_at, to)
}

/// A table of this program, where it is there.
pub(super) fn own_table<'a>(name: &str, catalog: &'a Catalog) -> Option<Object<'a>> {
    known_table(&QualifiedName::new(SCHEMA, name), catalog)
}

/// A table, where it is there.
pub(super) fn known_table<'a>(name: &QualifiedName, catalog: &'a Catalog) -> Option<Object<'a>> {
    let (name, _) = catalog.tables.get_key_value(name)?;
    Some(Object::Table(name))
}

/// All objects that a text names with their schemas.
pub(super) fn all_named_in<'a>(text: &str, to: &'a Catalog) -> Vec<Object<'a>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let Some((schema, after)) = word(rest) else {
            rest = skipped(rest, first);
            continue;
        };
        rest = after;
        if let Some((name, after)) = after.strip_prefix('.').and_then(word) {
            rest = after;
            found.extend(of_name(&QualifiedName::new(schema, name), to));
        }
    }
    found
}

/// The name at the beginning of a text, and what follows it.
fn word(text: &str) -> Option<(String, &str)> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(|c| !is_part(c)).unwrap_or(text.len());
        let word = text.get(..end).filter(|word| !word.is_empty())?;
        return Some((word.to_lowercase(), text.get(end..)?));
    };
    let mut name = String::new();
    let mut rest = quoted;
    loop {
        let (part, after) = rest.split_once('"')?;
        name.push_str(part);
        rest = after;
        match rest.strip_prefix('"') {
            Some(after) => {
                name.push('"');
                rest = after;
            }
            None => return Some((name, rest)),
        }
    }
}

/// What follows a string, a comment, or one character of anything else.
fn skipped(text: &str, first: char) -> &str {
    let one = text.get(first.len_utf8()..).unwrap_or_default();
    let behind = |end: &str| one.split_once(end).map_or("", |(_, rest)| rest);
    match first {
        '\'' => behind("'"),
        '-' if one.starts_with('-') => behind("\n"),
        '/' if one.starts_with('*') => behind("*/"),
        _ => one,
    }
}

fn of_name<'a>(name: &QualifiedName, to: &'a Catalog) -> Vec<Object<'a>> {
    fn key<'a, T>(
        map: &'a BTreeMap<QualifiedName, T>,
        name: &QualifiedName,
    ) -> Option<&'a QualifiedName> {
        map.get_key_value(name).map(|(name, _)| name)
    }
    let view = to.views.get_key_value(name);
    let view = view.map(|(name, view)| Object::of_view(name, view));
    [
        key(&to.tables, name).map(Object::Table),
        view,
        key(&to.enums, name).map(Object::EnumType),
        key(&to.composite_types, name).map(Object::CompositeType),
        key(&to.domains, name).map(Object::Domain),
        key(&to.functions, name).map(Object::Function),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Table;

    #[test]
    fn names_are_found_in_texts() {
        let mut to = Catalog::default();
        let names = [
            QualifiedName::new("public", "a \"b\""),
            QualifiedName::new("s", "t"),
            QualifiedName::new("s", "u"),
        ];
        for name in &names {
            to.tables.insert(name.clone(), Table::default());
        }
        let found = |text: &str| -> Vec<String> {
            let objects = all_named_in(text, &to);
            objects.iter().map(ToString::to_string).collect()
        };
        assert_eq!(
            found("SELECT 's.t', x FROM public.\"a \"\"b\"\"\" AS stored -- it's s.u\n, S.T"),
            ["table public.\"a \"\"b\"\"\"", "table s.t"]
        );
        assert_eq!(found("\"s\".u /* s.t */ 'open"), ["table s.u"]);
        assert!(found("\"open").is_empty());
    }

    #[test]
    fn a_name_stands_for_all_that_can_have_it() {
        let name = QualifiedName::new("s", "f");
        let overloads = serde_json::json!({
            "routine": {"definition": {"arguments": "integer", "text": "one"}},
            "overloads": {"text": {"definition": {"arguments": "text", "text": "two"}}},
        });
        let mut to = Catalog::default();
        to.functions
            .insert(name.clone(), serde_json::from_value(overloads).unwrap());
        let needed = |dependency: Dependency| -> Vec<String> {
            let needs = BTreeSet::from([dependency]);
            let objects = objects(&needs, &to);
            objects.iter().map(ToString::to_string).collect()
        };
        assert_eq!(
            needed(Dependency::Routine(name.clone())),
            ["function s.f", "function s.f(text)"]
        );
        assert_eq!(
            needed(Dependency::Type(name.clone())),
            ["type s.f", "type s.f", "domain s.f"]
        );
        assert_eq!(
            needed(Dependency::Relation(name.clone())),
            [
                "table s.f",
                "view s.f",
                "materialized view s.f",
                "sequence s.f"
            ]
        );
    }
}
