//! The text of the project file → its [`Config`].

use super::config::{Config, EnumStyle, Naming, PrimaryKeyStyle};
use super::context::{Context, Item};
use super::mapping::Mapping;
use super::names;
use super::read::report_problems;
use super::spec::Located;
use crate::diagnose::{Code, Diagnostics, Origin, Place};
use crate::pg::Version;
use crate::yaml::{self, NodeValue};

/// Reads the project file. `file` is its number in [`Origin`].
pub fn read_config(text: &str, file: u32) -> (Config, Diagnostics) {
    let stream = yaml::read(text);
    let mut cx = Context::new(text);
    report_problems(&stream, file, &mut cx.diagnostics);
    let mut config = Config::default();
    let documents = stream.documents.iter().enumerate();
    let documents = documents.filter(|(_, node)| node.value != NodeValue::Null);
    for (position, (index, node)) in documents.enumerate() {
        let origin = Origin {
            file,
            document: u32::try_from(index).unwrap_or(u32::MAX),
        };
        let item = Item {
            node,
            place: Place::document(origin),
            cut: None,
        };
        if position > 0 {
            cx.error(
                Code::InvalidValue,
                &item.place,
                "the project file has one document",
            );
        } else {
            project(&item, &mut config, &mut cx);
        }
    }
    (config, cx.diagnostics)
}

fn project(item: &Item<'_>, config: &mut Config, cx: &mut Context<'_>) {
    let Some(mut mapping) = Mapping::read(item, "a mapping of settings", cx) else {
        return;
    };
    folder(&mut mapping, "specs", &mut config.specs, cx);
    folder(&mut mapping, "out", &mut config.out, cx);
    if let Some(item) = mapping.take("postgres") {
        version(&item, config, cx);
    }
    if let Some(item) = mapping.take("naming") {
        let words = [("plain", Naming::Plain), ("trinity", Naming::Trinity)];
        set(&mut config.naming, item.choice(&words, cx));
    }
    if let Some(item) = mapping.take("defaults") {
        defaults(&item, config, cx);
    }
    if let Some(mut refs) = section(&mut mapping, "refs", cx) {
        if let Some(item) = refs.take("index") {
            let words = [("auto", true), ("never", false)];
            set(&mut config.index_references, item.choice(&words, cx));
        }
        refs.finish(cx);
    }
    if let Some(mut partitions) = section(&mut mapping, "partitions", cx) {
        if let Some(item) = partitions.take("premake") {
            set(
                &mut config.premake,
                item.whole_number("a whole number of periods", cx),
            );
        }
        partitions.finish(cx);
    }
    if let Some(item) = mapping.take("lock_timeout") {
        lock_timeout(&item, config, cx);
    }
    if let Some(item) = mapping.take("extensions") {
        config.extensions = item.strings("a list of extensions", "an extension", cx);
        for extension in &config.extensions {
            names::check("an extension", &extension.value, &extension.at, cx);
        }
    }
    for key in mapping.keys().collect::<Vec<_>>() {
        if key.starts_with("x-") {
            mapping.take_unlisted(key);
        }
    }
    mapping.finish(cx);
}

fn defaults(item: &Item<'_>, config: &mut Config, cx: &mut Context<'_>) {
    if item.is_null() {
        return;
    }
    let Some(mut mapping) = Mapping::read(item, "a mapping of defaults", cx) else {
        return;
    };
    let schema = mapping.string("schema", cx);
    set_text(&mut config.schema, names::checked_schema(schema, cx));
    if let Some(item) = mapping.take("primary_key") {
        let words = [
            ("uuid", PrimaryKeyStyle::Uuid),
            ("uuidv7", PrimaryKeyStyle::UuidV7),
            ("bigint", PrimaryKeyStyle::BigInt),
        ];
        set(&mut config.primary_key, item.choice(&words, cx));
    }
    if let Some(item) = mapping.take("enum") {
        let words = [("check", EnumStyle::Check), ("native", EnumStyle::Native)];
        set(&mut config.enums, item.choice(&words, cx));
    }
    let language = mapping.string("language", cx);
    set_text(
        &mut config.language,
        names::checked("a text search configuration", language, cx),
    );
    mapping.finish(cx);
}

/// A section that may be left empty.
fn section<'n>(
    mapping: &mut Mapping<'n>,
    key: &'static str,
    cx: &mut Context<'_>,
) -> Option<Mapping<'n>> {
    let item = mapping.take(key).filter(|item| !item.is_null())?;
    Mapping::read(&item, "a mapping", cx)
}

/// A folder within the project.
fn folder(mapping: &mut Mapping<'_>, key: &'static str, to: &mut String, cx: &mut Context<'_>) {
    let Some(folder) = mapping.string(key, cx) else {
        return;
    };
    if folder.value.trim().is_empty() || folder.value.chars().any(char::is_control) {
        cx.error(
            Code::InvalidValue,
            &folder.at,
            format!("`{key}` must name a folder"),
        );
    } else {
        *to = folder.value;
    }
}

/// `postgres: 15`; `"15"` is the same.
fn version(item: &Item<'_>, config: &mut Config, cx: &mut Context<'_>) {
    let version = match &item.node.value {
        NodeValue::Number(text) | NodeValue::String(text) => {
            text.parse().ok().and_then(Version::of_major)
        }
        _ => None,
    };
    match version {
        Some(version) => config.postgres = version,
        None => cx.expected(item, "a server version, 15, 16, 17 or 18"),
    }
}

/// A whole number of milliseconds, or one with a unit of the server's.
fn lock_timeout(item: &Item<'_>, config: &mut Config, cx: &mut Context<'_>) {
    let text = match &item.node.value {
        NodeValue::Number(text) | NodeValue::String(text) => text.trim(),
        _ => "",
    };
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = text.len() - unit.len();
    let units = ["", "us", "ms", "s", "min", "h", "d"];
    if digits > 0 && digits < 10 && units.contains(&unit.trim_start()) {
        text.clone_into(&mut config.lock_timeout);
    } else {
        cx.expected(item, "a duration such as `3s` or `500ms`");
    }
}

fn set<T>(to: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *to = value;
    }
}

fn set_text(to: &mut String, value: Option<Located<String>>) {
    set(to, value.map(|value| value.value));
}
