-- Collations.
SELECT c.oid, n.nspname, c.collname
FROM pg_catalog.pg_collation AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.collnamespace
