//! Diagnostics for people: the source line, the span underlined, a hint.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet};

use super::Severity;
use super::locate::{Files, Location};
use super::report::{Finding, printable};

/// Longest line, in bytes, that is given to the renderer, which itself fits it to the terminal.
const LONGEST: usize = 1000;

/// Characters of a longer line that are kept on each side of the span's start.
const WINDOW: usize = 100;

/// Writes findings, an empty line after each.
pub(super) fn write(findings: &[Finding<'_>], files: &dyn Files, colour: bool) -> String {
    let renderer = if colour {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let renderer = renderer.decor_style(DecorStyle::Ascii);
    let mut text = String::new();
    for finding in findings {
        text.push_str(&renderer.render(&groups(finding, files)));
        text.push_str("\n\n");
    }
    text
}

fn groups<'a>(finding: &Finding<'a>, files: &dyn Files) -> Vec<Group<'a>> {
    let diagnostic = finding.diagnostic;
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = level
        .primary_title(printable(&diagnostic.message))
        .id(diagnostic.code.name());
    let mut group = Group::with_title(title);
    if let Some(location) = &finding.location {
        group = group.elements(source(location, files));
    }
    if let Some(hint) = &diagnostic.hint {
        group = group.element(Level::HELP.message(printable(hint)));
    }
    let mut groups = vec![group];
    for (location, what) in &finding.related {
        let title = Level::NOTE.secondary_title(printable(what));
        groups.push(Group::with_title(title).elements(source(location, files)));
    }
    groups
}

/// `--> file:line:col` and the line.
fn source(location: &Location, files: &dyn Files) -> Vec<Element<'static>> {
    let path = printable(files.path(location.file));
    let excerpt = excerpt(files.text(location.file), location);
    let snippet = Snippet::source(excerpt.line)
        .line_start(location.line)
        .annotation(AnnotationKind::Primary.span(excerpt.start..excerpt.end));
    if !excerpt.cut {
        return vec![snippet.path(path).into()];
    }
    // The renderer would count the column in what is left of the line.
    let origin = Origin::path(path)
        .line(location.line)
        .char_column(location.column);
    vec![origin.into(), snippet.into()]
}

struct Excerpt {
    line: String,
    start: usize,
    end: usize,
    cut: bool,
}

/// The first line of a span, cut to a window around the span's start when it is long.
fn excerpt(text: &str, location: &Location) -> Excerpt {
    let before = text.get(..location.span.start).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let before = before
        .get(line_start..)
        .unwrap_or_default()
        .trim_start_matches('\u{feff}');
    let after = text.get(location.span.start..).unwrap_or_default();
    let after = after.get(..after.find('\n').unwrap_or(after.len()));
    let after = after.unwrap_or_default().trim_end_matches('\r');
    let length = location.span.len().min(after.len());
    if before.len() + after.len() <= LONGEST {
        return Excerpt {
            line: format!("{before}{after}"),
            start: before.len(),
            end: before.len() + length,
            cut: false,
        };
    }
    // From the span backwards: the line may be long, and have many findings.
    let window = before.char_indices().rev().nth(WINDOW - 1);
    let (mark, before) = match window {
        Some((at, _)) if at > 0 => ("…", before.get(at..).unwrap_or_default()),
        _ => ("", before),
    };
    let (after, tail) = match after.char_indices().nth(WINDOW) {
        Some((at, _)) => (after.get(..at).unwrap_or_default(), "…"),
        None => (after, ""),
    };
    let start = mark.len() + before.len();
    Excerpt {
        line: format!("{mark}{before}{after}{tail}"),
        start,
        end: start + length.min(after.len()),
        cut: true,
    }
}
