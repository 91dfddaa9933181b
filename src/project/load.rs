//! Reading a project: its project file and its specs.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use rayon::prelude::*;

use super::find::{Found, find};
use super::{Previous, ProjectError, snapshot};
use crate::compile::SourceFile;
use crate::diagnose::{Code, Diagnostic, Diagnostics, Origin, Place};
use crate::syntax::{Config, read_config};

/// The name of the project file.
pub(super) const PROJECT_FILE: &str = "specql.yaml";

/// The largest file that is read. One spec is one entity; what is larger is something else.
const MAX_BYTES: u64 = 4 * 1024 * 1024;

/// What the command line says against the project file.
#[derive(Debug, Clone, Default)]
pub struct ProjectOptions {
    /// The project's folder; `None` is the current one.
    pub root: Option<PathBuf>,
    /// Instead of `specs:`.
    pub specs: Option<PathBuf>,
    /// Instead of `out:`.
    pub out: Option<PathBuf>,
}

/// A project as it was read.
#[derive(Debug)]
pub struct Project {
    /// What the project file says.
    pub config: Config,
    /// The files, the project file first where there is one. A file's number is its position.
    pub files: Vec<SourceFile>,
    /// How many of the files, from the start, are no specs: 1 with a project file, else 0.
    pub specs_from: usize,
    /// What was found while reading.
    pub diagnostics: Diagnostics,
    /// Where the output goes.
    pub out: PathBuf,
    /// What is there from the last build.
    pub previous: Option<Previous>,
}

impl Project {
    /// The spec files with their numbers.
    pub fn specs(&self) -> Vec<(u32, &SourceFile)> {
        (0..).zip(&self.files).skip(self.specs_from).collect()
    }
}

/// Reads a project. Files that are no text are reported among the diagnostics, all of them in one run.
///
/// # Errors
/// When the folder is not one that can be compiled, or the operating system refuses to read.
pub fn load(options: &ProjectOptions) -> Result<Project, ProjectError> {
    let root = options.root.clone().unwrap_or_default();
    let mut diagnostics = Diagnostics::default();
    let mut files = Vec::new();
    let config = config(project_file(&root)?, &mut files, &mut diagnostics);
    let specs = options
        .specs
        .clone()
        .unwrap_or_else(|| PathBuf::from(&config.specs));
    let out = options
        .out
        .clone()
        .unwrap_or_else(|| PathBuf::from(&config.out));
    // What stands on the command line is relative to where the command runs, unless it says `-C`: as with make.
    let (specs_path, out) = (root.join(&specs), root.join(&out));
    apart(&out, &specs_path)?;
    let here = if root.as_os_str().is_empty() {
        Path::new(".")
    } else {
        &root
    };
    let specs_from = files.len();
    let (read, previous) = rayon::join(
        || {
            let found = find(&specs_path, &display_name(&specs), here)?;
            read_all(found, &mut files, &mut diagnostics)
        },
        || snapshot::read(&out),
    );
    read?;
    Ok(Project {
        config,
        files,
        specs_from,
        diagnostics,
        previous: previous?,
        out,
    })
}

/// What the project file says, and where the output is, for those who need no specs.
///
/// # Errors
/// When it cannot be read, or has a mistake.
pub fn locate(options: &ProjectOptions) -> Result<(Config, PathBuf), ProjectError> {
    let root = options.root.clone().unwrap_or_default();
    let mut diagnostics = Diagnostics::default();
    let config = config(project_file(&root)?, &mut Vec::new(), &mut diagnostics);
    if diagnostics.has_errors() {
        return Err(ProjectError::BadText {
            path: root.join(PROJECT_FILE),
            problem: "it has mistakes, which `specqlc check` shows".into(),
        });
    }
    let out = options
        .out
        .clone()
        .unwrap_or_else(|| PathBuf::from(&config.out));
    Ok((config, root.join(out)))
}

/// What the project file says, which becomes the first of the files.
pub(super) fn config(
    text: Option<String>,
    files: &mut Vec<SourceFile>,
    diagnostics: &mut Diagnostics,
) -> Config {
    let Some(text) = text else {
        return Config::default();
    };
    let (config, found) = read_config(&text, 0);
    diagnostics.append(found);
    let path = PROJECT_FILE.to_owned();
    files.push(SourceFile { path, text });
    config
}

/// The project file's text; `None` when there is none.
fn project_file(root: &Path) -> Result<Option<String>, ProjectError> {
    let path = root.join(PROJECT_FILE);
    if !root.as_os_str().is_empty() && !root.is_dir() {
        return Err(ProjectError::NotAFolder(root.to_path_buf()));
    }
    match read(&path) {
        Ok(Text::Good(text)) => Ok(Some(text)),
        Ok(Text::Bad(_, problem)) => Err(ProjectError::BadText { path, problem }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(ProjectError::io("read", &path)(error)),
    }
}

/// Reads all files on all cores, and keeps their order.
fn read_all(
    found: Vec<Found>,
    files: &mut Vec<SourceFile>,
    diagnostics: &mut Diagnostics,
) -> Result<(), ProjectError> {
    let texts: Vec<_> = found.par_iter().map(|found| read(&found.path)).collect();
    for (found, text) in found.into_iter().zip(texts) {
        let Found { name, path } = found;
        let text = text.map_err(ProjectError::io("read", &path))?;
        add(name, text, files, diagnostics);
    }
    Ok(())
}

/// Adds a spec to the files; one that is no text is a diagnostic, and empty.
pub(super) fn add(
    path: String,
    text: Text,
    files: &mut Vec<SourceFile>,
    diagnostics: &mut Diagnostics,
) {
    let text = match text {
        Text::Good(text) => text,
        Text::Bad(code, problem) => {
            let file = u32::try_from(files.len()).unwrap_or(u32::MAX);
            let place = Place::document(Origin { file, document: 0 });
            diagnostics.push(Diagnostic::error(code, &place, problem));
            String::new()
        }
    };
    files.push(SourceFile { path, text });
}

/// What a file holds.
pub(super) enum Text {
    Good(String),
    Bad(Code, String),
}

impl Text {
    fn too_large(length: u64) -> Self {
        let problem = format!("this file has {length} bytes; the most that is read is {MAX_BYTES}");
        Self::Bad(Code::DocumentTooLarge, problem)
    }

    pub(super) fn of(bytes: Vec<u8>) -> Self {
        let length = bytes.len() as u64;
        if length > MAX_BYTES {
            return Self::too_large(length);
        }
        String::from_utf8(bytes).map_or_else(
            |error| {
                let offset = error.utf8_error().valid_up_to();
                let problem = format!("this file is not UTF-8: the byte at offset {offset} is not");
                Self::Bad(Code::InvalidYaml, problem)
            },
            Self::Good,
        )
    }
}

fn read(path: &Path) -> io::Result<Text> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    if length > MAX_BYTES {
        return Ok(Text::too_large(length));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0) + 1);
    // A `take` does not ask for the length once more.
    (&mut file).take(MAX_BYTES).read_to_end(&mut bytes)?;
    Ok(Text::of(bytes))
}

/// A path as it is shown: with `/`, without `.`.
pub(super) fn display_name(path: &Path) -> String {
    let mut parts = Vec::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::RootDir => parts.push(String::new()),
            other => parts.push(other.as_os_str().to_string_lossy().into_owned()),
        }
    }
    if parts.is_empty() {
        ".".to_owned()
    } else {
        parts.join("/")
    }
}

/// Refuses folders of which one lies in the other: output would become input, or be taken for it.
fn apart(out: &Path, specs: &Path) -> Result<(), ProjectError> {
    let (real_out, real_specs) = (resolve(out), resolve(specs));
    if real_out.starts_with(&real_specs) || real_specs.starts_with(&real_out) {
        return Err(ProjectError::Overlap {
            out: out.to_path_buf(),
            specs: specs.to_path_buf(),
        });
    }
    if out.exists() && !out.is_dir() {
        return Err(ProjectError::NotAFolder(out.to_path_buf()));
    }
    Ok(())
}

/// The path without links and dots, as far as it exists.
fn resolve(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => {
                plain.pop();
            }
            other => plain.push(other),
        }
        if let Ok(real) = std::fs::canonicalize(&plain) {
            plain = real;
        }
    }
    plain
}
