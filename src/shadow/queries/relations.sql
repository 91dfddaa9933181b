-- What a plan is said to lock: tables, views and materialized views, with the files that hold their rows.
SELECT
    c.oid,
    n.nspname::text,
    c.relname::text,
    c.relkind::text,
    c.relfilenode
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm')
    AND n.nspname !~ '^pg_'
    AND n.nspname <> 'information_schema'
