//! Names, expressions and larger texts as a server prints them.

use specqlc::sql::{Ident, QualifiedName};

use super::source::Source;

const NAMES: &[&str] = &[
    "a",
    "b",
    "c",
    "id",
    "t",
    "orders",
    "customers",
    "public",
    "shop",
    "order",
    "user",
    "User Id",
    "é",
    "a\"b",
    "a'b",
    "a;b",
    "a\\",
    "$$",
    "$function$",
    "--",
    "/*",
    "*/",
    "{{ a }}",
    "{% raw %}",
    "a\nb",
    "a\r\nb",
    "\u{1b}[2J",
    "\t",
    " ",
    "a.b",
    "%s",
    ":name",
    "$1",
    "a$b",
    "\u{202e}",
    "\u{feff}",
    "🙂",
    "null",
    "true",
    "current_date",
    "between",
    "int4",
    "text",
    "a_name_that_is_longer_than_the_sixty_three_bytes_that_a_server_keeps_of_it",
];

const TYPES: &[&str] = &[
    "int4",
    "int8",
    "text",
    "varchar",
    "numeric",
    "timestamptz",
    "timestamp",
    "date",
    "uuid",
    "bool",
    "jsonb",
    "bpchar",
    "bit",
    "interval",
    "float8",
    "tsvector",
    "daterange",
    "bytea",
    "int2",
    "citext",
    "char",
    "My Type",
];

const OPERATORS: &[&str] = &[
    "=",
    "&&",
    "<>",
    "<<",
    "@>",
    "-|-",
    "||",
    "",
    "OR",
    "= 1; --",
    "pg_catalog.=",
];

/// What an index, a policy or a view may be given.
const CONSTANTS: &[&str] = &[
    "0",
    "-1",
    "1.5",
    "NULL",
    "true",
    "'a'::text",
    "'it''s'::text",
    "'\\'::text",
    "E'\\\\;'::text",
    "now()",
    "'{}'::jsonb",
    "'2024-01-01'::date",
    "CURRENT_TIMESTAMP",
    "ARRAY[1, 2]",
    "nextval('public.s'::regclass)",
    "(1)::bigint",
    "'$$'::text",
    "'/*'::text",
    "'--'::text",
    "'1 day'::interval",
    "gen_random_uuid()",
];

const OPERATIONS: &[&str] = &[
    "=",
    "<>",
    ">",
    "AND",
    "OR",
    "||",
    "+",
    "~~",
    "IS DISTINCT FROM",
    "@>",
];

/// A name: one of few, so that names meet, or any text that a server takes for one.
pub fn name(source: &mut Source<'_>) -> String {
    let byte = source.byte();
    if byte < 192 {
        return NAMES[usize::from(byte % 64) % NAMES.len()].to_owned();
    }
    let any = any(source).replace('\0', "");
    if any.is_empty() { "x".to_owned() } else { any }
}

/// Any text.
pub fn any(source: &mut Source<'_>) -> String {
    let length = source.below(64);
    String::from_utf8_lossy(source.take(length)).into_owned()
}

pub fn qualified(source: &mut Source<'_>) -> String {
    let schema = match source.byte() {
        0..=159 => "public".to_owned(),
        160..=223 => "shop".to_owned(),
        _ => name(source),
    };
    QualifiedName::new(schema, name(source)).to_string()
}

pub fn type_name(source: &mut Source<'_>) -> String {
    if source.byte() < 240 {
        source.pick(TYPES).to_owned()
    } else {
        name(source)
    }
}

pub fn operator(source: &mut Source<'_>) -> String {
    source.pick(OPERATORS).to_owned()
}

/// One complete expression.
pub fn expression(source: &mut Source<'_>, depth: usize) -> String {
    let form = if depth == 0 {
        source.byte() % 4
    } else {
        source.byte() % 12
    };
    let inner = |source: &mut Source<'_>| expression(source, depth.saturating_sub(1));
    match form {
        0 | 1 => Ident::new(name(source)).to_string(),
        2 | 3 => source.pick(CONSTANTS).to_owned(),
        4 => format!(
            "({})::{}",
            inner(source),
            source.pick(&["text", "bigint", "numeric(10,2)", "public.\"T\""])
        ),
        5 => format!("lower({})", inner(source)),
        6 => format!("({} IS NOT NULL)", inner(source)),
        7 => format!(
            "CASE WHEN {} THEN {} ELSE NULL::text END",
            inner(source),
            inner(source)
        ),
        8 => format!("({} = ANY (ARRAY[{}]))", inner(source), inner(source)),
        9 => format!("(NOT {})", inner(source)),
        _ => {
            let operation = source.pick(OPERATIONS);
            format!("({} {operation} {})", inner(source), inner(source))
        }
    }
}

/// A list of arguments, a query, or a function.
pub fn arguments(source: &mut Source<'_>) -> String {
    source
        .pick(&[
            "",
            "integer",
            "text, integer",
            "VARIADIC \"any\"",
            "IN a public.\"T\"",
            "a character varying",
        ])
        .to_owned()
}

pub fn query(source: &mut Source<'_>) -> String {
    let columns = [expression(source, 1), expression(source, 1)];
    let from = qualified(source);
    let condition = expression(source, 2);
    format!(
        " SELECT {} AS a,\n    {} AS b\n   FROM {from}\n  WHERE {condition};",
        columns[0], columns[1]
    )
}

pub fn routine(source: &mut Source<'_>) -> String {
    let kind = source.pick(&["FUNCTION", "PROCEDURE"]);
    let name = qualified(source);
    let arguments = arguments(source);
    let returns = if kind == "FUNCTION" {
        "\n RETURNS trigger"
    } else {
        ""
    };
    let head = format!("CREATE OR REPLACE {kind} {name}({arguments}){returns}\n LANGUAGE ");
    if source.seldom() {
        return format!(
            "{head}sql\nBEGIN ATOMIC\n SELECT {};\nEND\n",
            expression(source, 2)
        );
    }
    format!(
        "{head}plpgsql\nAS $function$\nBEGIN\n  RETURN {}; -- it's $$\nEND\n$function$\n",
        expression(source, 2).replace("$function$", "")
    )
}
