//! What to write instead of something that is not immutable.

use super::types::{Ty, Types};

/// What is not immutable.
#[derive(Clone, Copy)]
pub(super) enum Culprit<'a> {
    /// A call, with the types that it was given and those that it takes.
    Function {
        name: &'a str,
        inputs: &'a [Ty],
        arguments: &'a [Ty],
        /// The function itself is immutable; turning its arguments into what it takes is not.
        by_conversion: bool,
        types: &'a Types<'a>,
    },
    /// An operator, likewise.
    Operator {
        name: &'a str,
        operands: &'a [Ty],
        arguments: &'a [Ty],
        types: &'a Types<'a>,
    },
    /// A cast that is written, or one that CASE or COALESCE implies.
    Cast {
        from: &'a Ty,
        to: &'a Ty,
        types: &'a Types<'a>,
    },
}

/// The message and the hint.
pub(super) fn explain(culprit: &Culprit<'_>, place: &str) -> (String, String) {
    let must = format!("and {place} must be");
    match *culprit {
        Culprit::Function {
            name,
            inputs,
            arguments,
            by_conversion,
            types,
        } => {
            let message = if by_conversion {
                let taken: Vec<String> = arguments.iter().map(|t| types.spell(t)).collect();
                format!(
                    "{name}() takes {} here, and turning the arguments into that is not immutable, {must}",
                    taken.join(", ")
                )
            } else if BARE.contains(&name) {
                format!("{name} is not immutable, {must}: it changes with time or with the session")
            } else {
                format!(
                    "{name}() is not immutable, {must}: {}",
                    reason(name, arguments)
                )
            };
            (message, function_hint(name, inputs, arguments))
        }
        Culprit::Operator {
            name,
            operands,
            arguments,
            types,
        } => {
            let spelled: Vec<String> = operands.iter().map(|t| types.spell(t)).collect();
            let call = match spelled.as_slice() {
                [left, right] => format!("{left} {name} {right}"),
                _ => format!("{name} {}", spelled.join(", ")),
            };
            let why = if name == "||" {
                "the text of the other side depends on settings".to_owned()
            } else if arguments
                .iter()
                .chain(operands)
                .any(|t| t.is("timestamptz"))
            {
                "it depends on the session's time zone".to_owned()
            } else {
                "its result may change with settings".to_owned()
            };
            (
                format!("{call} is not immutable, {must}: {why}"),
                operator_hint(name, operands, types),
            )
        }
        Culprit::Cast { from, to, types } => (
            format!(
                "the cast from {} to {} is not immutable, {must}: it depends on settings such as the time zone or the date style",
                types.spell(from),
                types.spell(to)
            ),
            cast_hint(from, to, types),
        ),
    }
}

const BARE: &[&str] = &[
    "current_date",
    "current_time",
    "current_timestamp",
    "localtime",
    "localtimestamp",
    "current_user",
    "session_user",
    "user",
    "current_role",
    "current_catalog",
    "current_schema",
];

fn reason(name: &str, arguments: &[Ty]) -> &'static str {
    if arguments.iter().any(|t| t.is("timestamptz")) {
        return "its result depends on the session's time zone";
    }
    match name {
        "now"
        | "statement_timestamp"
        | "clock_timestamp"
        | "transaction_timestamp"
        | "timeofday"
        | "age" => "it changes with time",
        "random" | "gen_random_uuid" | "uuid_generate_v4" | "uuidv7" | "uuidv4" | "nextval" => {
            "it gives another value at each call"
        }
        "to_tsvector"
        | "to_tsquery"
        | "plainto_tsquery"
        | "phraseto_tsquery"
        | "websearch_to_tsquery"
        | "ts_headline" => {
            "without a language it depends on the setting default_text_search_config"
        }
        _ => "its result may change with settings",
    }
}

fn function_hint(name: &str, inputs: &[Ty], arguments: &[Ty]) -> String {
    let zoned = arguments.iter().any(|t| t.is("timestamptz"));
    match name {
        "concat" => "join texts by `||`, with coalesce where one may be NULL: coalesce(a, '') || coalesce(b, '')".into(),
        "concat_ws" => "join texts by `||`: coalesce(a, '') || ' ' || coalesce(b, '')".into(),
        "format" => "join texts by `||`: 'Order ' || name".into(),
        "now" | "clock_timestamp" | "statement_timestamp" | "transaction_timestamp" | "timeofday"
        | "current_date" | "current_time" | "current_timestamp" | "localtime" | "localtimestamp" => {
            "compare with the time in the query, and index the plain column; a stored time is set by a default".into()
        }
        "to_tsvector" => "name the language: to_tsvector('english', column)".into(),
        "to_tsquery" | "plainto_tsquery" | "phraseto_tsquery" | "websearch_to_tsquery" | "ts_headline" => {
            format!("name the language: {name}('english', …)")
        }
        "jsonb_to_tsvector" | "json_to_tsvector" => {
            format!("name the language: {name}('english', column, '[\"string\"]')")
        }
        "array_to_string" => {
            "for full-text search use array_to_tsvector(column); otherwise store the joined text where the row is written".into()
        }
        "to_char" => {
            "use extract(year from column) and its like for parts of a time, or column::text for a number; format in the query".into()
        }
        "to_date" | "to_timestamp" => "store the column as a date or a timestamptz, and convert where the row is written".into(),
        "date_trunc" if zoned => "name the time zone: date_trunc('day', column AT TIME ZONE 'UTC')".into(),
        "extract" | "date_part" if zoned => {
            "name the time zone: extract(year from column AT TIME ZONE 'UTC')".into()
        }
        "date" if zoned => "name the time zone: (column AT TIME ZONE 'UTC')::date".into(),
        "age" if inputs.len() == 1 => "give both times: age(later, earlier) of two columns without time zone".into(),
        "random" | "gen_random_uuid" | "uuid_generate_v4" | "uuidv4" | "uuidv7" | "nextval" => {
            "use it as the column's default: `default:`".into()
        }
        "unaccent" => "store the text without accents where the row is written, or search with a text search configuration that uses unaccent".into(),
        "current_user" | "session_user" | "user" | "current_role" | "current_catalog" | "current_schema" => {
            "use it as the column's default, or compare in the query".into()
        }
        "json_build_object" | "jsonb_build_object" | "json_build_array" | "jsonb_build_array" | "to_json"
        | "to_jsonb" | "row_to_json" => "store the document where the row is written, or build it in the query".into(),
        _ if zoned => "name the time zone: column AT TIME ZONE 'UTC' is a timestamp that depends on no setting".into(),
        _ => "compute it where the row is written, or in the query".into(),
    }
}

fn operator_hint(name: &str, operands: &[Ty], types: &Types<'_>) -> String {
    match name {
        "||" => {
            let other = operands.iter().find(|t| types.category(t) != 'S' && **t != Ty::Unknown);
            match other {
                Some(t) if ["N", "B"].contains(&types.category(t).to_string().as_str()) || t.is("uuid") => {
                    "cast it to text first: a || b::text".into()
                }
                _ => "join only texts, numbers and uuids; others are formatted in the query".into(),
            }
        }
        "+" | "-" if operands.iter().any(|t| t.is("timestamptz")) => {
            "compute it on a timestamp: (column AT TIME ZONE 'UTC') + interval '1 day'".into()
        }
        _ if operands.iter().any(|t| t.is("timestamptz")) => {
            "compare times of one type: column AT TIME ZONE 'UTC' makes a timestamp of a timestamptz".into()
        }
        _ => "compute it where the row is written, or in the query".into(),
    }
}

fn cast_hint(from: &Ty, to: &Ty, types: &Types<'_>) -> String {
    if from.is("timestamptz") && (to.is("date") || to.is("time") || to.is("timestamp")) {
        let to = types.spell(to);
        return if to.starts_with("timestamp") {
            "name the time zone: column AT TIME ZONE 'UTC'".into()
        } else if to.starts_with("time") {
            "name the time zone: (column AT TIME ZONE 'UTC')::time".into()
        } else {
            "name the time zone: (column AT TIME ZONE 'UTC')::date".into()
        };
    }
    if to.is("timestamptz") {
        return "name the time zone: column AT TIME ZONE 'UTC'".into();
    }
    if types.is_enum(from) {
        return "compare the enum itself (status = 'draft'), or write case status when 'draft' then 'draft' … end".into();
    }
    if types.category(to) == 'S' {
        return "index or compare the column itself, and format it in the query".into();
    }
    if types.category(from) == 'S' {
        return format!(
            "make the column a {}, so that the text is read where the row is written",
            types.spell(to)
        );
    }
    "compute it where the row is written, or in the query".into()
}
