SELECT 'triggers: ' || string_agg(tgrelid::regclass || '.' || tgname, ' ' ORDER BY tgrelid::regclass::text, tgname)
FROM pg_trigger WHERE NOT tgisinternal AND tgname LIKE 'by_region%'
HAVING string_agg(tgrelid::regclass || '.' || tgname, ' ' ORDER BY tgrelid::regclass::text, tgname)
    <> 'customers.by_region_refresh_update regions.by_region_refresh_create regions.by_region_refresh_delete sales.by_region_refresh_create';
SELECT 'triggers of totals: ' || count(*) FROM pg_trigger WHERE tgname LIKE 'totals_refresh_%' HAVING count(*) <> 12;
SELECT 'after data.sql: ' || to_jsonb(t)::text FROM totals t WHERE id = 1 AND (region_name, sales, total) IS DISTINCT FROM ('north'::text, 2::bigint, 30::bigint);
SELECT 'by region: ' || to_jsonb(r)::text FROM by_region r WHERE total <> 30;
SELECT 'requests are left' FROM specql.refresh_request;

-- Once, at the end of the transaction, whatever happens in it.
BEGIN;
INSERT INTO sales VALUES (3, 2, 5);
UPDATE sales SET amount = 6 WHERE id = 3;
DELETE FROM sales WHERE id = 2;
SELECT 'too early' FROM totals WHERE id = 2 AND sales > 0;
SELECT 'requests: ' || count(*) FROM specql.refresh_request WHERE projection = 'public.totals' HAVING count(*) <> 1;
COMMIT;
SELECT 'after commit: ' || to_jsonb(t)::text FROM totals t WHERE (id, total) NOT IN ((1, 10), (2, 6));
DELETE FROM sales WHERE id = 3;
SELECT 'deleting sales is not watched: ' || to_jsonb(r)::text FROM by_region r WHERE total <> 10;
INSERT INTO sales VALUES (3, 2, 6);

-- Inside the transaction when asked for, and back with a savepoint.
BEGIN;
SAVEPOINT a;
UPDATE sales SET amount = 7 WHERE id = 3;
SET CONSTRAINTS ALL IMMEDIATE;
SELECT 'immediate: ' || to_jsonb(t)::text FROM totals t WHERE id = 2 AND total <> 7;
INSERT INTO sales VALUES (4, 2, 1);
SELECT 'immediate from now on: ' || to_jsonb(t)::text FROM totals t WHERE id = 2 AND total <> 8;
ROLLBACK TO a;
SELECT 'rolled back: ' || to_jsonb(t)::text FROM totals t WHERE id = 2 AND total <> 6;
SELECT 'a request that was rolled back' FROM specql.refresh_request;
COMMIT;
SELECT 'after the savepoint: ' || to_jsonb(t)::text FROM totals t WHERE id = 2 AND total <> 6;

-- TRUNCATE, cascades and looked-up rows.
UPDATE regions SET name = 'NORTH';
SELECT 'looked-up row: ' || to_jsonb(t)::text FROM totals t WHERE id = 1 AND region_name <> 'NORTH';
DELETE FROM customers WHERE id = 2;
SELECT 'deleted root' FROM totals WHERE id = 2;
BEGIN;
TRUNCATE customers CASCADE;
INSERT INTO customers VALUES (3, 'three', 1);
COMMIT;
SELECT 'truncated: ' || to_jsonb(t)::text FROM totals t WHERE id <> 3 OR sales <> 0;

-- At a higher isolation level the snapshot may be too old to refresh from: the request stays.
BEGIN ISOLATION LEVEL REPEATABLE READ;
INSERT INTO sales VALUES (5, 3, 50);
COMMIT;
SELECT 'refreshed from an old snapshot' FROM totals WHERE sales > 0;
SELECT 'status: ' || to_jsonb(s)::text FROM specql.projection_status s WHERE projection = 'public.totals' AND (mode, due, pending_marks) IS DISTINCT FROM ('commit', true, 1);
SELECT 'not marked' WHERE NOT EXISTS (SELECT FROM specql.projection_status WHERE projection = 'public.totals' AND pending_since IS NOT NULL);
-- The next refresh, whoever makes it, takes the mark away.
INSERT INTO customers VALUES (4, 'four', NULL);
SELECT 'after the next commit: ' || to_jsonb(t)::text FROM totals t WHERE id = 3 AND total IS DISTINCT FROM 50;
SELECT 'mark is left: ' || to_jsonb(s)::text FROM specql.projection_status s WHERE projection = 'public.totals' AND (due OR pending_marks <> 0);

-- An open cursor on the projection is no reason to fail.
BEGIN;
DECLARE c CURSOR FOR SELECT * FROM totals;
FETCH FROM c \g /dev/null
UPDATE sales SET amount = 51;
COMMIT;
SELECT 'cursor: ' || to_jsonb(s)::text FROM specql.projection_status s WHERE projection = 'public.totals' AND pending_marks <> 1;
CALL specql.refresh_projections('public.by_region');
SELECT 'only the other one was asked for' WHERE NOT EXISTS (SELECT FROM specql.refresh_request);
CALL specql.refresh_projections();
SELECT 'after the call: ' || to_jsonb(t)::text FROM totals t WHERE id = 3 AND total IS DISTINCT FROM 51;
SELECT 'requests at the end' FROM specql.refresh_request;

-- Inside a transaction too, if its snapshots are its statements' own.
BEGIN ISOLATION LEVEL SERIALIZABLE;
INSERT INTO sales VALUES (6, 4, 60);
COMMIT;
BEGIN;
CALL specql.refresh_projections();
SELECT 'in a transaction: ' || to_jsonb(t)::text FROM totals t WHERE id = 4 AND total IS DISTINCT FROM 60;
ROLLBACK;
SELECT 'rolled back with it' FROM totals WHERE id = 4 AND total IS NOT NULL;
BEGIN ISOLATION LEVEL REPEATABLE READ;
DO $$ BEGIN
    CALL specql.refresh_projections();
    RAISE 'refreshed at REPEATABLE READ';
EXCEPTION WHEN invalid_transaction_state THEN NULL; END $$;
COMMIT;
SET default_transaction_isolation = 'serializable';
CALL specql.refresh_projections();
SELECT 'by default serializable' FROM specql.refresh_request;
RESET default_transaction_isolation;
DO $$ BEGIN
    PERFORM specql.refresh_projection('public.nothing');
    RAISE 'refreshed nothing';
EXCEPTION WHEN undefined_object THEN NULL; END $$;

-- A crash empties the unlogged tables: what is not known to be refreshed is due.
TRUNCATE specql.projection_refresh;
SELECT 'not due after a crash: ' || to_jsonb(s)::text FROM specql.projection_status s WHERE NOT due OR last_refresh IS NOT NULL;
REFRESH MATERIALIZED VIEW totals WITH NO DATA;
CALL specql.refresh_projections();
SELECT 'due: ' || to_jsonb(s)::text FROM specql.projection_status s WHERE due OR last_refresh_took IS NULL;
SELECT 'not populated' WHERE NOT EXISTS (SELECT FROM totals);
