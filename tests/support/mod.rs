//! A throwaway `PostgreSQL` cluster for tests. It listens on a Unix socket only, and is gone when the guard is dropped,
//! also when the test fails.

#![allow(
    dead_code,
    clippy::expect_used,
    clippy::panic,
    reason = "shared by tests, each of which uses a part; a test that cannot start a server has failed"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A running cluster with the superuser `postgres` and no password.
pub struct Cluster {
    programs: PathBuf,
    directory: tempfile::TempDir,
}

impl Cluster {
    /// Makes and starts one, with the server programs of `SPECQLC_PG_BIN` or of the newest version that is installed.
    pub fn start() -> Self {
        let directory = tempfile::Builder::new()
            .prefix("specqlc-pg-")
            .tempdir_in("/tmp")
            .expect("a directory in /tmp");
        let cluster = Self {
            programs: server_programs(),
            directory,
        };
        if is_root() {
            // The server refuses to run as root.
            run(Command::new("chown").arg("postgres").arg(cluster.path()));
        }
        run(cluster.program("initdb").args([
            "-A",
            "trust",
            "-U",
            "postgres",
            "--no-sync",
            "--locale=C.UTF-8",
            "-E",
            "UTF8",
            "-D",
        ])
        .arg(cluster.data()));
        let options = format!(
            "-k {} -c listen_addresses= -c fsync=off -c full_page_writes=off -c max_prepared_transactions=8",
            cluster.path().display()
        );
        run(cluster
            .program("pg_ctl")
            .arg("-D")
            .arg(cluster.data())
            .arg("-l")
            .arg(cluster.path().join("log"))
            .args(["-w", "-o", &options, "start"])
            // The server keeps what it inherits; a pipe would never end.
            .stdout(Stdio::null())
            .stderr(Stdio::null()));
        cluster
    }

    /// Runs SQL in a database with psql, and gives what it printed: rows on lines, columns separated by tabs. The first
    /// error ends it.
    pub fn psql(&self, database: &str, sql: &str) -> Result<String, String> {
        let script = self.path().join(format!("{database}.sql"));
        std::fs::write(&script, sql).expect("a script for psql");
        let output = Command::new(self.programs.join("psql"))
            .args(["-X", "-q", "-A", "-t", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-f"])
            .arg(&script)
            .arg(self.url(database))
            .stdin(Stdio::null())
            .output()
            .expect("psql runs");
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned())
        }
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
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
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

fn server_programs() -> PathBuf {
    if let Some(folder) = std::env::var_os("SPECQLC_PG_BIN") {
        return PathBuf::from(folder);
    }
    let version = |folder: &Path| -> Option<u32> { folder.file_name()?.to_str()?.parse().ok() };
    std::fs::read_dir("/usr/lib/postgresql")
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

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output();
    output.is_ok_and(|o| o.stdout.trim_ascii() == b"0")
}

fn run(command: &mut Command) -> Output {
    let output = command.output().expect("the program runs");
    assert!(
        output.status.success(),
        "{command:?} failed: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}
