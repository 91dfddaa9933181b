//! What is in no spec, of a table that gets another form: it is kept, as it is everywhere without `--prune`.

use super::Case;
use super::support::dump::{counted, lines, same};
use super::support::{beside_others, stderr, stdout};

const BY_HASH: &str = "partitioning: {strategy: HASH, column: id, partitions: 2}\n";
const BY_RANGE: &str = "partitioning: {strategy: RANGE, column: happened, intervals: monthly}\n";
const ALLOWED: &str = "breaks-old-code,drops-index,may-fail-on-data,rewrites-table,blocks-reads,blocks-writes,stale-projection";

fn case(before: &str, after: &str) -> Case {
    let specs = |partitioning: &str| {
        format!(
            "entity: Reading\nfields: {{name: text, amount: integer, happened: timestamptz!}}\n{partitioning}"
        )
    };
    let case = Case::new(&specs(before), &specs(after));
    case.psql(
        "CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';\
         ALTER TABLE readings ADD COLUMN extra text DEFAULT 'x', ADD CONSTRAINT own_check CHECK (amount > -5);\
         CREATE INDEX own_index ON readings (amount) WHERE amount > 1;\
         CREATE TRIGGER own_trigger BEFORE INSERT ON readings FOR EACH ROW EXECUTE FUNCTION look();\
         CREATE STATISTICS own_statistics ON name, amount FROM readings;\
         INSERT INTO readings (name, amount, happened, extra) VALUES ('a', 1, '2024-01-10', 'y')",
    );
    case
}

/// Runs the plan, and gives it.
fn carried_out(case: &Case) -> String {
    let plan = case.diff(&["--allow", ALLOWED, "--format", "sql"]);
    assert_eq!(plan.status.code(), Some(2), "{}", stderr(&plan));
    case.psql(stdout(&plan));
    let after = case.diff(&[]);
    assert_eq!(after.status.code(), Some(0), "{}", stdout(&after));
    stdout(&plan).to_owned()
}

/// What of it a table has.
const THERE: &str = "SELECT string_agg(name, ' ' ORDER BY name) FROM ( \
     SELECT attname AS name FROM pg_attribute WHERE attrelid = 'readings'::regclass AND attname = 'extra' \
     UNION ALL SELECT conname FROM pg_constraint WHERE conrelid = 'readings'::regclass AND conname LIKE 'own%' \
     UNION ALL SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = 'readings'::regclass AND indexrelid::regclass::text LIKE 'own%' \
     UNION ALL SELECT tgname FROM pg_trigger WHERE tgrelid = 'readings'::regclass AND tgname LIKE 'own%' \
     UNION ALL SELECT stxname FROM pg_statistic_ext) own";

#[test]
fn its_parts_are_on_the_new_form() {
    for (before, after) in [("", BY_HASH), (BY_HASH, ""), ("", BY_RANGE)] {
        let case = case(before, after);
        let plan = carried_out(&case);
        assert!(!plan.contains("in no spec"), "{plan}");
        assert_eq!(
            case.psql(THERE).trim(),
            "extra own_check own_index own_statistics own_trigger"
        );
        assert_eq!(case.psql("SELECT extra FROM readings").trim(), "y");
    }
}

#[test]
fn what_cannot_be_on_the_new_form_goes_only_where_that_is_allowed() {
    let case = case("", BY_HASH);
    case.psql(
        "CREATE UNIQUE INDEX own_unique ON readings (amount);\
         CREATE TRIGGER own_table AFTER INSERT ON readings REFERENCING NEW TABLE AS fresh FOR EACH ROW EXECUTE FUNCTION look();\
         ALTER TABLE readings ADD CONSTRAINT own_exclusion EXCLUDE USING btree (name WITH =)",
    );
    let refused = case.diff(&[
        "--allow",
        "may-fail-on-data,rewrites-table,blocks-reads,blocks-writes",
    ]);
    for what in ["`own_unique`", "`own_exclusion`", "the trigger `own_table`"] {
        let said = format!("refused breaks-old-code: {what}, which is in no spec, cannot be on");
        assert!(stdout(&refused).contains(&said), "{}", stdout(&refused));
    }
    carried_out(&case);
    assert_eq!(
        case.psql(THERE).trim(),
        "extra own_check own_index own_statistics own_trigger"
    );
}

#[test]
fn what_is_said_of_how_it_is_stored_does_not_stop_it() {
    for form in [BY_HASH, BY_RANGE] {
        let case = case("", form);
        case.psql(
            "ALTER TABLE readings SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01), REPLICA IDENTITY FULL;\
             CREATE INDEX own_index_all ON readings (name);\
             ALTER TABLE readings CLUSTER ON own_index_all;\
             CREATE TABLE other (id uuid PRIMARY KEY);\
             ALTER TABLE readings ADD COLUMN other uuid CONSTRAINT own_reference REFERENCES other;\
             ALTER TABLE readings ADD CONSTRAINT own_late CHECK (name <> 'z') NOT VALID",
        );
        carried_out(&case);
        // Those of all its partitions that are there with rows.
        let stored = "SELECT DISTINCT (SELECT string_agg(option, ' ' ORDER BY option) FROM unnest(reloptions) option) FROM pg_class WHERE oid IN (SELECT tableoid FROM readings)";
        assert_eq!(
            case.psql(stored).trim(),
            "autovacuum_vacuum_scale_factor=0.01 fillfactor=70"
        );
        assert_eq!(
            case.psql(THERE).trim(),
            "extra own_check own_index own_index_all own_late own_reference own_statistics own_trigger"
        );
    }
}

#[test]
fn foreign_keys_to_it_hold_where_what_they_refer_to_is_a_key() {
    let keys = "SELECT count(*) FROM pg_constraint WHERE conrelid = 'other'::regclass AND contype = 'f' AND conparentid = 0";
    for (form, left) in [(BY_HASH, "1"), (BY_RANGE, "0")] {
        let case = case("", form);
        case.psql("CREATE TABLE other (reading uuid CONSTRAINT own_key REFERENCES readings); INSERT INTO other SELECT id FROM readings");
        let plan = carried_out(&case);
        let said = "`own_key`, which is in no spec, has no key any more that it could refer to";
        assert_eq!(plan.contains(said), left == "0", "{plan}");
        assert_eq!(case.psql(keys).trim(), left);
    }
}

#[test]
fn foreign_keys_to_a_key_that_gets_another_column_go() {
    let specs = |more: &str| format!("entity: Reading\nfields: {{name: text!}}\n{more}");
    let more = "constraints: [{type: primary_key, fields: [id, name]}]\n";
    let case = Case::new(&specs(""), &specs(more));
    case.psql(
        "CREATE TABLE other (reading uuid CONSTRAINT own_key REFERENCES readings);\
         ALTER TABLE readings ADD COLUMN parent uuid CONSTRAINT own_parent REFERENCES readings",
    );
    let plan = carried_out(&case);
    for name in ["own_key", "own_parent"] {
        let said =
            format!("`{name}`, which is in no spec, has no key any more that it could refer to");
        assert!(plan.contains(&said), "{plan}");
    }
    let left = "SELECT count(*) FROM pg_constraint WHERE conname LIKE 'own%'";
    assert_eq!(case.psql(left).trim(), "0");
}

#[test]
fn its_own_reference_goes_where_the_new_form_has_no_key_for_it() {
    for after in [BY_RANGE, BY_HASH] {
        let case = case("", after);
        case.psql("ALTER TABLE readings ADD COLUMN parent uuid CONSTRAINT own_parent REFERENCES readings; UPDATE readings SET parent = id");
        carried_out(&case);
        // By hash the key is the same.
        let own = "SELECT count(*) FROM pg_constraint WHERE conrelid = 'readings'::regclass AND conname = 'own_parent'";
        let left = if after == BY_HASH { "1" } else { "0" };
        assert_eq!(case.psql(own).trim(), left, "{after}");
        let same = "SELECT count(*) FROM readings WHERE parent = id";
        assert_eq!(case.psql(same).trim(), "1", "{after}");
    }
}

#[test]
fn what_stands_on_a_column_comes_again_with_another_in_its_place() {
    let specs = |factor: u32| {
        format!(
            "entity: Reading\nfields: {{amount: integer, total: {{type: integer, generated: amount * {factor}}}}}\n"
        )
    };
    let case = Case::new(&specs(2), &specs(3));
    case.psql(
        "CREATE INDEX own_index ON readings (total);\
         ALTER TABLE readings ADD CONSTRAINT own_check CHECK (total > 0), ADD CONSTRAINT own_key UNIQUE (total);\
         CREATE TABLE other (total integer CONSTRAINT own_reference REFERENCES readings (total));\
         INSERT INTO readings (amount) VALUES (1)",
    );
    carried_out(&case);
    let names = "SELECT string_agg(name, ' ' ORDER BY name) FROM ( \
         SELECT conname AS name FROM pg_constraint UNION SELECT relname FROM pg_class) own WHERE name LIKE 'own%'";
    assert_eq!(
        case.psql(names).trim(),
        "own_check own_index own_key own_reference"
    );
}

#[test]
fn what_belongs_to_views_comes_again_with_them() {
    let specs = |ty: &str| {
        format!(
            "entity: Reading\nfields: {{amount: {ty}}}\n---\nprojections:\n- {{name: shown, includes: [{{Reading: [id, amount]}}]}}\n\
             - {{name: stored, includes: [{{Reading: [id, amount]}}], refresh: {{materialized: true, mode: statement, on: all}}}}\n"
        )
    };
    let case = Case::new(&specs("integer"), &specs("text"));
    case.psql(
        "CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';\
         CREATE TRIGGER own_trigger INSTEAD OF INSERT ON shown FOR EACH ROW EXECUTE FUNCTION look();\
         CREATE RULE own_rule AS ON UPDATE TO shown DO INSTEAD NOTHING;\
         ALTER MATERIALIZED VIEW stored SET (fillfactor = 50);\
         CREATE INDEX own_index ON stored (amount);\
         CREATE STATISTICS own_statistics ON id, amount FROM stored",
    );
    carried_out(&case);
    let there = "SELECT string_agg(name, ' ' ORDER BY name) FROM ( \
         SELECT tgname AS name FROM pg_trigger WHERE tgrelid = 'shown'::regclass \
         UNION ALL SELECT rulename FROM pg_rewrite WHERE ev_class = 'shown'::regclass AND rulename <> '_RETURN' \
         UNION ALL SELECT indexrelid::regclass::text FROM pg_index WHERE indexrelid::regclass::text = 'own_index' \
         UNION ALL SELECT unnest(reloptions) FROM pg_class WHERE oid = 'stored'::regclass \
         UNION ALL SELECT stxname FROM pg_statistic_ext) own";
    assert_eq!(
        case.psql(there).trim(),
        "fillfactor=50 own_index own_rule own_statistics own_trigger"
    );
}

#[test]
fn views_are_made_again_of_what_has_another_name_by_then() {
    let state = "state: {type: 'enum(new, done)', native: true, default: new}";
    let before = format!(
        "entity: Reading\nfields: {{name: text, amount: integer, happened: timestamptz!, {state}}}\n"
    );
    let shown =
        "SELECT string_agg(concat_ws(' ', amount, state, more), ', ') FROM \"its $$ 'own'\"";
    let checked = "SELECT reloptions::text FROM pg_class WHERE relname = 'its $$ ''own''' OR relname = 'stored' ORDER BY relkind";
    for form in ["", BY_HASH, BY_RANGE] {
        let after = format!(
            "entity: Measure\nrenamed_from: Reading\nfields:\n  name: text\n  total: {{type: bigint, renamed_from: amount}}\n  happened: timestamptz!\n  {state}\n{form}"
        );
        let case = Case::new(&before, &after);
        case.psql(
            "CREATE MATERIALIZED VIEW stored WITH (fillfactor = 50) AS SELECT name, amount FROM readings WHERE state = 'new';\
             CREATE UNIQUE INDEX ON stored (name);\
             CREATE VIEW \"its $$ 'own'\" WITH (security_barrier = true) AS SELECT r.amount, r.state, s.amount + 1 AS more FROM readings r JOIN stored s USING (name) WHERE r.amount > 0;\
             INSERT INTO readings (name, amount, happened) VALUES ('a', 1, '2024-01-10');\
             REFRESH MATERIALIZED VIEW stored",
        );
        assert_eq!(case.psql(shown).trim(), "1 new 2");
        carried_out(&case);
        assert_eq!(case.psql(shown).trim(), "1 new 2", "{form}");
        let options = case.psql(checked);
        let options: Vec<_> = options.lines().collect();
        assert_eq!(options, ["{fillfactor=50}", "{security_barrier=true}"]);
        // They read what is there now.
        case.psql("INSERT INTO measures (name, total, happened) VALUES ('b', 3000000000, '2024-01-11'); REFRESH MATERIALIZED VIEW stored");
        assert!(case.psql(shown).contains("3000000000 new 3000000001"));
    }
}

#[test]
fn a_kept_table_that_gets_its_foreign_key_back_does_not_get_triggers_that_would_fail() {
    let person = "entity: Person\nfields: {name: text}\n";
    let projection = |name: &str, of: &str| {
        format!(
            "- {{name: {name}, includes: [{{{of}: [id]}}], refresh: {{materialized: true, mode: commit, on: all}}}}\n"
        )
    };
    let folk = projection("folk", "Person");
    let seen = projection("seen", "Event");
    let case = Case::new(
        &format!(
            "{person}---\nentity: Event\nfields: {{owner: ref(Person)}}\n---\nprojections:\n{folk}{seen}"
        ),
        &format!("{person}{BY_HASH}---\nprojections:\n{folk}"),
    );
    case.psql("INSERT INTO people (name) VALUES ('a'); INSERT INTO events (owner_id) SELECT id FROM people");
    let plan = case.diff(&["--allow", ALLOWED, "--format", "sql"]);
    assert_eq!(plan.status.code(), Some(2), "{}", stderr(&plan));
    case.psql(&beside_others(stdout(&plan)));
    let after = case.diff(&[]);
    assert_eq!(after.status.code(), Some(0), "{}", stdout(&after));
    let held = "SELECT count(*) FROM pg_constraint WHERE conname = 'events_owner_id_fkey'";
    assert_eq!(case.psql(held).trim(), "1");
}

#[test]
fn what_is_computed_comes_again_where_its_expression_means_something_for_the_type() {
    let specs = |field: &str| format!("entity: Reading\nfields: {{{field}}}\n");
    let new = "state: {type: 'enum(new, lost)', native: true, default: new}";
    let done = "state: {type: 'enum(done, new)', native: true, default: new}";
    let changes = [
        (
            "amount: integer = 1",
            "amount: bigint = 1",
            "bigint",
            "amount + 1",
            "2",
        ),
        (
            "name: text(20) = a",
            "name: text(9) = a",
            "text",
            "upper(name)",
            "A",
        ),
        (new, done, "boolean", "state = 'new'", "true"),
    ];
    let on_it = "CREATE INDEX own_index ON readings (own);\
                 ALTER TABLE readings ADD CONSTRAINT own_check CHECK (own IS NOT NULL);\
                 INSERT INTO readings DEFAULT VALUES";
    let there = "SELECT string_agg(own::text, ' ') || ' ' || \
                 (SELECT count(*) FROM pg_class, pg_constraint WHERE relname = 'own_index' AND conname = 'own_check') FROM readings";
    for (before, after, ty, expression, value) in changes {
        let case = Case::new(&specs(before), &specs(after));
        case.psql(&format!(
            "ALTER TABLE readings ADD COLUMN own {ty} GENERATED ALWAYS AS ({expression}) STORED; {on_it}"
        ));
        carried_out(&case);
        assert_eq!(case.psql(there).trim(), format!("{value} 1"), "{after}");
    }
}

#[test]
fn what_is_computed_goes_where_that_is_allowed_if_its_expression_may_mean_nothing() {
    let specs = |amount: &str, more: &str| {
        format!("entity: Reading\nfields: {{base: integer = 1, amount: {amount}{more}}}\n")
    };
    let more = ", total: {type: integer, generated: amount * 2}}\n\
                indexes: [{columns: [total], name: by_total}]\n\
                constraints: [{type: unique, fields: [total], name: once}]\n#";
    let before = specs("integer = 1", more);
    for (after, form) in [
        ("text", ""),
        ("{type: integer, generated: base * 3}", ""),
        ("text", BY_HASH),
    ] {
        let case = Case::new(&before, &format!("{}{form}", specs(after, "")));
        case.psql("INSERT INTO readings DEFAULT VALUES");
        let refused = case.diff(&[]);
        let said = "refused deletes-data, breaks-old-code: `total`, which is in no spec, is computed from `amount`, which becomes another";
        assert!(stdout(&refused).contains(said), "{}", stdout(&refused));
        for name in ["once", "by_total"] {
            let said = format!("breaks-old-code: `{name}`, which is in no spec, ");
            assert!(stdout(&refused).contains(&said), "{}", stdout(&refused));
        }
        there_and_back(&case);
    }
}

/// Carries out the plan and the way back, which leads to what was there.
fn there_and_back(case: &Case) {
    let before = case.cluster.dump("postgres").unwrap();
    let allow = format!("{ALLOWED},deletes-data,scans-table");
    let way = |more: &[&str]| {
        let plan = case.diff(&[&["--allow", &allow, "--format", "sql"], more].concat());
        assert_eq!(plan.status.code(), Some(2), "{}", stderr(&plan));
        stdout(&plan).to_owned()
    };
    let (there, back) = (way(&[]), way(&["--reverse"]));
    case.psql(&beside_others(&there));
    let after = case.diff(&[]);
    assert_eq!(after.status.code(), Some(0), "{}", stdout(&after));
    case.psql(&beside_others(&back));
    let dump = case.cluster.dump("postgres").unwrap();
    let sorted = |dump: &str| counted(lines(dump).map(str::to_owned));
    same(&sorted(&dump), &sorted(&before)).unwrap();
}

#[test]
fn what_means_nothing_for_another_type_goes_where_that_is_allowed() {
    let native = "{type: 'enum(new, done)', native: true, default: new}";
    let of_enum = "indexes:\n\
         - {columns: [state], condition: \"state = 'done'\", name: lost_condition}\n\
         - {columns: [\"(state = 'new')\"], name: lost_expression}\n\
         - {columns: [state], name: kept}\n\
         - {columns: [amount], condition: state is not null, name: kept_condition}\n\
         constraints:\n\
         - {type: check, name: lost_check, condition: \"state <> 'done'\"}\n\
         - {type: check, name: kept_check, condition: amount > 0 and state is not null}\n";
    let of_text = "indexes:\n\
         - {columns: [state text_pattern_ops], name: lost_class}\n\
         - {columns: [amount], condition: \"state like 'a%'\", name: lost_condition}\n\
         - {columns: [state], name: kept}\n\
         constraints:\n\
         - {type: check, name: lost_check, condition: length(state) < 9}\n\
         - {type: check, name: kept_check, condition: state is not null}\n";
    let of_document = "indexes:\n\
         - {columns: [state], type: gin, name: lost_method}\n\
         - {columns: [amount], condition: state is not null, name: kept}\n";
    for (before, after, parts) in [
        (native, "{type: text, default: new}", of_enum),
        ("text", "{type: 'enum(a, b)', native: true}", of_text),
        ("text", "uuid", of_text),
        ("jsonb", "text", of_document),
    ] {
        let specs = |state: &str, parts: &str| {
            format!("entity: Reading\nfields: {{amount: integer = 1, state: {state}}}\n{parts}")
        };
        let case = Case::new(&specs(before, parts), &specs(after, ""));
        let refused = case.diff(&[]);
        let said = stdout(&refused);
        let names = parts.split(&[' ', '}', ','][..]);
        let names = names.filter(|word| word.starts_with("lost") || word.starts_with("kept"));
        for name in names {
            let goes = said.contains(&format!(
                "`{name}`, which is in no spec, means nothing for `state`"
            ));
            assert_eq!(goes, name.starts_with("lost"), "{name}: {said}");
        }
        there_and_back(&case);
    }
}

#[test]
fn views_of_a_projection_go_where_a_column_gets_a_type_that_they_mean_nothing_for() {
    let specs = |key: &str, projection: &str| {
        format!(
            "entity: Person\nfields: {{id: integer!, name: text!}}\nconstraints: [{{type: {key}, fields: [name], name: named}}]\n---\n\
             entity: Ticket\nfields: {{owner: ref(Person)}}\n---\n{projection}"
        )
    };
    let seen = |refresh: &str| {
        format!(
            "projections: [{{name: seen, includes: [{{Person: [id, name]}}, {{Ticket: ['COUNT(*) as tickets']}}]{refresh}}}]\n"
        )
    };
    let kept_up = seen(", refresh: {materialized: true, mode: incremental}");
    for after in [seen(""), String::new()] {
        let case = Case::new(&specs("unique", &kept_up), &specs("primary_key", &after));
        case.psql("INSERT INTO people (id, name) VALUES (1, 'a'), (2, 'b')");
        there_and_back(&case);
    }
}

#[test]
fn a_kept_view_is_not_refreshed_before_all_know_it_again() {
    let specs = |entity: &str, columns: &str| {
        format!(
            "entity: Gamma\n{entity}\n---\nprojections:\n\
             - {{name: seen, includes: [{{Gamma: [{columns}]}}], refresh: {{materialized: true, mode: commit, on: all}}}}\n"
        )
    };
    let elsewhere = "renamed_from: public.Gamma\nschema: sales\nfields: {name: text}\n\
                     partitioning: {strategy: HASH, column: id, partitions: 2}";
    let case = Case::new(
        &specs("fields: {name: text}", "id, name"),
        &specs(elsewhere, "id"),
    );
    case.psql("INSERT INTO gammas (name) VALUES ('a')");
    there_and_back(&case);
    let rows = |relation: &str| case.psql(&format!("SELECT count(*) FROM {relation}"));
    assert_eq!(rows("seen"), rows("gammas"));
}
