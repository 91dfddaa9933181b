//! A database on a server of its own, and those who write and read it.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::support::{Cluster, Project, said};

/// The most that a statement of the load may wait.
const LIMIT: &str = "300ms";
/// The most that a change waits for its lock, while who comes after it waits behind it.
const CONFIG: &[u8] = b"lock_timeout: 200ms\ndefaults: {primary_key: bigint}\n";
const CLIENTS: usize = 8;
/// The day of partitions, whenever the test is run.
const TODAY: &str = "2025-01-15";
/// What changes under load may do: nothing that holds up who writes or reads.
pub const HAZARDS: &str =
    "may-fail-on-data,scans-table,drops-index,breaks-old-code,stale-projection";

/// A project and a database on a server of its own, whose log tells who waits.
pub struct Shop {
    pub cluster: Cluster,
    pub project: Project,
    _alone: MutexGuard<'static, ()>,
}

impl Shop {
    /// One at a time: a load is for the whole machine.
    pub fn new(specs: &str, data: &str) -> Self {
        static ALONE: Mutex<()> = Mutex::new(());
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let shop = Self {
            cluster: Cluster::start(),
            project: Project::empty(),
            _alone: alone,
        };
        shop.sql(&format!(
            "ALTER SYSTEM SET log_lock_waits = on;
             ALTER SYSTEM SET deadlock_timeout = '{LIMIT}';
             ALTER SYSTEM SET log_line_prefix = '%a|';
             ALTER SYSTEM SET synchronous_commit = off;
             SELECT pg_reload_conf()"
        ));
        shop.project.write("specql.yaml", CONFIG);
        shop.change("first", specs);
        shop.sql(data);
        shop
    }

    pub fn sql(&self, text: &str) -> String {
        self.cluster.psql("postgres", text).unwrap()
    }

    /// Writes the migration to these specs, and applies it. No hazard is allowed that holds up who writes or reads.
    pub fn change(&self, name: &str, specs: &str) {
        self.project.write("specs/spec.yaml", specs.as_bytes());
        self.run(&["migrate", "new", name, "--as-of", TODAY, "--allow", HAZARDS]);
        self.run(&["migrate", "apply"]);
    }

    pub fn differs_in_nothing(&self) {
        let printed = self.run(&["diff", "--as-of", TODAY]);
        assert_eq!(printed, "");
    }

    pub fn run(&self, arguments: &[&str]) -> String {
        let output = self
            .project
            .specqlc()
            .args(arguments)
            .env("DATABASE_URL", self.cluster.url("postgres"))
            .output()
            .unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", said(&output));
        String::from_utf8(output.stdout).unwrap()
    }
}

/// pgbench, until it is dropped.
pub struct Load<'a> {
    shop: &'a Shop,
    process: Child,
    errors: PathBuf,
}

impl<'a> Load<'a> {
    /// As much as the server can take.
    pub fn start(shop: &'a Shop, script: &str) -> Self {
        Self::with(shop, script, &[])
    }

    /// With more arguments for pgbench, which works in the project's folder.
    pub fn with(shop: &'a Shop, script: &str, arguments: &[&str]) -> Self {
        shop.project.write("load.sql", script.as_bytes());
        let errors = shop.project.path().join("load.log");
        let process = Command::new(pgbench())
            .args(["-n", "-T", "36000", "-c", &CLIENTS.to_string()])
            .args(arguments)
            .args(["-f", "load.sql"])
            .arg(shop.cluster.url("postgres"))
            .current_dir(shop.project.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(&errors).unwrap())
            .spawn()
            .unwrap();
        Self {
            shop,
            process,
            errors,
        }
    }

    /// Waits until a thousand transactions more have begun.
    pub fn goes_on(&mut self) {
        let transactions = || -> u64 {
            let next = "SELECT pg_snapshot_xmax(pg_current_snapshot())";
            self.shop.sql(next).trim().parse().unwrap()
        };
        let goal = transactions() + 1_000;
        let end = Instant::now() + Duration::from_mins(1);
        while transactions() < goal {
            let ended = self.process.try_wait().unwrap();
            assert!(ended.is_none(), "{ended:?}: {}", self.complaints());
            assert!(
                Instant::now() < end,
                "the load stands: {}",
                self.complaints()
            );
            sleep(Duration::from_millis(10));
        }
    }

    /// No client has failed, or waited for too long.
    pub fn is_well(&self, change: &str) {
        let complaints = self.complaints();
        assert!(complaints.is_empty(), "{change}: {complaints}");
        let clients = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pgbench'";
        assert_eq!(self.shop.sql(clients), format!("{CLIENTS}\n"), "{change}");
    }

    /// What the server's log says of it, and pgbench itself.
    pub fn complaints(&self) -> String {
        let mut complaints = fs::read_to_string(&self.errors).unwrap();
        // pgbench says its name before it begins.
        complaints = complaints
            .lines()
            .filter(|line| !line.starts_with("pgbench (") && !line.trim().is_empty())
            .collect();
        for line in self.shop.cluster.log().lines() {
            if line.starts_with("pgbench|") && !line.contains(" acquired ") {
                complaints.push_str(line);
                complaints.push('\n');
            }
        }
        complaints
    }
}

impl Drop for Load<'_> {
    fn drop(&mut self) {
        // Nothing more can be done when it does not end.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn pgbench() -> PathBuf {
    let beside = std::env::var_os("SPECQLC_PG_BIN").map(PathBuf::from);
    let installed = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    beside
        .into_iter()
        .chain(installed.flatten().map(|entry| entry.path().join("bin")))
        .map(|folder| folder.join("pgbench"))
        .find(|program| program.is_file())
        .unwrap_or_else(|| "pgbench".into())
}
