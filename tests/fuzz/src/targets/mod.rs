//! What is done with the fuzzer's bytes. Each target takes any bytes and panics when a promise is broken; the fuzzer's
//! program and `tests/fuzz.rs`, which replays what is kept, run the same functions.

mod catalog;
mod expression;
mod fill;
mod folder;
mod migrations;
mod snapshot;
mod source;
mod specs;
mod sql;
mod texts;

/// A target.
pub type Target = fn(&[u8]);

/// All of them, by the names of their folders of inputs.
pub const ALL: &[(&str, Target)] = &[
    ("catalog", catalog::run),
    ("expression", expression::run),
    ("migrations", migrations::run),
    ("snapshot", snapshot::run),
    ("specs", specs::run),
];

/// A catalog that has every kind of object.
fn everything() -> &'static specqlc::catalog::Catalog {
    static EVERYTHING: std::sync::OnceLock<specqlc::catalog::Catalog> = std::sync::OnceLock::new();
    EVERYTHING.get_or_init(|| {
        serde_json::from_str(include_str!("../../../support/everything.json"))
            .expect("the catalog of tests/support")
    })
}
