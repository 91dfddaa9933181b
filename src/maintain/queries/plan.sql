SELECT p.level, p.parent::text, p.parent::oid, p.partition, p.action, p.lower, p.upper, p.subpartitions::text,
    (EXTRACT(epoch FROM p.lock_timeout) * 1000)::bigint AS lock_timeout, p.problem,
    p.action = 'create' AND p.problem IS NULL
        -- A server reads some 256 kB in a millisecond: with more than that for each that a writer may wait, it would wait longer.
        AND EXISTS (
            SELECT FROM pg_catalog.pg_partitioned_table AS t
            WHERE t.partrelid = p.parent AND t.partdefid <> 0
                AND pg_catalog.pg_relation_size(t.partdefid) > 262144 * 1000 * EXTRACT(epoch FROM p.lock_timeout))
        -- While it is proved, rows of the period are refused: only of one that lies ahead there should be none.
        AND CASE WHEN p.lower ~ '^-?[0-9]+$' THEN true
            ELSE p.lower::timestamptz > COALESCE($1::text::timestamptz, pg_catalog.now()) END AS prove,
    p.action IN ('detach', 'drop') AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_partitioned_table AS t WHERE t.partrelid = p.parent AND t.partdefid <> 0) AS concurrently
FROM specql.plan_partitions(COALESCE($1::text::timestamptz, pg_catalog.now())) AS p
