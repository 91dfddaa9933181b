//! A session that lays traps: types, tables, functions and operators of its own schema, of every name that the server has.
//! The session's schema is searched before all others, also where `search_path` is empty: whatever a function leaves
//! unqualified springs one. What runs as its owner must not, or any writer would be the owner.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper that fails fails its test; clippy knows it only of functions marked as tests"
)]

mod support;

use support::{Cluster, Project, said};

/// Each mode over one partitioned and two plain sources, with keys of types that are no keywords of the grammar.
const SPEC: &str = "
entity: Customer
fields: {id: text!, name: text!, since: timestamptz!, note: jsonb}
---
entity: Shop
fields: {id: uuid!, name: text!}
---
entity: Sale
fields: {id: bigint!, at: date!, customer: ref(Customer)!, shop: ref(Shop), amount: 'decimal(12,2)', number: bigint!}
partitioning: {strategy: RANGE, column: at, intervals: monthly, default: true, premake: 1, retention: '3 months', retention_action: drop}
---
entity: Reading
fields: {id: bigint!, number: bigint!}
partitioning: {strategy: RANGE, column: number, intervals: 1000, premake: 1}
---
projections:
  - name: kept
    includes: [{Customer: [id, name, since, note]}, {Sale: [COUNT(*) as sales, SUM(amount) as total]}]
    filters: [{condition: \"since > now() - interval '90 days'\"}]
    refresh: {materialized: true, mode: incremental}
  - name: by_shop
    includes: [{Shop: [id, name]}, {Sale: [COUNT(*) as sales]}]
    refresh: {materialized: true, mode: incremental}
  - name: at_commit
    includes: [{Customer: [id]}, {Sale: [COUNT(*) as sales]}]
    refresh: {materialized: true, on: all, mode: commit, concurrently: true}
  - name: in_statement
    includes: [{Customer: [id]}, {Sale: [COUNT(*) as sales]}]
    refresh: {materialized: true, on: all, mode: statement}
  - name: queued
    includes: [{Customer: [id]}, {Sale: [COUNT(*) as sales]}]
    refresh: {materialized: true, on: all, mode: queued}
";

const RIGHTS: &str = "
    CREATE ROLE writer;
    GRANT INSERT, UPDATE, DELETE, TRUNCATE, SELECT ON customers, shops, sales, readings TO writer;
    INSERT INTO customers VALUES ('a', 'Ann', now(), '{}'), ('b', 'Ben', now() - interval '100 days', NULL);
    INSERT INTO shops VALUES ('00000000-0000-0000-0000-000000000001', 'one')";

/// A domain for each type that raises when a value, NULL too, comes near it; a table for each relation; functions and
/// operators that raise. What cannot be made is left out.
const TRAPS: &str = "
    CREATE FUNCTION pg_temp.sprung() RETURNS pg_catalog.bool LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'a trap of the session was sprung as %', current_user; END $$;
    CREATE FUNCTION pg_temp.sprung_by(pg_catalog.text, pg_catalog.text) RETURNS pg_catalog.bool LANGUAGE sql AS 'SELECT pg_temp.sprung()';
    CREATE FUNCTION pg_temp.sprung_by(pg_catalog.int8, pg_catalog.int8) RETURNS pg_catalog.bool LANGUAGE sql AS 'SELECT pg_temp.sprung()';
    CREATE FUNCTION pg_temp.sprung_by(pg_catalog.xid8, pg_catalog.xid8) RETURNS pg_catalog.bool LANGUAGE sql AS 'SELECT pg_temp.sprung()';
    CREATE FUNCTION pg_temp.sprung_by(pg_catalog.date, pg_catalog.date) RETURNS pg_catalog.bool LANGUAGE sql AS 'SELECT pg_temp.sprung()';
    CREATE TEMP TABLE laid (kind pg_catalog.text);
    DO $$
    DECLARE
        of pg_catalog.record;
    BEGIN
        FOR of IN
            SELECT 'relation' AS kind, pg_catalog.format('CREATE TEMP TABLE %I (trap pg_catalog.bool)', min(c.relname)) AS command
            FROM pg_catalog.pg_class AS c WHERE c.relkind IN ('r', 'v', 'p', 'm') AND c.relnamespace::regnamespace::text IN ('pg_catalog', 'public', 'specql')
            GROUP BY c.relname
            UNION ALL
            SELECT 'type', pg_catalog.format('CREATE DOMAIN pg_temp.%I AS pg_catalog.%1$I CHECK (pg_temp.sprung())', t.typname)
            FROM pg_catalog.pg_type AS t WHERE t.typnamespace = 'pg_catalog'::regnamespace AND t.typtype IN ('b', 'r') AND t.typelem = 0
            UNION ALL
            SELECT 'type', pg_catalog.format('CREATE TYPE pg_temp.%I AS (trap pg_catalog.bool)', t.typname)
            FROM pg_catalog.pg_type AS t WHERE t.typnamespace = 'pg_catalog'::regnamespace AND t.typtype = 'p'
            UNION ALL
            SELECT 'function', pg_catalog.format('CREATE FUNCTION pg_temp.%I(%s) RETURNS pg_catalog.bool LANGUAGE sql AS ''SELECT pg_temp.sprung()''',
                p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid))
            FROM pg_catalog.pg_proc AS p WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.prokind = 'f'
                AND p.proname IN ('now', 'clock_timestamp', 'pg_current_xact_id', 'hashtextextended', 'current_setting', 'pg_notify', 'cardinality',
                    'pg_advisory_xact_lock', 'format', 'to_regclass', 'record_image_ne', 'hash_record_extended', 'unnest', 'text')
            UNION ALL
            SELECT 'operator', pg_catalog.format('CREATE OPERATOR pg_temp.%s (LEFTARG = %s, RIGHTARG = %s, FUNCTION = pg_temp.sprung_by)',
                o.name, o.type, o.type)
            FROM unnest(ARRAY['=', '<', '||', '+', '<>', 'pg_catalog.+']) AS name
            CROSS JOIN unnest(ARRAY['pg_catalog.text', 'pg_catalog.int8', 'pg_catalog.xid8', 'pg_catalog.date']) AS type
            CROSS JOIN LATERAL (SELECT name, type) AS o
        LOOP
            BEGIN
                EXECUTE of.command;
                INSERT INTO pg_temp.laid VALUES (of.kind);
            EXCEPTION WHEN OTHERS THEN NULL;
            END;
        END LOOP;
    END $$;
";

/// Every way to write, in a session whose own schema comes first.
const WRITES: &str = "
    SET search_path = pg_temp, public;
    INSERT INTO public.customers VALUES ('c', 'Cid', pg_catalog.now(), NULL);
    INSERT INTO public.shops VALUES ('00000000-0000-0000-0000-000000000002', 'two');
    INSERT INTO public.sales VALUES (1, '2025-01-10', 'a', '00000000-0000-0000-0000-000000000001', 5, 1), (2, '2025-01-11', 'b', NULL, 5, 1),
        (3, '2025-03-01', 'c', '00000000-0000-0000-0000-000000000002', 1, 2);
    UPDATE public.sales SET amount = 7, customer_id = 'c' WHERE id OPERATOR(pg_catalog.=) 1;
    DELETE FROM public.sales WHERE id OPERATOR(pg_catalog.=) 2;
    UPDATE public.customers SET name = 'Cyd', note = '{\"a\": 1}' WHERE id OPERATOR(pg_catalog.=) 'c';
    INSERT INTO public.readings VALUES (1, 1);
    BEGIN;
    INSERT INTO public.sales VALUES (4, '2025-01-12', 'a', NULL, 5, 1);
    SET CONSTRAINTS ALL IMMEDIATE;
    COMMIT;
    BEGIN ISOLATION LEVEL SERIALIZABLE;
    UPDATE public.sales SET amount = 8 WHERE id OPERATOR(pg_catalog.=) 4;
    COMMIT;
    BEGIN;
    TRUNCATE public.sales;
    INSERT INTO public.sales SELECT n, '2025-01-12', 'a', NULL, 5, 1 FROM pg_catalog.generate_series(10, 1000) AS n;
    COMMIT;";

/// What the owner calls.
const CALLS: &str = "
    CALL specql.refresh_projections();
    SELECT specql.refresh_projection('public.queued');
    SELECT specql.rebuild_projection('kept');
    SELECT 'differs' WHERE specql.verify_projection('kept') OPERATOR(pg_catalog.<>) 0 OR specql.verify_projection('by_shop') OPERATOR(pg_catalog.<>) 0;
    SELECT p.error FROM specql.maintain_partitions('2025-04-20') AS p WHERE p.error IS NOT NULL;
    SELECT p.error FROM specql.maintain_partitions('2025-09-20') AS p WHERE p.error IS NOT NULL;
    SELECT s.problem FROM specql.partition_status AS s WHERE s.problem LIKE '%trap%';
    SELECT p.due FROM specql.projection_status AS p WHERE p.due IS NULL;";

fn built() -> Project {
    let project = Project::of(SPEC);
    let built = project
        .specqlc()
        .args(["build", "-q", "--as-of", "2025-01-15"])
        .output()
        .unwrap();
    assert!(built.status.success(), "{}", said(&built));
    project
}

#[test]
fn no_trap_is_sprung() {
    let cluster = Cluster::shared();
    let project = built();
    let schema = project.path().join("generated/schema.sql");
    for (database, role) in [("trapped", "SET ROLE writer;"), ("owned", "")] {
        let create = format!("CREATE DATABASE {database}");
        cluster.psql("postgres", &create).unwrap();
        cluster.psql_file(database, &schema, &["-1"]).unwrap();
        let rights = if role.is_empty() {
            RIGHTS.replace("CREATE ROLE writer;", "")
        } else {
            RIGHTS.to_owned()
        };
        cluster.psql(database, &rights).unwrap();
        let laid = "SELECT pg_catalog.string_agg(DISTINCT kind, ' ' ORDER BY kind), count(*) > 200 FROM pg_temp.laid;";
        let calls = if role.is_empty() { CALLS } else { "" };
        let said = cluster.psql(database, &format!("{role}{TRAPS}{laid}{WRITES}{calls}"));
        assert_eq!(
            said.as_deref().map(str::trim),
            Ok("function operator relation type\tt")
        );
        let right = "SELECT specql.verify_projection('kept') + specql.verify_projection('by_shop'),
            (SELECT sales FROM kept WHERE id = 'a'), (SELECT sales FROM at_commit WHERE id = 'a'),
            (SELECT sales FROM in_statement WHERE id = 'a')";
        let found = cluster.psql(database, right).unwrap();
        if !role.is_empty() {
            assert_eq!(found.trim(), "0\t991\t991\t991");
        }
    }
}

/// Of each object that is not the inserter's to write: what he may do with it all the same.
const RIGHTS_TOO_MANY: &str = "
    SELECT c.oid::regclass::text, privilege
    FROM pg_class AS c
    CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS privilege
    WHERE c.relkind IN ('r', 'p', 'v', 'm') AND c.relnamespace IN ('public'::regnamespace, 'specql'::regnamespace)
        AND has_table_privilege('inserter', c.oid, privilege)
        AND NOT (privilege = 'INSERT' AND c.relname IN ('customers', 'shops', 'sales', 'readings'))
    UNION ALL
    SELECT p.oid::regprocedure::text, 'EXECUTE'
    FROM pg_proc AS p
    WHERE p.pronamespace = 'specql'::regnamespace AND p.prosecdef AND has_function_privilege('inserter', p.oid, 'EXECUTE')
    UNION ALL
    SELECT 'specql', privilege
    FROM unnest(ARRAY['USAGE', 'CREATE']) AS privilege
    WHERE has_schema_privilege('inserter', 'specql', privilege)";

#[test]
fn who_may_only_insert_can_write_and_nothing_else() {
    let cluster = Cluster::shared();
    let project = built();
    let schema = project.path().join("generated/schema.sql");
    cluster
        .psql("postgres", "CREATE DATABASE inserted")
        .unwrap();
    cluster.psql_file("inserted", &schema, &["-1"]).unwrap();
    let rights =
        "CREATE ROLE inserter; GRANT INSERT ON customers, shops, sales, readings TO inserter";
    cluster.psql("inserted", rights).unwrap();
    assert_eq!(cluster.psql("inserted", RIGHTS_TOO_MANY).unwrap(), "");
    let writes = "SET ROLE inserter;
        INSERT INTO customers VALUES ('a', 'Ann', now(), '{}');
        INSERT INTO shops VALUES ('00000000-0000-0000-0000-000000000001', 'one');
        BEGIN; INSERT INTO sales VALUES (1, '2025-01-10', 'a', '00000000-0000-0000-0000-000000000001', 5, 1); COMMIT;
        BEGIN ISOLATION LEVEL SERIALIZABLE; INSERT INTO sales VALUES (2, '2025-01-10', 'a', NULL, 5, 1); COMMIT;
        COPY sales (id, at, customer_id, amount, number) FROM stdin (FORMAT csv);\n3,2025-01-11,a,7,1\n\\.\n";
    cluster.psql("inserted", writes).unwrap();
    let right = "SELECT specql.verify_projection('kept'), sales, total FROM kept";
    assert_eq!(
        cluster.psql("inserted", right).unwrap().trim(),
        "0\t3\t17.00"
    );
    for forbidden in [
        "TABLE kept",
        "TABLE at_commit",
        "UPDATE kept SET sales = 0",
        "REFRESH MATERIALIZED VIEW queued",
        "TABLE specql.status",
        "DELETE FROM specql.refresh_request",
        "DELETE FROM specql.changed_public_kept",
        "TABLE specql.projection_version",
        "TABLE specql.partition_policy",
        "UPDATE specql.partition_policy SET retention = '1 hour'",
        "SELECT * FROM specql.maintain_partitions()",
        "SELECT specql.rebuild_projection('kept')",
        "CALL specql.refresh_projections()",
        "ALTER TABLE kept ADD COLUMN mine text",
        "DROP VIEW specql.status",
    ] {
        let said = cluster.psql("inserted", &format!("SET ROLE inserter; {forbidden}"));
        let refused = said.as_ref().is_err_and(|error| {
            error.contains("permission denied") || error.contains("must be owner")
        });
        assert!(refused, "{forbidden}: {said:?}");
    }
}
