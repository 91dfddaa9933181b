//! Names of columns.

use std::ops::Range;

use sqlparser::ast;

use super::super::lex::{bytes, invalid};
use super::super::{Context, Ident, Problem, Relation, Scope};
use super::{Binder, Part, nearest};
use crate::diagnose::Code;
use crate::pg::Volatility;

/// A name as it is written.
#[derive(Debug, Clone, Copy)]
struct Written<'a> {
    name: &'a str,
    quoted: bool,
}

impl<'a> From<&'a ast::Ident> for Written<'a> {
    fn from(ident: &'a ast::Ident) -> Self {
        Self {
            name: &ident.value,
            quoted: ident.quote_style.is_some(),
        }
    }
}

/// How well a name fits: exactly as spelled, or once it is folded to lower case as SQL does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    Exact,
    Folded,
    AnyCase,
}

impl Written<'_> {
    fn fits(self, names: &[&str]) -> Option<Fit> {
        if names.contains(&self.name) {
            return Some(Fit::Exact);
        }
        let folded = self.name.to_ascii_lowercase();
        (!self.quoted && names.contains(&folded.as_str())).then_some(Fit::Folded)
    }

    /// Entities are written with a capital and tables without, so a qualifier may be in any case.
    fn fits_relation(self, names: &[&str]) -> Option<Fit> {
        self.fits(names).or_else(|| {
            (!self.quoted && names.iter().any(|n| n.eq_ignore_ascii_case(self.name)))
                .then_some(Fit::AnyCase)
        })
    }
}

/// The column whose name the whole text is, whatever characters the name has.
pub(in super::super) fn whole(text: &str, scope: &Scope<'_>) -> Option<(usize, usize)> {
    let mut found = None;
    for (r, relation) in scope
        .relations
        .iter()
        .enumerate()
        .filter(|(_, r)| r.unqualified)
    {
        for (c, column) in relation.columns.iter().enumerate() {
            if column.names.contains(&text) {
                if found.is_some() {
                    return None;
                }
                found = Some((r, c));
            }
        }
    }
    found
}

/// What is printed for a column.
pub(in super::super) fn printed(relation: &Relation<'_>, column: &Ident) -> String {
    match &relation.qualifier {
        Some(qualifier) => format!("{qualifier}.{column}"),
        None => column.to_string(),
    }
}

impl Binder<'_> {
    /// A name that stands alone.
    pub(super) fn column(&mut self, ident: &ast::Ident) -> Option<Part> {
        let span = bytes(ident.span).unwrap_or_else(|| self.lexed.extent());
        let written = Written::from(ident);
        if self.context == Context::Default {
            if !written.quoted
                && let Some(part) = self.bare_function(&ident.value, &span)
            {
                return Some(part);
            }
            return self.refuse_in_default(written, span);
        }
        let found = self.find(written, None);
        match found.as_slice() {
            [(relation, column)] => self.take(*relation, *column, span),
            [] => {
                if !written.quoted
                    && let Some(part) = self.bare_function(&ident.value, &span)
                {
                    return Some(part);
                }
                self.unknown(written, span)
            }
            many => {
                let among: Vec<String> = many
                    .iter()
                    .filter_map(|(r, _)| self.scope.relations.get(*r))
                    .filter_map(|r| r.names.first())
                    .map(|n| format!("{n}.{}", ident.value))
                    .collect();
                self.report(
                    invalid(format!("`{}` may mean several columns", ident.value), span)
                        .with_hint(format!("write {}", among.join(" or "))),
                );
                None
            }
        }
    }

    /// `relation.column`.
    pub(super) fn qualified_column(&mut self, parts: &[ast::Ident]) -> Option<Part> {
        let [qualifier @ .., last] = parts else {
            return None;
        };
        let start = parts
            .first()
            .and_then(|p| bytes(p.span))
            .map_or(0, |r| r.start);
        let end = bytes(last.span).map_or(self.lexed.text.len(), |r| r.end);
        let span = start..end;
        if self.context == Context::Default {
            return self.refuse_in_default(Written::from(last), span);
        }
        let joined: Vec<&str> = qualifier.iter().map(|p| p.value.as_str()).collect();
        let joined = joined.join(".");
        let written = Written {
            name: &joined,
            quoted: qualifier.iter().any(|p| p.quote_style.is_some()),
        };
        let Some(relation) = self.relation(written) else {
            let names = self
                .scope
                .relations
                .iter()
                .flat_map(|r| r.names.iter().copied());
            let names: Vec<&str> = names.collect();
            let hint = match nearest(&joined, names.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None if names.is_empty() => "no table can be named here".to_owned(),
                None => format!("in sight here: {}", names.join(", ")),
            };
            self.report(Problem {
                code: Code::UnknownField,
                message: format!("there is no `{joined}` here that could have a column"),
                hint: Some(hint),
                span,
            });
            return None;
        };
        match self.find(Written::from(last), Some(relation)).as_slice() {
            [(relation, column), ..] => self.take(*relation, *column, span),
            [] => self.unknown_in(Written::from(last), Some(relation), span),
        }
    }

    fn relation(&self, written: Written<'_>) -> Option<usize> {
        self.scope
            .relations
            .iter()
            .enumerate()
            .filter_map(|(index, r)| Some((written.fits_relation(&r.names)?, index)))
            .min()
            .map(|(_, index)| index)
    }

    /// All columns that a name fits best.
    fn find(&self, written: Written<'_>, within: Option<usize>) -> Vec<(usize, usize)> {
        let mut fits: Vec<(Fit, usize, usize)> = Vec::new();
        for (r, relation) in self.scope.relations.iter().enumerate() {
            if within.map_or(!relation.unqualified, |only| only != r) {
                continue;
            }
            for (c, column) in relation.columns.iter().enumerate() {
                if let Some(fit) = written.fits(&column.names) {
                    fits.push((fit, r, c));
                }
            }
        }
        let Some(best) = fits.iter().map(|(fit, _, _)| *fit).min() else {
            return Vec::new();
        };
        fits.retain(|(fit, _, _)| *fit == best);
        fits.into_iter().map(|(_, r, c)| (r, c)).collect()
    }

    fn take(&mut self, relation: usize, column: usize, span: Range<usize>) -> Option<Part> {
        let scope = self.scope;
        let of = scope.relations.get(relation)?;
        let found = of.columns.get(column)?;
        self.columns.insert((relation, column));
        self.references += 1;
        self.replaced
            .insert(span.start, (span.end, printed(of, &found.column)));
        if self.context == Context::Generated && found.generated {
            self.report(
                invalid(
                    format!(
                        "`{}` is a generated column itself, and a generated column cannot refer to another",
                        found.column.as_str()
                    ),
                    span,
                )
                .with_hint("repeat its expression here in place of its name"),
            );
        }
        Some(Part {
            ty: self.types.of(&found.ty),
            modifiers: found.ty.modifiers.clone(),
            volatility: Volatility::Immutable,
            constant: None,
        })
    }

    fn unknown(&mut self, written: Written<'_>, span: Range<usize>) -> Option<Part> {
        self.unknown_in(written, None, span)
    }

    fn unknown_in(
        &mut self,
        written: Written<'_>,
        within: Option<usize>,
        span: Range<usize>,
    ) -> Option<Part> {
        let relations = self.scope.relations.iter().enumerate();
        let names: Vec<&str> = relations
            .filter(|(r, relation)| within.map_or(relation.unqualified, |only| only == *r))
            .flat_map(|(_, relation)| relation.columns.iter())
            .flat_map(|column| column.names.iter().copied())
            .collect();
        let name = written.name;
        let hint = if let Some(near) = nearest(name, names.iter().copied()) {
            if near.eq_ignore_ascii_case(name) {
                format!("did you mean `\"{near}\"`, in double quotes?")
            } else {
                format!("did you mean `{near}`?")
            }
        } else {
            no_such_field(name, &names, within.is_some())
        };
        self.report(Problem {
            code: Code::UnknownField,
            message: match self.only_relation(within).and_then(|r| r.names.first()) {
                Some(relation) => format!("`{relation}` has no field `{name}`"),
                None => format!("there is no field `{name}`"),
            },
            hint: Some(hint),
            span,
        });
        None
    }

    /// The relation that a name without a qualifier must mean, or the one that is given.
    fn only_relation(&self, within: Option<usize>) -> Option<&Relation<'_>> {
        if let Some(within) = within {
            return self.scope.relations.get(within);
        }
        let mut unqualified = self.scope.relations.iter().filter(|r| r.unqualified);
        unqualified.next().filter(|_| unqualified.next().is_none())
    }

    fn refuse_in_default(&mut self, written: Written<'_>, span: Range<usize>) -> Option<Part> {
        let name = written.name;
        let known = !self.find(written, None).is_empty();
        let problem = invalid(
            format!("a default cannot refer to a column, and `{name}` is a name"),
            span,
        );
        self.report(if known {
            problem.with_hint("set it in a trigger, or make this a generated column (`generated:`)")
        } else {
            problem.with_hint(format!(
                "if the text `{name}` is meant, write `'{name}'`, in single quotes"
            ))
        });
        None
    }
}

/// The hint where no field has a name like the one written: after a qualifier it cannot be text that lacks its quotes.
fn no_such_field(name: &str, fields: &[&str], qualified: bool) -> String {
    const MOST: usize = 12;
    let text = format!("if the text `{name}` is meant, write `'{name}'`, in single quotes");
    let known = format!("its fields are: {}", fields.join(", "));
    match (qualified, fields.is_empty() || fields.len() > MOST) {
        (true, false) => known,
        (false, false) => format!("{known}; {text}"),
        (true, true) => "see its spec for the fields that it has".to_owned(),
        (false, true) => text,
    }
}
