//! Names that the author chose.

use super::context::Context;
use super::spec::Located;
use crate::diagnose::{Code, Place};

/// Longest identifier of the server, in bytes.
const MAX_NAME: usize = 63;

/// Columns that every table has.
const SYSTEM_COLUMNS: [&str; 6] = ["ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"];

/// A name that becomes an identifier of the server, as it is.
pub(super) fn check(what: &str, name: &str, at: &Place, cx: &mut Context<'_>) -> bool {
    if !check_characters(what, name, at, cx) {
        return false;
    }
    if name.len() > MAX_NAME {
        cx.error_hint(
            Code::NameTooLong,
            at,
            format!(
                "the name of {what} has {} bytes, and the server keeps {MAX_NAME}",
                name.len()
            ),
            "choose a shorter one",
        );
        return false;
    }
    true
}

/// A name may hold anything but nothing and control characters.
fn check_characters(what: &str, name: &str, at: &Place, cx: &mut Context<'_>) -> bool {
    if name.is_empty() {
        cx.error(
            Code::InvalidName,
            at,
            format!("the name of {what} cannot be empty"),
        );
        return false;
    }
    if name.chars().any(char::is_control) {
        cx.error(
            Code::InvalidName,
            at,
            format!("the name of {what} holds a control character"),
        );
        return false;
    }
    true
}

/// Checks a name. One that cannot be used is kept unless it is empty: what refers to it needs no error of its own.
pub(super) fn checked(
    what: &str,
    name: Option<Located<String>>,
    cx: &mut Context<'_>,
) -> Option<Located<String>> {
    let name = name?;
    check(what, &name.value, &name.at, cx);
    Some(name).filter(|name| !name.value.is_empty())
}

/// The name of a field. It may be longer than an identifier: the column's name is then a shorter one.
pub(super) fn check_field(name: &str, at: &Place, cx: &mut Context<'_>) -> bool {
    if !check_characters("a field", name, at, cx) {
        return false;
    }
    if SYSTEM_COLUMNS.contains(&name) {
        cx.error_hint(
            Code::ReservedName,
            at,
            format!("`{name}` is a column that every table has already"),
            "choose another name",
        );
        return false;
    }
    true
}

/// What an entity was called: an entity's name, after that of its schema and a point where that was another.
pub(super) fn check_former(former: &Located<String>, cx: &mut Context<'_>) -> bool {
    let name = former.value.as_str();
    let whole = !name.is_empty() && name.split('.').all(|part| !part.trim().is_empty());
    if !whole {
        cx.error_hint(
            Code::InvalidName,
            &former.at,
            format!("`{name}` is no former name of an entity"),
            "write `Entity`, or `schema.Entity` where it was in another schema",
        );
    }
    whole && check_characters("an entity", name, &former.at, cx)
}

/// The name of an entity: an identifier.
pub(super) fn check_entity(name: &str, at: &Place, cx: &mut Context<'_>) -> bool {
    if name.is_empty() {
        cx.error(
            Code::InvalidName,
            at,
            "the name of an entity cannot be empty",
        );
        return false;
    }
    let word = name.chars().all(|c| c.is_alphanumeric() || c == '_');
    if !word || name.starts_with(|c: char| c.is_numeric()) {
        cx.error_hint(
            Code::InvalidName,
            at,
            format!("`{name}` cannot be the name of an entity"),
            "an entity's name has letters, digits and `_`, and starts with no digit; `table:` may be anything",
        );
        return false;
    }
    true
}

/// The name of a schema.
pub(super) fn checked_schema(
    name: Option<Located<String>>,
    cx: &mut Context<'_>,
) -> Option<Located<String>> {
    let name = checked("a schema", name, cx)?;
    let owner = match name.value.as_str() {
        "specql" => "the compiler's own objects",
        "information_schema" => "the server's own objects",
        value if value.starts_with("pg_") => "the server's own objects",
        _ => return Some(name),
    };
    cx.error_hint(
        Code::ReservedName,
        &name.at,
        format!("the schema `{}` is kept for {owner}", name.value),
        "choose another name",
    );
    Some(name)
}
