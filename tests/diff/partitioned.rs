//! Tables that become partitioned where their rows are, or whose partitions change with them.

use super::Case;
use super::support::{beside_others, stderr, stdout};

#[test]
fn its_conditions_are_those_of_the_new_form_however_the_server_reads_them() {
    let specs = |partitioning: &str| {
        format!(
            "entity: Reading\nfields: {{name: text, amount: integer, happened: timestamptz!, place: coordinates}}\n\
             constraints:\n\
             - {{type: check, name: short, condition: length(name) < 9}}\n\
             - {{type: check, name: bounded, condition: amount BETWEEN 1 AND 500 AND name <> 'x'}}\n\
             {partitioning}"
        )
    };
    let monthly = "partitioning: {strategy: RANGE, column: happened, intervals: monthly}\n";
    let case = Case::new(&specs(""), &specs(monthly));
    case.psql(
        "INSERT INTO readings (name, amount, happened, place) \
         SELECT n::text, n, '2024-01-10', point(n, 1) FROM generate_series(1, 80) n",
    );
    let allow = "breaks-old-code,drops-index,may-fail-on-data";
    let plan = case.diff(&["--allow", allow, "--format", "sql"]);
    assert_eq!(plan.status.code(), Some(2), "{}", stderr(&plan));
    let script = stdout(&plan);
    let validated = |name: &str| script.contains(&format!("VALIDATE CONSTRAINT {name}_specql_new"));
    assert!(validated("bounded") && validated("readings_place_check") && !validated("short"));
    case.psql(&beside_others(script));
    let after = case.diff(&[]);
    assert_eq!(after.status.code(), Some(0), "{}", stdout(&after));
    assert_eq!(
        case.psql("SELECT count(*) FROM readings_legacy").trim(),
        "80"
    );
}

#[test]
fn a_policy_of_fewer_levels_leaves_none_of_those_before() {
    let specs = |partitioning: &str| {
        format!(
            "entity: Reading\nfields: {{name: text, happened: timestamptz!}}\npartitioning: {partitioning}\n"
        )
    };
    let case = Case::new(
        &specs(
            "{strategy: LIST, column: name, intervals: [a, b], partitioning: {strategy: RANGE, column: happened, intervals: monthly}}",
        ),
        &specs("{strategy: RANGE, column: happened, intervals: monthly}"),
    );
    let allow = "breaks-old-code,may-fail-on-data,rewrites-table,blocks-reads,blocks-writes";
    let plan = case.diff(&["--prune", "--allow", allow, "--format", "sql"]);
    assert_eq!(plan.status.code(), Some(2), "{}", stderr(&plan));
    case.psql(stdout(&plan));
    let after = case.diff(&["--prune"]);
    assert_eq!(after.status.code(), Some(0), "{}", stdout(&after));
    let levels = "SELECT string_agg(level::text, ' ') FROM specql.partition_policy";
    assert_eq!(case.psql(levels).trim(), "0");
}

#[test]
fn labels_of_what_it_is_partitioned_by_come_and_those_that_go_stay() {
    let specs = |labels: &str, partitioning: &str| {
        format!(
            "entity: Ticket\nfields: {{name: text, state: {{type: 'enum({labels})', native: true, default: new}}}}\n{partitioning}"
        )
    };
    let by_state = |values: &str| {
        format!("partitioning: {{strategy: LIST, column: state, intervals: [{values}]}}\n")
    };
    let before = specs("new, lost", &by_state("new"));
    for after in [by_state("new, done"), String::new()] {
        let case = Case::new(&before, &specs("done, new", &after));
        case.psql("INSERT INTO tickets (name) VALUES ('a')");
        let allow = "blocks-reads,blocks-writes,breaks-old-code,may-fail-on-data,rewrites-table,deletes-data,scans-table,drops-index";
        let plan = case.diff(&["--prune", "--allow", allow, "--format", "sql"]);
        assert_eq!(plan.status.code(), Some(2), "{}", stderr(&plan));
        case.psql(&beside_others(stdout(&plan)));
        let labels = "SELECT enum_range(NULL::tickets_state)";
        assert_eq!(case.psql(labels).trim(), "{done,new,lost}");
        assert_eq!(
            case.psql("SELECT count(*) FROM tickets WHERE state = 'new'")
                .trim(),
            "1"
        );
        let next = case.diff(&["--prune", "--allow", allow]);
        if !after.is_empty() {
            let said = "type public.tickets_state: labels that are no longer wanted";
            assert!(stdout(&next).contains(said), "{}", stdout(&next));
            continue;
        }
        // When it is partitioned no more, the next plan does the rest.
        let plan = case.diff(&["--prune", "--allow", allow, "--format", "sql"]);
        case.psql(stdout(&plan));
        assert_eq!(case.psql(labels).trim(), "{done,new}");
        assert_eq!(case.diff(&["--prune"]).status.code(), Some(0));
    }
}

#[test]
fn partitions_follow_the_name_of_their_table_however_the_server_prints_their_bounds() {
    let specs = |entity: &str| {
        format!(
            "entity: {entity}\nfields: {{size: 'decimal(8,2)!', line: text}}\n\
             partitioning: {{strategy: RANGE, column: size, intervals: 1000, start: 0, premake: 1}}\n"
        )
    };
    let case = Case::new(&specs("Weight"), &specs("Load\nrenamed_from: Weight"));
    case.psql("INSERT INTO weights (size) VALUES (700)");
    let plan = case.diff(&["--allow", "breaks-old-code", "--format", "sql"]);
    assert_eq!(plan.status.code(), Some(2), "{}", stderr(&plan));
    case.psql(&beside_others(stdout(&plan)));
    assert_eq!(case.psql("SELECT size FROM loads_0").trim(), "700.00");
    let others = "SELECT count(*) FROM pg_catalog.pg_class WHERE relname LIKE 'weights%'";
    assert_eq!(case.psql(others).trim(), "0");
}
