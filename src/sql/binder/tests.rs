use crate::diagnose::Code;
use crate::pg::{Knowledge, Version, Volatility};
use crate::sql::{
    Bound, Context, Expr, Ident, Problem, Relation, Scope, ScopeColumn, TypeName, bind, equivalent,
};

fn column(name: &'static str, ty: &str) -> ScopeColumn<'static> {
    ScopeColumn {
        names: vec![name],
        column: Ident::new(name),
        ty: TypeName::parse(ty).expect(ty),
        generated: false,
    }
}

fn scope() -> Scope<'static> {
    let mut customer = column("customer_id", "uuid");
    customer.names.push("customer");
    Scope {
        relations: vec![
            Relation {
                names: vec!["Order", "orders"],
                qualifier: None,
                unqualified: true,
                columns: vec![
                    column("n", "integer"),
                    column("total", "numeric(10,2)"),
                    column("name", "text"),
                    column("createdAt", "timestamptz"),
                    column("at", "timestamptz"),
                    column("tags", "text[]"),
                    column("order", "text"),
                    column("user", "text"),
                    column("user id", "integer"),
                    column("état", "text"),
                    column("active", "boolean"),
                    column("mood", "public.\"Mood type\""),
                    customer,
                    ScopeColumn {
                        generated: true,
                        ..column("full", "text")
                    },
                ],
            },
            Relation {
                names: vec!["User"],
                qualifier: Some(Ident::new("u")),
                unqualified: false,
                columns: vec![column("status", "text"), column("n", "integer")],
            },
        ],
        extensions: &[],
    }
}

fn try_bind(text: &str, context: Context) -> Result<Bound, Vec<Problem>> {
    bind(text, &scope(), context, Knowledge::since(Version::V15))
}

fn bound(text: &str, context: Context) -> Bound {
    try_bind(text, context).unwrap_or_else(|problems| panic!("{text}: {problems:?}"))
}

/// The only problem: its name, the text that it points at, its message and hint.
fn problem(text: &str, context: Context) -> (Code, String, String, String) {
    let problems = try_bind(text, context).expect_err(text);
    assert_eq!(problems.len(), 1, "{text}: {problems:?}");
    let p = problems.into_iter().next().expect("one");
    (
        p.code,
        text[p.span].to_owned(),
        p.message,
        p.hint.unwrap_or_default(),
    )
}

#[test]
fn names_become_columns() {
    for (text, printed) in [
        ("N  +\n 1 -- the number", "n + 1"),
        ("n/* a */+1", "n +1"),
        ("customer is null", "customer_id is null"),
        ("Order.customer", "customer_id"),
        ("orders.N", "n"),
        ("User.status", "u.status"),
        ("user.status = name", "u.status = name"),
        ("\"User\".\"status\"", "u.status"),
        ("createdAt", "\"createdAt\""),
        ("createdAt is null", "\"createdAt\" is null"),
        ("order", "\"order\""),
        ("user id", "\"user id\""),
        ("lower( \"order\" )", "lower( \"order\" )"),
        ("lower(état)", "lower(\"état\")"),
        ("not\"active\"", "not active"),
        ("'a  b' || name", "'a  b' || name"),
        ("'sad'::\"Mood type\"", "'sad'::public.\"Mood type\""),
    ] {
        let expr = bound(text, Context::Output).expr;
        assert_eq!(expr.as_str(), printed, "{text}");
    }
    let columns = bound("n + User.n", Context::Output).columns;
    assert_eq!(columns.into_iter().collect::<Vec<_>>(), [(0, 0), (1, 1)]);
}

#[test]
fn what_is_printed_is_what_was_written() {
    for text in [
        "case when active then lower(name) else 'A  b' end",
        "n between 1 and 2 and not active or (n) in (1,2)",
        "tags[1] || name collate \"C\"",
        "cast(total as numeric(12,4)) * - n",
        "extract(year from at at time zone 'UTC')",
        "substring(name from 1 for 2) ~* '^A' and name not ilike 'x!%' escape '!'",
        "array[n, 2] && array[3]::int[] is not true",
    ] {
        let printed = bound(text, Context::Output).expr;
        let again = bound(printed.as_str(), Context::Output).expr;
        assert_eq!(printed, again, "{text}");
        assert!(
            equivalent(&printed, &Expr::vouched(text.to_owned())),
            "{text}"
        );
    }
}

#[test]
fn columns_keep_their_modifiers_and_results_have_none() {
    for (text, ty) in [
        ("total", "numeric(10,2)"),
        ("(total)", "numeric(10,2)"),
        ("total * 2", "numeric"),
        ("coalesce(total, total)", "numeric(10,2)"),
        ("coalesce(total, 0)", "numeric"),
        ("name || ' '", "text"),
        ("count(*)", "bigint"),
        ("sum(n)", "bigint"),
        ("sum(total)", "numeric"),
        ("n::varchar(8)", "character varying(8)"),
        ("mood", "public.\"Mood type\""),
    ] {
        let found = bound(text, Context::Output).ty.map(|t| t.to_string());
        assert_eq!(found.as_deref(), Some(ty), "{text}");
    }
    assert_eq!(bound("'x'", Context::Default).ty, None);
    assert_eq!(bound("null", Context::Default).ty, None);
    assert!(bound("sum(n)", Context::Output).aggregate);
    assert_eq!(
        bound("now()", Context::Default).volatility,
        Volatility::Stable
    );
    assert_eq!(
        bound("gen_random_uuid()", Context::Default).volatility,
        Volatility::Volatile
    );
}

#[test]
fn problems_point_at_what_is_wrong() {
    use Code::{
        ExpressionNotImmutable, InvalidExpression, UnknownField, UnknownFunction, UnknownType,
    };
    use Context::{Check, Default, Generated, IndexExpression, IndexPredicate, Output};
    for (text, context, code, at, message, hint) in [
        ("", Check, InvalidExpression, "", "empty", ""),
        (
            "  -- nothing",
            Check,
            InvalidExpression,
            "  -- nothing",
            "empty",
            "",
        ),
        ("(n > 0", Check, InvalidExpression, "(", "never closed", ""),
        (
            "n > 0); drop table users; --",
            Check,
            InvalidExpression,
            ")",
            "closes nothing",
            "",
        ),
        (
            "n > 0; drop table users",
            Check,
            InvalidExpression,
            ";",
            "semicolon",
            "",
        ),
        (
            "n in (select 1)",
            Check,
            InvalidExpression,
            "n in (select 1)",
            "subquery",
            "",
        ),
        (
            "sum(n) > 0",
            Check,
            InvalidExpression,
            "sum",
            "aggregate",
            "projection",
        ),
        (
            "frobnicate(n) > 0",
            Check,
            UnknownFunction,
            "frobnicate",
            "no function frobnicate()",
            "",
        ),
        (
            "lowr(name) = 'a'",
            Check,
            UnknownFunction,
            "lowr",
            "no function",
            "lower()",
        ),
        (
            "lower(n) = 'a'",
            Check,
            UnknownFunction,
            "lower",
            "lower(integer) does not exist; there is lower(",
            "",
        ),
        (
            "ifnull(name, '') = ''",
            Check,
            UnknownFunction,
            "ifnull",
            "no function",
            "coalesce()",
        ),
        (
            "similarity(name, 'x') > 1",
            Check,
            UnknownFunction,
            "similarity",
            "pg_trgm",
            "extensions:",
        ),
        (
            "nme = 'x'",
            Check,
            UnknownField,
            "nme",
            "no field `nme`",
            "name",
        ),
        (
            "User.sttus = 'x'",
            Check,
            UnknownField,
            "User.sttus",
            "User has no field",
            "status",
        ),
        (
            "Usr.status = 'x'",
            Check,
            UnknownField,
            "Usr.status",
            "no `Usr`",
            "User",
        ),
        (
            "n",
            Check,
            InvalidExpression,
            "n",
            "integer, not boolean",
            "",
        ),
        (
            "n + 1",
            Check,
            InvalidExpression,
            "n + 1",
            "integer, not boolean",
            "",
        ),
        (
            "not n",
            Check,
            InvalidExpression,
            "n",
            "integer, not boolean",
            "",
        ),
        (
            "n = 'x'",
            Check,
            InvalidExpression,
            "'x'",
            "cannot be read as integer",
            "",
        ),
        (
            "name + 1 > 2",
            Check,
            InvalidExpression,
            "+",
            "no operator text + integer",
            "||",
        ),
        ("n == 1", Check, InvalidExpression, "==", "==", "`=`"),
        (
            "n::nosuch is null",
            Check,
            UnknownType,
            "n",
            "no type nosuch",
            "",
        ),
        (
            "order = 'a'",
            Check,
            InvalidExpression,
            "order",
            "keyword",
            "\"order\"",
        ),
        (
            "user = 'a'",
            Check,
            InvalidExpression,
            "user",
            "database user",
            "\"user\"",
        ),
        (
            "user id > 1",
            Check,
            InvalidExpression,
            "id",
            "cannot follow",
            "double quotes",
        ),
        (
            "name = \"x",
            Check,
            InvalidExpression,
            "\"x",
            "never closed",
            "",
        ),
        (
            "name = 'x",
            Check,
            InvalidExpression,
            "'x",
            "never closed",
            "",
        ),
        ("n >", Check, InvalidExpression, ">", "ends after `>`", ""),
        (
            "n + 1",
            Default,
            InvalidExpression,
            "n",
            "cannot refer to a column",
            "",
        ),
        (
            "draft",
            Default,
            InvalidExpression,
            "draft",
            "cannot refer to a column",
            "'draft'",
        ),
        (
            "full || 'x'",
            Generated,
            InvalidExpression,
            "full",
            "generated column",
            "",
        ),
        (
            "concat(name, name)",
            Generated,
            ExpressionNotImmutable,
            "concat",
            "concat()",
            "||",
        ),
        (
            "to_tsvector(name)",
            Generated,
            ExpressionNotImmutable,
            "to_tsvector",
            "to_tsvector()",
            "'english'",
        ),
        (
            "array_to_string(tags, ' ')",
            Generated,
            ExpressionNotImmutable,
            "array_to_string",
            "",
            "array_to_tsvector",
        ),
        (
            "at > now() - interval '1 day'",
            IndexPredicate,
            ExpressionNotImmutable,
            "now",
            "now()",
            "query",
        ),
        (
            "at > current_date",
            IndexPredicate,
            ExpressionNotImmutable,
            "",
            "",
            "",
        ),
        (
            "date_trunc('day', at)",
            IndexExpression,
            ExpressionNotImmutable,
            "date_trunc",
            "time zone",
            "AT TIME ZONE",
        ),
        (
            "at::date",
            IndexExpression,
            ExpressionNotImmutable,
            "at",
            "cast",
            "(column AT TIME ZONE 'UTC')::date",
        ),
        (
            "mood::text",
            IndexExpression,
            ExpressionNotImmutable,
            "mood",
            "cast",
            "enum",
        ),
        (
            "count(sum(n))",
            Output,
            InvalidExpression,
            "count",
            "another aggregate",
            "",
        ),
        (
            "rank() over ()",
            Output,
            InvalidExpression,
            "rank",
            "window",
            "",
        ),
        (
            "generate_series(1, n)",
            Output,
            InvalidExpression,
            "generate_series",
            "many rows",
            "",
        ),
        (
            "n @-1 = 2",
            Check,
            InvalidExpression,
            "@-",
            "one operator",
            "space",
        ),
        ("n = $1", Check, InvalidExpression, "$1", "parameter", ""),
    ] {
        if at.is_empty() && !message.is_empty() {
            let (found, _, said, _) = problem(text, context);
            assert!(found == code && said.contains(message), "{text}: {said}");
            continue;
        }
        if at.is_empty() {
            let problems = try_bind(text, context).expect_err(text);
            assert!(
                problems.iter().all(|p| p.code == code),
                "{text}: {problems:?}"
            );
            continue;
        }
        let (found, pointed, said, hinted) = problem(text, context);
        assert_eq!((found, pointed.as_str()), (code, at), "{text}: {said}");
        assert!(said.contains(message), "{text}: {said}");
        assert!(hinted.contains(hint), "{text}: {hinted}");
        assert!(!said.ends_with('.'), "{said}");
    }
}

#[test]
fn all_problems_are_found() {
    let problems = try_bind(
        "nme = 'x' and lowr(name) = 'y' and totl > 1",
        Context::Check,
    )
    .expect_err("three");
    let codes: Vec<Code> = problems.iter().map(|p| p.code).collect();
    assert_eq!(
        codes,
        [
            Code::UnknownField,
            Code::UnknownFunction,
            Code::UnknownField
        ]
    );
}

#[test]
fn hostile_texts_are_refused_and_overflow_nothing() {
    let deep = 20_000;
    for text in [
        format!("{}n{}", "(".repeat(deep), ")".repeat(deep)),
        format!("{}n", "- ".repeat(deep)),
        format!("{}active", "not ".repeat(deep)),
        format!("n{}", " + n".repeat(deep / 2)),
        format!("n{}", "::int".repeat(deep / 2)),
        format!("n{}", " is null".repeat(deep / 4)),
        format!("n{}", "[1]".repeat(deep / 2)),
        format!("{}n{}", "lower(".repeat(5000), ")".repeat(5000)),
        format!(
            "{}1{}",
            "case when true then ".repeat(2000),
            " end".repeat(2000)
        ),
        format!("{}1{}", "array[".repeat(2000), "]".repeat(2000)),
        "x".repeat(100_000),
        "(".repeat(60_000),
        format!("n = {}", "'".repeat(60_001)),
        "/*".repeat(30_000),
        "n \0".to_owned(),
    ] {
        let problems = try_bind(&text, Context::Check).expect_err("refused");
        assert!(
            problems
                .iter()
                .all(|p| p.code == Code::InvalidExpression || p.code == Code::UnknownField)
        );
        assert!(problems.iter().all(|p| p.span.end <= text.len()));
    }
    let many: Vec<String> = (0..5000).map(|i| i.to_string()).collect();
    bound(&format!("n in ({})", many.join(", ")), Context::Check);
    let chain: Vec<String> = (0..300).map(|i| format!("n = {i}")).collect();
    bound(&chain.join(" or "), Context::Check);
}

mod random {
    use proptest::prelude::*;

    use super::*;

    const WORDS: &[&str] = &[
        "n",
        "name",
        "\"order\"",
        "(",
        ")",
        "+",
        "-",
        "||",
        "and",
        "or",
        "not",
        "is",
        "null",
        "'x'",
        "1",
        "::",
        "text",
        "lower(",
        ",",
        "case",
        "when",
        "then",
        "end",
        "[",
        "]",
        "--",
        "/*",
        "*/",
        "é",
        "in",
        "select",
        "\n",
        "cast(",
        "as",
        "interval",
        "array[",
        "$$",
        ".",
        "*",
        "=",
        "at time zone",
        "between",
        "like",
        "order",
        ";",
        "E'",
        "\"",
        "count(*)",
        "over",
        "filter (where",
        "row(",
        "extract(year from",
        "date",
        "collate",
        "\"C\"",
        "exists",
        "any",
        "user",
    ];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn nothing_panics_and_what_is_taken_stays_the_same(picks in prop::collection::vec(0..WORDS.len(), 0..14)) {
            let text = picks.iter().map(|i| WORDS[*i]).collect::<Vec<_>>().join(" ");
            match try_bind(&text, Context::Output) {
                Ok(bound) => {
                    let again = try_bind(bound.expr.as_str(), Context::Output).expect("it was taken before");
                    prop_assert_eq!(&again.expr, &bound.expr);
                    prop_assert_eq!(again.ty, bound.ty);
                }
                Err(problems) => {
                    prop_assert!(!problems.is_empty());
                    for p in problems {
                        prop_assert!(text.get(p.span).is_some());
                    }
                }
            }
        }

        #[test]
        fn any_text_is_answered(text in "\\PC{0,40}") {
            if let Err(problems) = try_bind(&text, Context::Check) {
                for p in problems {
                    prop_assert!(text.get(p.span).is_some());
                }
            }
            let _ = crate::sql::parse_index_element(&text);
            let _ = crate::sql::parse_output_column(&text);
        }
    }
}
