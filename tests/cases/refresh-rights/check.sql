-- What nobody has granted, nobody has.
SELECT 'everybody may execute ' || oid::regprocedure FROM pg_proc
WHERE pronamespace = 'specql'::regnamespace AND has_function_privilege('refresh_case_writer', oid, 'EXECUTE');
SELECT 'the writer has rights on ' || oid::regclass FROM pg_class
WHERE (relnamespace = 'specql'::regnamespace OR relkind = 'm') AND relkind IN ('r', 'v', 'm')
    AND has_table_privilege('refresh_case_writer', oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER');
SELECT 'not as its owner, or with a search path: ' || oid::regprocedure FROM pg_proc
WHERE pronamespace = 'specql'::regnamespace AND prokind = 'f' AND (NOT prosecdef OR proconfig IS DISTINCT FROM ARRAY['search_path=""']);
SELECT 'no comment: ' || oid::regprocedure FROM pg_proc
WHERE pronamespace = 'specql'::regnamespace AND obj_description(oid, 'pg_proc') IS NULL;

-- Whoever may insert can, in a new session that lays traps: types and tables of the same names, which a session's own
-- schema would offer first.
\c
SET ROLE refresh_case_writer;
CREATE FUNCTION pg_temp.trap(value anyelement) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE 'ran as %', current_user; END $$;
CREATE DOMAIN pg_temp.text AS pg_catalog.text CHECK (pg_temp.trap(VALUE));
CREATE DOMAIN pg_temp.regclass AS pg_catalog.regclass CHECK (pg_temp.trap(VALUE));
CREATE DOMAIN pg_temp.timestamptz AS pg_catalog.timestamptz CHECK (pg_temp.trap(VALUE));
CREATE DOMAIN pg_temp.bool AS pg_catalog.bool CHECK (pg_temp.trap(VALUE));
CREATE TEMP TABLE pg_class (oid oid, relispopulated pg_catalog.bool);
CREATE TEMP TABLE refresh_request (projection pg_catalog.text);
SET search_path = pg_temp, public;
INSERT INTO events VALUES (1, 'a');
BEGIN;
INSERT INTO public.events VALUES (2, 'b');
SET CONSTRAINTS ALL IMMEDIATE;
COMMIT;
BEGIN ISOLATION LEVEL SERIALIZABLE;
INSERT INTO public.events VALUES (3, 'c');
COMMIT;
DO $$ BEGIN PERFORM FROM public.at_commit; RAISE 'read the projection'; EXCEPTION WHEN insufficient_privilege THEN NULL; END $$;
DO $$ BEGIN PERFORM FROM specql.projection_status; RAISE 'read the status'; EXCEPTION WHEN insufficient_privilege THEN NULL; END $$;
DO $$ BEGIN DELETE FROM specql.refresh_request; RAISE 'changed the queue'; EXCEPTION WHEN insufficient_privilege THEN NULL; END $$;
DO $$ BEGIN CALL specql.refresh_projections(); RAISE 'refreshed'; EXCEPTION WHEN insufficient_privilege THEN NULL; END $$;
RESET search_path;
RESET ROLE;
SELECT 'at commit: ' || count(*) FROM public.at_commit HAVING count(*) <> 2;
SELECT 'in the statement: ' || count(*) FROM public.in_statement HAVING count(*) <> 2;
SELECT 'queued: ' || count(*) FROM public.queued HAVING count(*) <> 0;

-- Whoever is granted it refreshes, and still reads nothing.
\c
SET ROLE refresh_case_refresher;
CALL specql.refresh_projections();
DO $$ BEGIN PERFORM FROM public.at_commit; RAISE 'read the projection'; EXCEPTION WHEN insufficient_privilege THEN NULL; END $$;
SELECT 'due: ' || projection FROM specql.projection_status WHERE due;
RESET ROLE;
SELECT 'after the call: ' || n FROM (SELECT (SELECT count(*) FROM public.at_commit) + (SELECT count(*) FROM public.in_statement) + (SELECT count(*) FROM public.queued) AS n) c WHERE n <> 9;
DROP OWNED BY refresh_case_writer, refresh_case_refresher;
DROP ROLE refresh_case_writer, refresh_case_refresher;
