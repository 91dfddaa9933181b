//! A small project with a database of its own.

use std::process::{Child, Output, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use postgres::{Client, NoTls};

use super::support::dump::{Lines, counted, lines};
use super::support::{Cluster, Project, files_below, said};

pub const SHOP: &str = "\
entity: Order
fields: {total: integer}
";
/// A column comes in a transaction, an index outside of any.
pub const WITH_NOTE: &str = "\
entity: Order
fields: {total: integer, note: text}
indexes: [{columns: [total]}]
";
pub const WITH_STATE: &str = "\
entity: Order
fields: {total: integer!, note: text, state: {type: enum, values: [new, paid], default: new, required: true}}
indexes: [{columns: [total]}, {columns: [note], unique: true}]
---
entity: Line
fields: {order: ref(Order)!, amount: decimal(10..12)}
";
pub const WITHOUT_NOTE: &str = "\
entity: Order
fields: {total: integer!, state: {type: enum, values: [new, paid, sent], default: new, required: true}}
---
entity: Line
fields: {order: ref(Order)!, amount: decimal(10..12), count: integer!}
";

/// A project and a database of its own.
pub struct Shop {
    pub cluster: Arc<Cluster>,
    pub project: Project,
    pub database: String,
}

impl Shop {
    pub fn new(database: &str) -> Self {
        let cluster = Cluster::shared();
        cluster
            .psql("postgres", &format!("CREATE DATABASE {database}"))
            .unwrap();
        let project = Project::of(SHOP);
        project.write("specql.yaml", b"lock_timeout: 1s\n");
        Self {
            cluster,
            project,
            database: database.to_owned(),
        }
    }

    /// One with rows, where an index is the next thing to come.
    pub fn before_an_index(database: &str) -> Self {
        let shop = Self::new(database);
        shop.step("initial", SHOP, "");
        shop.step("note", WITH_NOTE, "");
        shop.good(&["apply", "--to", "2"]);
        shop.psql("INSERT INTO orders (total) SELECT generate_series(1, 1000)");
        shop
    }

    pub fn specs(&self, text: &str) {
        self.project.write("specs/spec.yaml", text.as_bytes());
    }

    pub fn url(&self) -> String {
        self.cluster.url(&self.database)
    }

    pub fn migrate(&self, arguments: &[&str]) -> Output {
        let url = self.url();
        let mut command = self.project.specqlc();
        command.arg("migrate").args(arguments);
        command.env("DATABASE_URL", url).output().unwrap()
    }

    pub fn good(&self, arguments: &[&str]) -> String {
        let output = self.migrate(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", said(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    /// What it says when it ends with that code.
    pub fn fails(&self, code: i32, arguments: &[&str]) -> String {
        let output = self.migrate(arguments);
        let said = said(&output);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        said
    }

    pub fn psql(&self, sql: &str) -> String {
        self.cluster.psql(&self.database, sql).unwrap()
    }

    pub fn client(&self) -> Client {
        Client::connect(&self.url(), NoTls).unwrap()
    }

    /// Waits until a query has a row.
    pub fn wait_for(&self, sql: &str) {
        let begun = Instant::now();
        while self.psql(sql).is_empty() {
            assert!(begun.elapsed() < Duration::from_mins(1), "never: {sql}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// A session whose snapshot is older than an index that is built on orders from now on, which waits for it.
    pub fn old_transaction(&self) -> Client {
        let mut old = self.client();
        old.batch_execute(
            "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM orders; INSERT INTO orders DEFAULT VALUES",
        )
        .unwrap();
        old
    }

    /// A run that is going on.
    pub fn start(&self, arguments: &[&str]) -> Child {
        let mut command = self.project.specqlc();
        command.arg("migrate").args(arguments);
        command.env("DATABASE_URL", self.url());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    }

    /// A copy of its database: what is done there happens to nobody else.
    pub fn copy(&self) -> String {
        let copy = format!("{}_copy", self.database);
        let sql = format!(
            "DROP DATABASE IF EXISTS {copy}; CREATE DATABASE {copy} TEMPLATE {}",
            self.database
        );
        self.cluster.psql("postgres", &sql).unwrap();
        copy
    }

    /// What a fresh build of the specs is.
    pub fn built(&self) -> Lines {
        let built = format!("{}_built", self.database);
        self.cluster
            .psql("postgres", &format!("CREATE DATABASE {built}"))
            .unwrap();
        let output = self.project.specqlc().arg("build").output().unwrap();
        assert!(output.status.success(), "{}", said(&output));
        let schema = self.project.path().join("generated/schema.sql");
        self.cluster.psql_file(&built, &schema, &["-1"]).unwrap();
        self.lines(&built)
    }

    /// The schema of a database of this server.
    pub fn lines(&self, database: &str) -> Lines {
        let dump = self.cluster.dump(database).unwrap();
        counted(lines(&dump).map(str::to_owned))
    }

    pub fn dump(&self) -> String {
        let dump = self.cluster.dump(&self.database).unwrap();
        // Newer versions of pg_dump write a random word.
        let lines = dump.lines().filter(|line| !line.starts_with('\\'));
        lines.flat_map(|line| [line, "\n"]).collect()
    }

    /// A new migration to these specs.
    pub fn step(&self, name: &str, specs: &str, allow: &str) -> String {
        self.specs(specs);
        if allow.is_empty() {
            self.good(&["new", name])
        } else {
            self.good(&["new", name, "--allow", allow])
        }
    }

    /// Applies what comes before the first file that says this.
    pub fn apply_before(&self, text: &str) {
        let says = |file: &String| {
            let path = format!("generated/migrations/{file}");
            self.project.read(&path).contains(text)
        };
        let file = self.names().into_iter().find(says).unwrap();
        let number: u32 = file[..4].parse().unwrap();
        self.good(&["apply", "--to", &(number - 1).to_string()]);
    }

    pub fn folder(&self) -> std::path::PathBuf {
        self.project.path().join("generated/migrations")
    }

    pub fn names(&self) -> Vec<String> {
        files_below(&self.folder())
            .iter()
            .map(|path| path.display().to_string())
            .collect()
    }

    /// That the migrations lead to what the specs say, and the database is there.
    pub fn verify(&self) {
        let url = self.cluster.url("postgres");
        self.good(&["verify", "--shadow-url", &url]);
        let url = self.cluster.url(&self.database);
        let output = self
            .project
            .specqlc()
            .args(["diff", "--prune", "--as-of", TODAY, "--database-url", &url])
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", said(&output));
    }
}

/// That a build of an index waits for another transaction.
pub const BUILD_WAITS: &str = "SELECT 1 FROM pg_stat_progress_create_index WHERE datname = current_database() AND phase LIKE 'waiting%'";

/// The day of partitions, whenever the test is run.
pub const TODAY: &str = "2025-01-15";
pub const RISKS: &str = "may-fail-on-data,scans-table,breaks-old-code,deletes-data,drops-index,rewrites-table,blocks-writes,blocks-reads,not-reversible";
