//! A project as it was at a git revision.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use super::load::{PROJECT_FILE, Text, add, config, display_name};
use super::{Project, ProjectError, ProjectOptions, snapshot};
use crate::diagnose::Diagnostics;

/// Reads the project as `git` has it at a revision; nothing is checked out.
///
/// # Errors
/// When there is no such revision, or no project in it.
pub fn load_revision(options: &ProjectOptions, revision: &str) -> Result<Project, ProjectError> {
    let root = match &options.root {
        Some(root) => root.clone(),
        None => PathBuf::from("."),
    };
    let git = Git {
        root: &root,
        revision,
    };
    let mut diagnostics = Diagnostics::default();
    let mut files = Vec::new();
    let project_file = git.list(PROJECT_FILE)?;
    let text = match git.read(&project_file)?.pop() {
        None => None,
        Some((_, Text::Good(text))) => Some(text),
        Some((name, Text::Bad(_, problem))) => {
            let path = PathBuf::from(name);
            return Err(ProjectError::BadText { path, problem });
        }
    };
    let config = config(text, &mut files, &mut diagnostics);
    let specs_from = files.len();
    let specs = match &options.specs {
        Some(specs) => display_name(specs),
        None => config.specs.clone(),
    };
    let mut found = git.list(&specs)?;
    found.retain(|entry| {
        let shown = entry.name.split('/').all(|part| !part.starts_with('.'));
        let path = Path::new(&entry.name);
        shown
            && path
                .extension()
                .is_some_and(|extension| extension == "yaml" || extension == "yml")
    });
    if found.is_empty() {
        return Err(git.refused(format!("it has no *.yaml or *.yml file under {specs}")));
    }
    found.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    for (name, text) in git.read(&found)? {
        add(name, text, &mut files, &mut diagnostics);
    }
    let out = root.join(options.out.as_deref().unwrap_or(Path::new(&config.out)));
    let previous = snapshot::read(&out)?;
    Ok(Project {
        config,
        files,
        specs_from,
        diagnostics,
        out,
        previous,
    })
}

struct Git<'a> {
    root: &'a Path,
    revision: &'a str,
}

/// A file of the revision.
struct Entry {
    /// Relative to the project.
    name: String,
    /// The blob that holds it.
    blob: String,
}

impl Git<'_> {
    fn refused(&self, problem: impl Into<String>) -> ProjectError {
        ProjectError::Revision {
            revision: self.revision.to_owned(),
            problem: problem.into(),
        }
    }

    fn command(&self) -> Command {
        let mut command = Command::new("git");
        command.arg("-C").arg(self.root);
        command
    }

    /// The regular files of the revision at a path below the project, which names a file or a folder.
    fn list(&self, path: &str) -> Result<Vec<Entry>, ProjectError> {
        let listed = self
            .command()
            .args(["ls-tree", "-r", "-z", "--end-of-options", self.revision])
            .arg("--")
            .arg(path)
            .output()
            .map_err(|error| self.refused(format!("git cannot be run: {error}")))?;
        if !listed.status.success() {
            let said = String::from_utf8_lossy(&listed.stderr);
            return Err(self.refused(said.trim().trim_start_matches("fatal: ")));
        }
        let mut entries = Vec::new();
        for record in listed.stdout.split(|byte| *byte == 0) {
            let Ok(record) = std::str::from_utf8(record) else {
                return Err(self.refused("a file's name is not UTF-8"));
            };
            // `100644 blob HASH<tab>NAME`; a link or a submodule is no spec.
            let Some((head, name)) = record.split_once('\t') else {
                continue;
            };
            let mut words = head.split(' ');
            if let (Some("100644" | "100755"), Some("blob"), Some(blob)) =
                (words.next(), words.next(), words.next())
            {
                entries.push(Entry {
                    name: name.to_owned(),
                    blob: blob.to_owned(),
                });
            }
        }
        Ok(entries)
    }

    /// The texts of files, in their order, by one process whatever their number.
    fn read(&self, entries: &[Entry]) -> Result<Vec<(String, Text)>, ProjectError> {
        if entries.is_empty() {
            return Ok(Vec::new());
        }
        let failed = |error: std::io::Error| self.refused(format!("git cannot be run: {error}"));
        let mut process = self
            .command()
            .args(["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        let wanted: String = entries
            .iter()
            .flat_map(|entry| [entry.blob.as_str(), "\n"])
            .collect();
        let input = process.stdin.take();
        // While it is read from: both pipes may be full.
        let asking = thread::spawn(move || match input {
            Some(mut input) => input.write_all(wanted.as_bytes()),
            None => Ok(()),
        });
        let output = process.wait_with_output().map_err(failed)?;
        if !matches!(asking.join(), Ok(Ok(()))) || !output.status.success() {
            return Err(self.refused("git cat-file failed"));
        }
        let mut rest = output.stdout.as_slice();
        let mut texts = Vec::with_capacity(entries.len());
        for entry in entries {
            let bytes = blob(&mut rest)
                .ok_or_else(|| self.refused(format!("git has no {}", entry.name)))?;
            texts.push((entry.name.clone(), Text::of(bytes.to_vec())));
        }
        Ok(texts)
    }
}

/// Takes one answer of `git cat-file --batch`: `HASH blob SIZE`, a line end, the bytes, a line end.
fn blob<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let end = rest.iter().position(|byte| *byte == b'\n')?;
    let (head, after) = rest.split_at_checked(end)?;
    let size = std::str::from_utf8(head)
        .ok()?
        .rsplit(' ')
        .next()?
        .parse()
        .ok()?;
    let (bytes, left) = after.get(1..)?.split_at_checked(size)?;
    *rest = left.get(1..)?;
    Some(bytes)
}
