-- What views and materialized views select.
SELECT c.oid, pg_get_viewdef(c.oid)
FROM pg_catalog.pg_class AS c
WHERE c.relkind IN ('v', 'm') AND c.oid >= 16384
    AND CASE WHEN $1::oid[] IS NULL THEN c.relpersistence <> 't' ELSE c.oid = ANY ($1) END
