SELECT 'never refreshed: ' || to_jsonb(s)::text FROM specql.projection_status s WHERE NOT due;
CALL specql.refresh_projections();
SELECT 'due: ' || to_jsonb(s)::text FROM specql.projection_status s WHERE due <> (projection = 'public.of_today');
SELECT 'the deferred trigger is not needed' FROM pg_trigger WHERE tgrelid = 'specql.refresh_request'::regclass;
INSERT INTO customers VALUES (1, 'one'), (2, 'two');
INSERT INTO customers VALUES (3, 'three');
BEGIN;
INSERT INTO sales VALUES (1, 1, 10);
INSERT INTO sales VALUES (2, 1, 20);
COMMIT;
BEGIN;
INSERT INTO sales VALUES (3, 1, 10);
ROLLBACK;
SELECT 'too early' FROM totals;
SELECT 'marks of totals: ' || pending_marks FROM specql.projection_status WHERE projection = 'public.totals' AND pending_marks <> 3;
SELECT 'create is not watched' FROM specql.projection_status WHERE projection = 'reports."other ""one"""' AND due;
CALL specql.refresh_projections();
SELECT 'after the call: ' || to_jsonb(t)::text FROM totals t WHERE sales <> CASE WHEN id = 1 THEN 2 ELSE 0 END;
SELECT 'rows: ' || count(*) FROM totals HAVING count(*) <> 3;
SELECT 'marks are left' FROM specql.refresh_request;
DELETE FROM sales WHERE id = 1;
SELECT 'hostile name: ' || projection FROM specql.refresh_request WHERE projection LIKE 'reports%' AND projection <> 'reports."other ""one"""';
CALL specql.refresh_projections();
SELECT 'other: ' || count(*) FROM reports."other ""one""" HAVING count(*) <> 1;

-- One that fails does not stop the others, and stays marked.
ALTER MATERIALIZED VIEW reports."other ""one""" RENAME TO away;
DELETE FROM sales;
SET client_min_messages = error;
BEGIN;
DO $$ BEGIN
    BEGIN
        CALL specql.refresh_projections();
        RAISE 'a failure was not reported';
    EXCEPTION WHEN undefined_table THEN NULL; END;
END $$;
ROLLBACK;
\set ON_ERROR_STOP off
CALL specql.refresh_projections();
\set ON_ERROR_STOP on
RESET client_min_messages;
SELECT 'the others were not refreshed' FROM totals WHERE sales <> 0;
SELECT 'marks of the failed one: ' || to_jsonb(s)::text FROM specql.projection_status s WHERE (pending_marks > 0) <> (projection LIKE 'reports%');
ALTER MATERIALIZED VIEW reports.away RENAME TO "other ""one""";
CALL specql.refresh_projections();
SELECT 'marks at the end' FROM specql.refresh_request;
