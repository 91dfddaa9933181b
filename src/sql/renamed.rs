//! Columns and types under other names.

use std::cell::Cell;

use sqlparser::tokenizer::{Token, Word};

use super::lex::{bytes, lex};
use super::{Expr, Ident, QualifiedName};

impl Expr {
    /// The same expression after columns were renamed, as a server rewrites what it has stored. A word that calls a function
    /// or names a type is none of its columns.
    #[must_use]
    pub fn with_renamed_columns<'a>(&self, renamed: impl Fn(&Ident) -> Option<&'a Ident>) -> Self {
        let Ok(lexed) = lex(self.as_str()) else {
            return self.clone();
        };
        let mut text = String::with_capacity(self.as_str().len());
        let mut copied = 0;
        for (position, token) in lexed.tokens.iter().enumerate() {
            let before = position.checked_sub(1).and_then(|p| lexed.tokens.get(p));
            let after = lexed.tokens.get(position + 1);
            let Token::Word(word) = &token.token else {
                continue;
            };
            if after.is_some_and(|next| next.token == Token::LParen)
                || before.is_some_and(|last| last.token == Token::DoubleColon)
            {
                continue;
            }
            let name = named(word);
            if let (Some(new), Some(range)) = (renamed(&name), bytes(token.span)) {
                text.push_str(self.as_str().get(copied..range.start).unwrap_or_default());
                text.push_str(&new.to_string());
                copied = range.end;
            }
        }
        text.push_str(self.as_str().get(copied..).unwrap_or_default());
        Self::vouched(text)
    }

    /// The same expression after a type was renamed that it names with its schema, as a server does.
    #[must_use]
    pub fn with_renamed_type(&self, from: &QualifiedName, to: &QualifiedName) -> Self {
        let text = self.as_str();
        if !from.name.may_stand_in(text) {
            return self.clone();
        }
        let Ok(lexed) = lex(text) else {
            return self.clone();
        };
        let mut renamed = String::with_capacity(text.len());
        let mut copied = 0;
        for tokens in lexed.tokens.windows(3) {
            let [first, dot, last] = tokens else { continue };
            let (Token::Word(schema), Token::Period, Token::Word(name)) =
                (&first.token, &dot.token, &last.token)
            else {
                continue;
            };
            if named(schema) == from.schema
                && named(name) == from.name
                && let (Some(start), Some(end)) = (bytes(first.span), bytes(last.span))
            {
                renamed.push_str(text.get(copied..start.start).unwrap_or_default());
                renamed.push_str(&to.to_string());
                copied = end.end;
            }
        }
        renamed.push_str(text.get(copied..).unwrap_or_default());
        Self::vouched(renamed)
    }

    /// Whether it names a column.
    pub fn names_column(&self, name: &Ident) -> bool {
        let found = Cell::new(false);
        let _same = self.with_renamed_columns(|other| {
            found.set(found.get() || other == name);
            None
        });
        found.get()
    }
}

/// What a word names.
fn named(word: &Word) -> Ident {
    match word.quote_style {
        Some(_) => Ident::new(word.value.clone()),
        None => Ident::new(word.value.to_lowercase()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_columns_are_renamed() {
        let (total, amount) = (Ident::new("total"), Ident::new("the amount"));
        let renamed = |text: &str| {
            Expr::vouched(text.to_owned())
                .with_renamed_columns(|name| (*name == total).then_some(&amount))
                .as_str()
                .to_owned()
        };
        assert_eq!(
            renamed("total > 0 AND 'total' <> x"),
            "\"the amount\" > 0 AND 'total' <> x"
        );
        assert_eq!(
            renamed("total(\"total\") + TOTAL::total"),
            "total(\"the amount\") + \"the amount\"::total"
        );
        assert_eq!(renamed("\"Total\" + totals"), "\"Total\" + totals");
    }

    #[test]
    fn only_types_of_that_schema_are_renamed() {
        let from = QualifiedName::new("public", "tickets_state");
        let to = QualifiedName::new("my schema", "cases_state");
        let text = "state = 'tickets_state'::public.tickets_state AND x = 'a'::other.tickets_state AND \"public\".tickets_state2 IS NULL";
        let renamed = Expr::vouched(text.to_owned()).with_renamed_type(&from, &to);
        let expected = "state = 'tickets_state'::\"my schema\".cases_state AND x = 'a'::other.tickets_state AND \"public\".tickets_state2 IS NULL";
        assert_eq!(renamed.as_str(), expected);
    }
}
