//! Statements that no transaction can hold, and what the system catalogs say of them afterwards.

use postgres::{Client, Error};

use super::statements::Statement;

const INDEX: &str = include_str!("queries/index.sql");
const RELATION: &str = include_str!("queries/relation.sql");
const DETACH: &str = include_str!("queries/detach.sql");

/// How a statement of a file that is no transaction is run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Clause {
    /// In a transaction of its own, together with its line in the journal.
    Atomic,
    /// CREATE INDEX CONCURRENTLY.
    CreateIndex { index: String, relation: String },
    /// DROP INDEX CONCURRENTLY.
    DropIndex { index: String },
    /// DETACH PARTITION … CONCURRENTLY.
    Detach { parent: String, partition: String },
    /// It commits in between (`DO`, `CALL`) or refuses transactions (`VACUUM`), and may be run once more.
    Repeatable,
    /// It begins or ends transactions, which only the runner does.
    Control,
}

/// What has become of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    /// Nothing, or nothing that can be seen.
    Nothing,
    /// It is done.
    Done,
    /// Half of it; the statement that clears it away or finishes it.
    Half { then: String, done: bool },
}

impl Clause {
    pub fn of(statement: &Statement) -> Self {
        let begins = |words: &[&str]| statement.begins(words);
        let control = [
            "begin",
            "start",
            "commit",
            "end",
            "rollback",
            "abort",
            "savepoint",
            "release",
            "prepare",
        ];
        // PREPARE of a statement is harmless, and of no use here.
        if control.iter().any(|word| begins(&[word])) {
            return Self::Control;
        }
        let repeatable = ["do", "call", "vacuum", "reindex", "cluster"];
        if repeatable.iter().any(|word| begins(&[word])) || begins(&["alter", "system"]) {
            return Self::Repeatable;
        }
        let mut words = Words(&statement.tokens);
        Self::index(&mut words)
            .or_else(|| Self::drop(&mut Words(&statement.tokens)))
            .or_else(|| Self::detach(&mut Words(&statement.tokens)))
            .unwrap_or(Self::Atomic)
    }

    fn index(words: &mut Words<'_>) -> Option<Self> {
        words.take(&["create"])?;
        words.skip(&["unique"]);
        words.take(&["index", "concurrently"])?;
        words.skip(&["if", "not", "exists"]);
        let index = words.name()?;
        words.take(&["on"])?;
        words.skip(&["only"]);
        let relation = words.name()?;
        Some(Self::CreateIndex { index, relation })
    }

    fn drop(words: &mut Words<'_>) -> Option<Self> {
        words.take(&["drop", "index", "concurrently"])?;
        words.skip(&["if", "exists"]);
        let index = words.name()?;
        Some(Self::DropIndex { index })
    }

    fn detach(words: &mut Words<'_>) -> Option<Self> {
        words.take(&["alter", "table"])?;
        words.skip(&["if", "exists"]);
        words.skip(&["only"]);
        let parent = words.name()?;
        words.take(&["detach", "partition"])?;
        let partition = words.name()?;
        words.take(&["concurrently"])?;
        Some(Self::Detach { parent, partition })
    }

    /// What the system catalogs say.
    pub fn found(&self, client: &mut Client) -> Result<Found, Error> {
        match self {
            Self::Atomic | Self::Repeatable | Self::Control => Ok(Found::Nothing),
            Self::CreateIndex { index, relation } => {
                let Some(row) = client.query_opt(INDEX, &[index, relation])? else {
                    return Ok(Found::Nothing);
                };
                if row.try_get(0)? {
                    return Ok(Found::Done);
                }
                Ok(Found::Half {
                    then: row.try_get(1)?,
                    done: false,
                })
            }
            Self::DropIndex { index } => {
                let there: bool = client.query_one(RELATION, &[index])?.try_get(0)?;
                Ok(if there { Found::Nothing } else { Found::Done })
            }
            Self::Detach { parent, partition } => {
                let Some(row) = client.query_opt(DETACH, &[parent, partition])? else {
                    return Ok(Found::Done);
                };
                if row.try_get(0)? {
                    return Ok(Found::Half {
                        then: row.try_get(1)?,
                        done: true,
                    });
                }
                Ok(Found::Nothing)
            }
        }
    }

    /// Whether it holds up nobody while it waits for a lock, so that it may wait as long as it takes. A build that gives up
    /// while it waits for an old transaction has done all its work for nothing.
    pub fn waits_patiently(&self) -> bool {
        match self {
            Self::CreateIndex { .. } | Self::DropIndex { .. } => true,
            Self::Atomic | Self::Detach { .. } | Self::Repeatable | Self::Control => false,
        }
    }
}

/// Reads on through the words of a statement.
struct Words<'t>(&'t [String]);

impl Words<'_> {
    fn take(&mut self, words: &[&str]) -> Option<()> {
        let matches = self.0.len() >= words.len()
            && self
                .0
                .iter()
                .zip(words)
                .all(|(token, word)| token.eq_ignore_ascii_case(word));
        self.0 = self.0.get(words.len()..).filter(|_| matches)?;
        Some(())
    }

    fn skip(&mut self, words: &[&str]) {
        let before = self.0;
        if self.take(words).is_none() {
            self.0 = before;
        }
    }

    /// A name with or without its schema, as it is written.
    fn name(&mut self) -> Option<String> {
        let (first, rest) = self.0.split_first()?;
        let mut name = first.clone();
        self.0 = rest;
        while let [dot, part, rest @ ..] = self.0
            && dot == "."
        {
            name.push('.');
            name.push_str(part);
            self.0 = rest;
        }
        Some(name)
    }
}

#[cfg(test)]
mod tests {
    use super::super::statements::statements;
    use super::*;

    fn of(text: &str) -> Clause {
        Clause::of(&statements(text)[0])
    }

    #[test]
    fn statements_outside_of_transactions_are_known() {
        assert_eq!(
            of("CREATE UNIQUE INDEX CONCURRENTLY \"a b\" ON public.\"t.x\" (c);"),
            Clause::CreateIndex {
                index: "\"a b\"".into(),
                relation: "public.\"t.x\"".into()
            }
        );
        assert_eq!(
            of("drop index concurrently if exists s.i;"),
            Clause::DropIndex {
                index: "s.i".into()
            }
        );
        assert_eq!(
            of("ALTER TABLE a.p DETACH PARTITION a.q CONCURRENTLY"),
            Clause::Detach {
                parent: "a.p".into(),
                partition: "a.q".into()
            }
        );
        assert_eq!(of("DO $$ BEGIN COMMIT; END $$;"), Clause::Repeatable);
        assert_eq!(of("COMMIT;"), Clause::Control);
        for text in [
            "CREATE INDEX i ON t (a);",
            "ALTER TABLE p DETACH PARTITION q;",
            "UPDATE t SET a = 1;",
            "SELECT 1;",
        ] {
            assert_eq!(of(text), Clause::Atomic, "{text}");
        }
    }
}
