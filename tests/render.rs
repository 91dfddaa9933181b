//! A catalog with everything in it, as SQL: read by a person once, compared since.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a helper that fails fails its test"
)]

use jiff::civil::date;
use specqlc::catalog::Catalog;
use specqlc::diff::Former;
use specqlc::pg::Version;
use specqlc::plan::build;
use specqlc::render::{render, schema_script};

fn everything() -> String {
    let to: Catalog = serde_json::from_str(include_str!("support/everything.json")).unwrap();
    let nothing = Catalog::default();
    let nothing = Former::new(&nothing, &to);
    let steps = build(&nothing, &to).unwrap().steps;
    let mut script = schema_script(Version::V15, date(2024, 2, 10));
    for text in render(&steps).unwrap() {
        script.push(&text);
    }
    String::from_utf8(script.into_bytes()).unwrap()
}

#[test]
fn everything_is_written_as_expected() {
    let text = everything();
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/everything.sql");
        std::fs::write(path, text).unwrap();
        return;
    }
    let expected = include_str!("support/everything.sql");
    assert_eq!(text, expected, "rewrite it with UPDATE_EXPECT=1");
}
