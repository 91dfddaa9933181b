//! Columns and keys that are computed.

use super::Case;
use super::support::{stderr, stdout};

#[test]
fn what_cannot_be_computed_of_a_row_is_said_before_it_stops_the_plan() {
    let specs = |field: &str, index: &str| {
        format!("entity: Reading\nfields: {{amount: integer!, parts: integer!{field}}}\n{index}")
    };
    let share = ", share: {type: integer, generated: \"amount / parts\"}";
    let by_share = "indexes: [{name: by_share, columns: [(amount / parts)]}]\n";
    for wanted in [specs(share, ""), specs("", by_share)] {
        let case = Case::new(&specs("", ""), &wanted);
        case.psql("INSERT INTO readings (amount, parts) VALUES (1, 1), (1, 0)");
        let allow = "may-fail-on-data,rewrites-table,blocks-reads,blocks-writes";
        let plan = case.diff(&["--allow", allow, "--format", "sql"]);
        assert_eq!(plan.status.code(), Some(2), "{}", stderr(&plan));
        let said = "-- may-fail-on-data: a row of which ";
        assert!(stdout(&plan).contains(said), "{}", stdout(&plan));
        let stopped = case.cluster.psql("postgres", stdout(&plan)).unwrap_err();
        assert!(stopped.contains("division by zero"), "{stopped}");
    }
}

#[test]
fn a_computed_column_of_partitions_of_partitions_stays_computed() {
    let specs = |total: &str, more: &str| {
        format!(
            "entity: Reading\nfields: {{happened: timestamptz!, amount: integer{more}, total: {total}}}\n\
             partitioning:\n  strategy: RANGE\n  column: happened\n  intervals: monthly\n  \
             partitioning: {{strategy: HASH, column: id, partitions: 2}}\n"
        )
    };
    let case = Case::new(
        &specs("{type: integer, generated: amount * 2}", ""),
        &specs("integer", ", name: text"),
    );
    let plan = case.diff(&["--format", "sql"]);
    assert_eq!(plan.status.code(), Some(2), "{}", stderr(&plan));
    case.psql(stdout(&plan));
    let left = case.diff(&[]);
    let said = stdout(&left);
    assert_eq!(left.status.code(), Some(2), "{said}");
    assert!(
        said.contains("column public.readings.total: it stays computed"),
        "{said}"
    );
    assert!(!said.contains("name"), "{said}");
    // Once a server takes it, this is no longer so.
    let refused = "DO $$ BEGIN ALTER TABLE readings ALTER COLUMN total DROP EXPRESSION; \
                   EXCEPTION WHEN feature_not_supported THEN RAISE NOTICE 'refused'; RETURN; END $$; \
                   SELECT attgenerated FROM pg_attribute WHERE attrelid = 'readings'::regclass AND attname = 'total'";
    assert_eq!(case.psql(refused).trim(), "s");
}

#[test]
fn another_name_of_a_native_enum_makes_nothing_of_it_anew() {
    let specs = |entity: &str, state: &str, renamed: &str| {
        format!(
            "entity: {entity}\nfields: {{name: text, n: integer, {state}: {{type: 'enum(new, done)', native: true, default: new{renamed}}}, \
             is_new: {{type: boolean, generated: \"{state} = 'new'\"}}}}\n\
             constraints:\n- {{type: check, condition: \"{state} <> 'done' or n > 0\", name: done_n}}\n\
             - {{type: exclude, elements: [{{field: name, with: '='}}], using: btree, condition: \"{state} = 'done'\", name: done_once}}\n\
             indexes:\n- {{columns: [name], condition: \"{state} = 'new'\", name: new_ones}}\n- {{columns: [\"({state} = 'done')\"], name: by_done}}\n\
             ---\nprojections:\n- {{name: seen, includes: [{{{name}: [id, {state}]}}]}}\n",
            name = entity.lines().next().unwrap(),
        )
    };
    let before = specs("Ticket", "state", "");
    let case_now = "Case\nrenamed_from: Ticket";
    for after in [
        specs(case_now, "state", ""),
        specs("Ticket", "phase", ", renamed_from: state"),
        specs(case_now, "phase", ", renamed_from: state"),
    ] {
        let case = Case::new(&before, &after);
        let plan = case.diff(&["--allow", "breaks-old-code", "--format", "sql"]);
        assert_eq!(plan.status.code(), Some(2), "{}", stdout(&plan));
        for made in [
            "ADD COLUMN",
            "ADD CONSTRAINT",
            "ALTER COLUMN",
            "CREATE INDEX",
        ] {
            assert!(!stdout(&plan).contains(made), "{}", stdout(&plan));
        }
        case.psql(stdout(&plan));
        let next = case.diff(&[]);
        assert_eq!(next.status.code(), Some(0), "{}", stdout(&next));
    }
}
