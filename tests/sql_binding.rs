//! Whether the compiler and a real server agree on expressions: what is accepted where, and of what type it is.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod support;

use std::fmt::Write as _;

use specqlc::pg::{Knowledge, Version};
use specqlc::sql::{Context, Ident, NO_ENUMS, Relation, Scope, ScopeColumn, TypeName, bind};

/// Column and type, as SQL spells it.
const COLUMNS: &[(&str, &str)] = &[
    ("id", "integer"),
    ("name", "text"),
    ("other", "text"),
    ("vc", "varchar(40)"),
    ("ch", "char(3)"),
    ("n", "integer"),
    ("m", "integer"),
    ("big", "bigint"),
    ("small", "smallint"),
    ("price", "numeric(10,2)"),
    ("num", "numeric"),
    ("f", "double precision"),
    ("r", "real"),
    ("active", "boolean"),
    ("d", "date"),
    ("d2", "date"),
    ("tm", "time"),
    ("ts", "timestamp"),
    ("ts3", "timestamp(3)"),
    ("at", "timestamptz"),
    ("iv", "interval"),
    ("u", "uuid"),
    ("j", "json"),
    ("jb", "jsonb"),
    ("raw", "bytea"),
    ("ip", "inet"),
    ("tags", "text[]"),
    ("nums", "integer[]"),
    ("mood", "public.mood_type"),
    ("moods", "public.mood_type[]"),
    ("rng", "tstzrange"),
    ("irng", "int4range"),
    ("drng", "daterange"),
    ("tsv", "tsvector"),
    ("pt", "point"),
    ("bits", "bit(8)"),
    ("user id", "integer"),
    ("order", "text"),
    ("user", "text"),
];

const CONTEXTS: &[(Context, &str)] = &[
    (Context::Check, "check"),
    (Context::IndexPredicate, "predicate"),
    (Context::IndexExpression, "expression"),
    (Context::Generated, "generated"),
    (Context::Default, "default"),
    (Context::Filter, "filter"),
    (Context::Output, "output"),
];

/// Tried in every context.
const EXPRESSIONS: &str = include_str!("sql_binding.txt");

/// What the compiler refuses on purpose though the server would take it.
const STRICTER: &[&str] = &[
    "n in (select 1)",
    "(select 1)",
    "exists (select 1)",
    "n = any (select 1)",
    "array(select 1)",
    "row_number() over ()",
    "generate_series(1, n)",
    "unnest(tags)",
    "sum(n) over ()",
    "extract(foo from d)",
    // Each of these is more than one expression.
    "n > 0;",
    "n, m",
    "t.*",
];

/// What the server refuses in generated columns only because it evaluates constants before it has settled their
/// collation; the compiler takes it. Each is a comparison of two constants, which nobody writes.
const LOOSER: &[&str] = &["'a' = 'b'", "'a' in ('a', 'b')"];

/// Columns of types of extensions.
const EXTENSION_COLUMNS: &[(&str, &str)] = &[
    ("ci", "citext"),
    ("hs", "hstore"),
    ("lt", "ltree"),
    ("cu", "cube"),
];

const EXTENSIONS: &[&str] = &[
    "citext",
    "hstore",
    "ltree",
    "cube",
    "earthdistance",
    "pg_trgm",
    "unaccent",
    "pgcrypto",
    "intarray",
    "btree_gist",
];

#[test]
fn the_server_agrees() {
    compare(COLUMNS, &[], EXPRESSIONS);
}

#[test]
fn the_server_agrees_with_extensions() {
    let columns = [COLUMNS, EXTENSION_COLUMNS].concat();
    compare(
        &columns,
        EXTENSIONS,
        include_str!("sql_binding_extensions.txt"),
    );
}

fn compare(columns: &[(&'static str, &'static str)], extensions: &[&str], expressions: &str) {
    let cluster = support::Cluster::start();
    let mut script = setup(columns, extensions);
    let knowledge = Knowledge::since(Version::V15);
    let columns = scope_columns(columns);
    let extensions: Vec<String> = extensions.iter().map(ToString::to_string).collect();
    let scope = Scope {
        relations: vec![Relation {
            names: vec!["t", "Thing"],
            qualifier: None,
            unqualified: true,
            columns,
        }],
        extensions: &extensions,
        enums: &NO_ENUMS,
    };
    let mut ours = Vec::new();
    for text in expressions
        .lines()
        .filter(|l| !l.is_empty() && !l.starts_with("# "))
    {
        for (context, name) in CONTEXTS {
            let bound = bind(text, &scope, *context, knowledge);
            let sql = bound.as_ref().map_or(text, |b| b.expr.as_str());
            writeln!(
                script,
                "SELECT pg_temp.try({}, '{name}', $q${sql}$q$);",
                ours.len()
            )
            .expect("a string takes text");
            ours.push((text, *context, bound));
        }
    }
    let output = cluster.psql("postgres", &script).expect("the script runs");
    let answers: Vec<&str> = output.lines().collect();
    assert_eq!(answers.len(), ours.len(), "an answer for each question");
    let mut disagreements = String::new();
    for ((text, context, bound), answer) in ours.iter().zip(answers) {
        let (_, answer) = answer.split_once(' ').expect("number and answer");
        let server = answer.strip_prefix("ok ");
        let our_type = bound.as_ref().ok().map(|b| {
            b.ty.as_ref()
                .map_or_else(|| "text".to_owned(), ToString::to_string)
        });
        let agree = match (&our_type, server) {
            // A bare NULL or 'true' has no type of its own there.
            (Some(ours), Some(theirs)) => {
                context_is_condition(*context) || type_agrees(ours, theirs)
            }
            (None, None) => true,
            (None, Some(_)) => STRICTER.contains(text),
            (Some(_), None) => *context == Context::Generated && LOOSER.contains(text),
        };
        if !agree {
            let ours = match bound {
                Ok(b) => format!("{} :: {}", b.expr, our_type.unwrap_or_default()),
                Err(problems) => problems
                    .iter()
                    .map(|p| format!("{}: {}", p.code.name(), p.message))
                    .collect::<Vec<_>>()
                    .join("; "),
            };
            writeln!(
                disagreements,
                "{text}   [{context:?}]\n    ours:   {ours}\n    server: {answer}"
            )
            .expect("a string takes text");
        }
    }
    assert!(disagreements.is_empty(), "\n{disagreements}");
}

fn context_is_condition(context: Context) -> bool {
    matches!(
        context,
        Context::Check | Context::IndexPredicate | Context::Filter
    )
}

/// A project type is printed with its schema; `format_type` leaves out what the search path finds.
fn type_agrees(ours: &str, theirs: &str) -> bool {
    ours == theirs
        // The fields of an interval are not kept.
        || (ours == "interval" && theirs == "interval day")
        || ours.strip_prefix("public.") == Some(theirs)
}

fn scope_columns(columns: &[(&'static str, &'static str)]) -> Vec<ScopeColumn<'static>> {
    let mut columns: Vec<ScopeColumn<'static>> = columns
        .iter()
        .map(|(name, ty)| ScopeColumn {
            names: vec![name],
            column: Ident::new(*name),
            ty: TypeName::parse(ty).expect(ty),
            generated: false,
        })
        .collect();
    columns.push(ScopeColumn {
        names: vec!["gen"],
        column: Ident::new("gen"),
        ty: TypeName::core("int4"),
        generated: true,
    });
    columns
}

/// The table, and a function that tries one expression in one place and undoes it.
fn setup(columns: &[(&str, &str)], extensions: &[&str]) -> String {
    let extensions: String = extensions
        .iter()
        .map(|e| ["CREATE EXTENSION ", e, ";\n"].concat())
        .collect();
    let columns: Vec<String> = columns
        .iter()
        .map(|(name, ty)| format!("{} {ty}", Ident::new(*name)))
        .collect();
    format!(
        r"
SET client_min_messages = warning;
{extensions}CREATE TYPE public.mood_type AS ENUM ('sad', 'ok');
CREATE TABLE t ({}, gen integer GENERATED ALWAYS AS (n * 2) STORED);
CREATE FUNCTION pg_temp.try(number integer, place text, expr text) RETURNS text LANGUAGE plpgsql AS $f$
DECLARE
    answer text;
BEGIN
    IF place = 'default' THEN
        EXECUTE 'CREATE TEMP VIEW v AS SELECT ' || expr || ' AS x';
    ELSIF place IN ('filter', 'predicate', 'check') THEN
        EXECUTE 'CREATE TEMP VIEW v AS SELECT true AS x FROM t WHERE ' || expr;
    ELSE
        EXECUTE 'CREATE TEMP VIEW v AS SELECT ' || expr || ' AS x FROM t';
    END IF;
    SELECT format_type(atttypid, atttypmod) INTO answer FROM pg_attribute WHERE attrelid = 'v'::regclass;
    CASE place
        WHEN 'check' THEN EXECUTE 'ALTER TABLE t ADD CHECK (' || expr || ')';
        WHEN 'predicate' THEN EXECUTE 'CREATE INDEX ON t (id) WHERE ' || expr;
        WHEN 'expression' THEN
            BEGIN
                EXECUTE 'CREATE INDEX ON t ((' || expr || '))';
            EXCEPTION WHEN undefined_object THEN
                -- No default operator class: the expression itself was taken.
                NULL;
            END;
        WHEN 'generated' THEN EXECUTE 'ALTER TABLE t ADD COLUMN x ' || answer || ' GENERATED ALWAYS AS (' || expr || ') STORED';
        WHEN 'default' THEN EXECUTE 'ALTER TABLE t ADD COLUMN x ' || answer || ' DEFAULT (' || expr || ')';
        ELSE NULL;
    END CASE;
    RAISE EXCEPTION USING ERRCODE = 'ZZ000', MESSAGE = answer;
EXCEPTION
    WHEN SQLSTATE 'ZZ000' THEN RETURN number || ' ok ' || SQLERRM;
    WHEN OTHERS THEN RETURN number || ' error ' || replace(SQLERRM, E'\n', ' ');
END $f$;
",
        columns.join(", ")
    )
}
