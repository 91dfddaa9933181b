//! Somebody who writes specs to do harm. Every string of the language, and every name that is a key, is exchanged for texts
//! that try to get out of where they stand: each is refused with its place, or reaches the server as data.
//!
//! What gets out would be refused by the server, which is a failure; or drop a table that is there for that; or have psql
//! run a program, which leaves a file. The strings are found by walking the specs: a new key of the language is attacked
//! from the day that it stands in them.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper that fails fails its test; clippy knows it only of functions marked as tests"
)]

mod support;

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::slice;
use std::sync::Arc;

use jiff::civil::date;
use serde_json::Value;
use specqlc::compile::{SourceFile, compile};
use specqlc::diagnose::Severity;
use specqlc::pg::Version;
use specqlc::project::generate;
use specqlc::syntax::Config;
use support::Cluster;

/// A project with a string in each place that takes one. JSON is YAML: any text can stand in it.
const SPECS: &str = r#"[
{
    "entity": "Customer", "schema": "shop", "table": "customers", "description": "Who buys",
    "fields": {
        "name": {"type": "text", "required": true, "default": "nobody", "description": "In full"},
        "email": "email! unique",
        "kind": {"type": "enum(private, company)", "default": "private", "native": true},
        "state": {"type": "enum", "values": ["new", "known"], "default": "new"},
        "since": "timestamptz! = now()",
        "limit_of": "decimal(10,2) = 5",
        "code": "pg(uuid)",
        "tags": "list(text)",
        "shout": {"type": "text", "generated": "upper(name)"},
        "words": {"type": "tsvector", "generated_from": {"name": "A", "email": "B"}}
    },
    "computed_fields": {"twice": {"type": "decimal(12,2)", "expression": "limit_of * 2"}},
    "constraints": [
        {"name": "low_limit", "type": "check", "condition": "limit_of < 100", "error_message": "No more than that"},
        {"name": "one_of_each", "type": "unique", "fields": ["name", "since"]}
    ],
    "indexes": [
        {"name": "by_name", "columns": ["lower(name)", "since DESC"], "condition": "state = 'new'"},
        {"columns": ["limit_of"], "include": ["name"], "with": {"fillfactor": 80}},
        {"columns": ["tags"], "type": "gin"}
    ],
    "search": {"fields": {"name": "A", "email": "B"}, "language": "english", "column": "found", "index": "gin"}
},
{
    "entity": "Sale", "schema": "shop",
    "fields": {
        "at": "date!", "region": "text!", "amount": "decimal(12,2)! = 0",
        "customer": {"type": "ref(Customer)", "on_delete": "set null", "schema": "shop", "description": "Who"}
    },
    "partitioning": {
        "strategy": "RANGE", "column": "at", "intervals": "monthly", "retention": "2 years", "retention_action": "drop",
        "start": "2024-01-01", "premake": 1, "default": true
    }
},
{
    "entity": "Visit", "fields": {"place": "text!", "seconds": "integer", "shop": "text = 'main'"},
    "partitioning": {"strategy": "LIST", "column": "place", "intervals": {"north": ["oslo", "bergen"], "south": ["rome"]}}
},
{
    "projections": [
        {
            "name": "sales_of", "schema": "shop", "description": "What each has bought",
            "includes": [
                {"shop.Customer": ["id", "name", "since as customer_since"]},
                {"shop.Sale": {"fields": ["COUNT(*) as sales", "SUM(amount) as total"], "filter": "region <> 'none'", "via": "customer"}}
            ],
            "filters": [{"condition": "name <> 'test'"}],
            "indexes": [{"name": "by_total", "columns": ["total"]}],
            "refresh": {"materialized": true, "mode": "queued", "on": {"Customer": ["create"], "Sale": ["create", "update"]}, "every": "5 minutes"}
        },
        {
            "name": "kept", "includes": [{"shop.Customer": ["id", "name", "state", "since"]}, {"shop.Sale": ["MAX(at) as latest"]}],
            "filters": [{"condition": "since > now() - interval '90 days'"}],
            "refresh": {"materialized": true, "mode": "incremental"}
        }
    ]
}
]"#;

/// Ways out of a constant, a name, a quoted body, a comment, a line of psql and a template. `@` is where the file would be.
const ATTACKS: [&str; 14] = [
    "'; COMMIT; DROP TABLE public.canary; --",
    "\"; COMMIT; DROP TABLE public.canary; --",
    "'); COMMIT; DROP TABLE public.canary; --",
    "\\'; COMMIT; DROP TABLE public.canary; --",
    "$function$; COMMIT; DROP TABLE public.canary; --",
    "$$; COMMIT; DROP TABLE public.canary; --",
    "$function$ $function_1$ $function_2$",
    "*/ COMMIT; DROP TABLE public.canary; /*",
    "a\n; COMMIT; DROP TABLE public.canary;\n--",
    "a\n\\! touch @\n",
    "'\\! touch @",
    "{{ 7 * 7 }}{% raw %}{# ",
    "%1$s %s %I",
    "',''\u{2019}\u{202e}\u{feff}\u{1}",
];

/// One place in the specs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    /// Into a list.
    Item(usize),
    /// Into a mapping.
    Key(String),
    /// The key itself.
    Name(String),
}

/// All strings, and all keys that are names.
fn places(value: &Value, path: &mut Vec<Step>, found: &mut Vec<Vec<Step>>) {
    match value {
        Value::String(_) => found.push(path.clone()),
        Value::Array(items) => {
            for (number, item) in items.iter().enumerate() {
                path.push(Step::Item(number));
                places(item, path, found);
                path.pop();
            }
        }
        Value::Object(entries) => {
            for (key, value) in entries {
                path.push(Step::Name(key.clone()));
                found.push(path.clone());
                path.pop();
                path.push(Step::Key(key.clone()));
                places(value, path, found);
                path.pop();
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// An exchange of the text in one place.
#[derive(Debug, Clone)]
struct Change<'a> {
    path: &'a [Step],
    /// Whether what stood there still begins it.
    after: bool,
    attack: &'a str,
}

impl Change<'_> {
    fn text(&self, before: &str) -> String {
        let kept = if self.after { before } else { "" };
        format!("{kept}{}", self.attack)
    }

    /// Gives nothing where its name is there already.
    fn make(&self, specs: &mut Value) -> Option<()> {
        let (last, above) = self.path.split_last().unwrap();
        let inner = above.iter().fold(specs, |value, step| match step {
            Step::Item(number) => &mut value[number],
            Step::Key(key) | Step::Name(key) => &mut value[key],
        });
        match last {
            Step::Item(number) => inner[number] = self.text(inner[number].as_str().unwrap()).into(),
            Step::Key(key) => inner[key] = self.text(inner[key].as_str().unwrap()).into(),
            Step::Name(key) => {
                let entries = inner.as_object_mut().unwrap();
                let value = entries.remove(key).unwrap();
                return entries
                    .insert(self.text(key), value)
                    .is_none()
                    .then_some(());
            }
        }
        Some(())
    }
}

/// The specs with other texts in some places; nothing where two of them want one place.
fn exchanged(specs: &Value, changes: &[Change<'_>]) -> Option<Value> {
    // A path ends at a key that has another name: those come last, the innermost first.
    let mut changes: Vec<_> = changes.iter().collect();
    changes.sort_by_key(|change| {
        let is_name = matches!(change.path.last(), Some(Step::Name(_)));
        (is_name, Reverse(change.path.len()))
    });
    let paths: BTreeSet<_> = changes.iter().map(|change| change.path).collect();
    if paths.len() < changes.len() {
        return None;
    }
    let mut specs = specs.clone();
    for change in changes {
        change.make(&mut specs)?;
    }
    Some(specs)
}

fn documents(specs: &Value) -> String {
    let documents = specs.as_array().unwrap().iter();
    let documents = documents.map(|document| serde_json::to_string_pretty(document).unwrap());
    documents.collect::<Vec<_>>().join("\n---\n")
}

/// The SQL, or what is refused.
fn compiled(text: String) -> Result<String, Vec<String>> {
    let path = "specs/spec.yaml".to_owned();
    let as_of = date(2024, 2, 10);
    let compilation = compile(
        &[(0, &SourceFile { path, text })],
        &Config::default(),
        as_of,
    );
    if compilation.diagnostics.has_errors() {
        let errors = compilation.diagnostics.iter();
        let errors = errors.filter(|diagnostic| diagnostic.severity == Severity::Error);
        return Err(errors
            .map(|error| {
                assert!(error.place.is_some(), "{} has no place", error.message);
                error.message.clone()
            })
            .collect());
    }
    let mut output = generate(&compilation.catalog, Version::V15, as_of).unwrap();
    Ok(String::from_utf8(output.remove("schema.sql").unwrap()).unwrap())
}

/// A server that scripts of attackers meet.
struct Server {
    cluster: Arc<Cluster>,
    /// A file that a program of theirs would make.
    touched: PathBuf,
}

impl Server {
    /// What is wrong with specs that have been compiled. Each meets a new database: who gets out of a transaction leaves things.
    fn meets(&self, sql: &str) -> Result<(), String> {
        for statement in [
            "DROP DATABASE IF EXISTS adversary",
            "CREATE DATABASE adversary",
        ] {
            self.cluster.psql("postgres", statement)?;
        }
        let ask = |script: &str| self.cluster.psql("adversary", script);
        ask("CREATE TABLE public.canary ()")?;
        let loaded = ask(&format!("BEGIN;\n{sql}\nROLLBACK;\n"));
        if fs::remove_file(&self.touched).is_ok() {
            return Err("it ran a program".into());
        }
        if ask("SELECT to_regclass('public.canary')")?.trim() != "canary" {
            return Err("it dropped a table".into());
        }
        loaded.map(|_| ())
    }
}

#[test]
fn what_specs_say_reaches_the_server_as_data() {
    let specs: Value = serde_json::from_str(SPECS).unwrap();
    if let Err(errors) = compiled(documents(&specs)) {
        panic!("the specs have mistakes of their own: {errors:?}");
    }
    let folder = tempfile::tempdir().unwrap();
    let server = Server {
        cluster: Cluster::shared(),
        touched: folder.path().join("touched"),
    };
    let mut found = Vec::new();
    places(&specs, &mut Vec::new(), &mut found);

    let with = |changes: &[Change<'_>]| compiled(documents(&exchanged(&specs, changes)?)).ok();
    let (mut accepted, mut refused) = (0, 0);
    let mut failures = Vec::new();
    for attack in ATTACKS {
        let attack = attack.replace('@', &server.touched.display().to_string());
        let mut batches: Vec<(Vec<Change<'_>>, String)> = Vec::new();
        for (path, after) in found.iter().flat_map(|path| [(path, false), (path, true)]) {
            let change = Change {
                path,
                after,
                attack: &attack,
            };
            let Some(sql) = with(slice::from_ref(&change)) else {
                refused += 1;
                continue;
            };
            accepted += 1;
            // What is accepted together meets the server together.
            let joined = batches.iter_mut().find_map(|(changes, sql)| {
                let all = [changes.as_slice(), slice::from_ref(&change)].concat();
                *sql = with(&all)?;
                *changes = all;
                Some(())
            });
            if joined.is_none() {
                batches.push((vec![change], sql));
            }
        }
        for (changes, sql) in batches {
            let Err(why) = server.meets(&sql) else {
                continue;
            };
            let to_blame = changes.iter().filter_map(|change| {
                let why = server.meets(&with(slice::from_ref(change))?).err()?;
                Some(format!("{change:?}: {why}"))
            });
            let before = failures.len();
            failures.extend(to_blame);
            if failures.len() == before {
                failures.push(format!("{changes:?}: {why}"));
            }
        }
    }
    println!("{accepted} accepted, {refused} refused");
    assert!(
        accepted > 300 && refused > 300,
        "{accepted} accepted, {refused} refused"
    );
    assert!(failures.is_empty(), "{}", failures.join("\n======\n"));
}
