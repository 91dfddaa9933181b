-- A name that no database has, as far as chance goes.
SELECT 'specqlc_verify_' || replace(pg_catalog.gen_random_uuid()::text, '-', '')
