//! A project's files through the whole compiler.

use jiff::civil::date;
use specqlc::compile::{SourceFile, compile};
use specqlc::diagnose::{Diagnostics, Files, Format, report};
use specqlc::project::{ProjectError, generate};
use specqlc::render::RenderError;
use specqlc::syntax::{Config, read_config};

use super::sql;

/// Stands alone on the line between two files.
const NEXT: &str = "\n=====\n";

/// What the project file begins with, where there is one.
const PROJECT: &str = "# specql.yaml\n";

struct Read(Vec<SourceFile>);

impl Files for Read {
    fn path(&self, file: u32) -> &str {
        self.0.get(file as usize).map_or("", |file| &file.path)
    }
    fn text(&self, file: u32) -> &str {
        self.0.get(file as usize).map_or("", |file| &file.text)
    }
}

pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let pieces = text.split(NEXT).take(8).enumerate();
    let files = Read(
        pieces
            .map(|(number, text)| SourceFile {
                path: format!("specs/{number}.yaml"),
                text: text.to_owned(),
            })
            .collect(),
    );
    let project = files
        .0
        .first()
        .filter(|file| file.text.starts_with(PROJECT));
    let (config, found) = project.map_or_else(
        || (Config::default(), Diagnostics::default()),
        |file| read_config(&file.text, 0),
    );
    let specs: Vec<(u32, &SourceFile)> = (0..)
        .zip(&files.0)
        .skip(usize::from(project.is_some()))
        .collect();
    is_reported(&found, &files);
    let as_of = date(2024, 2, 10);
    let compilation = compile(&specs, &config, as_of);
    is_reported(&compilation.diagnostics, &files);
    if compilation.diagnostics.has_errors() || found.has_errors() {
        return;
    }
    match generate(&compilation.catalog, config.postgres, as_of) {
        Ok(output) => {
            let schema = output
                .get("schema.sql")
                .map(|bytes| String::from_utf8_lossy(bytes));
            for statement in specqlc::migrate::statements(&schema.unwrap_or_default()) {
                sql::is_whole(&statement.text);
            }
        }
        // These two the author is told of when the files are written.
        Err(ProjectError::Plan(_) | ProjectError::Render(RenderError::NotAnOperator { .. })) => {}
        Err(error) => panic!("{error}"),
    }
}

/// Every format prints, no control character gets through, and what is JSON stays it.
fn is_reported(diagnostics: &Diagnostics, files: &Read) {
    for format in [Format::Text, Format::Github] {
        let report = report(diagnostics, files, format, false);
        assert!(!report.contains('\u{1b}'), "{report:?}");
    }
    for format in [Format::Json, Format::Sarif] {
        let report = report(diagnostics, files, format, false);
        let found = serde_json::from_str::<serde_json::Value>(&report);
        assert!(found.is_ok(), "{found:?}");
    }
}
