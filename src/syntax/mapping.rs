//! A mapping whose keys are taken one by one; what is left in the end is unknown.

use super::context::{Context, Item, nearest, one_of};
use super::cut::{self, Whole};
use super::spec::Located;
use crate::diagnose::{Code, Place};
use crate::yaml::{Entry, NodeValue};

/// A mapping that is being decoded.
pub(super) struct Mapping<'n> {
    place: Place,
    entries: Vec<Whole<'n>>,
    known: Vec<&'static str>,
    taken: Vec<&'n Entry>,
}

impl<'n> Mapping<'n> {
    /// Reads a value as a mapping, or reports that it is none.
    pub fn read(item: &Item<'n>, what: &str, cx: &mut Context<'_>) -> Option<Self> {
        let NodeValue::Mapping(entries) = &item.node.value else {
            cx.expected(item, what);
            return None;
        };
        Some(Self {
            place: item.place.clone(),
            entries: cut::entries(entries, item.node, cx.text),
            known: Vec::with_capacity(20),
            taken: Vec::with_capacity(entries.len()),
        })
    }

    /// Where it stands.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Whether the key is there.
    pub fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|whole| whole.entry.key == key)
    }

    /// The keys that have not been taken.
    pub fn keys(&self) -> impl Iterator<Item = &'n str> {
        self.entries.iter().map(|whole| whole.entry.key.as_str())
    }

    /// Takes the value of a key.
    pub fn take(&mut self, key: &'static str) -> Option<Item<'n>> {
        self.known.push(key);
        self.take_unlisted(key)
    }

    /// Takes the value of a key that is not offered when another is misspelt.
    pub fn take_unlisted(&mut self, key: &str) -> Option<Item<'n>> {
        let index = self
            .entries
            .iter()
            .position(|whole| whole.entry.key == key)?;
        let whole = self.entries.remove(index);
        self.taken.push(whole.entry);
        Some(self.item(&whole))
    }

    /// Takes the value of a key that must be there.
    pub fn require(&mut self, key: &'static str, cx: &mut Context<'_>) -> Option<Item<'n>> {
        let item = self.take(key);
        if item.is_none() {
            // A misspelt key is reported once, as unknown.
            let misspelt = self
                .keys()
                .any(|other| nearest(other, std::iter::once(key)).is_some());
            if !misspelt {
                let message = format!("`{key}` is missing");
                let place = &self.place;
                match example(key) {
                    Some(example) => cx.error_hint(
                        Code::InvalidValue,
                        place,
                        message,
                        format!("write it as in {example}"),
                    ),
                    None => cx.error(Code::InvalidValue, place, message),
                }
            }
        }
        item
    }

    /// Reports, and says that it is incomplete, a mapping where nothing usable stood under a key. What was there in a
    /// wrong shape or is misspelt has its report already.
    pub fn lacks(&mut self, key: &'static str, synonyms: &[&str], cx: &mut Context<'_>) -> bool {
        let mut names = synonyms.iter().copied().chain(std::iter::once(key));
        if !names.any(|name| self.taken.iter().any(|taken| taken.key == name)) {
            self.require(key, cx);
            return false;
        }
        let empty = self.taken.iter().find(|taken| {
            (taken.key == key || synonyms.contains(&taken.key.as_str()))
                && match &taken.value.value {
                    NodeValue::Null => true,
                    NodeValue::Sequence(items) => items.is_empty(),
                    _ => false,
                }
        });
        if let Some(entry) = empty {
            let place = self.place.key(&entry.key);
            cx.error_hint(
                Code::InvalidValue,
                &place,
                format!("`{}` is empty", entry.key),
                format!("write it as in `{}: [name]`", entry.key),
            );
        }
        false
    }

    /// All that is left: for mappings whose keys are the author's.
    pub fn rest(self) -> Vec<(Located<String>, Item<'n>)> {
        self.entries
            .iter()
            .map(|whole| {
                let item = self.item(whole);
                let key = Located {
                    value: whole.entry.key.clone(),
                    at: item.place.the_key(),
                };
                (key, item)
            })
            .collect()
    }

    /// Reports what nobody has taken.
    pub fn finish(self, cx: &mut Context<'_>) {
        for whole in &self.entries {
            let key = &whole.entry.key;
            let place = self.place.key(key).the_key();
            let message = format!("unknown key `{key}`");
            let hint = match nearest(&key.to_lowercase(), self.known.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("known keys here: {}", one_of(self.known.iter().copied())),
            };
            cx.error_hint(Code::UnknownKey, &place, message, hint);
        }
    }

    /// Takes a text.
    pub fn string(&mut self, key: &'static str, cx: &mut Context<'_>) -> Option<Located<String>> {
        self.take(key)?.string("text", cx)
    }

    /// Takes an SQL expression.
    pub fn expression(
        &mut self,
        key: &'static str,
        cx: &mut Context<'_>,
    ) -> Option<Located<String>> {
        self.take(key)?.expression(cx)
    }

    /// Takes a boolean.
    pub fn boolean(&mut self, key: &'static str, cx: &mut Context<'_>) -> Option<Located<bool>> {
        let item = self.take(key)?;
        item.boolean(cx).map(|value| item.located(value))
    }

    fn item(&self, whole: &Whole<'n>) -> Item<'n> {
        Item {
            node: &whole.entry.value,
            place: self.place.key(&whole.entry.key),
            cut: whole.cut.clone(),
        }
    }
}

/// How a key that must be there is written.
fn example(key: &str) -> Option<&'static str> {
    Some(match key {
        "type" => "`type: text` of a field, or `type: unique` of a constraint",
        "fields" => "`fields: [name]`",
        "columns" => "`columns: [name]`",
        "name" => "`name: order_totals`",
        "includes" => "`includes: [{Order: [id, total]}]`",
        "condition" => "`condition: \"total > 0\"`",
        "references" => "`references: \"customers(id)\"`, or `ref: Customer`",
        "expression" => "`expression: \"price * 2\"`",
        "with" => "`with: \"=\"`",
        "strategy" => "`strategy: RANGE`",
        "column" => "`column: created_at`",
        _ => return None,
    })
}
