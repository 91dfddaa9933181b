//! A temporary cluster of server programs that are on this machine.

use std::fmt::Display;
use std::fs::{self, Permissions};
use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

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
    folder: TempDir,
}

impl Cluster {
    /// Makes and starts one.
    pub fn start(programs: &Programs, environment: &Environment<'_>) -> Result<Self, ShadowError> {
        let failed = |error: &dyn Display| ShadowError::NotStarted {
            folder: programs.folder.display().to_string(),
            problem: error.to_string(),
        };
        let folder = folder(environment).map_err(|error| failed(&error))?;
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", SCRIPT, "cluster"])
            .args([programs.folder.as_path(), folder.path()])
            .current_dir(folder.path())
            // What is set for clients and servers of this machine is not meant for this one.
            .env_clear()
            .envs(
                ["PATH", "LD_LIBRARY_PATH"]
                    .into_iter()
                    .filter_map(|name| Some((name, environment(name)?))),
            )
            // An interrupt from the terminal ends this process; the server then ends as it should.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        if fs::metadata(folder.path()).is_ok_and(|folder| folder.uid() == 0) {
            let (user, group) = unprivileged().ok_or(ShadowError::Root)?;
            chown(folder.path(), Some(user), Some(group)).map_err(|error| failed(&error))?;
            command.uid(user).gid(group);
        }
        let supervisor = command.spawn().map_err(|error| failed(&error))?;
        let mut cluster = Self { supervisor, folder };
        let said = cluster.first_words().map_err(|error| failed(&error))?;
        if said == "ready" {
            Ok(cluster)
        } else {
            Err(failed(&said))
        }
    }

    /// Connection settings by the names of libpq's variables.
    pub fn setting(&self, name: &str) -> Option<String> {
        Some(match name {
            "PGHOST" => self.folder.path().join("data").to_str()?.to_owned(),
            "PGPORT" => "5432".into(),
            "PGUSER" | "PGDATABASE" => "postgres".into(),
            "PGSSLMODE" => "disable".into(),
            _ => return None,
        })
    }

    /// `ready`, or else all that it says.
    fn first_words(&mut self) -> io::Result<String> {
        let Some(output) = self.supervisor.stdout.take() else {
            return Ok(String::new());
        };
        let mut output = BufReader::new(output);
        let mut said = String::new();
        output.read_line(&mut said)?;
        output.read_to_string(&mut said)?;
        Ok(said.trim().to_owned())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // The end of its input is what ends it.
        drop(self.supervisor.stdin.take());
        let _ = self.supervisor.wait();
    }
}

/// A folder that only this user can look into.
fn folder(environment: &Environment<'_>) -> io::Result<TempDir> {
    let parent = environment("TMPDIR").filter(|folder| !folder.is_empty());
    let parent = parent.map_or_else(|| PathBuf::from("/tmp"), PathBuf::from);
    tempfile::Builder::new()
        .prefix("specqlc-verify-")
        .permissions(Permissions::from_mode(0o700))
        .tempdir_in(parent)
}

/// A user and a group without rights.
fn unprivileged() -> Option<(u32, u32)> {
    let ask = |what: &str, user: &str| -> Option<u32> {
        let output = Command::new("id").args([what, user]).output().ok()?;
        String::from_utf8(output.stdout).ok()?.trim().parse().ok()
    };
    UNPRIVILEGED
        .into_iter()
        .find_map(|user| Some((ask("-u", user)?, ask("-g", user)?)))
}
