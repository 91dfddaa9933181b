//! The folders of `tests/plans`, as `tests/recipes.rs` describes them.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::civil::{Date, date};
use specqlc::catalog::Catalog;
use specqlc::compile::{SourceFile, compile};
use specqlc::diff::{Difference, Former, Options, diff};
use specqlc::syntax::{Config, PrimaryKeyStyle};

use super::files_below;

/// The folders, in the order of their names; with `CASE` set, that one.
pub fn cases() -> Vec<PathBuf> {
    let wanted = std::env::var("CASE").ok();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plans");
    let mut cases: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| wanted.as_ref().is_none_or(|wanted| *wanted == name(path)))
        .collect();
    cases.sort();
    assert!(!cases.is_empty(), "no case of that name");
    cases
}

/// A case's name.
pub fn name(case: &Path) -> String {
    case.file_name().unwrap().to_string_lossy().into_owned()
}

/// A change of a schema.
pub struct Change {
    /// Its folder.
    pub path: PathBuf,
    /// Before.
    pub from: Catalog,
    /// After.
    pub to: Catalog,
    /// Whether what only `from` has goes.
    pub prune: bool,
    /// `there`, `back`: where the schema is not that of a fresh build.
    pub differs: String,
    /// Whether something that is gone does not come back.
    pub no_way_back: bool,
}

impl Change {
    /// Reads a folder and compiles what is in it.
    pub fn read(path: &Path) -> Result<Self, String> {
        let arguments = fs::read_to_string(path.join("args")).unwrap_or_default();
        let said = |word: &str| {
            let line = arguments.lines().find(|line| line.starts_with(word))?;
            Some(line[word.len()..].trim().to_owned())
        };
        let as_of = said("as-of").map_or(date(2024, 2, 10), |text| text.parse().unwrap());
        let mut config = Config::default();
        if said("key").is_some() {
            config.primary_key = PrimaryKeyStyle::BigInt;
        }
        Ok(Self {
            path: path.to_owned(),
            from: compiled(&path.join("from"), &config, as_of)?,
            to: compiled(&path.join("to"), &config, as_of)?,
            prune: said("prune").is_some(),
            differs: said("differs").unwrap_or_default(),
            no_way_back: said("no-way-back").is_some(),
        })
    }

    /// Both catalogs, on the way there or back.
    pub fn way(&self, back: bool) -> (&Catalog, &Catalog) {
        if back {
            (&self.to, &self.from)
        } else {
            (&self.from, &self.to)
        }
    }

    /// What differs; on the way back, what came goes.
    pub fn difference<'a>(&'a self, former: &'a Former<'_>, back: bool) -> Difference<'a> {
        let prune = self.prune || back;
        diff(former, self.way(back).1, Options { prune })
    }
}

fn compiled(folder: &Path, config: &Config, as_of: Date) -> Result<Catalog, String> {
    let files: Vec<SourceFile> = files_below(folder)
        .into_iter()
        .map(|file| SourceFile {
            text: fs::read_to_string(folder.join(&file)).unwrap(),
            path: file.display().to_string(),
        })
        .collect();
    let numbered: Vec<(u32, &SourceFile)> = (0..).zip(&files).collect();
    let compilation = compile(&numbered, config, as_of);
    if compilation.diagnostics.has_errors() {
        return Err(format!(
            "{}: {:?}",
            folder.display(),
            compilation.diagnostics
        ));
    }
    Ok(compilation.catalog)
}
