//! A throwaway server on a unix socket.
//!
//! The server programs come from the folder in `SPECQLC_PG_BIN`, or from where Debian puts them;
//! psql from `SPECQLC_PG_CLIENT`, from the folder of the server, or from PATH.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use specqlc::pg::{Knowledge, Version};

/// The database that has all the extensions of the data.
pub const CONTRIB: &str = "contrib";

/// A throwaway server on a unix socket, shared by the tests that run at the same time.
pub struct Server {
    pub version: Version,
    programs: PathBuf,
    psql: PathBuf,
    folder: tempfile::TempDir,
}

impl Server {
    pub fn shared() -> Arc<Self> {
        static SHARED: Mutex<Weak<Server>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(server) = shared.upgrade() {
            return server;
        }
        let server = Arc::new(Self::start());
        *shared = Arc::downgrade(&server);
        server
    }

    fn start() -> Self {
        let programs = server_programs();
        let version = match output(Command::new(programs.join("postgres")).arg("--version")) {
            text if text.contains(" 15") => Version::V15,
            text if text.contains(" 16") => Version::V16,
            text if text.contains(" 17") => Version::V17,
            text if text.contains(" 18") => Version::V18,
            text => panic!("unsupported server: {text}"),
        };
        // Short: the path of a unix socket may have no more than 107 bytes.
        let folder = tempfile::Builder::new()
            .prefix("specqlc-pg.")
            .tempdir_in("/tmp")
            .unwrap();
        if let Some(user) = server_user() {
            output(Command::new("chown").arg(user).arg(folder.path()));
        }
        let psql = psql(&programs);
        let server = Self {
            version,
            programs,
            psql,
            folder,
        };
        let data = server.folder.path().join("data");
        output(
            server
                .program("initdb")
                .args([
                    "-U",
                    "postgres",
                    "-A",
                    "trust",
                    "-E",
                    "UTF8",
                    "--locale=C.UTF-8",
                    "--no-sync",
                    "-D",
                ])
                .arg(&data),
        );
        let options = format!(
            "-k {} -c listen_addresses='' -c fsync=off",
            server.folder.path().display()
        );
        output(
            server
                .program("pg_ctl")
                .args(["-w", "-s", "-o", &options, "-l"])
                .arg(data.join("log"))
                .arg("-D")
                .arg(&data)
                .arg("start"),
        );
        server.query("postgres", "CREATE DATABASE contrib");
        for extension in Knowledge::since(version).extensions() {
            if extension.name != "plpgsql" {
                server.query(CONTRIB, &format!("CREATE EXTENSION \"{}\"", extension.name));
            }
        }
        server
    }

    /// Rows and columns as text.
    pub fn query(&self, database: &str, sql: &str) -> Vec<Vec<String>> {
        let text = self
            .run(database, sql)
            .unwrap_or_else(|error| panic!("{error}\n{sql}"));
        text.lines()
            .map(|line| line.split('\t').map(str::to_owned).collect())
            .collect()
    }

    pub fn run(&self, database: &str, sql: &str) -> Result<String, String> {
        let done = Command::new(&self.psql)
            .args([
                "-XAtq",
                "-F",
                "\t",
                "-v",
                "ON_ERROR_STOP=1",
                "-U",
                "postgres",
                "-d",
                database,
                "-c",
                sql,
                "-h",
            ])
            .arg(self.folder.path())
            .output()
            .unwrap();
        if done.status.success() {
            Ok(String::from_utf8(done.stdout).unwrap())
        } else {
            Err(String::from_utf8_lossy(&done.stderr).into_owned())
        }
    }

    /// A server program, started as a user that servers may run as.
    fn program(&self, name: &str) -> Command {
        let program = self.programs.join(name);
        let mut command = if let Some(user) = server_user() {
            let mut command = Command::new("runuser");
            command.args(["-u", user, "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir(self.folder.path());
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let data = self.folder.path().join("data");
        let mut stop = self.program("pg_ctl");
        let _ = stop
            .args(["-m", "immediate", "-s", "stop", "-D"])
            .arg(data)
            .stderr(Stdio::null())
            .status();
    }
}

fn server_programs() -> PathBuf {
    if let Some(folder) = std::env::var_os("SPECQLC_PG_BIN") {
        return folder.into();
    }
    let mut found: Vec<_> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .filter(|bin| bin.join("postgres").is_file())
        .collect();
    found.sort();
    found.pop().expect("no PostgreSQL server programs: run scripts/test, which installs them, or set SPECQLC_PG_BIN")
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

/// A server refuses to run as root: who runs it instead.
fn server_user() -> Option<&'static str> {
    if output(Command::new("id").arg("-u")).trim() != "0" {
        return None;
    }
    let exists = Command::new("id")
        .arg("postgres")
        .output()
        .is_ok_and(|done| done.status.success());
    Some(if exists { "postgres" } else { "nobody" })
}

fn output(command: &mut Command) -> String {
    // Into a file, not a pipe: the server that pg_ctl leaves behind would hold a pipe open.
    let mut text = tempfile::tempfile().unwrap();
    let (out, err) = (text.try_clone().unwrap(), text.try_clone().unwrap());
    let status = command.stdout(out).stderr(err).status();
    let mut said = String::new();
    std::io::Seek::rewind(&mut text).unwrap();
    std::io::Read::read_to_string(&mut text, &mut said).unwrap();
    assert!(
        status.is_ok_and(|status| status.success()),
        "{command:?}: {said}"
    );
    said
}
