//! Whatever the text, reading and reporting end without a panic, and JSON stays JSON.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot read its files has failed"
)]

use proptest::prelude::*;
use specqlc::diagnose::{Files, Format, report};
use specqlc::syntax;

struct One<'t>(&'t str);

impl Files for One<'_> {
    fn path(&self, _: u32) -> &'static str {
        "a\u{1b}b.yaml"
    }
    fn text(&self, _: u32) -> &str {
        self.0
    }
}

fn check(text: &str) {
    for diagnostics in [syntax::read(text, 0).1, syntax::read_config(text, 0).1] {
        let files = One(text);
        for format in [Format::Text, Format::Github] {
            let report = report(&diagnostics, &files, format, false);
            assert!(!report.contains('\u{1b}'), "{report:?}");
        }
        for format in [Format::Json, Format::Sarif] {
            let report = report(&diagnostics, &files, format, false);
            serde_json::from_str::<serde_json::Value>(&report).unwrap();
        }
    }
}

const SPEC: &str = r#"x-a: &a {note: text, at: timestamptz = now()}
entity: Order
schema: shop
fields:
  name: text(80)! unique = 'it''s'
  status: "enum(a, \"b\", 'c')"
  customer: ref(Customer, on_delete=cascade)
  tags: list(text)[]
  <<: *a
  words: {type: tsvector, generated_from: {name: A}}
  long: |
    decimal(10,2)
      = 3
computed_fields: [full: a || b]
constraints: [{type: check, condition: "a > 0"}]
indexes: [{columns: [lower(a), coalesce(a, b)], with: {fillfactor: 80}}]
partitioning: {strategy: LIST, column: a, intervals: {eu: [de, fr]}}
projections:
  - {name: p, includes: [{Order: [id]}], refresh: {on: {Order: [create]}}}
---
entity: Customer
"#;

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text(text in any::<String>()) {
        check(&text);
    }

    #[test]
    fn text_like_yaml(parts in prop::collection::vec(
        prop::sample::select(vec![
            "entity", "fields", "a", "é", ": ", ":", "\n", "\n  ", "\n    ", "- ", "{", "}", "[", "]", ",", "'", "\"",
            "&a ", "*a", "<<", "|\n", ">-\n", "#", "---\n", "...\n", "!!str ", "!x ", "\t", "\r\n", "\u{feff}", "(", ")", "!",
            "=", "text", "ref(", "enum(", "null", "1", "0x1F", "\\", "\\u00e9", "\0", "\u{1b}", "%", "@", "? ", "~",
        ]), 0..40)) {
        check(&parts.concat());
    }

    #[test]
    fn mutated_spec(edits in prop::collection::vec((any::<prop::sample::Index>(), 0..6_usize, "[ -~\\n\\té\u{1b}]{0,4}"), 1..5)) {
        let mut chars: Vec<char> = SPEC.chars().collect();
        for (at, removed, inserted) in edits {
            let at = at.index(chars.len());
            let end = (at + removed).min(chars.len());
            chars.splice(at..end, inserted.chars());
        }
        check(&chars.into_iter().collect::<String>());
    }

    #[test]
    fn field_text(text in "[a-z(),!=\\[\\]'\" .:é]{0,30}") {
        let quoted = text.replace('\'', "''");
        check(&format!("entity: A\nfields: {{b: '{quoted}', c: {{type: '{quoted}'}}}}\n"));
    }
}

#[test]
fn hostile_files_end_soon() {
    let start = std::time::Instant::now();
    let many = |piece: &str, n: usize| piece.repeat(n);
    let fields = |value: &str| -> String {
        let lines: Vec<String> = (0..5_000).map(|n| format!("f{n}: {value}")).collect();
        format!("entity: A\nfields: {{{}}}\n", lines.join(", "))
    };
    check(&fields("a("));
    check(&fields("text!!"));
    check(&format!(
        "entity: A\nfields: {{a: '{}'}}\n",
        many("list(", 10_000)
    ));
    check(&format!(
        "entity: A\nfields: {{a: '{}{}'}}\n",
        many("list(", 5_000),
        many(")", 5_000)
    ));
    check(&format!(
        "entity: A\nfields: {{{}}}\n",
        many("a: b, ", 10_000)
    ));
    let labels: Vec<String> = (0..10_000).map(|n| n.to_string()).collect();
    check(&format!(
        "entity: A\nfields: {{a: 'enum({})'}}\n",
        labels.join(",")
    ));
    check(&format!(
        "entity: A\nindexes: [{{columns: [{}]}}]\n",
        many("a(,", 10_000)
    ));
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}
