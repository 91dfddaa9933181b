SELECT pg_catalog.format('ALTER TABLE %s DETACH PARTITION %I.%I CONCURRENTLY', c.oid::regclass, n.nspname, $2::text),
    pg_catalog.format('DROP TABLE %I.%I', n.nspname, $2::text)
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.oid = $1::oid
