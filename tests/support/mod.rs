//! What tests share: a throwaway `PostgreSQL` cluster, projects in temporary folders, and the built program.
//!
//! A cluster listens on a Unix socket only, and is gone when the last guard is dropped, also when the test fails. Its
//! programs come from the folder in `SPECQLC_PG_BIN` or from where Debian puts them; psql from `SPECQLC_PG_CLIENT`,
//! from the folder of the server, or from PATH. `scripts/test` finds or installs them and sets both.

#![allow(
    dead_code,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "shared by tests, each of which uses a part; a test that cannot start a server has failed"
)]

pub mod dump;
pub mod json_schema;
pub mod plans;
pub mod share;
pub mod statements;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use specqlc::pg::Version;

/// A running cluster with the superuser `postgres` and no password.
pub struct Cluster {
    programs: PathBuf,
    psql: PathBuf,
    major: u32,
    directory: tempfile::TempDir,
}

impl Cluster {
    /// The one that the tests of this program share while any of them runs.
    pub fn shared() -> Arc<Self> {
        static SHARED: Mutex<Weak<Cluster>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(cluster) = shared.upgrade() {
            return cluster;
        }
        let cluster = Arc::new(Self::start());
        *shared = Arc::downgrade(&cluster);
        cluster
    }

    /// Makes and starts one, with the server programs of `SPECQLC_PG_BIN` or of the newest version that is installed.
    pub fn start() -> Self {
        let directory = cluster_folder();
        let programs = server_programs();
        let cluster = Self {
            psql: psql(&programs),
            major: major(&programs),
            programs,
            directory,
        };
        if let Some(user) = unprivileged() {
            run(Command::new("chown").arg(user).arg(cluster.path()));
        }
        run(cluster
            .program("initdb")
            .args(["-A", "trust", "-U", "postgres", "--no-sync"])
            .args(["--locale=C.UTF-8", "-E", "UTF8", "-D"])
            .arg(cluster.data()));
        cluster.run_server();
        cluster
    }

    fn run_server(&self) {
        let options = format!(
            "-k {} -c listen_addresses= -c fsync=off -c full_page_writes=off -c max_prepared_transactions=8",
            self.path().display()
        );
        run(self
            .program("pg_ctl")
            .arg("-D")
            .arg(self.data())
            .arg("-l")
            .arg(self.path().join("log"))
            .args(["-w", "-o", &options, "start"]));
    }

    /// Stops it as a power cut would: no session ends, nothing is written. It is what `pg_ctl stop -m immediate` does, without
    /// the time that one takes to begin.
    pub fn stop_immediately(&self) {
        let pid = fs::read_to_string(self.data().join("postmaster.pid")).expect("it runs");
        let pid = pid.lines().next().unwrap();
        run(Command::new("kill").args(["-QUIT", pid]));
    }

    /// Starts it again, when it has stopped.
    pub fn recover(&self) {
        let begun = Instant::now();
        while self.data().join("postmaster.pid").exists() {
            assert!(begun.elapsed() < Duration::from_secs(30), "{}", self.log());
            thread::sleep(Duration::from_millis(2));
        }
        self.run_server();
    }

    /// A standby of it, made of a copy while it stands still; it takes in no more.
    pub fn standby(&self) -> Self {
        run(self
            .program("pg_ctl")
            .arg("-D")
            .arg(self.data())
            .args(["-w", "stop"]));
        let directory = cluster_folder();
        let standby = Self {
            programs: self.programs.clone(),
            psql: self.psql.clone(),
            major: self.major,
            directory,
        };
        run(Command::new("cp")
            .arg("-a")
            .arg(self.data())
            .arg(standby.data()));
        fs::write(standby.data().join("standby.signal"), "").expect("a file in its folder");
        if let Some(user) = unprivileged() {
            run(Command::new("chown")
                .arg("-R")
                .arg(user)
                .arg(standby.path()));
        }
        self.run_server();
        standby.run_server();
        standby
    }

    /// The server's major version.
    pub fn major(&self) -> u32 {
        self.major
    }

    /// The same, as this program knows it.
    pub fn version(&self) -> Version {
        match self.major {
            15 => Version::V15,
            16 => Version::V16,
            17 => Version::V17,
            18 => Version::V18,
            other => panic!("unsupported server: {other}"),
        }
    }

    /// Runs SQL in a database with psql, and gives what it printed: rows on lines, columns separated by tabs. The first
    /// error ends it.
    pub fn psql(&self, database: &str, sql: &str) -> Result<String, String> {
        let mut script = tempfile::NamedTempFile::new().expect("a script for psql");
        std::io::Write::write_all(&mut script, sql.as_bytes()).expect("a script for psql");
        self.psql_file(database, script.path(), &[])
    }

    /// The same with a file and further options, such as `-1`.
    pub fn psql_file(
        &self,
        database: &str,
        file: &Path,
        options: &[&str],
    ) -> Result<String, String> {
        let output = Command::new(&self.psql)
            .args(["-X", "-q", "-A", "-t", "-F", "\t", "-v", "ON_ERROR_STOP=1"])
            .args(options)
            .arg("-f")
            .arg(file)
            .arg(self.url(database))
            .env("PGOPTIONS", "-c client_min_messages=warning")
            .stdin(Stdio::null())
            .output()
            .expect("psql runs");
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned())
        }
    }

    /// What `pg_dump` writes of a database's schema, without owners and privileges.
    pub fn dump(&self, database: &str) -> Result<String, String> {
        let output = Command::new(self.psql.with_file_name("pg_dump"))
            .args(["--schema-only", "--no-owner", "--no-privileges"])
            // Nothing here has any, and to look for them takes a tenth of the time.
            .arg("--no-security-labels")
            .arg(self.url(database))
            .stdin(Stdio::null())
            .output()
            .expect("pg_dump runs");
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned())
        }
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.path().join("log")).expect("a log")
    }

    /// Where a database of it is.
    pub fn url(&self, database: &str) -> String {
        format!(
            "postgresql://postgres@/{database}?host={}",
            self.path().display()
        )
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn data(&self) -> PathBuf {
        self.path().join("data")
    }

    /// A server program, as a user that may run it.
    fn program(&self, name: &str) -> Command {
        let program = self.programs.join(name);
        let mut command = if let Some(user) = unprivileged() {
            as_user(user, &program)
        } else {
            Command::new(program)
        };
        command.current_dir("/tmp");
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // Nothing more can be done when it does not stop, and a second panic would hide the first.
        let _ = self
            .program("pg_ctl")
            .arg("-D")
            .arg(self.data())
            .args(["-m", "immediate", "stop"])
            .output();
    }
}

/// A project in a temporary folder, and the built program run in it.
pub struct Project {
    folder: tempfile::TempDir,
}

impl Project {
    /// A folder with nothing in it.
    pub fn empty() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
        }
    }

    /// A project of one spec file.
    pub fn of(spec: &str) -> Self {
        let project = Self::empty();
        project.write("specs/spec.yaml", spec.as_bytes());
        project
    }

    /// The example application, with what is checked in of its output.
    pub fn example() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let project = Self::empty();
        for folder in ["specs", "generated"] {
            copy_folder(&root.join(folder), &project.path().join(folder));
        }
        fs::copy(root.join("specql.yaml"), project.path().join("specql.yaml")).unwrap();
        project
    }

    /// Its folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes one of its files.
    pub fn write(&self, path: &str, content: &[u8]) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// The text of one of its files.
    pub fn read(&self, path: &str) -> String {
        let path = self.path().join(path);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// The built program, to be run in its folder, with nothing of this machine's settings.
    pub fn specqlc(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_specqlc"));
        pin(&mut command);
        command.current_dir(self.path());
        command
    }
}

/// Nothing that a machine has set reaches the program.
pub fn pin(command: &mut Command) {
    for variable in [
        "DATABASE_URL",
        "COLUMNS",
        "RAYON_NUM_THREADS",
        "CLICOLOR_FORCE",
    ] {
        command.env_remove(variable);
    }
    command.env("NO_COLOR", "1").stdin(Stdio::null());
}

/// Copies a folder with all that is below it.
pub fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The files below a folder, relative to it, in order.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    fn walk(folder: &Path, root: &Path, files: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.is_symlink() {
                walk(&path, root, files);
            } else {
                files.push(path.strip_prefix(root).unwrap().to_owned());
            }
        }
    }
    let mut files = Vec::new();
    walk(folder, folder, &mut files);
    files.sort();
    files
}

/// Whether expectations are to be rewritten instead of compared.
pub fn update_expectations() -> bool {
    std::env::var_os("UPDATE_EXPECT").is_some_and(|value| value != "0")
}

/// A script in which somebody else writes to every table after each transaction, and takes it back.
pub fn beside_others(script: &str) -> String {
    let others = include_str!("others.sql");
    let lines = script.lines().map(|line| match line {
        "COMMIT;" => format!("COMMIT;\n{others}"),
        line => format!("{line}\n"),
    });
    lines.collect()
}

/// What a program has written.
pub fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

/// What it has written to whom it tells.
pub fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

/// What it has written, as JSON.
pub fn json(output: &Output) -> serde_json::Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What a program said and how it ended, for a message.
pub fn said(output: &Output) -> String {
    format!(
        "{}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// Reads until something is said, and gives what was said until then.
pub fn read_until(from: &mut impl std::io::Read, wanted: &str) -> String {
    let mut read = Vec::new();
    loop {
        let mut bytes = [0; 1024];
        let count = from.read(&mut bytes).unwrap();
        read.extend_from_slice(&bytes[..count]);
        let text = String::from_utf8_lossy(&read).into_owned();
        if text.contains(wanted) {
            return text;
        }
        assert!(count > 0, "it never says {wanted}: {text}");
    }
}

/// As root, a user without root's rights: servers refuse to run as root, and root can read everything.
pub fn unprivileged() -> Option<&'static str> {
    let ask = |arguments: &[&str]| Command::new("id").args(arguments).output();
    if ask(&["-u"]).is_ok_and(|output| output.stdout.trim_ascii() != b"0") {
        return None;
    }
    let exists = ask(&["postgres"]).is_ok_and(|output| output.status.success());
    Some(if exists { "postgres" } else { "nobody" })
}

/// A program run as another user.
pub fn as_user(user: &str, program: &Path) -> Command {
    let mut command = Command::new("runuser");
    command.args(["-u", user, "--"]).arg(program);
    command
}

/// Short: the path of a Unix socket may have no more than 107 bytes. `scripts/lib/jobs.sh` says another place than `/tmp`, where
/// it finds the servers of a test program that it had to end.
fn cluster_folder() -> tempfile::TempDir {
    let place = std::env::var_os("SPECQLC_CLUSTERS").unwrap_or_else(|| "/tmp".into());
    tempfile::Builder::new()
        .prefix("specqlc-pg-")
        .tempdir_in(place)
        .expect("a directory for a cluster")
}

fn server_programs() -> PathBuf {
    if let Some(folder) = std::env::var_os("SPECQLC_PG_BIN") {
        return PathBuf::from(folder);
    }
    let version = |folder: &Path| -> Option<u32> { folder.file_name()?.to_str()?.parse().ok() };
    fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.join("bin/initdb").exists())
        .max_by_key(|path| version(path))
        .map_or_else(
            || panic!("no PostgreSQL server programs are installed: run the tests with scripts/test, which finds or installs them, or set SPECQLC_PG_BIN"),
            |path| path.join("bin"),
        )
}

fn psql(programs: &Path) -> PathBuf {
    let client = std::env::var_os("SPECQLC_PG_CLIENT").map(PathBuf::from);
    [client.as_deref(), Some(programs)]
        .into_iter()
        .flatten()
        .map(|folder| folder.join("psql"))
        .find(|program| program.is_file())
        .unwrap_or_else(|| "psql".into())
}

fn major(programs: &Path) -> u32 {
    let output = run(Command::new(programs.join("postgres")).arg("--version"));
    // postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)
    output
        .split(|c: char| !c.is_ascii_digit())
        .find_map(|digits| digits.parse().ok())
        .unwrap_or_else(|| panic!("no version: {output}"))
}

/// What a program that must succeed printed.
fn run(command: &mut Command) -> String {
    // Into a file, not a pipe: the server that pg_ctl leaves behind would hold a pipe open.
    let mut text = tempfile::tempfile().unwrap();
    let (out, err) = (text.try_clone().unwrap(), text.try_clone().unwrap());
    let status = command
        .stdin(Stdio::null())
        .stdout(out)
        .stderr(err)
        .status();
    let mut printed = String::new();
    std::io::Seek::rewind(&mut text).unwrap();
    std::io::Read::read_to_string(&mut text, &mut printed).unwrap();
    assert!(
        status.is_ok_and(|status| status.success()),
        "{command:?} failed: {printed}"
    );
    printed
}
