//! `specqlc init`.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;

use super::output::{GOOD, message};
use super::{CliError, Global, Verdict};

/// Begin a project that builds
///
/// Writes specql.yaml, specs/example.yaml and .gitattributes. Nothing that is there already is overwritten.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  specqlc init && specqlc build
  specqlc init services/shop")]
pub(super) struct Init {
    /// Folder to begin in, made when it is missing
    #[arg(value_name = "DIR", default_value = ".")]
    folder: PathBuf,
}

const FILES: [(&str, &str); 3] = [
    ("specql.yaml", include_str!("init/specql.yaml")),
    ("specs/example.yaml", include_str!("init/example.yaml")),
    (".gitattributes", include_str!("init/gitattributes")),
];

pub(super) fn run(command: &Init, global: &Global) -> Result<Verdict, CliError> {
    let folder = &command.folder;
    let present: Vec<String> = FILES
        .iter()
        .map(|(name, _)| folder.join(name))
        .filter(|path| path.symlink_metadata().is_ok())
        .map(|path| path.display().to_string())
        .collect();
    if !present.is_empty() {
        return Err(CliError::Refused(format!(
            "nothing was written: {} exists already",
            present.join(", ")
        )));
    }
    for (name, text) in FILES {
        let path = folder.join(name);
        create(&path, text)?;
        if !global.quiet {
            message(&format!("{GOOD}wrote{GOOD:#} {}", path.display()));
        }
    }
    if !global.quiet {
        message("Next: `specqlc build`");
    }
    Ok(Verdict::Done)
}

fn create(path: &Path, text: &str) -> Result<(), CliError> {
    let refused = |error: std::io::Error| {
        CliError::Refused(format!("cannot write {}: {error}", path.display()))
    };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(refused)?;
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
        .map_err(refused)?;
    file.write_all(text.as_bytes()).map_err(refused)
}
