//! Specs that were damaged at random, through the whole pipeline: nothing panics or takes long, every report can be
//! printed, and what compiles loads into a server.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper that fails fails its test; clippy knows it only of functions marked as tests"
)]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use jiff::civil::date;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use specqlc::compile::{SourceFile, compile};
use specqlc::diagnose::{Files, Format, report};
use specqlc::pg::Version;
use specqlc::project::generate;
use specqlc::syntax::Config;
use support::{Cluster, files_below};

/// Longest time for one damaged spec, in a debug build on a busy machine.
const PATIENCE: Duration = Duration::from_secs(10);

struct One(SourceFile);

impl Files for One {
    fn path(&self, _: u32) -> &str {
        &self.0.path
    }
    fn text(&self, _: u32) -> &str {
        &self.0.text
    }
}

/// Documents to damage: the example application and every case.
fn documents() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut documents = Vec::new();
    for folder in ["specs", "tests/cases", "tests/errors"] {
        for file in files_below(&root.join(folder)) {
            if file
                .extension()
                .is_some_and(|extension| extension == "yaml")
                && !file.ends_with("specql.yaml")
            {
                let text = fs::read_to_string(root.join(folder).join(&file)).unwrap_or_default();
                documents.extend(
                    text.split("\n---\n")
                        .filter(|d| d.len() < 5000)
                        .map(str::to_owned),
                );
            }
        }
    }
    assert!(documents.len() > 100);
    documents
}

/// Projects to damage, each as one file: every case that compiles without a project file.
fn projects() -> Vec<String> {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut projects = Vec::new();
    for case in fs::read_dir(cases).unwrap() {
        let specs = case.unwrap().path().join("specs");
        let texts = files_below(&specs)
            .into_iter()
            .map(|file| fs::read_to_string(specs.join(file)).unwrap());
        let text = texts.collect::<Vec<_>>().join("\n---\n");
        if pipeline(text.clone()).is_some() {
            projects.push(text);
        }
    }
    assert!(projects.len() > 5);
    projects
}

/// Compiles, and gives the SQL when there is no error.
fn pipeline(text: String) -> Option<String> {
    let start = Instant::now();
    let file = One(SourceFile {
        path: "specs/spec.yaml".into(),
        text,
    });
    let config = Config::default();
    let as_of = date(2024, 2, 10);
    let compilation = compile(&[(0, &file.0)], &config, as_of);
    for format in [Format::Text, Format::Json] {
        let printed = report(&compilation.diagnostics, &file, format, false);
        if format == Format::Json {
            serde_json::from_str::<serde_json::Value>(&printed).unwrap();
        }
    }
    let sql = (!compilation.diagnostics.has_errors()).then(|| {
        let mut output = generate(&compilation.catalog, Version::V15, as_of).unwrap();
        String::from_utf8(output.remove("schema.sql").unwrap()).unwrap()
    });
    assert!(
        start.elapsed() < PATIENCE,
        "took {:?}:\n{}",
        start.elapsed(),
        file.0.text
    );
    sql
}

/// One or several documents with a few pieces exchanged, left out, doubled or spoilt.
fn damaged(documents: Vec<String>, together: usize, blows: usize) -> impl Strategy<Value = String> {
    let words: Vec<String> = documents
        .iter()
        .flat_map(|text| text.split(|c: char| !c.is_alphanumeric() && c != '_'))
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    let chosen = prop::collection::vec(prop::sample::select(documents), 1..=together);
    let blows = prop::collection::vec(
        (
            any::<prop::sample::Index>(),
            0_u8..7,
            prop::sample::select(words),
        ),
        0..=blows,
    );
    (chosen, blows).prop_map(|(chosen, blows)| {
        let mut lines: Vec<String> = chosen.join("\n---\n").lines().map(str::to_owned).collect();
        for (at, blow, word) in blows {
            if lines.is_empty() {
                break;
            }
            let at = at.index(lines.len());
            match blow {
                0 => drop(lines.remove(at)),
                1 => lines.insert(at, lines[at].clone()),
                2 => lines.swap(at, 0),
                3 => lines[at] = exchange(&lines[at], &word),
                4 => lines[at].push_str(&word),
                5 => lines[at] = lines[at].replacen([',', ':', '(', ')', '"'], "", 1),
                _ => lines[at] = lines[at].replacen(' ', "", 1),
            }
        }
        lines.join("\n")
    })
}

/// The last word of a line, exchanged for another.
fn exchange(line: &str, word: &str) -> String {
    let end = line.trim_end_matches(|c: char| !c.is_alphanumeric()).len();
    let start = line[..end]
        .rfind(|c: char| !c.is_alphanumeric() && c != '_')
        .map_or(0, |at| {
            at + line[at..].chars().next().map_or(1, char::len_utf8)
        });
    format!("{}{word}{}", &line[..start], &line[end..])
}

/// The same blows on every run; `PROPTEST_CASES=10000 SEED=…` looks further.
fn runner(default: u32) -> TestRunner {
    let set = |name: &str| {
        std::env::var(name)
            .ok()
            .and_then(|value| value.parse().ok())
    };
    let config = ProptestConfig {
        cases: set("PROPTEST_CASES").unwrap_or(default),
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let seed = set("SEED").unwrap_or(7);
    println!("seed {seed}: {} texts", config.cases);
    let mut bytes = [7; 32];
    bytes[..4].copy_from_slice(&seed.to_le_bytes());
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
}

#[test]
fn damaged_specs_end_in_a_report_or_in_sql() {
    runner(300)
        .run(&damaged(documents(), 3, 5), |text| {
            pipeline(text);
            Ok(())
        })
        .unwrap();
}

#[test]
fn any_text_ends_in_a_report() {
    let mapping = "entity: [A-Z][a-z]{0,4}\n(fields:\n(  [a-z]{1,6}: [ -~é]{0,40}\n){0,5})?(indexes|constraints|search|partitioning|projections): [ -~]{0,60}\n";
    runner(300)
        .run(
            &prop_oneof![".{0,300}", "(\\PC|\n|\t){0,300}", mapping],
            |text: String| {
                pipeline(text);
                Ok(())
            },
        )
        .unwrap();
}

/// All failures of a run at once, each kind of error of the server only once.
#[test]
fn damaged_specs_that_compile_load() {
    let cluster = Cluster::shared();
    cluster.psql("postgres", "CREATE DATABASE damaged").unwrap();
    let mut runner = runner(150);
    let strategy = damaged(projects(), 1, 3);
    let mut loaded = 0;
    let mut failures = BTreeMap::new();
    for _ in 0..runner.config().cases {
        let text = strategy.new_tree(&mut runner).unwrap().current();
        let Some(sql) = pipeline(text.clone()) else {
            continue;
        };
        loaded += 1;
        let script = format!("BEGIN;\n{sql}\nROLLBACK;\n");
        if let Err(error) = cluster.psql("damaged", &script) {
            let kind = error.split_once("ERROR:").map_or("", |(_, rest)| rest);
            let kind = kind.split('"').next().unwrap_or_default().to_owned();
            failures.insert(kind, format!("{error}\n{text}"));
        }
    }
    assert!(loaded > 10, "only {loaded} compiled");
    let failures: Vec<_> = failures.into_values().collect();
    assert!(failures.is_empty(), "{}", failures.join("\n======\n"));
}
