//! What decoders share: where findings go, and what a value must be.

use super::spec::{Located, Scalar};
use crate::diagnose::{Code, Diagnostic, Diagnostics, Place};
use crate::yaml::{Node, NodeValue};

/// Most findings of one file: nobody reads more, and a hostile file has millions.
const MOST_FINDINGS: usize = 1000;

/// What a decoder writes to and looks into.
pub(super) struct Context<'t> {
    /// Findings.
    pub diagnostics: Diagnostics,
    /// The file.
    pub text: &'t str,
    /// Keys of other tools that were seen.
    pub other_tools: Vec<(String, Place)>,
    findings: usize,
}

impl<'t> Context<'t> {
    pub fn new(text: &'t str) -> Self {
        Self {
            diagnostics: Diagnostics::default(),
            text,
            other_tools: Vec::new(),
            findings: 0,
        }
    }

    /// Reports a finding.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.findings += 1;
        if self.findings < MOST_FINDINGS {
            self.diagnostics.push(diagnostic);
        } else if self.findings == MOST_FINDINGS {
            self.diagnostics
                .push(diagnostic.hint("this file has more errors, which are not shown"));
        }
    }

    /// Reports an error.
    pub fn error(&mut self, code: Code, place: &Place, message: impl Into<String>) {
        self.push(Diagnostic::error(code, place, message));
    }

    /// Reports an error that says what to write instead.
    pub fn error_hint(
        &mut self,
        code: Code,
        place: &Place,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.push(Diagnostic::error(code, place, message).hint(hint));
    }

    /// Reports a value of the wrong kind.
    pub fn expected(&mut self, item: &Item<'_>, what: &str) {
        let found = match &item.node.value {
            NodeValue::String(text) if text.len() <= 40 => format!("`{text}`"),
            NodeValue::Number(text) => format!("the number {text}"),
            NodeValue::Bool(value) => format!("the boolean `{value}`"),
            other => other.describe().to_owned(),
        };
        self.error(
            Code::InvalidValue,
            &item.place,
            format!("expected {what}, found {found}"),
        );
    }
}

/// A value on its way to be decoded.
#[derive(Clone)]
pub(super) struct Item<'n> {
    pub node: &'n Node,
    pub place: Place,
    /// YAML has cut the value at a comma: the whole of it, as it was meant.
    pub cut: Option<String>,
}

impl<'n> Item<'n> {
    pub fn is_null(&self) -> bool {
        self.node.value == NodeValue::Null
    }

    /// Text, and nothing else.
    pub fn string(&self, what: &str, cx: &mut Context<'_>) -> Option<Located<String>> {
        if self.is_cut(Code::InvalidValue, cx) {
            return None;
        }
        match &self.node.value {
            NodeValue::String(text) => Some(self.located(text.clone())),
            NodeValue::Number(_) | NodeValue::Bool(_) => {
                let raw = cx
                    .text
                    .get(self.node.span.start as usize..self.node.span.end as usize)
                    .unwrap_or_default()
                    .to_owned();
                cx.error_hint(
                    Code::InvalidValue,
                    &self.place,
                    format!("expected {what}, found {}", self.node.value.describe()),
                    format!("put it in quotes: `\"{raw}\"`"),
                );
                None
            }
            _ => {
                cx.expected(self, what);
                None
            }
        }
    }

    /// An SQL expression: `true` and `1` are expressions too.
    pub fn expression(&self, cx: &mut Context<'_>) -> Option<Located<String>> {
        if self.is_cut(Code::InvalidExpression, cx) {
            return None;
        }
        match &self.node.value {
            NodeValue::Number(text) => Some(self.located(text.clone())),
            NodeValue::Bool(value) => Some(self.located(value.to_string())),
            NodeValue::Mapping(_) => {
                cx.error_hint(
                    Code::InvalidValue,
                    &self.place,
                    "expected an SQL expression, found a mapping",
                    "put an expression that holds `: ` or starts with `{` in quotes",
                );
                None
            }
            _ => self.string("an SQL expression", cx),
        }
    }

    /// `true` or `false`.
    pub fn boolean(&self, cx: &mut Context<'_>) -> Option<bool> {
        if let NodeValue::Bool(value) = self.node.value {
            return Some(value);
        }
        if let NodeValue::String(text) = &self.node.value {
            let meant = match text.to_lowercase().as_str() {
                "true" | "yes" | "on" | "y" => Some("true"),
                "false" | "no" | "off" | "n" => Some("false"),
                _ => None,
            };
            if let Some(meant) = meant {
                cx.error_hint(
                    Code::InvalidValue,
                    &self.place,
                    format!("expected `true` or `false`, found the text `{text}`"),
                    format!("write `{meant}`, without quotes"),
                );
                return None;
            }
        }
        cx.expected(self, "`true` or `false`");
        None
    }

    /// A whole number.
    pub fn whole_number(&self, what: &str, cx: &mut Context<'_>) -> Option<u32> {
        if let NodeValue::Number(text) = &self.node.value
            && let Ok(number) = text.parse()
        {
            return Some(number);
        }
        cx.expected(self, what);
        None
    }

    /// Any scalar.
    pub fn scalar(&self, what: &str, cx: &mut Context<'_>) -> Option<Scalar> {
        if self.is_cut(Code::InvalidValue, cx) {
            return None;
        }
        match &self.node.value {
            NodeValue::Null => Some(Scalar::Null),
            NodeValue::Bool(value) => Some(Scalar::Bool(*value)),
            NodeValue::Number(text) => Some(Scalar::Number(text.clone())),
            NodeValue::String(text) => Some(Scalar::String(text.clone())),
            NodeValue::Sequence(_) | NodeValue::Mapping(_) => {
                cx.expected(self, what);
                None
            }
        }
    }

    /// One of some words, in any case; a space or a hyphen is as good as an underscore.
    pub fn choice<T: Copy>(&self, words: &[(&str, T)], cx: &mut Context<'_>) -> Option<T> {
        if self.is_cut(Code::InvalidValue, cx) {
            return None;
        }
        if let NodeValue::String(text) = &self.node.value {
            let folded = fold_word(text);
            if let Some((_, value)) = words.iter().find(|(word, _)| *word == folded) {
                return Some(*value);
            }
        }
        let known = words.iter().map(|(word, _)| *word);
        let expected = one_of(known.clone());
        match &self.node.value {
            NodeValue::String(text) => match nearest(&fold_word(text), known) {
                Some(meant) => cx.error_hint(
                    Code::InvalidValue,
                    &self.place,
                    format!("expected {expected}, found `{text}`"),
                    format!("did you mean `{meant}`?"),
                ),
                None => cx.expected(self, &expected),
            },
            _ => cx.expected(self, &expected),
        }
        None
    }

    /// A list; nothing is an empty list.
    pub fn list(&self, what: &str, cx: &mut Context<'_>) -> Option<Vec<Item<'n>>> {
        match &self.node.value {
            NodeValue::Null => Some(Vec::new()),
            NodeValue::Sequence(nodes) => Some(super::cut::items(nodes, self, cx.text)),
            _ => {
                cx.expected(self, what);
                None
            }
        }
    }

    /// A list, or one scalar for a list of one.
    pub fn one_or_many(&self, what: &str, cx: &mut Context<'_>) -> Option<Vec<Item<'n>>> {
        match &self.node.value {
            NodeValue::String(_) | NodeValue::Number(_) | NodeValue::Bool(_) => {
                Some(vec![self.clone()])
            }
            _ => self.list(what, cx),
        }
    }

    /// A list of texts, or one of them.
    pub fn strings(&self, what: &str, each: &str, cx: &mut Context<'_>) -> Vec<Located<String>> {
        let items = self.one_or_many(what, cx).unwrap_or_default();
        items
            .iter()
            .filter_map(|item| item.string(each, cx))
            .collect()
    }

    /// A list of SQL expressions, or one of them.
    pub fn expressions(&self, what: &str, cx: &mut Context<'_>) -> Vec<Located<String>> {
        let items = self.one_or_many(what, cx).unwrap_or_default();
        items
            .iter()
            .filter_map(|item| item.expression(cx))
            .collect()
    }

    /// Whether YAML has cut the value, which is then reported.
    pub fn is_cut(&self, code: Code, cx: &mut Context<'_>) -> bool {
        let Some(whole) = &self.cut else {
            return false;
        };
        cx.error_hint(
            code,
            &self.place,
            "YAML ends an unquoted value at the first comma here",
            format!(
                "put the whole value in quotes: `'{}'`",
                whole.replace('\'', "''")
            ),
        );
        true
    }

    pub fn located<T>(&self, value: T) -> Located<T> {
        Located {
            value,
            at: self.place.clone(),
        }
    }
}

/// `SET NULL` and `set-null` as `set_null`.
pub(super) fn fold_word(text: &str) -> String {
    text.trim()
        .chars()
        .map(|c| match c {
            ' ' | '-' => '_',
            other => other.to_ascii_lowercase(),
        })
        .collect()
}

/// `a`, `b` or `c`.
pub(super) fn one_of<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let mut words: Vec<String> = words.map(|word| format!("`{word}`")).collect();
    match words.pop() {
        None => String::new(),
        Some(last) if words.is_empty() => last,
        Some(last) => format!("{} or {last}", words.join(", ")),
    }
}

/// The candidate that was probably meant.
pub(super) fn nearest<'a>(
    word: &str,
    candidates: impl Iterator<Item = &'a str>,
) -> Option<&'a str> {
    let limit = match word.chars().count() {
        0..=2 => 1,
        3..=5 => 2,
        _ => 3,
    };
    candidates
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= limit && *distance < candidate.chars().count())
        .min()
        .map(|(_, candidate)| candidate)
}
