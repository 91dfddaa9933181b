//! What can be wrong with YAML, in our own words.

use serde_yaml::granit_parser::{ErrorKind, ScanError};

use super::tree::Span;

/// What kind of problem it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProblemKind {
    /// Not YAML, or a part of YAML that means nothing here.
    Syntax,
    /// A key stands twice in a mapping.
    DuplicateKey,
    /// A limit is passed.
    TooLarge,
}

/// Something that YAML does not allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Its kind.
    pub kind: ProblemKind,
    /// Where.
    pub span: Span,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub hint: Option<String>,
    /// Another place that matters, with what it is.
    pub related: Option<(Span, &'static str)>,
}

impl Problem {
    pub(super) fn new(kind: ProblemKind, span: Span, message: impl Into<String>) -> Self {
        Self {
            kind,
            span,
            message: message.into(),
            hint: None,
            related: None,
        }
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// A parser's error at a byte of the text.
pub(super) fn of_parser(error: &ScanError, text: &str) -> Problem {
    let at = error
        .marker()
        .byte_offset()
        .unwrap_or(text.len())
        .min(text.len());
    if let ErrorKind::RecursionLimitExceeded = error.kind() {
        return Problem::new(
            ProblemKind::TooLarge,
            one_char(text, at),
            "the document is nested too deeply",
        );
    }
    if let Some(problem) = colon_in_value(error.kind(), text, at) {
        return problem;
    }
    if let Some(problem) = tab(error.kind(), text, at) {
        return problem;
    }
    let (message, hint) = wording(error.kind());
    let mut problem = Problem::new(ProblemKind::Syntax, one_char(text, at), message);
    problem.hint = hint.map(str::to_owned);
    problem
}

/// `order: ref(Line, on_delete: cascade)`.
fn colon_in_value(kind: &ErrorKind, text: &str, at: usize) -> Option<Problem> {
    if !matches!(
        kind,
        ErrorKind::MappingValueNotAllowed
            | ErrorKind::InvalidColonPlacement
            | ErrorKind::SimpleKeyExpected
            | ErrorKind::InvalidSimpleKey
    ) {
        return None;
    }
    let line_start = text.get(..at)?.rfind('\n').map_or(0, |n| n + 1);
    let line = text.get(line_start..)?.lines().next()?;
    let first = line.find(": ")?;
    let second = first + 2 + line.get(first + 2..)?.find(": ")?;
    let span = one_char(text, line_start + second);
    let option = line
        .get(first + 2..second)?
        .rsplit([',', '(', ' '])
        .find(|word| !word.is_empty())
        .unwrap_or_default();
    let value = line
        .get(second + 2..)?
        .split([',', ')', ' '])
        .find(|word| !word.is_empty())
        .unwrap_or_default();
    let problem = Problem::new(
        ProblemKind::Syntax,
        span,
        "`: ` cannot stand in an unquoted value",
    );
    Some(if line.get(first..second)?.contains('(') {
        problem.hint(format!(
            "write `{option}={value}`, or put the whole value in quotes"
        ))
    } else {
        problem.hint("put the whole value in quotes")
    })
}

/// A tab that indents: on the line of the error, or, as some errors are reported at the token before it, on one below.
fn tab(kind: &ErrorKind, text: &str, at: usize) -> Option<Problem> {
    let about_tabs = matches!(
        kind,
        ErrorKind::TabNotAllowed
            | ErrorKind::TabInBlockIndentation
            | ErrorKind::TabInIndentation
            | ErrorKind::TabAtBlockScalarStart
            | ErrorKind::TabInPlainScalar
    );
    let line_start = text.get(..at)?.rfind('\n').map_or(0, |n| n + 1);
    let mut start = line_start;
    let mut tab = None;
    for line in text.get(line_start..)?.split_inclusive('\n') {
        let blank = line.len() - line.trim_start().len();
        tab = line
            .get(..blank)
            .filter(|_| blank < line.len())
            .and_then(|indent| indent.find('\t'))
            .map(|tab| start + tab);
        if tab.is_some() || !about_tabs {
            break;
        }
        start += line.len();
    }
    if tab.is_none() && !about_tabs {
        return None;
    }
    Some(
        Problem::new(
            ProblemKind::Syntax,
            one_char(text, tab.unwrap_or(at)),
            "a tab cannot indent YAML",
        )
        .hint("indent with spaces"),
    )
}

fn wording(kind: &ErrorKind) -> (String, Option<&'static str>) {
    use ErrorKind as K;
    let quote = Some("put the value in quotes");
    let (message, hint) = match kind {
        K::UnclosedQuotedScalar => ("a quote is never closed", None),
        K::UnclosedFlowCollection { open } => {
            return (format!("`{open}` is never closed"), None);
        }
        K::MismatchedFlowCollectionEnd { open, close } => {
            return (format!("`{open}` is closed by `{close}`"), None);
        }
        K::MisplacedFlowCollectionEnd => ("this bracket closes nothing", quote),
        K::UnexpectedEofFlowSequence => ("`[` is never closed", None),
        K::UnexpectedEofFlowMapping | K::UnexpectedEofImplicitFlowMapping => {
            ("`{` is never closed", None)
        }
        K::ExpectedFlowMappingSeparator => ("a `,` or `}` is expected here", quote),
        K::ExpectedFlowSequenceSeparator => ("a `,` or `]` is expected here", quote),
        K::UnknownAnchor => (
            "no anchor of this name stands before this alias",
            Some("put a value that starts with `*` in quotes"),
        ),
        K::MissingAnchorOrAliasName => (
            "`&` and `*` start an anchor or an alias, whose name is missing",
            quote,
        ),
        K::UnexpectedCharacter { character } => {
            return (
                format!(
                    "`{}` cannot start an unquoted value",
                    character.escape_default()
                ),
                quote,
            );
        }
        K::InvalidTrailingSingleQuotedScalar => (
            "text follows the closing quote",
            Some(
                "write a single quote within single quotes twice, or put the value in double quotes",
            ),
        ),
        K::InvalidTrailingDoubleQuotedScalar => (
            "text follows the closing quote",
            Some(
                "write a double quote within double quotes as `\\\"`, or put the value in single quotes",
            ),
        ),
        K::UnknownQuotedScalarEscape => (
            "no such escape in double quotes",
            Some("put the value in single quotes, or write a backslash as `\\\\`"),
        ),
        K::InvalidQuotedScalarHexEscape
        | K::InvalidLowSurrogateHexEscape
        | K::InvalidLowSurrogate
        | K::MissingLowSurrogate
        | K::UnpairedLowSurrogate
        | K::InvalidUnicodeEscape => ("this escape stands for no character", None),
        K::InvalidIndentation
        | K::InvalidQuotedScalarIndent
        | K::InvalidBlockScalarIndent
        | K::InvalidFlowScalarIndent
        | K::ZeroBlockScalarIndent => ("the indentation fits no line above", None),
        K::ExpectedBlockMappingKey => (
            "a key is expected here",
            Some("keys of one mapping start in the same column"),
        ),
        K::SimpleKeyExpected | K::InvalidSimpleKey => ("a `:` is missing after this key", None),
        K::ExpectedBlockSequenceEntry => (
            "a `-` is expected here",
            Some("the elements of one list start in the same column"),
        ),
        K::BlockSequenceEntryNotAllowed | K::BlockEntryInFlowCollection => {
            ("a `- ` cannot stand here", quote)
        }
        K::MappingValueNotAllowed | K::InvalidColonPlacement | K::MappingKeyNotAllowed => {
            ("a key with a value cannot stand here", quote)
        }
        K::InvalidMappingValueWhitespace | K::FlowMappingValueAdjacentCollection => {
            ("a space is missing after `:`", None)
        }
        K::CommentNotSeparated => ("a space is missing before `#`", quote),
        K::CommentInterceptedScalar => ("a comment stands within a value of several lines", quote),
        K::BomInsideDocument => ("a byte order mark stands within the document", None),
        K::DocumentIndicatorInQuotedScalar => {
            ("a new document starts before the quote is closed", None)
        }
        K::InvalidDocumentEnd => ("text follows the end of the document", None),
        K::UnexpectedEof | K::UnexpectedEofBlockMapping | K::UnexpectedEofBlockSequence => {
            ("the file ends too early", None)
        }
        other => return (format!("not valid YAML: {other}"), None),
    };
    (message.to_owned(), hint)
}

/// The character at a byte.
fn one_char(text: &str, at: usize) -> Span {
    let mut start = at.min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let length = text
        .get(start..)
        .and_then(|rest| rest.chars().next())
        .filter(|c| !matches!(c, '\n' | '\r'))
        .map_or(0, char::len_utf8);
    offset(start)..offset(start + length)
}

pub(super) fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
