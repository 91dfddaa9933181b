//! Reading of the exported tables.
//!
//! In: the text of `data/*.tsv`, a version. Out: sorted rows that hold on every server from that
//! version up. Must not know: what the rows are used for.
//!
//! A line starts with the range of versions that have exactly this row. An object whose row changed
//! between versions has several lines; it exists for a version `v` when its lines together cover
//! `v` to the newest one. Then it counts as the newest says, but as volatile as the worst says.

use std::cmp::Ordering;
use std::str::Split;

use super::types::{
    AccessMethod, Cast, CastContext, CastMethod, Extension, Function, FunctionKind, Operator,
    OperatorClass, Type, TypeKind, Version, Volatility,
};

/// A kind of row: where its lines are, how to read one, and what identifies the object.
pub(super) trait Record: Sized + Clone {
    /// The exported text.
    const DATA: &'static str;

    /// Reads the columns after the version range, in their order.
    fn parse(fields: &mut Fields) -> Option<Self>;

    /// The order of objects; equal rows are the same object in different versions.
    fn compare(&self, other: &Self) -> Ordering;

    /// Takes over from an older version's row what makes this one worse.
    fn worsen(&mut self, _older: &Self) {}

    /// The objects that a row stands for when not every version has this row.
    fn split(self) -> Vec<Self> {
        vec![self]
    }
}

/// All objects of a kind that every server from `version` up has, in order.
pub(super) fn load<R: Record>(version: Version) -> Vec<R> {
    let wanted = version as u8;
    // No line is shorter: one allocation.
    let mut whole = Vec::with_capacity(R::DATA.len() / 16);
    let mut partial = Vec::new();
    for (versions, row) in R::DATA.lines().skip(1).filter_map(read_line::<R>) {
        if versions.first <= wanted && versions.last >= NEWEST {
            whole.push(row);
        } else if versions.last >= wanted {
            partial.extend(row.split().into_iter().map(|part| (versions, part)));
        }
    }
    whole.extend(piece_together(partial, wanted));
    // The file is nearly in this order: `VARIADIC` stands before an argument's type.
    whole.sort_by(R::compare);
    whole
}

const NEWEST: u8 = Version::V18 as u8;

#[derive(Debug, Clone, Copy)]
struct Versions {
    first: u8,
    last: u8,
}

fn read_line<R: Record>(line: &'static str) -> Option<(Versions, R)> {
    let mut fields = Fields(line.split('\t'));
    let range = fields.text()?;
    let (first, last) = range.split_once('-').unwrap_or((range, range));
    let versions = Versions {
        first: first.parse().ok()?,
        last: last.parse().ok()?,
    };
    Some((versions, R::parse(&mut fields)?))
}

/// Keeps the objects whose rows follow one another without a gap from `wanted` to the newest version.
fn piece_together<R: Record>(mut rows: Vec<(Versions, R)>, wanted: u8) -> Vec<R> {
    rows.sort_by(|(a_versions, a), (b_versions, b)| {
        a.compare(b).then(a_versions.first.cmp(&b_versions.first))
    });
    let mut pieces: Vec<(Versions, R)> = Vec::new();
    for (mut versions, mut row) in rows {
        if let Some((before, older)) = pieces.last()
            && older.compare(&row) == Ordering::Equal
            && before.last + 1 == versions.first
        {
            row.worsen(older);
            versions.first = before.first;
            pieces.pop();
        }
        pieces.push((versions, row));
    }
    pieces
        .into_iter()
        .filter(|(versions, _)| versions.first <= wanted && versions.last >= NEWEST)
        .map(|(_, row)| row)
        .collect()
}

/// The columns of a line, taken one after the other.
pub(super) struct Fields(Split<'static, char>);

impl Fields {
    fn text(&mut self) -> Option<&'static str> {
        self.0.next()
    }

    fn optional(&mut self) -> Option<&'static str> {
        self.text().filter(|text| !text.is_empty())
    }

    fn list(&mut self, separator: char) -> Vec<&'static str> {
        let text = self.optional();
        text.map_or_else(Vec::new, |text| text.split(separator).collect())
    }

    fn letter(&mut self) -> Option<char> {
        self.text()?.chars().next()
    }

    fn flag(&mut self) -> Option<bool> {
        match self.text()? {
            "t" => Some(true),
            "f" => Some(false),
            _ => None,
        }
    }

    fn volatility(&mut self) -> Option<Volatility> {
        match self.text()? {
            "i" => Some(Volatility::Immutable),
            "s" => Some(Volatility::Stable),
            "v" => Some(Volatility::Volatile),
            _ => None,
        }
    }
}

impl Record for Type {
    const DATA: &'static str = include_str!("data/types.tsv");

    fn parse(fields: &mut Fields) -> Option<Self> {
        Some(Self {
            name: fields.text()?,
            kind: match fields.text()? {
                "b" => TypeKind::Base,
                "d" => TypeKind::Domain,
                "p" => TypeKind::Pseudo,
                "r" => TypeKind::Range,
                "m" => TypeKind::Multirange,
                _ => return None,
            },
            category: fields.letter()?,
            preferred: fields.flag()?,
            input: fields.volatility()?,
            output: fields.volatility()?,
            element: fields.optional(),
            array: fields.optional(),
            subtype: fields.optional(),
            base: fields.optional(),
            takes_modifiers: fields.flag()?,
            extension: fields.optional(),
        })
    }

    fn compare(&self, other: &Self) -> Ordering {
        self.name.cmp(other.name)
    }

    fn worsen(&mut self, older: &Self) {
        self.input = self.input.max(older.input);
        self.output = self.output.max(older.output);
    }
}

impl Record for Function {
    const DATA: &'static str = include_str!("data/functions.tsv");

    fn parse(fields: &mut Fields) -> Option<Self> {
        let name = fields.text()?;
        let mut arguments = fields.list(',');
        let mut variadic = false;
        if let Some(last) = arguments.last_mut()
            && let Some(element) = last.strip_prefix("VARIADIC ")
        {
            *last = element;
            variadic = true;
        }
        let returns = fields.text()?;
        let set = returns.strip_prefix("SETOF ");
        Some(Self {
            name,
            arguments,
            variadic,
            returns: set.unwrap_or(returns),
            returns_set: set.is_some(),
            kind: match fields.text()? {
                "f" => FunctionKind::Normal,
                "a" => FunctionKind::Aggregate,
                "w" => FunctionKind::Window,
                _ => return None,
            },
            volatility: fields.volatility()?,
            defaults: fields.text()?.parse().ok()?,
            extension: fields.optional(),
        })
    }

    fn compare(&self, other: &Self) -> Ordering {
        (self.name, &self.arguments, self.variadic).cmp(&(
            other.name,
            &other.arguments,
            other.variadic,
        ))
    }

    fn worsen(&mut self, older: &Self) {
        self.volatility = self.volatility.max(older.volatility);
    }

    /// A newer version likes to add an argument with a default (`jsonb_strip_nulls` in 18): what
    /// every version takes is the call without it. So each number of arguments stands for itself.
    fn split(self) -> Vec<Self> {
        let most = self.arguments.len();
        (most.saturating_sub(self.defaults)..=most)
            .map(|count| Self {
                arguments: self.arguments.iter().take(count).copied().collect(),
                variadic: self.variadic && count == most,
                defaults: 0,
                ..self
            })
            .collect()
    }
}

impl Record for Operator {
    const DATA: &'static str = include_str!("data/operators.tsv");

    fn parse(fields: &mut Fields) -> Option<Self> {
        Some(Self {
            name: fields.text()?,
            left: fields.optional(),
            right: fields.text()?,
            result: fields.text()?,
            volatility: fields.volatility()?,
            self_commutative: fields.flag()?,
            extension: fields.optional(),
        })
    }

    fn compare(&self, other: &Self) -> Ordering {
        (self.name, self.left, self.right).cmp(&(other.name, other.left, other.right))
    }

    fn worsen(&mut self, older: &Self) {
        self.volatility = self.volatility.max(older.volatility);
    }
}

impl Record for Cast {
    const DATA: &'static str = include_str!("data/casts.tsv");

    fn parse(fields: &mut Fields) -> Option<Self> {
        Some(Self {
            source: fields.text()?,
            target: fields.text()?,
            context: match fields.text()? {
                "e" => CastContext::Explicit,
                "a" => CastContext::Assignment,
                "i" => CastContext::Implicit,
                _ => return None,
            },
            method: match fields.text()? {
                "f" => CastMethod::Function,
                "b" => CastMethod::Binary,
                "i" => CastMethod::InOut,
                _ => return None,
            },
            volatility: fields.volatility()?,
            extension: fields.optional(),
        })
    }

    fn compare(&self, other: &Self) -> Ordering {
        (self.source, self.target).cmp(&(other.source, other.target))
    }

    fn worsen(&mut self, older: &Self) {
        self.volatility = self.volatility.max(older.volatility);
    }
}

impl Record for AccessMethod {
    const DATA: &'static str = include_str!("data/access_methods.tsv");

    fn parse(fields: &mut Fields) -> Option<Self> {
        Some(Self {
            name: fields.text()?,
            can_order: fields.flag()?,
            can_unique: fields.flag()?,
            can_multi_column: fields.flag()?,
            can_include: fields.flag()?,
            can_exclude: fields.flag()?,
            extension: fields.optional(),
        })
    }

    fn compare(&self, other: &Self) -> Ordering {
        self.name.cmp(other.name)
    }
}

impl Record for OperatorClass {
    const DATA: &'static str = include_str!("data/operator_classes.tsv");

    fn parse(fields: &mut Fields) -> Option<Self> {
        Some(Self {
            method: fields.text()?,
            name: fields.text()?,
            input: fields.text()?,
            default: fields.flag()?,
            operators: fields.list(' '),
            extension: fields.optional(),
        })
    }

    fn compare(&self, other: &Self) -> Ordering {
        (self.method, self.name, self.input).cmp(&(other.method, other.name, other.input))
    }
}

impl Record for Extension {
    const DATA: &'static str = include_str!("data/extensions.tsv");

    fn parse(fields: &mut Fields) -> Option<Self> {
        Some(Self {
            name: fields.text()?,
            requires: fields.list(','),
        })
    }

    fn compare(&self, other: &Self) -> Ordering {
        self.name.cmp(other.name)
    }
}

/// A text search configuration, by name.
#[derive(Debug, Clone)]
pub(super) struct TextSearchConfiguration(pub &'static str);

impl Record for TextSearchConfiguration {
    const DATA: &'static str = include_str!("data/text_search_configurations.tsv");

    fn parse(fields: &mut Fields) -> Option<Self> {
        fields.text().map(Self)
    }

    fn compare(&self, other: &Self) -> Ordering {
        self.0.cmp(other.0)
    }
}

/// A collation that does not come from the server's machine, by name.
#[derive(Debug, Clone)]
pub(super) struct Collation(pub &'static str);

impl Record for Collation {
    const DATA: &'static str = include_str!("data/collations.tsv");

    fn parse(fields: &mut Fields) -> Option<Self> {
        fields.text().map(Self)
    }

    fn compare(&self, other: &Self) -> Ordering {
        self.0.cmp(other.0)
    }
}

/// The text of the keyword table; [`super::keywords`] reads it for all versions at once.
pub(super) const KEYWORDS: &str = include_str!("data/keywords.tsv");

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Debug;

    /// Every line parses; rows are in strict order; and what changed between versions is nothing
    /// but the volatility: otherwise `worsen` has to be told what to do about it.
    fn check<R: Record + Debug>() {
        let lines: Vec<(Versions, R)> = R::DATA
            .lines()
            .skip(1)
            .map(|line| read_line(line).unwrap_or_else(|| panic!("does not parse: {line}")))
            .collect();
        assert!(!lines.is_empty());
        for version in Version::ALL {
            let rows = load::<R>(version);
            assert!(!rows.is_empty());
            for pair in rows.windows(2) {
                let order = pair[0].compare(&pair[1]);
                assert_eq!(order, Ordering::Less, "{version:?} {pair:?}");
            }
        }
        let changed = lines.into_iter().filter(|(v, _)| v.last - v.first != 3);
        let mut parts: Vec<R> = changed.flat_map(|(_, row)| row.split()).collect();
        parts.sort_by(R::compare);
        for pair in parts.windows(2).filter(|p| p[0].compare(&p[1]).is_eq()) {
            let (mut a, mut b) = (pair[0].clone(), pair[1].clone());
            a.worsen(&pair[1]);
            b.worsen(&pair[0]);
            assert_eq!(format!("{a:?}"), format!("{b:?}"));
        }
    }

    #[test]
    fn every_row_parses_in_order() {
        check::<Type>();
        check::<Function>();
        check::<Operator>();
        check::<Cast>();
        check::<AccessMethod>();
        check::<OperatorClass>();
        check::<Extension>();
        check::<TextSearchConfiguration>();
        check::<Collation>();
    }

    #[test]
    fn no_line_has_a_carriage_return_or_a_missing_column() {
        for data in [
            Type::DATA,
            Function::DATA,
            Operator::DATA,
            Cast::DATA,
            AccessMethod::DATA,
            OperatorClass::DATA,
            Extension::DATA,
            KEYWORDS,
        ] {
            let columns = data.lines().next().map(|line| line.split('\t').count());
            for line in data.split_terminator('\n') {
                assert_eq!(Some(line.split('\t').count()), columns, "{line}");
                assert!(!line.contains('\r'));
            }
        }
    }
}
