//! The generated files as bytes.

use std::collections::BTreeMap;

use foldhash::fast::RandomState;
use indexmap::IndexMap;
use jiff::civil::Date;
use rayon::prelude::*;

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
    let reviews = reviews(&steps);
    let paths: Vec<&str> = reviews.iter().map(|review| review.path.as_str()).collect();
    let (texts, snapshot) = rayon::join(
        || render(&steps),
        || snapshot::bytes(catalog, postgres, as_of, &paths, steps.len()),
    );
    let texts = texts?;
    let (mut output, schema) = rayon::join(
        || -> Output {
            reviews
                .par_iter()
                .map(|review| review.file(&texts))
                .collect()
        },
        || schema(&texts, postgres, as_of),
    );
    output.insert("schema.sql".into(), schema);
    output.insert(snapshot::FILE.into(), snapshot?);
    rayon::spawn(move || drop(texts));
    Ok(output)
}

fn schema(texts: &[String], postgres: Version, as_of: Date) -> Vec<u8> {
    script(schema_script(postgres, as_of), texts.iter())
}

/// The statements of one owner, which stand in a file of their own as well.
struct Review {
    path: String,
    steps: Vec<usize>,
}

impl Review {
    fn file(&self, texts: &[String]) -> (String, Vec<u8>) {
        let texts = self.steps.iter().filter_map(|step| texts.get(*step));
        (self.path.clone(), script(review_script(), texts))
    }
}

/// All review files, sorted by path.
fn reviews(steps: &[Step<'_>]) -> Vec<Review> {
    let mut owned: IndexMap<&QualifiedName, Vec<usize>, RandomState> = IndexMap::default();
    for (position, step) in steps.iter().enumerate() {
        if let Some(owner) = step.owner {
            owned.entry(owner).or_default().push(position);
        }
    }
    let mut reviews: Vec<Review> = owned
        .into_iter()
        .map(|(owner, steps)| Review {
            path: review_path(owner),
            steps,
        })
        .collect();
    reviews.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    reviews
}

fn script<'a>(mut script: Script, texts: impl Iterator<Item = &'a String> + Clone) -> Vec<u8> {
    script.reserve(texts.clone().map(|text| text.len() + 2).sum());
    for text in texts {
        script.push(text);
    }
    script.into_bytes()
}
