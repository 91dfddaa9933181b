-- Collations that something of a user's has.
SELECT c.oid, n.nspname, c.collname
FROM pg_catalog.pg_collation AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.collnamespace
WHERE c.oid >= 16384
    OR c.oid IN (SELECT attcollation FROM pg_catalog.pg_attribute WHERE attrelid >= 16384)
    OR c.oid IN (SELECT typcollation FROM pg_catalog.pg_type WHERE oid >= 16384)
    OR c.oid IN (SELECT unnest(partcollation::oid[]) FROM pg_catalog.pg_partitioned_table)
