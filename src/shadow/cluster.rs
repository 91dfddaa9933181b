//! A temporary cluster of server programs that are on this machine.

use std::io::{self, Read};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

use super::ShadowError;
use super::programs::Programs;
use crate::connect::Environment;

const SCRIPT: &str = include_str!("cluster.sh");

/// Of these, the first that exists runs the server where this program runs as root, which servers refuse to.
const UNPRIVILEGED: [&str; 2] = ["postgres", "nobody"];

/// A running cluster with the superuser `postgres`. Only its own user can reach it, and it ends with this value, or with
/// this process, however that ends.
#[derive(Debug)]
pub(super) struct Cluster {
    supervisor: Child,
    /// The folder of its socket.
    host: String,
}

impl Cluster {
    /// Makes and starts one.
    pub fn start(programs: &Programs, environment: &Environment<'_>) -> Result<Self, ShadowError> {
        let failed = |problem: String| ShadowError::NotStarted {
            folder: programs.folder.display().to_string(),
            problem,
        };
        let kept = ["PATH", "LD_LIBRARY_PATH", "TMPDIR"];
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", SCRIPT, "cluster"])
            .arg(&programs.folder)
            .current_dir("/")
            // What is set for clients and servers of this machine is not meant for this one.
            .env_clear()
            .envs(
                kept.into_iter()
                    .filter_map(|name| Some((name, environment(name)?))),
            )
            // An interrupt from the terminal ends this process; the server then ends as it should.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        if id("-u", None) == Some(0) {
            let (user, group) = unprivileged().ok_or(ShadowError::Root)?;
            command.uid(user).gid(group);
        }
        let supervisor = command.spawn().map_err(|error| failed(error.to_string()))?;
        let mut cluster = Self {
            supervisor,
            host: String::new(),
        };
        let said = cluster.all_that_it_says();
        let said = said.map_err(|error| failed(error.to_string()))?;
        match said.trim_end().strip_prefix("ready ") {
            Some(host) => host.clone_into(&mut cluster.host),
            None => return Err(failed(said.trim().to_owned())),
        }
        Ok(cluster)
    }

    /// Connection settings by the names of libpq's variables.
    pub fn setting(&self, name: &str) -> Option<String> {
        Some(match name {
            "PGHOST" => self.host.clone(),
            "PGPORT" => "5432".into(),
            "PGUSER" | "PGDATABASE" => "postgres".into(),
            "PGSSLMODE" => "disable".into(),
            _ => return None,
        })
    }

    /// It says all of it at once.
    fn all_that_it_says(&mut self) -> io::Result<String> {
        let mut said = String::new();
        if let Some(mut output) = self.supervisor.stdout.take() {
            output.read_to_string(&mut said)?;
        }
        Ok(said)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // The end of its input is what ends it.
        drop(self.supervisor.stdin.take());
        let _ = self.supervisor.wait();
    }
}

/// A user and a group without rights.
fn unprivileged() -> Option<(u32, u32)> {
    UNPRIVILEGED
        .into_iter()
        .find_map(|user| Some((id("-u", Some(user))?, id("-g", Some(user))?)))
}

/// The number of a user or group: of a name, or of this process.
fn id(what: &str, name: Option<&str>) -> Option<u32> {
    let output = Command::new("id").arg(what).args(name).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}
