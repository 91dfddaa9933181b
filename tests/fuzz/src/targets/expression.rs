//! Expressions as an author writes them: what is printed is read again as the same, and equal to itself.

use specqlc::pg::{Knowledge, Version};
use specqlc::sql::{
    Bound, Context, Enums, Equivalence, Expr, Ident, QualifiedName, Relation, Scope, ScopeColumn,
    ServerText, TimeBound, TypeName, assignable, bind, parse_index_element, parse_output_column,
    same_query, takes_null, unreadable, widens,
};

use super::source::Source;

const CONTEXTS: [Context; 7] = [
    Context::Check,
    Context::Default,
    Context::Generated,
    Context::IndexExpression,
    Context::IndexPredicate,
    Context::Filter,
    Context::Output,
];

const COLUMNS: &[(&str, &str)] = &[
    ("id", "uuid"),
    ("a", "int4"),
    ("b", "text"),
    ("c", "bool"),
    ("total", "numeric"),
    ("at", "timestamptz"),
    ("on_day", "date"),
    ("status", ""),
    ("tags", "_text"),
    ("doc", "jsonb"),
    ("user id", "int8"),
    ("order", "text"),
    ("span", "daterange"),
    ("words", "tsvector"),
    ("f", "float8"),
    ("ip", "inet"),
    ("e", "interval"),
];

pub fn run(data: &[u8]) {
    let mut source = Source::new(data);
    let byte = source.byte();
    let context = CONTEXTS[usize::from(byte & 7) % CONTEXTS.len()];
    let version = if byte & 8 == 0 {
        Version::V15
    } else {
        Version::V18
    };
    let knowledge = Knowledge::since(version);
    let extensions = ["pg_trgm".to_owned(), "citext".to_owned()];
    let labels = ["new", "paid"].map(str::to_owned);
    let enums = Enums::from([(status(), labels.to_vec())]);
    let mut scope = scope(&enums, byte & 16 == 0);
    if byte & 32 == 0 {
        scope.extensions = &extensions;
    }
    let Ok(text) = std::str::from_utf8(source.rest()) else {
        return;
    };
    parts(text);
    if let Ok(bound) = bind(text, &scope, context, knowledge) {
        is_read_again(&bound, &scope, context, knowledge);
        is_itself(&bound.expr);
        if let Some(ty) = TypeName::parse(text).or(bound.ty) {
            let _ = assignable(Some(&ty), &ty, &extensions, knowledge);
            let _ = unreadable(text, &ty, &extensions, knowledge);
        }
    }
}

/// Two relations as a projection has them, or one as a table has it.
fn scope<'a>(enums: &'a Enums, joined: bool) -> Scope<'a> {
    let columns = |generated| {
        COLUMNS
            .iter()
            .map(|(name, ty)| ScopeColumn {
                names: vec![*name],
                column: Ident::new(*name),
                ty: match ty.strip_prefix('_') {
                    Some(element) => TypeName::core(element).array_of(),
                    None if *name == "status" => TypeName {
                        schema: Some(status().schema),
                        ..TypeName::core(status().name.as_str())
                    },
                    None => TypeName::core(ty),
                },
                generated: generated && *name == "words",
            })
            .collect::<Vec<_>>()
    };
    let relation = |names: &[&'a str], qualifier: Option<&str>, unqualified| Relation {
        names: names.to_vec(),
        qualifier: qualifier.map(Ident::new),
        unqualified,
        columns: columns(qualifier.is_none()),
    };
    let relations = if joined {
        vec![
            relation(&["Order", "orders"], Some("orders"), true),
            relation(&["Line", "l"], Some("l"), false),
        ]
    } else {
        vec![relation(&["Order", "orders"], None, true)]
    };
    Scope {
        relations,
        extensions: &[],
        enums,
    }
}

/// The project's enumerated type.
fn status() -> QualifiedName {
    QualifiedName::new("public", "orders_status")
}

/// Smaller readers of the same text.
fn parts(text: &str) {
    let _ = parse_index_element(text);
    let _ = parse_output_column(text);
    if let Some(ty) = TypeName::parse(text) {
        assert_eq!(TypeName::parse(&ty.to_string()), Some(ty), "{text:?}");
    }
    if let Some(name) = QualifiedName::parse(text) {
        assert_eq!(
            QualifiedName::parse(&name.to_string()),
            Some(name),
            "{text:?}"
        );
    }
    let query = ServerText::new(text);
    assert!(same_query(&query, &query));
    let _ = same_query(&query, &ServerText::new(format!("{text} ")));
    // What a server printed may be anything that this program cannot read.
    let expr = Expr::from_server(text);
    let _ = Equivalence::default().holds(&expr, &Expr::from_server(format!("{text} ")));
    let _ = expr.term();
    let _ = takes_null(&expr, &[&Ident::new("a")]);
    let _ = widens(&expr, &Expr::from_server("(a = 1) OR (b = 'x'::text)"));
}

fn is_read_again(bound: &Bound, scope: &Scope<'_>, context: Context, knowledge: &Knowledge) {
    let printed = bound.expr.as_str();
    match bind(printed, scope, context, knowledge) {
        Ok(again) => assert_eq!(&again, bound, "{printed}"),
        Err(problems) => panic!("{printed:?} is not read again: {problems:?}"),
    }
}

fn is_itself(expr: &Expr) {
    let mut equivalence = Equivalence::default();
    // Of this the tree does not say all, so that only the same text is equal.
    if !expr.as_str().to_ascii_lowercase().contains("symmetric") {
        let spaced = Expr::from_server(format!(" {expr} "));
        assert!(equivalence.holds(expr, &spaced), "{expr} is not itself");
        let term = Expr::from_server(format!("({})", expr.term()));
        assert!(equivalence.holds(expr, &term), "{expr} is not {term}");
    }
    let _ = widens(expr, expr);
    let _ = takes_null(expr, &[&Ident::new("a"), &Ident::new("b")]);
    let new = Ident::new("another name");
    let _ = expr.with_renamed_columns(|column| (column.as_str() == "a").then_some(&new));
    if let Some(bound) = TimeBound::read(expr) {
        let _ = bound.passed(&bound.with_clock("now()"), "now()");
        let _ = bound.column_name();
    }
}
