//! squawk, a linter of migrations that had no part in writing them, reads every plan of `tests/plans`, there and back, as
//! the script that `diff --format sql` prints, for a database of which nothing is known but its version.
//!
//! What it warns of is a hazard of the object's steps, or nothing to be afraid of: `rules.rs` says which hazards answer a
//! rule, and how a step that needs none is told from one that does. A rule that is not in the table fails the test.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper that fails fails its test; clippy knows it only of functions marked as tests"
)]

mod rules;
#[path = "../support/mod.rs"]
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use rules::{Finding, RULES};
use serde::Deserialize;
use specqlc::changeset::{Changeset, Located, Prune, Request, changeset, script};
use specqlc::diff::Former;
use specqlc::pg::Version;
use specqlc::plan::{HazardKind, Situation, plan};
use support::plans::{Change, cases, name};

/// What squawk prints of a warning.
#[derive(Deserialize)]
struct Warning {
    file: PathBuf,
    line: usize,
    rule_name: String,
    message: String,
}

#[test]
fn every_warning_of_squawk_is_a_hazard_or_none() {
    let mut failures = Vec::new();
    let mut seen = BTreeSet::new();
    for version in Version::ALL {
        let folder = tempfile::tempdir().unwrap();
        let changes: BTreeMap<String, Change> = cases()
            .iter()
            .map(|path| (name(path), Change::read(path).unwrap()))
            .collect();
        let plans: Vec<Written<'_>> = changes
            .iter()
            .flat_map(|(name, change)| {
                let ways = [false, true].into_iter();
                ways.filter(|back| !(*back && change.no_way_back))
                    .map(move |back| (name, change, back))
            })
            .map(|(name, change, back)| Written::new(name, change, back, version, folder.path()))
            .collect();
        let warnings = squawk(folder.path(), version);
        for written in &plans {
            let own = warnings.iter().filter(|w| w.file == written.file);
            failures.extend(own.filter_map(|warning| written.unanswered(warning)));
        }
        seen.extend(warnings.into_iter().map(|warning| warning.rule_name));
    }
    assert!(
        failures.is_empty(),
        "{} warnings have no answer\n\n{}",
        failures.len(),
        failures.join("\n\n")
    );
    if std::env::var_os("CASE").is_none() {
        let unused = RULES.iter().filter(|rule| !seen.contains(rule.name));
        let unused: Vec<&str> = unused.map(|rule| rule.name).collect();
        assert!(unused.is_empty(), "no plan makes squawk say {unused:?}");
    }
}

/// A plan in a file.
struct Written<'a> {
    change: &'a Change,
    back: bool,
    situation: Situation,
    file: PathBuf,
    script: String,
    changeset: Changeset,
}

impl<'a> Written<'a> {
    fn new(name: &str, change: &'a Change, back: bool, version: Version, folder: &Path) -> Self {
        let situation = Situation::unknown(version);
        let (from, to) = change.way(back);
        let request = Request {
            from,
            to,
            situation: &situation,
            prune: Prune::all(change.prune || back),
            schemas: &BTreeSet::new(),
            allow: &HazardKind::ALL.into(),
        };
        let changeset = changeset(&request, &mut Located::nowhere()).unwrap();
        let script = script(&changeset, "2s");
        let way = if back { "back" } else { "there" };
        let file = PathBuf::from(format!("{name}.{way}.sql"));
        fs::write(folder.join(&file), &script).unwrap();
        Self {
            change,
            back,
            situation,
            file,
            script,
            changeset,
        }
    }

    /// What is to be said of a warning that nothing answers.
    fn unanswered(&self, warning: &Warning) -> Option<String> {
        let (from, to) = self.change.way(self.back);
        let former = Former::new(from, to);
        let difference = self.change.difference(&former, self.back);
        let plan = plan(&difference, &former, to, &self.situation).unwrap();
        assert_eq!(
            plan.steps.len(),
            self.changeset.changes.len(),
            "{}",
            self.file.display()
        );
        let step = &plan.steps[self.step_at(warning.line)];
        let found = Finding {
            step,
            plan: &plan,
            from,
            former: &former,
            to,
        };
        let rule = RULES.iter().find(|rule| rule.name == warning.rule_name);
        let answered = rule.is_some_and(|rule| rule.is_answered(&found));
        (!answered).then(|| {
            let line = self.script.lines().nth(warning.line).unwrap_or_default();
            let hazards: Vec<&str> = step.hazards.iter().map(|h| h.kind.name()).collect();
            format!(
                "{} ({}), line {}: {}: {}\n    {line}\n    {} {}; hazards: {hazards:?}",
                self.file.display(),
                self.situation.version as u32,
                warning.line + 1,
                warning.rule_name,
                warning.message,
                step.action.name(),
                step.object,
            )
        })
    }

    /// The step whose statement a line of the script belongs to. `BEGIN`, `SET` and comments belong to the next.
    fn step_at(&self, line: usize) -> usize {
        let offset: usize = self
            .script
            .split_inclusive('\n')
            .take(line)
            .map(str::len)
            .sum();
        let mut end = 0;
        for (number, change) in self.changeset.changes.iter().enumerate() {
            let start = self.script[end..].find(&change.sql).expect("its statement");
            end += start + change.sql.len();
            if offset < end {
                return number;
            }
        }
        panic!("line {line} of {} is no statement's", self.file.display());
    }
}

/// What squawk has to say of the files in a folder, which it is asked once.
fn squawk(folder: &Path, version: Version) -> Vec<Warning> {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/squawk/bin/squawk");
    assert!(
        program.is_file(),
        "squawk is not installed: run scripts/squawk"
    );
    fs::write(folder.join(".squawk.toml"), "").unwrap();
    let output = Command::new(program)
        .args(["--config", ".squawk.toml", "--reporter", "json"])
        .arg(format!("--pg-version={}.0", version as u32))
        .arg("*.sql")
        .current_dir(folder)
        .output()
        .expect("squawk runs");
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", support::said(&output)))
}
