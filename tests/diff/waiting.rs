//! Rows that wait in a default partition for the one that is made for them.

use super::Case;
use super::support::{beside_others, stderr, stdout};

const ALLOWED: &str = "breaks-old-code,blocks-reads,blocks-writes,may-fail-on-data";

fn specs(regions: &str, more: &str) -> String {
    format!(
        "entity: Reading\nschema: My Schema\nfields: {{name: text, region: text!, length: {{type: integer, generated: 'length(name)'}}}}\n\
         partitioning: {{strategy: LIST, column: region, intervals: [{regions}]}}\n{more}"
    )
}

/// Two rows of three have no partition of their own; with one more region, one.
fn with_rows(more: &str) -> Case {
    let case = Case::new(&specs("north", more), &specs("north, it's", more));
    case.psql(
        "INSERT INTO \"My Schema\".readings (name, region) VALUES ('a', 'north'), ('b', 'it''s'), ('c', 'west')",
    );
    case
}

fn plan(case: &Case) -> String {
    let plan = case.diff(&["--allow", ALLOWED, "--format", "sql"]);
    assert_eq!(plan.status.code(), Some(2), "{}", stderr(&plan));
    stdout(&plan).to_owned()
}

const BY_PARTITION: &str =
    "SELECT string_agg(name || tableoid::regclass, ' ' ORDER BY name) FROM \"My Schema\".readings";

#[test]
fn they_are_moved_and_no_trigger_of_users_fires() {
    let case = with_rows("");
    // One fires always, one on replicas only, one never, one for a whole statement: that is so afterwards, too.
    case.psql(
        "CREATE FUNCTION refused() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'fired'; END $$; \
         CREATE TRIGGER always BEFORE DELETE ON \"My Schema\".readings FOR EACH ROW EXECUTE FUNCTION refused(); \
         CREATE TRIGGER never BEFORE DELETE ON \"My Schema\".readings_default FOR EACH ROW EXECUTE FUNCTION refused(); \
         CREATE TRIGGER replica BEFORE DELETE ON \"My Schema\".readings_default FOR EACH ROW EXECUTE FUNCTION refused(); \
         CREATE TRIGGER whole BEFORE DELETE ON \"My Schema\".readings_default FOR EACH STATEMENT EXECUTE FUNCTION refused(); \
         ALTER TABLE \"My Schema\".readings_default ENABLE ALWAYS TRIGGER always, DISABLE TRIGGER never, ENABLE REPLICA TRIGGER replica",
    );
    let states = "SELECT string_agg(tgname || tgenabled::text, ' ' ORDER BY tgname) FROM pg_trigger \
                  WHERE tgrelid = '\"My Schema\".readings_default'::regclass AND NOT tgisinternal";
    let before = case.psql(states);
    case.psql(&beside_others(&plan(&case)));
    assert_eq!(
        case.psql(BY_PARTITION).trim(),
        "a\"My Schema\".readings_north b\"My Schema\".readings_it_s c\"My Schema\".readings_default"
    );
    assert_eq!(case.psql(states), before);
    assert!(before.contains("alwaysA") && before.contains("neverD") && before.contains("replicaR"));
    let after = case.diff(&[]);
    assert_eq!(after.status.code(), Some(0), "{}", stdout(&after));
}

#[test]
fn they_stay_where_others_would_go_with_them() {
    let referring = "---\nentity: Note\nfields: {reading: 'ref(My Schema.Reading, with=region, on_delete=cascade)'}\n";
    let case = with_rows(referring);
    case.psql("INSERT INTO notes (reading_id, reading_region) SELECT id, region FROM \"My Schema\".readings");
    let script = plan(&case);
    let refused = case.cluster.psql("postgres", &script).unwrap_err();
    assert!(
        refused.contains("would fire ON DELETE of a foreign key"),
        "{refused}"
    );
    assert_eq!(case.psql("SELECT count(*) FROM notes").trim(), "3");
    assert!(!case.psql(BY_PARTITION).contains("it_s"));
}

#[test]
fn where_none_wait_the_default_partition_is_read_once_and_stops_nobody() {
    let case = with_rows("");
    case.psql("DELETE FROM \"My Schema\".readings WHERE region = 'it''s'");
    let script = plan(&case);
    let before = "CREATE TABLE";
    let (proof, rest) = script.split_once(before).unwrap();
    case.psql(
        proof
            .strip_suffix("BEGIN;\nSET LOCAL lock_timeout = '3s';\n")
            .unwrap(),
    );
    let scans = "SELECT seq_scan FROM pg_stat_xact_user_tables WHERE relname = 'readings_default'";
    // Statistics of the transaction itself: what ATTACH reads is seen before it ends.
    let attached = format!(
        "BEGIN;\n{before}{}",
        rest.replace("COMMIT;", &format!("{scans};\nCOMMIT;"))
    );
    assert!(case.psql(&attached).trim_end().ends_with('0'));
}
