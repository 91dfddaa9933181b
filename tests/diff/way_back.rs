//! `--reverse`: what leads back from where a plan leads to.

use super::Case;
use super::support::dump::{counted, lines, same};
use super::support::{beside_others, stderr, stdout};

#[test]
fn what_writes_a_projection_goes_with_the_key_that_it_was_made_for() {
    let specs = |partitioning: &str, shown: &str| {
        format!(
            "entity: Reading\nfields: {{name: text, happened: timestamptz!}}\n{partitioning}---\n\
             projections:\n- {{name: kept, includes: [{{Reading: [id, happened{shown}]}}], refresh: {{materialized: true, mode: incremental}}}}\n"
        )
    };
    let by_quarters = "partitioning: {strategy: RANGE, column: happened, intervals: quarterly}\n";
    // Where it shows the same as before, only what writes it becomes another.
    for shown in ["", ", name"] {
        let case = Case::new(&specs("", ""), &specs(by_quarters, shown));
        case.psql("INSERT INTO readings (name, happened) SELECT n::text, '2024-01-10' FROM generate_series(1, 100) n");
        let allow = "breaks-old-code,may-fail-on-data,stale-projection,drops-index";
        let plan = case.diff(&["--allow", allow, "--format", "sql"]);
        assert_eq!(plan.status.code(), Some(2), "{}", stderr(&plan));
        let allow_back = "breaks-old-code,may-fail-on-data,stale-projection,drops-index,deletes-data,rewrites-table,blocks-reads,blocks-writes,scans-table";
        let back = case.diff(&["--reverse", "--allow", allow_back, "--format", "sql"]);
        case.psql(stdout(&plan));
        let written = "SELECT string_agg(pronargs::text, ' ') FROM pg_proc WHERE proname = 'write_public_kept'";
        assert_eq!(case.psql(written).trim(), "2");
        let after = case.diff(&[]);
        assert_eq!(after.status.code(), Some(0), "{}", stdout(&after));
        // It is filled when its key is there.
        case.psql(stdout(&back));
        assert_eq!(case.psql(written).trim(), "1");
        assert_eq!(case.psql("SELECT count(*) FROM kept").trim(), "100");
    }
}

#[test]
fn the_way_back_reaches_partitions_that_the_way_there_leaves() {
    let specs = |premake: u32, more: &str| {
        format!(
            "entity: Reading\nfields: {{name: text, happened: timestamptz!}}\n{more}\
             partitioning: {{strategy: RANGE, column: happened, intervals: monthly, premake: {premake}}}\n"
        )
    };
    let case = Case::new(
        &specs(3, "indexes: [{columns: [name], name: by_name}]\n"),
        &specs(1, ""),
    );
    let plan = case.diff(&["--prune", "--allow", "drops-index", "--format", "sql"]);
    assert_eq!(plan.status.code(), Some(2), "{}", stderr(&plan));
    let back = case.diff(&["--reverse", "--prune", "--format", "sql"]);
    case.psql(stdout(&plan));
    let after = case.diff(&["--prune"]);
    assert_eq!(after.status.code(), Some(0), "{}", stdout(&after));
    case.psql(stdout(&back));
    let invalid = "SELECT count(*), count(*) FILTER (WHERE NOT indisvalid) FROM pg_partition_tree('by_name') t \
                   JOIN pg_index ON indexrelid = t.relid";
    let parts = case.psql("SELECT count(*) FROM pg_partition_tree('readings')");
    assert_eq!(case.psql(invalid).trim(), format!("{}\t0", parts.trim()));
}

#[test]
fn others_can_write_while_a_projection_gets_a_column_back() {
    let specs = |field: &str, shown: &str, form: &str| {
        format!(
            "entity: Reading\nfields: {{name: text{field}}}\n{form}---\n\
             projections:\n- {{name: kept, includes: [{{Reading: [id, name{shown}]}}], refresh: {{materialized: true, mode: incremental}}}}\n"
        )
    };
    // The column comes by itself, or with rows that are copied.
    let by_hash = "partitioning: {strategy: HASH, column: id, partitions: 2}\n";
    for form in ["", by_hash] {
        let case = others_can_write_there_and_back(
            &specs(", happened: timestamptz!", ", happened", ""),
            &specs("", "", form),
        );
        assert_eq!(
            case.psql("SELECT specql.verify_projection('kept')").trim(),
            "0"
        );
    }
}

#[test]
fn what_the_way_there_keeps_the_way_back_finds() {
    let node = |more: &str, happened: &str| {
        format!("entity: Node\n{more}fields: {{happened: {happened}}}\n---\n")
    };
    let stays = "projections:\n\
                 - {name: stays, includes: [{Reading: [id, region, name]}], refresh: {materialized: true, mode: commit, on: all}}\n";
    let all = "entity: Kept\nfields: {name: text, colour: 'enum(red, blue)'}\n\
               partitioning: {strategy: HASH, column: id, partitions: 2}\n---\n\
               entity: Reading\nfields: {name: text!, more: text, region: text!, total: {type: integer, generated: 'length(name)'}}\n\
               indexes: [{columns: [name], name: by_name}]\n\
               constraints: [{type: check, condition: name <> '', name: named}]\n\
               partitioning: {strategy: LIST, column: region, intervals: [north, south]}\n---\n";
    let gone = "- {name: seen, includes: [{Reading: [id, name]}]}\n\
                - {name: stored, includes: [{Kept: [id, name]}], refresh: {materialized: true, mode: incremental}}\n\
                - {name: filled, includes: [{Kept: [id, name]}], refresh: {materialized: true, mode: commit, on: all}}\n";
    let less = "entity: Reading\nfields: {name: text!, region: text!, other: text}\n\
                partitioning: {strategy: LIST, column: region, intervals: [north]}\n---\n";
    let all = format!("{}{all}{stays}{gone}", node("hierarchical: true\n", "date"));
    let less = format!("{}{less}{stays}", node("", "date!"));
    let case = Case::new(&all, &less);
    case.psql("INSERT INTO readings (name, region) VALUES ('a', 'north'), ('b', 'south'); INSERT INTO kepts (name) VALUES ('a')");
    let dump = || {
        let dump = case.cluster.dump("postgres").unwrap();
        counted(lines(&dump).map(str::to_owned))
    };
    let before = dump();
    let allow = "deletes-data,breaks-old-code,stale-projection,may-fail-on-data";
    let plan = case.diff(&["--allow", allow, "--format", "sql"]);
    assert_eq!(plan.status.code(), Some(2), "{}", stderr(&plan));
    let back = case.diff(&["--reverse", "--allow", allow, "--format", "sql"]);
    assert_eq!(back.status.code(), Some(2), "{}", stderr(&back));
    case.psql(stdout(&plan));
    case.psql(stdout(&back));
    same(&dump(), &before).unwrap();
    assert_eq!(case.psql("SELECT count(*) FROM readings").trim(), "2");
}

/// There and back, others writing to every table after each transaction.
fn others_can_write_there_and_back(from: &str, to: &str) -> Case {
    let case = Case::new(from, to);
    let allow = "breaks-old-code,may-fail-on-data,stale-projection,deletes-data,drops-index,rewrites-table,blocks-reads,blocks-writes,scans-table";
    let plan = case.diff(&["--prune", "--allow", allow, "--format", "sql"]);
    assert_eq!(plan.status.code(), Some(2), "{}", stderr(&plan));
    let back = case.diff(&["--reverse", "--prune", "--allow", allow, "--format", "sql"]);
    assert_eq!(back.status.code(), Some(2), "{}", stderr(&back));
    for script in [stdout(&plan), stdout(&back)] {
        case.psql(&beside_others(script));
    }
    case
}

#[test]
fn a_projection_is_refreshed_only_by_functions_that_are_there() {
    let specs = |field: &str, mode: &str| {
        format!(
            "entity: Reading\nfields: {{name: text, {field}}}\n---\n\
             projections:\n- {{name: kept, includes: [{{Reading: [id, name]}}], refresh: {{materialized: true, mode: {mode}}}}}\n"
        )
    };
    others_can_write_there_and_back(
        &specs("amount: integer", "statement, on: all"),
        &specs(
            "total: {type: integer, renamed_from: amount}",
            "incremental",
        ),
    );
}

#[test]
fn what_refreshes_a_projection_learns_the_name_of_a_source_with_it() {
    let specs = |entity: &str, name: &str, amount: &str| {
        format!(
            "{entity}\nfields: {{name: text, {amount}}}\n---\nprojections:\n\
             - {{name: at_once, includes: [{{{name}: [id, name]}}], refresh: {{materialized: true, mode: statement, on: all}}}}\n\
             - {{name: in_the_end, includes: [{{{name}: [id, name]}}], refresh: {{materialized: true, mode: commit, on: all}}}}\n"
        )
    };
    others_can_write_there_and_back(
        &specs("entity: Reading", "Reading", "amount: integer"),
        &specs(
            "entity: Measure\nschema: apart\nrenamed_from: Reading",
            "apart.Measure",
            "total: {type: integer, renamed_from: amount}",
        ),
    );
}

#[test]
fn what_is_refreshed_at_commit_is_no_longer_when_its_source_gets_its_name_back() {
    let specs = |entity: &str, mode: &str| {
        let name = entity.split('\n').next().unwrap();
        format!(
            "entity: {entity}\nfields: {{name: text}}\n---\n\
             projections:\n- {{name: kept, includes: [{{{name}: [id, name]}}], refresh: {{materialized: true, on: all, mode: {mode}}}}}\n"
        )
    };
    others_can_write_there_and_back(
        &specs("Reading", "queued"),
        &specs("Gauge\nrenamed_from: Reading", "commit"),
    );
}

#[test]
fn projections_of_tables_that_come_are_there_before_others_write() {
    let projection = |name: &str, mode: &str| {
        format!(
            "- {{name: {name}, includes: [{{Reading: [id, name]}}], refresh: {{materialized: true, mode: {mode}}}}}\n"
        )
    };
    let from = format!(
        "entity: Reading\nfields: {{name: text}}\n---\nprojections:\n{}{}{}",
        projection("at_once", "statement, on: all"),
        projection("in_the_end", "commit, on: all"),
        projection("kept", "incremental"),
    );
    let case = others_can_write_there_and_back(&from, "projections: []\n");
    assert_eq!(
        case.psql("SELECT specql.verify_projection('kept')").trim(),
        "0"
    );
}

#[test]
fn without_prune_the_way_back_fills_what_comes_beside_functions_that_were_kept() {
    let specs = |lines: &str, others: &str| {
        format!(
            "entity: Event\nfields: {{name: text!}}\n---\nprojections:\n\
             - {{name: lines, includes: [{{Event: [id, name]}}]{lines}}}\n\
             - {{name: others, includes: [{{Event: [id, name]}}], refresh: {{materialized: true, mode: {others}}}}}\n"
        )
    };
    let at_once = ", refresh: {materialized: true, mode: statement, on: all}";
    let (from, to) = (specs(at_once, "incremental"), specs("", "queued, on: all"));
    let allow = [
        "--allow",
        "breaks-old-code,stale-projection,deletes-data,blocks-reads,blocks-writes",
    ];
    // The database is asked, or two folders of specs are compared.
    for offline in [false, true] {
        let case = Case::new(&from, &to);
        case.project.write("built/a.yaml", from.as_bytes());
        case.psql("INSERT INTO events (name) VALUES ('a'), ('b')");
        let url = case.cluster.url("postgres");
        let known = if offline {
            ["--from", "built"]
        } else {
            ["--database-url", &url]
        };
        let plan = |way: &[&str]| {
            let mut command = case.project.specqlc();
            command
                .args(["diff", "--format", "sql"])
                .args(known)
                .args(allow);
            let output = command.args(way).output().unwrap();
            assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
            stdout(&output).to_owned()
        };
        for script in [plan(&[]), plan(&["--reverse"])] {
            case.psql(&beside_others(&script));
        }
        for projection in ["lines", "others"] {
            let rows = case.psql(&format!("SELECT count(*) FROM {projection}"));
            assert_eq!(rows.trim(), "2", "{projection}, offline: {offline}");
        }
    }
}
