SELECT p.level, p.parent::text, p.parent::oid, p.partition, p.action, p.lower, p.upper, p.subpartitions::text,
    (EXTRACT(epoch FROM p.lock_timeout) * 1000)::bigint AS lock_timeout, p.problem,
    p.action IN ('detach', 'drop') AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_partitioned_table AS t WHERE t.partrelid = p.parent AND t.partdefid <> 0) AS concurrently
FROM specql.plan_partitions(COALESCE($1::text::timestamptz, pg_catalog.now())) AS p
