use crate::diagnose::Code;
use crate::pg::{Knowledge, Version, Volatility};
use crate::sql::{
    Bound, Context, Equivalence, Expr, Ident, NO_ENUMS, Problem, Relation, Scope, ScopeColumn,
    TypeName, bind,
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
                columns: vec![
                    column("status", "text"),
                    column("n", "integer"),
                    column("marks", "text[]"),
                    column("doc", "jsonb"),
                ],
            },
        ],
        extensions: &[],
        enums: &NO_ENUMS,
    }
}

fn try_bind(text: &str, context: Context) -> Result<Bound, Vec<Problem>> {
    bind(text, &scope(), context, Knowledge::since(Version::V15))
}

fn bound(text: &str, context: Context) -> Bound {
    try_bind(text, context).unwrap_or_else(|problems| panic!("{text}: {problems:?}"))
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
        ("User.marks[1]", "u.marks[1]"),
        ("User . marks [ 1 : n ]", "u.marks [ 1 : n ]"),
        ("user.doc['a']['b']", "u.doc['a']['b']"),
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
            Equivalence::default().holds(&printed, &Expr::vouched(text.to_owned())),
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
    let rows = include_str!("problems.txt").lines().skip(1);
    for row in rows {
        let mut fields = row.split('¦').map(str::trim);
        let mut field = || fields.next().unwrap_or_default();
        let (text, place, code, at, message, hint) =
            (field(), field(), field(), field(), field(), field());
        let problems = try_bind(text, context(place)).expect_err(row);
        assert!(
            problems.iter().all(|p| p.code.name() == code),
            "{row}: {problems:?}"
        );
        let [p] = problems.as_slice() else {
            panic!("{row}: {problems:?}");
        };
        let hinted = p.hint.clone().unwrap_or_default();
        assert!(at.is_empty() || &text[p.span.clone()] == at, "{row}: {p:?}");
        assert!(p.message.contains(message), "{row}: {}", p.message);
        assert!(hinted.contains(hint), "{row}: {hinted}");
        assert!(!p.message.ends_with('.'), "{}", p.message);
    }
}

fn context(name: &str) -> Context {
    match name {
        "Default" => Context::Default,
        "Check" => Context::Check,
        "Generated" => Context::Generated,
        "IndexExpression" => Context::IndexExpression,
        "IndexPredicate" => Context::IndexPredicate,
        "Filter" => Context::Filter,
        "Output" => Context::Output,
        _ => panic!("{name}"),
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
        #![proptest_config(ProptestConfig::with_cases(1000))]
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
