//! The type of a field as text: `decimal(10,2)! unique = 0`.

use std::collections::BTreeSet;
use std::ops::Range;

use super::context::{fold_word, nearest, one_of};
use super::scan::{self, Piece};
use super::spec::{ReferenceAction, ReferenceSpec, TypeSpec};
use crate::diagnose::Code;

/// What a field's text says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FieldText {
    /// The type.
    pub ty: TypeSpec,
    /// Byte range of the type.
    pub ty_range: Range<usize>,
    /// `!`.
    pub required: bool,
    /// `unique`.
    pub unique: bool,
    /// `indexed`.
    pub indexed: bool,
    /// The text after `=`, and its byte offset.
    pub default: Option<(usize, String)>,
}

/// What is wrong with a type's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TypeError {
    /// Its name.
    pub code: Code,
    /// Byte range in the text.
    pub range: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub hint: Option<String>,
}

impl TypeError {
    fn new(range: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            code: Code::InvalidType,
            range,
            message: message.into(),
            hint: None,
        }
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    fn code(mut self, code: Code) -> Self {
        self.code = code;
        self
    }
}

/// What is said of an enum without labels, and what to write instead.
pub(super) const NO_LABELS: (&str, &str) = (
    "the enum has no labels",
    "write them, as in `enum(draft, live)`",
);

type Result<T> = std::result::Result<T, TypeError>;

/// Actions of a foreign key, as a spec says them.
pub(super) const ACTIONS: [(&str, ReferenceAction); 5] = [
    ("restrict", ReferenceAction::Restrict),
    ("cascade", ReferenceAction::Cascade),
    ("set_null", ReferenceAction::SetNull),
    ("set_default", ReferenceAction::SetDefault),
    ("no_action", ReferenceAction::NoAction),
];

/// Reads `TYPE[!] [unique] [indexed] [= DEFAULT]`.
pub(super) fn parse(text: &str) -> Result<FieldText> {
    let equals = scan::find(text, |c| c == '=');
    let head = Piece::new(text).before(equals.unwrap_or(text.len()));
    let head = head.trim();
    balanced(head)?;
    let default = match equals {
        None => None,
        Some(at) => {
            let value = Piece::new(text).from(at + 1).trim();
            if value.text.is_empty() {
                return Err(TypeError::new(at..at + 1, "nothing stands after `=`")
                    .hint("write `= ''` for an empty text"));
            }
            Some((value.start, value.text.to_owned()))
        }
    };
    let mut field = FieldText {
        ty: TypeSpec::Raw(String::new()),
        ty_range: 0..0,
        required: false,
        unique: false,
        indexed: false,
        default,
    };
    let ty = modifiers(head, &mut field)?;
    if ty.text.is_empty() {
        return Err(TypeError::new(0..text.len(), "the type is missing")
            .hint("write the type first: `text! unique = 'x'`"));
    }
    foreign_words(ty)?;
    field.ty_range = ty.range();
    field.ty = parse_type(ty, 0)?;
    Ok(field)
}

/// Takes `!`, `unique` and `indexed` from the end.
fn modifiers<'t>(head: Piece<'t>, field: &mut FieldText) -> Result<Piece<'t>> {
    let mut rest = head.trim();
    loop {
        let last = rest.last_word();
        let flag = match last.text {
            _ if rest.text.ends_with('!') => {
                let mark = rest.range().end - 1..rest.range().end;
                rest = rest.before(rest.text.len() - 1).trim();
                set(&mut field.required, "!", mark)?;
                continue;
            }
            "unique" | "UNIQUE" => &mut field.unique,
            "indexed" | "INDEXED" => &mut field.indexed,
            _ => return Ok(rest),
        };
        // `unique` alone is a type's place.
        if last.text.len() == rest.text.len() {
            return Ok(rest);
        }
        set(flag, last.text, last.range())?;
        rest = rest.before(rest.text.len() - last.text.len()).trim();
    }
}

fn set(flag: &mut bool, word: &str, range: Range<usize>) -> Result<()> {
    if *flag {
        return Err(
            TypeError::new(range, format!("`{word}` stands twice")).hint("remove one of them")
        );
    }
    *flag = true;
    Ok(())
}

/// What other languages put after a type.
fn foreign_words(ty: Piece<'_>) -> Result<()> {
    if let Some(at) = scan::find(ty.text, |c| c == '!') {
        let rest = ty.from(at + 1).trim();
        return Err(
            TypeError::new(rest.range(), format!("`{}` cannot follow `!`", rest.text))
                .hint("only `unique`, `indexed` and `= DEFAULT` follow a type"),
        );
    }
    if !ty.text.contains(' ') {
        return Ok(());
    }
    let folded = ty.text.to_ascii_lowercase();
    let advice = [
        (" not null", "write `!` after the type"),
        (" null", "leave it out: only `!` makes a field required"),
        (
            " primary key",
            "a field named `id` is the key, or write `constraints: [{type: primary_key, fields: […]}]`",
        ),
        (" default ", "write `= VALUE` after the type"),
        (" references ", "write `ref(Entity)` as the type"),
        (
            " check",
            "write `constraints: [{type: check, condition: …}]`",
        ),
        (" required", "write `!` after the type"),
        (" optional", "leave it out: a field without `!` is optional"),
    ];
    for (words, hint) in advice {
        if let Some(at) = scan::find_text(&folded, words) {
            let start = ty.start + at + 1;
            return Err(TypeError::new(
                start..start + words.trim().len(),
                format!("`{}` is not part of a type", words.trim()),
            )
            .hint(hint));
        }
    }
    Ok(())
}

/// Lists of lists go no deeper.
const DEEPEST: usize = 8;

fn parse_type(ty: Piece<'_>, depth: usize) -> Result<TypeSpec> {
    let ty = ty.trim();
    if depth > DEEPEST {
        return Err(TypeError::new(
            ty.range(),
            format!("lists are nested more than {DEEPEST} deep"),
        ));
    }
    let open = ty.text.find(['(', '[']);
    let name = ty.before(open.unwrap_or(ty.text.len())).trim();
    let Some(open) = open else {
        return Ok(named(name.text, "", Vec::new()));
    };
    if name.text.is_empty() {
        return Err(TypeError::new(
            ty.range(),
            "a type's name is missing before the bracket",
        ));
    }
    let keyword = name.text.to_ascii_lowercase();
    if ty
        .text
        .get(open..)
        .is_some_and(|rest| rest.starts_with('['))
        && keyword != "enum"
    {
        return array(ty, named(name.text, "", Vec::new()), open);
    }
    let close = scan::closing(ty.text, open)
        .ok_or_else(|| unclosed(ty, ty.text.get(open..=open).unwrap_or("(")))?;
    let inner = ty.before(close).from(open + 1);
    let after = ty.from(close + 1);
    let brackets = after.text.find('[').filter(|_| !after.text.contains('('));
    let suffix = after.before(brackets.unwrap_or(after.text.len())).trim();
    let base = match keyword.as_str() {
        "enum" => TypeSpec::Enum(labels(inner)?),
        "list" | "array" => {
            if inner.trim().text.is_empty() {
                return Err(TypeError::new(
                    ty.range(),
                    "the type of the list's elements is missing",
                )
                .hint("write `list(text)`"));
            }
            TypeSpec::List(Box::new(parse_type(inner, depth + 1)?))
        }
        "ref" => TypeSpec::Reference(Box::new(reference(inner, ty)?)),
        "pg" => {
            if inner.trim().text.is_empty() {
                return Err(TypeError::new(ty.range(), "`pg()` names no type"));
            }
            TypeSpec::Raw(inner.trim().text.to_owned())
        }
        _ => named(name.text, suffix.text, arguments(inner, ty)?),
    };
    if !matches!(base, TypeSpec::Named { .. }) && !suffix.text.is_empty() {
        return Err(TypeError::new(
            suffix.range(),
            format!("`{}` cannot follow `{keyword}(…)`", suffix.text),
        )
        .hint("only `!`, `unique`, `indexed` and `= DEFAULT` follow a type"));
    }
    match brackets {
        Some(at) => array(ty, base, close + 1 + at),
        None => Ok(base),
    }
}

/// `[]`, `[3]`, `[][]` after a type.
fn array(ty: Piece<'_>, element: TypeSpec, open: usize) -> Result<TypeSpec> {
    let brackets = ty.from(open);
    let dimensions = brackets
        .text
        .chars()
        .all(|c| matches!(c, '[' | ']' | ' ') || c.is_ascii_digit());
    if !dimensions || !brackets.text.ends_with(']') {
        let name = ty.before(open).trim();
        let error = TypeError::new(
            brackets.range(),
            format!("`{}` cannot follow a type", brackets.text),
        );
        return Err(match name.text {
            "list" | "array" => error.hint(format!(
                "write `list({})`",
                brackets.text.trim_matches(['[', ']'])
            )),
            _ => error.hint("write `text[]` or `list(text)` for an array"),
        });
    }
    Ok(TypeSpec::List(Box::new(element)))
}

fn named(name: &str, suffix: &str, arguments: Vec<String>) -> TypeSpec {
    let words: Vec<&str> = name
        .split_whitespace()
        .chain(suffix.split_whitespace())
        .collect();
    TypeSpec::Named {
        name: words.join(" "),
        arguments,
    }
}

fn arguments(inner: Piece<'_>, ty: Piece<'_>) -> Result<Vec<String>> {
    let mut arguments = Vec::new();
    for argument in inner.split_commas() {
        let argument = argument.trim();
        if argument.text.is_empty() {
            return Err(TypeError::new(
                ty.range(),
                "an argument of the type is missing",
            ));
        }
        arguments.push(argument.text.to_owned());
    }
    Ok(arguments)
}

fn labels(inner: Piece<'_>) -> Result<Vec<String>> {
    let mut labels: Vec<String> = Vec::new();
    let mut seen = BTreeSet::new();
    if inner.trim().text.is_empty() {
        let around = inner.start.saturating_sub(1)..inner.range().end + 1;
        return Err(TypeError::new(around, NO_LABELS.0).hint(NO_LABELS.1));
    }
    for label in inner.split_commas() {
        let label = label.trim();
        let text = unquote(label)?;
        if text.is_empty() {
            // Where nothing stands, the comma or bracket before it is all there is to point at.
            let (at, hint) = match label.text {
                "" => (
                    label.start.saturating_sub(1)..label.start,
                    "remove the extra comma",
                ),
                _ => (label.range(), "remove it"),
            };
            return Err(TypeError::new(at, "a label of the enum is empty").hint(hint));
        }
        check_label(&text, label.range(), &mut seen)?;
        labels.push(text);
    }
    Ok(labels)
}

/// A label of an enum that has these already.
pub(super) fn check_label(
    label: &str,
    range: Range<usize>,
    seen: &mut BTreeSet<String>,
) -> Result<()> {
    if label.is_empty() {
        return Err(TypeError::new(range, "a label of the enum is empty").hint("remove it"));
    }
    if label.contains('\0') {
        return Err(TypeError::new(
            range,
            "a label of the enum holds a NUL character",
        ));
    }
    if !seen.insert(label.to_owned()) {
        return Err(
            TypeError::new(range, format!("the label `{label}` stands twice"))
                .hint("remove one of them"),
        );
    }
    Ok(())
}

/// `a`, `'b c'`, `"d e"`; a doubled quote within quotes is one.
fn unquote(word: Piece<'_>) -> Result<String> {
    let Some(quote) = word.text.chars().next().filter(|c| matches!(c, '\'' | '"')) else {
        return Ok(word.text.to_owned());
    };
    let inner = word
        .text
        .get(1..)
        .and_then(|rest| rest.strip_suffix(quote))
        .ok_or_else(|| {
            TypeError::new(word.range(), format!("text follows the closing `{quote}`"))
        })?;
    let doubled = [quote, quote].iter().collect::<String>();
    if inner.replace(&doubled, "").contains(quote) {
        return Err(TypeError::new(
            word.range(),
            format!("write `{quote}` within its own quotes twice"),
        ));
    }
    Ok(inner.replace(&doubled, &quote.to_string()))
}

fn reference(inner: Piece<'_>, ty: Piece<'_>) -> Result<ReferenceSpec> {
    let mut parts = inner.split_commas().into_iter();
    let target = parts.next().unwrap_or(inner).trim();
    if target.text.is_empty() || target.text.contains('=') {
        return Err(TypeError::new(ty.range(), "`ref` names no entity")
            .hint("write the entity first: `ref(Customer, on_delete=cascade)`"));
    }
    let (schema, entity) = match scan::rfind(target.text, '.') {
        Some(dot) => {
            let schema = unquote(target.before(dot).trim())?;
            (Some(schema), target.from(dot + 1).trim())
        }
        None => (None, target),
    };
    let mut reference = ReferenceSpec {
        schema,
        entity: unquote(entity)?,
        on_delete: None,
        on_update: None,
        enforce: true,
        with: Vec::new(),
    };
    if reference.entity.is_empty() || reference.schema.as_deref() == Some("") {
        return Err(TypeError::new(target.range(), "`ref` names no entity"));
    }
    for option in parts {
        let option = option.trim();
        if option.text.is_empty() {
            return Err(TypeError::new(
                ty.range(),
                "an option of `ref` is missing after the comma",
            ));
        }
        reference_option(option, &mut reference)?;
    }
    Ok(reference)
}

fn reference_option(option: Piece<'_>, reference: &mut ReferenceSpec) -> Result<()> {
    let Some(split) = option.text.find(['=', ':']) else {
        return Err(TypeError::new(
            option.range(),
            format!("`{}` is no option of `ref`", option.text),
        )
        .hint("write an option as `on_delete=cascade`"));
    };
    let key = option.before(split).trim();
    let value = option.from(split + 1).trim();
    match key.text {
        "on_delete" => reference.on_delete = Some(action(value)?),
        "on_update" => reference.on_update = Some(action(value)?),
        "enforce" => {
            reference.enforce = match value.text {
                "true" => true,
                "false" => false,
                other => {
                    return Err(TypeError::new(
                        value.range_or(option),
                        format!("expected `true` or `false`, found `{other}`"),
                    )
                    .code(Code::InvalidValue));
                }
            }
        }
        "with" => {
            let names = value
                .text
                .strip_prefix(['(', '['])
                .and_then(|inner| inner.strip_suffix([')', ']']))
                .map_or(value, |inner| Piece {
                    text: inner,
                    start: value.start + 1,
                });
            for name in names.split_commas() {
                let name = unquote(name.trim())?;
                if name.is_empty() {
                    return Err(TypeError::new(option.range(), "`with` names no field"));
                }
                reference.with.push(name);
            }
        }
        other => {
            let known = ["on_delete", "on_update", "enforce", "with"];
            let hint = match nearest(other, known.into_iter()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("options of `ref`: {}", one_of(known.into_iter())),
            };
            return Err(
                TypeError::new(key.range(), format!("unknown option `{other}` of `ref`"))
                    .hint(hint)
                    .code(Code::UnknownKey),
            );
        }
    }
    Ok(())
}

fn action(value: Piece<'_>) -> Result<ReferenceAction> {
    let word = fold_word(value.text);
    ACTIONS
        .iter()
        .find(|(name, _)| *name == word)
        .map(|(_, action)| *action)
        .ok_or_else(|| {
            let expected = one_of(ACTIONS.iter().map(|(name, _)| *name));
            TypeError::new(
                value.range(),
                format!("expected {expected}, found `{}`", value.text),
            )
            .code(Code::InvalidValue)
        })
}

/// What is never closed is shown whole; what closes nothing, alone.
fn balanced(head: Piece<'_>) -> Result<()> {
    match scan::unbalanced(head.text) {
        None => Ok(()),
        Some((_, c @ ('(' | '['))) => Err(unclosed(head, &c.to_string())),
        Some((_, c @ ('\'' | '"'))) => {
            Err(
                TypeError::new(head.range(), format!("the quote `{c}` is never closed")).hint(
                    format!("write `{c}` where it ends; within quotes it is written twice"),
                ),
            )
        }
        Some((at, c)) => {
            let at = head.start + at;
            Err(TypeError::new(at..at + 1, format!("`{c}` closes nothing")).hint("remove it"))
        }
    }
}

fn unclosed(of: Piece<'_>, bracket: &str) -> TypeError {
    let closing = if bracket == "(" { ')' } else { ']' };
    TypeError::new(of.range(), format!("`{bracket}` is never closed"))
        .hint(format!("write `{closing}` where it ends"))
}

#[cfg(test)]
#[path = "type_text_tests.rs"]
mod tests;
