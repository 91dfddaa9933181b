-- Whether a partition is half detached, and how that is finished.
SELECT i.inhdetachpending,
    pg_catalog.format('ALTER TABLE %s DETACH PARTITION %s FINALIZE', i.inhparent::regclass, i.inhrelid::regclass)
FROM pg_catalog.pg_inherits AS i
WHERE i.inhparent = pg_catalog.to_regclass($1)
    AND i.inhrelid = pg_catalog.to_regclass($2)
