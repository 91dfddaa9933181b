//! Plans of small changes: what they may break depends on what is known of the database.

#![allow(
    clippy::unwrap_used,
    reason = "a helper that fails fails its test; clippy knows it only of functions marked as tests"
)]

use std::collections::BTreeSet;

use jiff::civil::date;
use specqlc::catalog::Catalog;
use specqlc::compile::{SourceFile, compile};
use specqlc::diff::{Former, Options, diff};
use specqlc::pg::Version;
use specqlc::plan::{HazardKind, Plan, Situation, Size, plan};
use specqlc::render::{plan_script, statement};
use specqlc::sql::QualifiedName;
use specqlc::syntax::Config;

fn catalog(specs: &str) -> Catalog {
    let file = SourceFile {
        path: "a.yaml".into(),
        text: specs.into(),
    };
    let compiled = compile(&[(0, &file)], &Config::default(), date(2024, 2, 10));
    assert!(
        !compiled.diagnostics.has_errors(),
        "{:?}",
        compiled.diagnostics
    );
    compiled.catalog
}

/// What is made of the plan of a change, in a database where `public.tasks` is that large.
fn of_plan<T>(
    from: &str,
    to: &str,
    version: Version,
    size: Option<Size>,
    make: impl Fn(&Plan<'_>) -> T,
) -> T {
    let (from, to) = (catalog(from), catalog(to));
    let former = Former::new(&from, &to);
    let difference = diff(&former, &to, Options { prune: true });
    let mut situation = Situation::unknown(version);
    let table = QualifiedName::new("public", "tasks");
    situation.sizes.extend(size.map(|size| (table, size)));
    make(&plan(&difference, &former, &to, &situation).unwrap())
}

fn hazards(from: &str, to: &str, size: Option<Size>) -> Vec<&'static str> {
    of_plan(from, to, Version::V15, size, |plan| {
        let hazards = plan.steps.iter().flat_map(|step| &step.hazards);
        let names: BTreeSet<_> = hazards.map(|hazard| hazard.kind.name()).collect();
        names.into_iter().collect()
    })
}

fn statements(from: &str, to: &str, version: Version) -> Vec<String> {
    of_plan(from, to, version, None, |plan| {
        let texts = plan.steps.iter().map(|step| statement(&step.statement));
        texts
            .map(|text| {
                text.unwrap()
                    .split_whitespace()
                    .collect::<Vec<_>>()
                    .join(" ")
            })
            .collect()
    })
}

const TASK: &str = "entity: Task\nfields: {title: text, size: integer}\n";
const REQUIRED: &str = "entity: Task\nfields: {title: text!, size: integer}\n";
const WIDER: &str = "entity: Task\nfields: {title: text, size: bigint}\n";
const NARROWER: &str = "entity: Task\nfields: {title: text, size: smallint}\n";

fn bytes(bytes: u64) -> Size {
    Size {
        rows: None,
        bytes: Some(bytes),
    }
}

#[test]
fn what_cannot_occur_is_not_listed() {
    let rewrite = ["blocks-reads", "blocks-writes", "rewrites-table"];
    assert_eq!(hazards(TASK, REQUIRED, None), ["may-fail-on-data"]);
    // What was counted as empty some time ago may have rows by now.
    for counted in [8192, 0] {
        let size = Some(bytes(counted));
        assert_eq!(hazards(TASK, REQUIRED, size), ["may-fail-on-data"]);
        assert_eq!(hazards(TASK, WIDER, size), rewrite);
    }
    assert_eq!(hazards(TASK, WIDER, None), rewrite);
    let narrower = [
        "blocks-reads",
        "blocks-writes",
        "breaks-old-code",
        "may-fail-on-data",
        "rewrites-table",
    ];
    assert_eq!(hazards(TASK, NARROWER, None), narrower);
}

#[test]
fn only_a_large_table_is_too_large_to_read() {
    let expected = ["may-fail-on-data", "scans-table"];
    assert_eq!(hazards(TASK, REQUIRED, Some(bytes(1 << 30))), expected);
    let smaller = Some(bytes((1 << 30) - 1));
    assert_eq!(hazards(TASK, REQUIRED, smaller), ["may-fail-on-data"]);
}

#[test]
fn a_check_that_only_widens_cannot_fail() {
    let of = |labels: &str| format!("entity: Task\nfields: {{state: 'enum({labels})'}}\n");
    let check = |from: &str, to: &str| hazards(&of(from), &of(to), None);
    assert_eq!(check("a, b", "a, b, c"), [""; 0]);
    assert_eq!(check("a, b", "a, c"), ["may-fail-on-data"]);
}

#[test]
fn an_index_that_another_begins_with_is_replaced() {
    let of = |indexes: &str| format!("{TASK}indexes: [{indexes}]\n");
    let short = of("{name: short, columns: [title]}");
    assert_eq!(hazards(&short, TASK, None), ["drops-index"]);
    let longer = of("{name: longer, columns: [title, size]}");
    assert_eq!(hazards(&short, &longer, None), [""; 0]);
    let partial = of("{name: partial, columns: [title, size], condition: size > 0}");
    assert_eq!(hazards(&short, &partial, None), ["drops-index"]);
}

#[test]
fn an_expression_is_set_where_the_server_can() {
    let of = |expression: &str| {
        format!(
            "entity: Task\nfields: {{size: integer, twice: {{type: integer, generated: '{expression}'}}}}\n"
        )
    };
    let (from, to) = (of("size * 2"), of("size + size"));
    assert_eq!(
        statements(&from, &to, Version::V17),
        ["ALTER TABLE public.tasks ALTER COLUMN twice SET EXPRESSION AS (size + size);"]
    );
    let before = statements(&from, &to, Version::V16).join(" ");
    assert!(before.contains("DROP COLUMN twice"), "{before}");
    assert!(!before.contains("SET EXPRESSION"), "{before}");
}

#[test]
fn new_values_may_be_refused_by_what_is_on_their_column() {
    let of = |factor: u32, on_it: &str| {
        format!(
            "entity: Task\nfields: {{id: integer!, size: integer, twice: {{type: integer, generated: size % {factor}}}}}\n{on_it}\n"
        )
    };
    for (on_it, may_fail) in [
        ("indexes: [{columns: [twice], unique: true}]", true),
        (
            "indexes: [{columns: [size], unique: true, condition: twice > 1}]",
            true,
        ),
        ("indexes: [{columns: [10 / twice]}]", true),
        ("indexes: [{columns: [twice], condition: twice > 1}]", false),
        ("constraints: [{type: unique, fields: [twice]}]", true),
        ("constraints: [{type: check, condition: twice > 1}]", true),
        ("constraints: [{type: check, condition: size > 1}]", false),
        (
            "constraints: [{type: exclude, elements: [{field: twice, with: '='}], using: btree}]",
            true,
        ),
        (
            "constraints: [{type: foreign_key, fields: [twice], references: tasks(id)}]",
            true,
        ),
    ] {
        for version in [Version::V15, Version::V17] {
            let fails = of_plan(&of(3, on_it), &of(4, on_it), version, None, |plan| {
                let mut hazards = plan.steps.iter().flat_map(|step| &step.hazards);
                hazards.any(|hazard| hazard.kind == HazardKind::MayFailOnData)
            });
            assert_eq!(fails, may_fail, "{version:?} {on_it}");
        }
    }
}

#[test]
fn not_null_is_proven_as_the_version_can() {
    assert_eq!(
        statements(TASK, REQUIRED, Version::V15),
        [
            "ALTER TABLE public.tasks ADD CONSTRAINT tasks_title_specql_not_null CHECK (title IS NOT NULL) NOT VALID;",
            "ALTER TABLE public.tasks VALIDATE CONSTRAINT tasks_title_specql_not_null;",
            "ALTER TABLE public.tasks ALTER COLUMN title SET NOT NULL;",
            "ALTER TABLE public.tasks DROP CONSTRAINT tasks_title_specql_not_null;",
        ]
    );
    assert_eq!(
        statements(TASK, REQUIRED, Version::V18),
        [
            "ALTER TABLE public.tasks ADD CONSTRAINT tasks_title_not_null NOT NULL title NOT VALID;",
            "ALTER TABLE public.tasks VALIDATE CONSTRAINT tasks_title_not_null;",
        ]
    );
}

#[test]
fn a_projection_whose_filter_alone_is_another_is_filled_anew() {
    let of = |size: u32| {
        format!(
            "{TASK}projections:\n  - name: large\n    includes: [{{Task: [id, title]}}]\n    filters: [{{condition: size > {size}}}]\n    refresh: {{materialized: true, mode: incremental}}\n"
        )
    };
    let fills = |from: &str, to: &str| {
        let statements = statements(from, to, Version::V15);
        let fill = |s: &&String| s.contains("PERFORM specql.rebuild_public_large();");
        statements.iter().filter(fill).count()
    };
    assert_eq!(fills(&of(1), &of(2)), 1);
    assert_eq!(fills(&of(1), &of(1)), 0);
}

#[test]
fn a_partition_s_index_does_not_take_the_name_of_a_table() {
    let of = |indexes: &str| {
        format!(
            "entity: Log\nfields: {{at: timestamptz!, line: text}}\nindexes: [{indexes}]\n\
             partitioning: {{strategy: RANGE, column: at, intervals: monthly, start: 2024-02-01, premake: 0}}\n\
             ---\nentity: Other\ntable: logs_2024_02_line_idx\nfields: {{note: text}}\n"
        )
    };
    let index = of("{name: lines, columns: [line]}");
    let statements = statements(&of(""), &index, Version::V15);
    assert!(
        statements.iter().any(|s| s.contains("logs_2024_02_lines")),
        "{statements:?}"
    );
    assert!(
        !statements
            .iter()
            .any(|s| s.contains("INDEX CONCURRENTLY logs_2024_02_line_idx")),
        "{statements:?}"
    );
}

#[test]
fn a_script_shows_its_transactions() {
    let to = "entity: Task\nfields: {title: text, size: integer, due: date}\nindexes: [{columns: [due]}]\n";
    let script = of_plan(TASK, to, Version::V15, None, |plan| {
        plan_script(plan, "3s").unwrap()
    });
    assert_eq!(
        script,
        "BEGIN;\nSET LOCAL lock_timeout = '3s';\nALTER TABLE public.tasks\n    ADD COLUMN due date;\nCOMMIT;\n\n\
         CREATE INDEX CONCURRENTLY idx_tasks_due ON public.tasks (due);\n"
    );
}

#[test]
fn what_uses_an_object_goes_before_it() {
    let from = "entity: Task\nfields: {title: text, size: integer, step: ref(Step)}\n\
                projections: [{name: steps_of, includes: [{Task: [id, step]}]}]\n---\nentity: Step\nfields: {name: text}\n";
    let dropped: Vec<String> = statements(from, TASK, Version::V15);
    assert_eq!(
        dropped,
        [
            "DROP VIEW public.steps_of;",
            "ALTER TABLE public.tasks DROP CONSTRAINT tasks_step_id_fkey;",
            "DROP INDEX CONCURRENTLY public.idx_tasks_step_id;",
            "ALTER TABLE public.tasks DROP COLUMN step_id;",
            "DROP TABLE public.steps;",
        ]
    );
}

#[test]
fn every_hazard_has_its_name() {
    for kind in HazardKind::ALL {
        assert_eq!(HazardKind::named(kind.name()), Some(kind));
    }
    assert_eq!(HazardKind::named("no-hazard"), None);
}
