//! The generated files as bytes.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::review_path::review_path;
use super::{ProjectError, snapshot};
use crate::catalog::Catalog;
use crate::diff::Former;
use crate::pg::Version;
use crate::plan::{Step, build};
use crate::render::{Script, render, review_script, schema_script};
use crate::sql::QualifiedName;

/// Files by their paths relative to the output folder.
pub type Output = BTreeMap<String, Vec<u8>>;

/// All files that describe a catalog.
///
/// # Errors
/// When the catalog holds what cannot be planned or written.
pub fn generate(catalog: &Catalog, postgres: Version, as_of: Date) -> Result<Output, ProjectError> {
    let nothing = Catalog::default();
    let nothing = Former::new(&nothing, &nothing);
    let steps = build(&nothing, catalog)?.steps;
    let files = review_files(&steps);
    let (texts, snapshot) = rayon::join(
        || render(&steps),
        || snapshot::bytes(catalog, postgres, as_of, &files),
    );
    let texts = texts?;
    let mut output = review(&steps, &texts);
    output.insert("schema.sql".into(), schema(&texts, postgres, as_of));
    output.insert(snapshot::FILE.into(), snapshot?);
    Ok(output)
}

/// The paths of all review files, sorted.
fn review_files(steps: &[Step<'_>]) -> Vec<String> {
    let mut owners: Vec<&QualifiedName> = steps.iter().filter_map(|step| step.owner).collect();
    owners.sort_unstable();
    owners.dedup();
    let mut files: Vec<String> = owners.into_iter().map(review_path).collect();
    files.sort_unstable();
    files
}

fn schema(texts: &[String], postgres: Version, as_of: Date) -> Vec<u8> {
    let mut script = schema_script(postgres, as_of);
    script.reserve(texts.iter().map(|text| text.len() + 2).sum());
    for text in texts {
        script.push(text);
    }
    script.into_bytes()
}

/// The same statements, one file an owner.
fn review(steps: &[Step<'_>], texts: &[String]) -> Output {
    let mut scripts: BTreeMap<&QualifiedName, Script> = BTreeMap::new();
    for (step, text) in steps.iter().zip(texts) {
        if let Some(owner) = step.owner {
            scripts
                .entry(owner)
                .or_insert_with(review_script)
                .push(text);
        }
    }
    scripts
        .into_iter()
        .map(|(owner, script)| (review_path(owner), script.into_bytes()))
        .collect()
}
