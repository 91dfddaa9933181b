//! Columns under other names.

use std::cell::Cell;

use sqlparser::tokenizer::Token;

use super::lex::{bytes, lex};
use super::{Expr, Ident};

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
            let name = match word.quote_style {
                Some(_) => Ident::new(word.value.clone()),
                None => Ident::new(word.value.to_lowercase()),
            };
            if let (Some(new), Some(range)) = (renamed(&name), bytes(token.span)) {
                text.push_str(self.as_str().get(copied..range.start).unwrap_or_default());
                text.push_str(&new.to_string());
                copied = range.end;
            }
        }
        text.push_str(self.as_str().get(copied..).unwrap_or_default());
        Self::vouched(text)
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
}
