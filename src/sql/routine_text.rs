//! `CREATE FUNCTION` in its parts.

use sqlparser::tokenizer::Token;

use super::lex::{Lexed, lex};

/// The text of a statement that makes a function or procedure with a body between dollars.
#[derive(Debug, Clone, Copy)]
pub struct RoutineText<'t> {
    /// All of it to the end of the body, without what may follow.
    pub statement: &'t str,
    /// What stands before `AS`.
    head: &'t str,
    /// What stands between the dollars.
    body: &'t str,
}

impl<'t> RoutineText<'t> {
    /// Takes it apart; `None` where the body does not stand between dollars.
    pub fn of(sql: &'t str) -> Option<Self> {
        const AS: &str = "\nAS ";
        let open = sql.find("\nAS $")?;
        let tag_start = open + AS.len();
        let tag_end = tag_start + 1 + sql.get(tag_start + 1..)?.find('$')? + 1;
        let tag = sql.get(tag_start..tag_end)?;
        let length = sql.get(tag_end..)?.find(tag)?;
        Some(Self {
            statement: sql.get(..tag_end + length + tag.len())?,
            head: sql.get(..open)?,
            body: sql.get(tag_end..tag_end + length)?,
        })
    }

    /// Whether a server printed this of what the other makes: word for word but for schema `pg_catalog`, which a server leaves out, and
    /// for `OR REPLACE`. What says the same in other words is not looked for; that, a server has to be asked.
    /// <https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-INFO-CATALOG>
    pub fn is_printed_of(&self, made: &Self) -> bool {
        self.body == made.body
            && match (lex(self.head), lex(made.head)) {
                (Ok(printed), Ok(made)) => words(&printed) == words(&made),
                _ => false,
            }
    }
}

/// The words of what stands before the body, as a server spells them.
fn words(head: &Lexed<'_>) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for token in &head.tokens {
        let spelled = head.slice(token);
        match (&token.token, words.as_slice()) {
            (Token::Period, [.., schema]) if schema == "pg_catalog" => {
                words.pop();
            }
            (Token::Word(_), [create, or])
                if create == "CREATE" && or == "OR" && spelled == "REPLACE" =>
            {
                words.pop();
            }
            // A setting has its name in any case, and `=` or TO.
            (Token::Word(word), [.., set]) if set == "SET" => words.push(word.value.to_lowercase()),
            (Token::Eq, [.., set, _]) if set == "SET" => words.push("TO".into()),
            _ => words.push(spelled.to_owned()),
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINTED: &str =
        "CREATE OR REPLACE FUNCTION specql.f(a text, b timestamp with time zone DEFAULT now())
 RETURNS TABLE(c regclass)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
 SET \"TimeZone\" TO 'UTC'
AS $function$ it's $$ $function$
";

    fn is_printed_of(made: &str) -> bool {
        let printed = RoutineText::of(PRINTED).expect("it has a body");
        RoutineText::of(made).is_some_and(|made| printed.is_printed_of(&made))
    }

    const MADE: &str = "CREATE FUNCTION specql.f(a pg_catalog.text, b timestamp with time zone DEFAULT pg_catalog.now())
    RETURNS TABLE (c pg_catalog.regclass)
    LANGUAGE plpgsql STABLE
    -- Who watches needs no right.
    SECURITY DEFINER
    SET search_path = ''
    SET timezone = 'UTC'
AS $f$ it's $$ $f$;
REVOKE ALL;
DO $f$ x $f$;";

    #[test]
    fn what_follows_a_function_is_left_out() {
        let made = RoutineText::of(MADE).expect("it has a body");
        assert!(made.statement.ends_with("AS $f$ it's $$ $f$"));
        assert!(RoutineText::of("CREATE FUNCTION f() RETURNS int\nRETURN 1").is_none());
    }

    #[test]
    fn white_space_comments_and_the_schema_of_the_server_make_no_difference() {
        assert!(is_printed_of(MADE));
        assert!(is_printed_of(PRINTED));
    }

    #[test]
    fn another_word_makes_one() {
        for (word, other) in [
            ("it's", "its"),
            ("it's", "it's "),
            ("a pg_catalog.text", "a public.text"),
            ("a pg_catalog.text", "\"A\" text"),
            ("STABLE", "VOLATILE"),
            ("SECURITY DEFINER\n", ""),
            ("'UTC'", "'utc'"),
            ("timezone", "time_zone"),
            ("b timestamp", "c timestamp"),
        ] {
            let made = MADE.replace(word, other);
            assert_ne!(made, MADE);
            assert!(!is_printed_of(&made), "{word} → {other}");
        }
    }
}
