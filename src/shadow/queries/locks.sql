-- All that a session has locked or waits for; 0 for what is no relation of this database.
SELECT
    CASE
        WHEN l.locktype = 'relation' AND d.datname = pg_catalog.current_database() THEN l.relation
        ELSE 0::oid
    END,
    l.mode,
    l.granted
FROM pg_catalog.pg_locks AS l
LEFT JOIN pg_catalog.pg_database AS d ON d.oid = l.database
WHERE l.pid = $1
