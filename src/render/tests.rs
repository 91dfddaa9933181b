//! Statements that the catalog with everything in it does not show, and rules for all templates.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::parser::Parser;

use jiff::civil::date;

use super::environment::TEMPLATES;
use super::*;
use crate::catalog::{Catalog, ExpireRows, Routine, StoredProjection};
use crate::compile::{SourceFile, compile};
use crate::diff::{Former, Object, Options, diff};
use crate::pg::Version;
use crate::plan::{Action, Duration, Kind, Phase, Situation, build, plan};
use crate::sql::{Expr, Ident, QualifiedName, TypeName};
use crate::syntax::{Config, PrimaryKeyStyle};

fn everything() -> Catalog {
    serde_json::from_str(include_str!("../../tests/support/everything.json")).unwrap()
}

/// What a server's catalogs hold, with every clause of every object.
fn live() -> Catalog {
    serde_json::from_str(include_str!("../../tests/support/live.json")).unwrap()
}

/// Incremental projections, one that ages out rows among them.
fn incremental() -> Catalog {
    let text = concat!(
        include_str!("../../tests/cases/incremental/specs/all.yaml"),
        "\n---\n",
        include_str!("../../tests/cases/incremental-time/specs/all.yaml"),
    );
    compiled(text, &Config::default())
}

fn compiled(text: &str, config: &Config) -> Catalog {
    let file = SourceFile {
        path: "a.yaml".into(),
        text: text.into(),
    };
    let compiled = compile(&[(0, &file)], config, date(2024, 2, 10));
    assert!(!compiled.diagnostics.has_errors());
    compiled.catalog
}

/// Statements that sqlparser 0.64 cannot read although the server can: it does not know these kinds of object, nor
/// DO.
const UNPARSED: [&str; 6] = [
    "COMMENT ON CONSTRAINT ",
    "COMMENT ON ROUTINE ",
    "COMMENT ON TRIGGER ",
    "CREATE CONSTRAINT TRIGGER ",
    "CREATE FUNCTION specql.\"refresh $function$\"() RETURNS void\n    LANGUAGE",
    "CREATE PROCEDURE ",
];

#[test]
fn every_statement_parses() {
    let (nothing, to) = (Catalog::default(), everything());
    let nothing = Former::new(&nothing, &to);
    let steps = build(&nothing, &to).unwrap().steps;
    let failures: Vec<String> = render(&steps)
        .unwrap()
        .into_iter()
        .filter(|text| !UNPARSED.iter().any(|start| text.starts_with(start)))
        .filter_map(|text| {
            // Nor does it know WITH DATA.
            let text = text.replace("\nWITH DATA;", ";");
            let error = Parser::parse_sql(&PostgreSqlDialect {}, &text).err()?;
            Some(format!("{error}: {text}"))
        })
        .collect();
    assert_eq!(failures, Vec::<String>::new());
}

#[test]
fn every_template_is_used() {
    let nothing = Catalog::default();
    let mut used = BTreeSet::new();
    for to in [everything(), incremental(), live()] {
        let nothing = Former::new(&nothing, &to);
        for step in build(&nothing, &to).unwrap().steps {
            used.insert(context(&step.statement).unwrap().0.to_owned());
        }
    }
    // Changes, as far as tests/plans has them, there and back.
    let plans = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plans");
    for case in fs::read_dir(plans).unwrap() {
        let case = case.unwrap().path();
        let arguments = fs::read_to_string(case.join("args")).unwrap_or_default();
        let mut config = Config::default();
        if arguments.contains("key bigint") {
            config.primary_key = PrimaryKeyStyle::BigInt;
        }
        let end = |part: &str| {
            let files = fs::read_dir(case.join(part)).unwrap();
            let texts: Vec<String> = files
                .map(|file| fs::read_to_string(file.unwrap().path()).unwrap())
                .collect();
            compiled(&texts.join("\n---\n"), &config)
        };
        let ends = [end("from"), end("to")];
        for (from, to) in [(&ends[0], &ends[1]), (&ends[1], &ends[0])] {
            let former = Former::new(from, to);
            let difference = diff(&former, to, Options { prune: true });
            // Recipes of the newest server too.
            for version in [Version::V15, Version::V18] {
                let situation = Situation::unknown(version);
                for step in plan(&difference, &former, to, &situation).unwrap().steps {
                    used.insert(context(&step.statement).unwrap().0.to_owned());
                }
            }
        }
    }
    // Of functions and views that a server has printed, which no specs describe: tests/diff/way_back.rs and kept.rs.
    let printed = ["fill.sql.j2", "note_query.sql.j2", "noted_view.sql.j2"];
    used.extend(printed.map(str::to_owned));
    used.extend(shadow::TEMPLATES.map(str::to_owned));
    for (_, source) in TEMPLATES {
        let included = source.split("include \"").skip(1);
        used.extend(included.filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())));
    }
    let all: BTreeSet<String> = TEMPLATES
        .iter()
        .map(|(name, _)| (*name).to_owned())
        .collect();
    assert_eq!(used, all);
}

#[test]
fn what_a_user_wrote_stays_inside_its_quotes() {
    let table = QualifiedName::new("s\"; DROP", "t' -- {{ x }}");
    let column = Ident::new("a\"b\n{% if %}");
    for text in [
        "'; DROP TABLE x; --",
        "\\'; DROP",
        "$$ $function$",
        "{{ name }}",
        "{% include 'table.sql.j2' %}",
        "a\r\nb\tc",
        "/* :name :'name' */",
    ] {
        let step = Step {
            action: Action::Comment,
            kind: Kind::Column,
            object: Object::Table(&table),
            owner: None,
            transactional: true,
            group: 0,
            phase: Phase::Either,
            locks: Vec::new(),
            duration: Duration::CatalogChange,
            hazards: Vec::new(),
            statement: Statement::Comment {
                on: Object::Column(&table, &column),
                text: Some(text),
            },
        };
        let expected = format!(
            "COMMENT ON COLUMN \"s\"\"; DROP\".\"t' -- {{{{ x }}}}\".\"a\"\"b\n{{% if %}}\" IS '{}';",
            text.replace('\'', "''")
        );
        assert_eq!(statement(&step.statement).unwrap(), expected);
    }
}

#[test]
fn an_operator_that_is_none_is_refused() {
    for operator in ["", "= 1) --", "--", "/*", "a", ";"] {
        assert!(Sql::operator(operator).is_err(), "{operator}");
    }
    assert_eq!(Sql::operator("&&").unwrap().as_str(), "&&");
}

#[test]
fn rows_are_copied_where_no_column_is_in_common() {
    let (from, to) = (
        QualifiedName::new("public", "old"),
        QualifiedName::new("public", "new"),
    );
    let copied = Statement::CopyRows {
        from,
        to: &to,
        values: Vec::new(),
    };
    assert_eq!(
        statement(&copied).unwrap(),
        "INSERT INTO public.new OVERRIDING SYSTEM VALUE\nSELECT  FROM public.old;"
    );
}

#[test]
fn nothing_in_the_body_of_a_function_ends_it() {
    let condition = "status = '$function$' OR status = '$function_1$'";
    let expire = Routine::ExpireRows(ExpireRows {
        stored: StoredProjection {
            table: QualifiedName::new("public", "p"),
            primary_key: Ident::new("$function_2$"),
            keys: vec![Ident::new("id")],
            key_types: vec![TypeName::core("int8")],
            columns: Vec::new(),
            images: Vec::new(),
        },
        passed: vec![Expr::from_server(condition)],
    });
    let name = QualifiedName::new("public", "$function_2$");
    let (template, context) = function::template(&name, &expire);
    let template = environment::get().unwrap().get_template(template).unwrap();
    let text = with_body_quotes(template.render(context).unwrap());
    assert!(text.contains(condition), "{text}");
    assert_eq!(text.matches("$function_3$").count(), 2, "{text}");
}
