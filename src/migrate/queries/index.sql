-- Whether an index of a relation is valid, and how one that is not goes away while others write.
SELECT i.indisvalid,
    pg_catalog.format('DROP INDEX CONCURRENTLY %I.%I', n.nspname, c.relname)
FROM pg_catalog.pg_index AS i
JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE i.indrelid = pg_catalog.to_regclass($2)
    AND c.relname = (pg_catalog.parse_ident($1))[1]
