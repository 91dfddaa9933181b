//! The workflow of docs/ci/schema.yml, step by step: what passes for the example application as it is checked in, and which step
//! stops a pull request that forgot something.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper that fails fails its test"
)]

mod support;

use std::fs;
use std::path::Path;
use std::process::Output;
use std::sync::Arc;

use serde::Deserialize;
use support::{Cluster, Project, said};

#[derive(Deserialize)]
struct Workflow {
    jobs: Jobs,
}

#[derive(Deserialize)]
struct Jobs {
    schema: Job,
}

#[derive(Deserialize)]
struct Job {
    steps: Vec<Step>,
}

#[derive(Deserialize)]
struct Step {
    name: Option<String>,
    run: Option<String>,
}

struct Checkout {
    cluster: Arc<Cluster>,
    project: Project,
    database: String,
    steps: Vec<(String, String)>,
}

impl Checkout {
    /// The example application, and a database that has its migrations.
    fn of(database: &str) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let project = Project::example();
        let cluster = Cluster::shared();
        cluster
            .psql("postgres", &format!("CREATE DATABASE {database}"))
            .unwrap();
        let text = fs::read_to_string(root.join("docs/ci/schema.yml")).unwrap();
        let workflow: Workflow = serde_yaml::from_str(&text).unwrap();
        let steps = workflow.jobs.schema.steps.into_iter();
        let steps = steps
            .filter_map(|step| Some((step.name.unwrap_or_default(), step.run?)))
            .collect();
        let checkout = Self {
            cluster,
            project,
            database: database.to_owned(),
            steps,
        };
        let applied = checkout.shell("specqlc migrate apply -q");
        assert!(applied.status.success(), "{}", said(&applied));
        checkout
    }

    /// As the workflow runs a step: bash that stops at the first failure, with what its `env` says.
    fn shell(&self, script: &str) -> Output {
        let program = self.project.specqlc();
        let folder = Path::new(program.get_program()).parent().unwrap();
        let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
        let mut command = std::process::Command::new("bash");
        support::pin(&mut command);
        command
            .args(["-eo", "pipefail", "-c", script])
            .current_dir(self.project.path())
            .env("PATH", path)
            .env("SHADOW_URL", self.cluster.url("postgres"))
            .env("DATABASE_URL", self.cluster.url(&self.database))
            .output()
            .unwrap()
    }

    /// What each step says, up to the first that fails, whose name is the other part.
    fn run(&self) -> (String, Option<&str>) {
        let mut text = String::new();
        for (name, script) in &self.steps {
            let output = self.shell(script);
            text.push_str(&said(&output));
            if !output.status.success() {
                return (text, Some(name));
            }
        }
        (text, None)
    }
}

#[test]
fn what_is_checked_in_passes() {
    let checkout = Checkout::of("ci_passes");
    assert!(checkout.steps.len() > 5);
    let (said, failed) = checkout.run();
    assert_eq!(failed, None, "{said}");
    let log = checkout.project.read("schema.sarif");
    let log: serde_json::Value = serde_json::from_str(&log).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert!(results.is_empty(), "{results:?}");
}

#[test]
fn what_was_forgotten_stops_at_its_step() {
    let checkout = Checkout::of("ci_forgotten");
    let file = "specs/audit/audit_log.yaml";
    let before = checkout.project.read(file);
    let change = |to: &str| checkout.project.write(file, to.as_bytes());
    let stopped = |at: &str| {
        let (said, failed) = checkout.run();
        assert!(
            failed.is_some_and(|name| name.contains(at)),
            "{failed:?}: {said}"
        );
        said
    };
    let entity = "\n---\nentity: Visit\nschema: audit\nfields: {place: text}\n";
    change(&format!("{before}{}", entity.replace("text", "txt")));
    let said_of = stopped("Mistakes");
    assert!(
        said_of.contains("::error file=specs/audit/audit_log.yaml,line="),
        "{said_of}"
    );
    change(&format!("{before}{entity}"));
    stopped("generated");
    let built = checkout.shell("specqlc build -q");
    assert!(built.status.success(), "{}", said(&built));
    stopped("migration");
    let made = checkout.shell("specqlc migrate new visits -q");
    assert!(made.status.success(), "{}", said(&made));
    let (told, failed) = checkout.run();
    assert_eq!(failed, None, "{told}");
    assert!(
        told.contains("::notice file=specs/audit/audit_log.yaml,line="),
        "{told}"
    );
    assert!(told.contains("create table audit.visits"), "{told}");
}
