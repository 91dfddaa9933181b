//! What is said of a call that comes to nothing.

use std::fmt::Write as _;
use std::ops::Range;

use super::super::Problem;
use super::super::resolve_call::{self, Unresolved};
use super::super::types::Ty;
use super::{Binder, nearest};
use crate::diagnose::Code;
use crate::pg::Function;

/// How many overloads a message lists.
const SHOWN: usize = 8;

/// What to do where no function has a name like the one written.
const NO_OWN_FUNCTIONS: &str = "a spec calls functions of PostgreSQL and of the `extensions:` in specql.yaml; write what \
    this one does with those";

impl Binder<'_> {
    /// Reports a call that fits no overload, or several.
    pub(super) fn report_call(
        &mut self,
        name: &str,
        overloads: &[Function],
        inputs: &[Ty],
        star: bool,
        why: Unresolved,
        span: &Range<usize>,
    ) {
        let spelled: Vec<String> = inputs.iter().map(|t| self.spell(t)).collect();
        let call = if star {
            format!("{name}(*)")
        } else {
            format!("{name}({})", spelled.join(", "))
        };
        let known = resolve_call::signatures(&self.types, overloads);
        if known.is_empty() {
            let _: Option<()> = self.unknown_function(name, span.clone());
            return;
        }
        let mut listed = known
            .iter()
            .take(SHOWN)
            .cloned()
            .collect::<Vec<_>>()
            .join(", ");
        if known.len() > SHOWN {
            let _ = write!(listed, " and {} more", known.len() - SHOWN);
        }
        let message = match why {
            Unresolved::NoMatch => format!("there is no function `{call}`; there is {listed}"),
            Unresolved::Ambiguous => format!("{call} may mean several functions: {listed}"),
            Unresolved::Undetermined => {
                format!("nothing says what type the arguments of {call} have")
            }
        };
        self.report(Problem {
            code: Code::UnknownFunction,
            message,
            hint: Some("cast the arguments to the types that it takes: `value::text`".to_owned()),
            span: span.clone(),
        });
    }

    /// Reports a function that is not there, or is brought by an extension that the project does not have.
    pub(super) fn unknown_function<T>(&mut self, name: &str, span: Range<usize>) -> Option<T> {
        let extension = self
            .types
            .knowledge
            .functions(name)
            .iter()
            .find_map(|f| f.extension);
        let (message, hint) = if let Some(extension) = extension {
            (
                format!(
                    "the function `{name}()` belongs to the extension `{extension}`, which the project does not have"
                ),
                Some(format!("add `{extension}` to `extensions:` in specql.yaml")),
            )
        } else {
            let known = self.types.knowledge.function_names();
            let near = instead(name).or_else(|| nearest(name, known.iter().copied()));
            (
                format!("there is no function `{name}()`"),
                Some(match near {
                    Some(near) => format!("did you mean `{near}()`?"),
                    None => NO_OWN_FUNCTIONS.to_owned(),
                }),
            )
        };
        self.report(Problem {
            code: Code::UnknownFunction,
            message,
            hint,
            span,
        });
        None
    }
}

/// What functions of other databases are called here.
fn instead(name: &str) -> Option<&'static str> {
    Some(match name {
        "ifnull" | "isnull" | "nvl" => "coalesce",
        "len" | "datalength" => "length",
        "getdate" | "sysdate" | "curdate" | "getutcdate" => "now",
        "ucase" | "uppercase" => "upper",
        "lcase" | "lowercase" => "lower",
        "charindex" | "instr" | "locate" => "strpos",
        "group_concat" | "listagg" => "string_agg",
        "newid" | "uuid" => "gen_random_uuid",
        "rand" => "random",
        "regexp_substr_all" => "regexp_matches",
        "date_format" => "to_char",
        _ => return None,
    })
}
