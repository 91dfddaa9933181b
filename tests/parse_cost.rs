//! What reading specs costs. Run it with `cargo test --release --test parse_cost -- --ignored --nocapture`.

use std::fmt::Write;
use std::time::Instant;

use specqlc::{syntax, yaml};

#[test]
#[ignore = "a measurement"]
fn ten_thousand_small_files() {
    let files: Vec<String> = (0..10_000)
        .map(|n| {
            let mut text = format!("entity: Entity{n}\nschema: shop\nfields:\n");
            for field in ["name: text!", "email: email! unique", "total: decimal(10,2) = 0"] {
                let _ = writeln!(text, "  {field}");
            }
            let _ = write!(
                text,
                "  status: enum(draft, live, gone) = draft\n  parent: ref(Entity{}, on_delete=cascade)\n  \
                 tags: list(text)\n  created: timestamptz = now()\n  stock:\n    type: integer\n    required: true\n\
                 indexes:\n  - columns: [status, created DESC]\n",
                n / 2
            );
            text
        })
        .collect();
    let bytes: usize = files.iter().map(String::len).sum();
    for _ in 0..3 {
        let start = Instant::now();
        let mut nodes = 0;
        for text in &files {
            nodes += yaml::read(text).documents.len();
        }
        let trees = start.elapsed();
        let start = Instant::now();
        let mut documents = 0;
        for (file, text) in (0..).zip(&files) {
            let (read, diagnostics, _) = syntax::read(text, file);
            assert!(!diagnostics.has_errors());
            documents += read.len();
        }
        println!(
            "{nodes} files, {bytes} bytes: trees {trees:?}, {documents} specs {:?}",
            start.elapsed()
        );
    }
}
