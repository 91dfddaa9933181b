//! A spec file's text → its documents.

use super::context::Context;
use super::entity;
use super::spec::Document;
use crate::diagnose::{Code, Diagnostic, Diagnostics, Origin, Place};
use crate::yaml::{self, Node, Problem, ProblemKind, Stream};

/// Whether all of a file could be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readable {
    /// Every document is there.
    Yes,
    /// A part of the file, or an entity in it, could not be read: that a name is defined nowhere proves nothing.
    No,
}

/// Reads a spec file. `file` is its number in [`Origin`].
pub fn read(text: &str, file: u32) -> (Vec<Document>, Diagnostics, Readable) {
    let stream = yaml::read(text);
    let mut cx = Context::new(text);
    let mut readable = if stream.complete {
        Readable::Yes
    } else {
        Readable::No
    };
    report_problems(&stream, file, &mut cx.diagnostics);
    let mut documents = Vec::with_capacity(stream.documents.len());
    for (index, node) in (0_u32..).zip(&stream.documents) {
        let origin = Origin {
            file,
            document: index,
        };
        match entity::document(node, origin, &mut cx) {
            Some(document) => documents.push(document),
            None if is_nothing(node) => {}
            None => readable = Readable::No,
        }
    }
    report_other_tools(&mut cx);
    (documents, cx.diagnostics, readable)
}

/// Reports what YAML does not allow.
pub(super) fn report_problems(stream: &Stream, file: u32, diagnostics: &mut Diagnostics) {
    let origin = Origin { file, document: 0 };
    for problem in &stream.problems {
        diagnostics.push(of_problem(problem, &Place::document(origin)));
    }
}

fn of_problem(problem: &Problem, document: &Place) -> Diagnostic {
    let place = |span: &yaml::Span| document.bytes(span.start as usize..span.end as usize);
    let code = match problem.kind {
        ProblemKind::Syntax => Code::InvalidYaml,
        ProblemKind::DuplicateKey => Code::DuplicateKey,
        ProblemKind::TooLarge => Code::DocumentTooLarge,
    };
    let mut diagnostic = Diagnostic::error(code, &place(&problem.span), &*problem.message);
    diagnostic.hint.clone_from(&problem.hint);
    if let Some((span, what)) = &problem.related {
        diagnostic = diagnostic.related(&place(span), *what);
    }
    diagnostic
}

/// A document that says nothing, or only what belongs to the author or to other tools.
fn is_nothing(node: &Node) -> bool {
    match &node.value {
        yaml::NodeValue::Null => true,
        yaml::NodeValue::Mapping(entries) => {
            entries.iter().all(|entry| entity::is_not_ours(&entry.key))
        }
        _ => false,
    }
}

/// One warning a file for all keys of other tools.
fn report_other_tools(cx: &mut Context<'_>) {
    let Some((_, first)) = cx.other_tools.first().cloned() else {
        return;
    };
    let mut names: Vec<String> = Vec::new();
    for (name, _) in &cx.other_tools {
        let name = format!("`{name}`");
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let verb = if names.len() == 1 { "says" } else { "say" };
    let message = format!(
        "{} {verb} nothing of the schema and is not compiled",
        names.join(", ")
    );
    let message = match names.len() {
        1 => message,
        _ => message.replace("is not compiled", "are not compiled"),
    };
    cx.diagnostics
        .push(Diagnostic::warning(Code::NotCompiled, &first, message));
}

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;
