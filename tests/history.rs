//! The example application's life: `generated/migrations` is what a team would have checked in that has come to `specs/` in
//! small steps. Here it is made from those steps, and applied to a database in which people work all the while.
//!
//! `tests/history/` has a step a number, as its pull request:
//!
//! | file | |
//! |---|---|
//! | `NN_NAME.patch` | what was said of it, the hazards that were allowed, and what it changed in `specs/` |
//! | `NN_NAME.data.sql`, `NN_NAME.down.sql` | or a step by hand, and its way back |
//! | `NN_NAME.rows.sql` | what people write when it is applied |
//! | `NN_NAME.back.sql` | what they have to give up before its way back can be gone |
//!
//! Earlier specs are not kept: they are what is left when the patches are taken back, the last one first. So whoever
//! changes `specs/` adds a patch (`git diff specs`) and runs `UPDATE_EXPECT=1 cargo test --test history`, which writes
//! `generated/migrations` anew. Migrations that an older compiler wrote stay as they are as long as they lead to the same states.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper that fails fails its test"
)]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use postgres::{Client, NoTls};
use serde_json::Value;
use support::{Cluster, Project, copy_folder, files_below, said, update_expectations};

const MIGRATIONS: &str = "generated/migrations";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A pull request.
struct Step {
    /// With its number.
    stem: String,
    name: String,
    patch: Option<String>,
}

impl Step {
    fn all() -> Vec<Self> {
        let names = files_below(&root().join("tests/history")).into_iter();
        names
            .filter_map(|path| {
                let file = path.to_str().unwrap().to_owned();
                let patch = file.strip_suffix(".patch");
                let stem = patch.or_else(|| file.strip_suffix(".data.sql"))?;
                let text = fs::read_to_string(root().join("tests/history").join(&file)).unwrap();
                Some(Self {
                    stem: stem.to_owned(),
                    name: stem.split_once('_').unwrap().1.to_owned(),
                    patch: patch.map(|_| text),
                })
            })
            .collect()
    }

    /// A file that belongs to it.
    fn file(&self, extension: &str) -> Option<String> {
        let name = format!("tests/history/{}.{extension}", self.stem);
        fs::read_to_string(root().join(name)).ok()
    }

    /// Changes the specs of a project, or takes the change back.
    fn patch(&self, project: &Project, reverse: bool) {
        let Some(patch) = &self.patch else {
            return;
        };
        if !patch.contains("\ndiff --git ") {
            return;
        }
        let file = format!("{}.patch", self.stem);
        let output = Command::new("git")
            .current_dir(project.path())
            .args(["apply", "--whitespace=nowarn"])
            .args(reverse.then_some("--reverse"))
            .arg(root().join("tests/history").join(&file))
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{file} does not lead to specs/ as they are; add what has changed since as a patch: {}",
            said(&output)
        );
    }

    /// The hazards that were allowed.
    fn allow(&self) -> Option<&str> {
        let lines = self.patch.as_ref()?.lines();
        lines
            .take_while(|line| !line.starts_with("diff "))
            .find_map(|line| line.strip_prefix("allow: "))
    }
}

fn good(project: &Project, arguments: &[&str]) -> String {
    let output = project.specqlc().args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", said(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// All migrations, made anew.
fn made(steps: &[Step]) -> Project {
    let project = Project::example();
    let folder = project.path().join(MIGRATIONS);
    let _ = fs::remove_dir_all(&folder);
    let snapshot = project.read("generated/snapshot.json");
    let as_of = snapshot.split("\"as_of\": \"").nth(1).unwrap();
    let as_of = as_of.split('"').next().unwrap();
    steps
        .iter()
        .rev()
        .for_each(|step| step.patch(&project, true));
    for step in steps {
        step.patch(&project, false);
        if step.patch.is_some() {
            let mut arguments = vec!["migrate", "new", &step.name, "--as-of", as_of];
            arguments.extend(step.allow().iter().flat_map(|allow| ["--allow", allow]));
            assert_ne!(
                good(&project, &arguments),
                "",
                "{} changes nothing",
                step.stem
            );
        } else {
            by_hand(&project, step);
        }
    }
    project
}

fn by_hand(project: &Project, step: &Step) {
    let printed = good(project, &["migrate", "new", &step.name, "--data"]);
    let file = PathBuf::from(printed.trim());
    let file = file.file_name().unwrap().to_str().unwrap();
    let mut files = vec![file.to_owned()];
    project.write(
        &format!("{MIGRATIONS}/{file}"),
        step.file("data.sql").unwrap().as_bytes(),
    );
    if let Some(down) = step.file("down.sql") {
        files.push(file.replace(".data.sql", ".down.sql"));
        project.write(&format!("{MIGRATIONS}/{}", files[1]), down.as_bytes());
    }
    let files = files.iter().map(String::as_str);
    let arguments: Vec<&str> = ["migrate", "seal"].into_iter().chain(files).collect();
    good(project, &arguments);
}

/// The states that migrations lead to, each by its name, and the steps by hand.
fn states(folder: &Path) -> BTreeMap<String, String> {
    let files = files_below(folder).into_iter();
    files
        .filter(|path| path.starts_with("snapshots") || path.to_str().unwrap().contains(".data."))
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap();
            // How many files a change needs is up to the planner.
            let name = name.split_once('_').unwrap().1.to_owned();
            (name, fs::read_to_string(folder.join(path)).unwrap())
        })
        .collect()
}

#[test]
fn the_checked_in_migrations_lead_through_all_steps_to_the_specs() {
    let steps = Step::all();
    let made = made(&steps);
    let (old, new) = (root().join(MIGRATIONS), made.path().join(MIGRATIONS));
    if update_expectations() {
        let _ = fs::remove_dir_all(&old);
        copy_folder(&new, &old);
    }
    let (old, new) = (states(&old), states(&new));
    let names: Vec<&String> = old.keys().collect();
    assert_eq!(names, new.keys().collect::<Vec<_>>());
    for (name, state) in &old {
        assert!(
            *state == new[name],
            "{name} is not what the specs of that time come to; run UPDATE_EXPECT=1 cargo test --test history"
        );
    }
    // And there is nothing left to do.
    let project = Project::example();
    assert_eq!(good(&project, &["migrate", "new", "nothing"]), "");
    let cluster = Cluster::shared();
    let url = cluster.url("postgres");
    good(&project, &["migrate", "verify", "--shadow-url", &url]);
}

/// A database, and who is at work on it.
struct Life {
    cluster: Arc<Cluster>,
    project: Project,
    url: String,
}

const DATABASE: &str = "life";
const TABLES: &str = "
    SELECT c.oid::regclass::text
    FROM pg_class AS c
    WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace::regnamespace::text IN ('public', 'catalog', 'audit')";
/// What may be lost on the way back.
const RISKS: &str = "deletes-data,may-fail-on-data,rewrites-table,blocks-reads,blocks-writes,scans-table,breaks-old-code,drops-index,stale-projection";
/// What a row is told from others by, whatever else becomes of its table.
const IDENTITY: [&str; 6] = ["id", "number", "order_id", "line", "category_id", "locale"];
/// Columns under another name.
const RENAMED: [(&str, &str); 1] = [("login", "username")];

type Row = serde_json::Map<String, Value>;
/// Those of each table, by what tells one from another.
type Rows = BTreeMap<String, BTreeMap<String, Row>>;

impl Life {
    fn new() -> Self {
        let cluster = Cluster::shared();
        cluster
            .psql("postgres", &format!("CREATE DATABASE {DATABASE}"))
            .unwrap();
        Self {
            url: cluster.url(DATABASE),
            project: Project::example(),
            cluster,
        }
    }

    fn work(&self, step: &Step, extension: &str) {
        if let Some(sql) = step.file(extension) {
            self.cluster.psql(DATABASE, &sql).unwrap();
        }
    }

    fn migrate(&self, command: &str, arguments: &[&str]) {
        let all = ["migrate", command, "--database-url", &self.url];
        let all: Vec<&str> = all.iter().chain(arguments).copied().collect();
        good(&self.project, &all);
    }

    /// The number of the last file of a change.
    fn last(&self, name: &str) -> String {
        let files = files_below(&self.project.path().join(MIGRATIONS)).into_iter();
        files
            .filter_map(|path| {
                let (number, rest) = path.to_str()?.split_once('_')?;
                (rest.split_once('.')?.0 == name).then(|| number.to_owned())
            })
            .filter(|number| number.chars().all(|c| c.is_ascii_digit()))
            .max()
            .unwrap()
    }

    /// The lines of a dump: the order of columns is not looked at.
    fn dump(&self) -> String {
        // The server names the sequence of an identity, and a table that was copied has another.
        let noise = ["--", "\\", "SEQUENCE NAME "];
        let dump = self.cluster.dump(DATABASE).unwrap();
        let lines = dump.lines().map(|line| line.trim().trim_end_matches(','));
        let mut lines: Vec<&str> = lines
            .filter(|line| noise.iter().all(|start| !line.starts_with(start)))
            .collect();
        lines.sort_unstable();
        lines.join("\n")
    }

    fn rows(&self) -> Rows {
        let mut client = Client::connect(&self.url, NoTls).unwrap();
        let tables = client.query(TABLES, &[]).unwrap();
        let tables = tables.iter().map(|row| row.get::<_, String>(0));
        tables
            .map(|table| {
                let query =
                    format!("SELECT jsonb_strip_nulls(to_jsonb(r))::text FROM {table} AS r");
                let rows = client.query(&query, &[]).unwrap();
                let rows = rows.iter().map(|row| {
                    let row: Row = serde_json::from_str(row.get(0)).unwrap();
                    let identity = IDENTITY.map(|name| row.get(name).map(Value::to_string));
                    (format!("{identity:?}"), row)
                });
                (table, rows.collect())
            })
            .collect()
    }
}

/// No row is lost, and none is another, but for columns that come or go.
fn conserved(stem: &str, before: &Rows, after: &Rows) {
    let former = |name: &str| {
        RENAMED.iter().find_map(|(old, new)| match name {
            name if name == *old => Some(*new),
            name if name == *new => Some(*old),
            _ => None,
        })
    };
    for (table, rows) in before {
        let Some(left) = after.get(table) else {
            continue;
        };
        assert_eq!(rows.len(), left.len(), "{stem}: rows of {table}");
        for (identity, row) in rows {
            let now = left
                .get(identity)
                .unwrap_or_else(|| panic!("{stem}: {identity} of {table} is lost"));
            for (column, value) in row {
                let same = now.get(column).or_else(|| now.get(former(column)?));
                if let Some(same) = same {
                    assert_eq!(same, value, "{stem}: {column} of {identity} of {table}");
                }
            }
        }
    }
}

fn same(what: &str, is: &str, was: &str) {
    let difference = similar::TextDiff::from_lines(was, is);
    let difference = difference.unified_diff().context_radius(1).to_string();
    assert!(difference.is_empty(), "{what}:\n{difference}");
}

#[test]
fn people_work_while_it_is_applied_and_taken_back() {
    let life = Life::new();
    let steps = Step::all();
    let mut states = Vec::new();
    for step in &steps {
        let before = life.rows();
        life.migrate("apply", &["--to", &life.last(&step.name)]);
        let after = life.rows();
        conserved(&step.stem, &before, &after);
        assert!(
            before.keys().all(|table| after.contains_key(table)),
            "{}",
            step.stem
        );
        states.push(life.dump());
        life.work(step, "rows.sql");
    }
    let rows = life.rows();
    let written = [
        "users",
        "orders",
        "order_items",
        "audit.audit_log",
        "catalog.reviews",
    ];
    let written = written.map(|table| rows[table].len());
    assert_eq!(written, [1020, 2000, 4000, 4002, 300]);
    let output = life
        .project
        .specqlc()
        .args(["diff", "--prune", "--database-url", &life.url])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", said(&output));

    // Each way back leads to the state that the step before had left.
    for (step, state) in steps.iter().skip(1).zip(&states).rev() {
        life.work(step, "back.sql");
        let before = life.rows();
        life.migrate("down", &["--allow", RISKS]);
        conserved(&step.stem, &before, &life.rows());
        same(
            &format!("the way back of {}", step.stem),
            &life.dump(),
            state,
        );
    }
    life.migrate("apply", &[]);
    same("all again", &life.dump(), states.last().unwrap());
}
