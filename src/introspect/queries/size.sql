-- Bytes of relations that users have made, with TOAST tables and indexes, as the last VACUUM, ANALYZE or CREATE INDEX saw them: to
-- measure them would take a lock on each relation, and wait behind whoever alters it.
SELECT
    n.nspname,
    c.relname,
    (c.relpages::int8 + coalesce(toast.relpages, 0) + coalesce(i.pages, 0)) * current_setting('block_size')::int8
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_class AS toast ON toast.oid = c.reltoastrelid
LEFT JOIN (
    SELECT x.indrelid, sum(k.relpages)::int8 AS pages
    FROM pg_catalog.pg_index AS x
    JOIN pg_catalog.pg_class AS k ON k.oid = x.indexrelid
    GROUP BY x.indrelid
) AS i ON i.indrelid = c.oid
WHERE c.relkind IN ('r', 'm') AND c.reltuples >= 0
    AND c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
