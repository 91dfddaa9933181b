use super::*;

/// A tree as one line: scalars with the source text of their spans.
fn show(node: &Node, text: &str) -> String {
    let raw = &text[node.span.start as usize..node.span.end as usize];
    match &node.value {
        NodeValue::Sequence(items) => {
            let items: Vec<_> = items.iter().map(|item| show(item, text)).collect();
            format!("[{}]", items.join(" "))
        }
        NodeValue::Mapping(entries) => {
            let entries: Vec<_> = entries
                .iter()
                .map(|entry| {
                    let key = &text[entry.key_span.start as usize..entry.key_span.end as usize];
                    format!("{}<{key}>: {}", entry.key, show(&entry.value, text))
                })
                .collect();
            format!("{{{}}}", entries.join(" "))
        }
        scalar => format!("{scalar:?}<{raw}>"),
    }
}

fn shown(text: &str) -> String {
    let stream = read(text);
    let mut lines: Vec<_> = stream
        .documents
        .iter()
        .map(|node| show(node, text))
        .collect();
    for problem in &stream.problems {
        let raw = &text[problem.span.start as usize..problem.span.end as usize];
        lines.push(format!(
            "{:?} at {} <{raw}>: {}",
            problem.kind, problem.span.start, problem.message
        ));
    }
    lines.join("\n")
}

#[test]
fn spans_are_those_of_the_source() {
    insta::assert_snapshot!(shown(
        "é: 'it''s'\nb: [1, \"x\\ty\", ~]\nc:\nd: plain text # no\ne: |\n  one\n  two\n\nf: {x: y, z}\n"
    ));
}
#[test]
fn byte_order_mark_and_crlf() {
    insta::assert_snapshot!(shown("\u{feff}a: b\r\nc: 'd\r\n  e'\r\non: true\r\n"));
}
#[test]
fn anchors_and_merges() {
    insta::assert_snapshot!(shown(
        "x: &x {a: 1, b: 2}\ny: &y {b: 3, c: 4}\nz: {b: 5, <<: [*x, *y], d: *x}\nq: {\"<<\": 1}\n"
    ));
}
#[test]
fn documents_are_numbered_with_the_empty_ones() {
    insta::assert_snapshot!(shown("# nothing\n---\n---\na: 1\n...\n---\n# no\n"));
    assert!(
        read("# only a comment\n")
            .documents
            .iter()
            .all(|d| d.value == NodeValue::Null)
    );
    assert!(
        read("")
            .documents
            .iter()
            .all(|d| d.value == NodeValue::Null)
    );
}
#[test]
fn every_duplicate_is_reported() {
    insta::assert_snapshot!(shown("a: 1\nb: {c: 1, c: 2}\na: 2\na: 3\n"));
}
#[test]
fn syntax_errors() {
    let cases = [
        "a: b: c",
        "order: ref(Line, on_delete: cascade)",
        "a:\n  b: c\n\td: e",
        "a: [1, 2",
        "a: {b: c",
        "a: 'b",
        "a: 'b' c",
        "a: \"\\q\"",
        "a: @b",
        "a: *nowhere",
        "a: !own b",
        "a: !!int x",
        "a:\n   b: 1\n  c: 2",
        "a: 1\nb",
        "a: - b",
        "- a\nb: c",
        "{a}: b",
        "a: &a [*a]",
        "a: ]",
        "<<: 5",
        "a: b #c\n d: e",
        "%YAML 1.1\n---\na: b",
    ];
    let shown: Vec<_> = cases
        .iter()
        .map(|case| format!("{case}\n=> {}\n", shown(case)))
        .collect();
    insta::assert_snapshot!(shown.join("\n"));
}
#[test]
fn limits_hold() {
    let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
    let kinds = |text: &str| {
        read(text)
            .problems
            .iter()
            .map(|p| p.kind)
            .collect::<Vec<_>>()
    };
    assert_eq!(kinds(&deep), [ProblemKind::TooLarge]);
    assert_eq!(
        kinds(&format!("a: {}", "x".repeat(MAX_FILE_BYTES))),
        [ProblemKind::TooLarge]
    );
    assert_eq!(
        kinds(&format!("a: [{}]", "x,".repeat(MAX_NODES))),
        [ProblemKind::TooLarge]
    );
    let long = format!("a: &a {}\nb: [{}]", "x".repeat(100_000), "*a,".repeat(1000));
    assert_eq!(kinds(&long), [ProblemKind::TooLarge]);
    assert_eq!(kinds(&"[".repeat(100_000)), [ProblemKind::TooLarge]);
    let nested: Vec<String> = (0..200).map(|n| format!("{}a:", " ".repeat(n))).collect();
    let nested = nested.join("\n");
    assert_eq!(kinds(&nested), [ProblemKind::TooLarge]);
}
