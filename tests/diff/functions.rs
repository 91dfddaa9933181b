//! Functions that this program makes.

use super::support::{stderr, stdout};
use super::{Case, nothing_to_do};

/// Each function that this program makes, of some its different forms.
const ALL: &str = "entity: Customer
patterns: [audit_trail]
fields: {name: varchar(80)!, country: text}
---
entity: Order
fields: {customer: ref(Customer)!, status: text!, total: numeric, at: timestamptz!}
partitioning: {strategy: RANGE, column: at, intervals: monthly, start: 2024-01-01, premake: 2, retention: 2 years}
---
entity: Event
fields: {region: text!, size: integer!, since: timestamptz!}
partitioning: {strategy: LIST, column: region, intervals: {eu: [de, fr], us: [us]}, default: true}
---
projections:
  - {name: at_commit, includes: [{Customer: [id, name]}], refresh: {materialized: true, mode: commit, on: all}}
  - {name: at_statement, includes: [{Customer: [id, name]}], refresh: {materialized: true, mode: statement, on: all}}
  - {name: queued, includes: [{Order: [id, at, status]}], refresh: {materialized: true, mode: queued, on: all}}
  - {name: incremental, includes: [{Customer: [id, name, country]}], refresh: {materialized: true, mode: incremental}}
  - {name: recent, includes: [{Event: [id, region, since]}], filters: [{condition: \"since > now() - interval '90 days'\"}], refresh: {materialized: true, mode: incremental}}
  - {name: of_parts, includes: [{Event: [id, region, size]}], refresh: {materialized: true, mode: incremental}}
";

/// They are compared word for word with what the server has: it is asked about none of them, and a role that can ask nothing knows them.
#[test]
fn functions_of_this_program_are_known_without_a_question() {
    let case = Case::new(ALL, ALL);
    case.psql("REVOKE TEMP ON DATABASE postgres FROM PUBLIC; CREATE ROLE reader LOGIN; GRANT USAGE ON SCHEMA specql TO reader; GRANT SELECT ON ALL TABLES IN SCHEMA specql TO reader");
    let url = case.cluster.url("postgres").replace("postgres@", "reader@");
    let same = case.diff_as(&url, &[]);
    nothing_to_do(&same);
    let made = case.psql("SELECT string_agg(DISTINCT proname, ' ') FROM pg_proc WHERE pronamespace = 'specql'::regnamespace");
    assert!(
        !stderr(&same).contains("not compared: function"),
        "of {made}:\n{}",
        stderr(&same)
    );

    // One that was changed by hand is not taken for the same.
    let source = case.psql(
        "SELECT replace(pg_get_functiondef('specql.partition_by'::regproc), 'STABLE', 'VOLATILE')",
    );
    case.psql(&source);
    let other = case.diff_as(&url, &[]);
    assert!(
        stderr(&other).contains("not compared: function specql.partition_by, "),
        "{}",
        stderr(&other)
    );
    let asked = case.diff(&[]);
    assert!(
        stdout(&asked).contains("~ alter function specql.partition_by"),
        "{}{}",
        stdout(&asked),
        stderr(&asked)
    );
}
