-- Whom a session waits for, and since when they are at it.
SELECT a.pid, coalesce(a.application_name, ''), coalesce(a.state, ''),
    extract(epoch FROM pg_catalog.clock_timestamp() - coalesce(a.xact_start, a.query_start))::float8,
    pg_catalog.left(pg_catalog.regexp_replace(coalesce(a.query, ''), '\s+', ' ', 'g'), 120)
FROM pg_catalog.unnest(pg_catalog.pg_blocking_pids($1)) AS b (pid)
JOIN pg_catalog.pg_stat_activity AS a ON a.pid = b.pid
GROUP BY a.pid, 2, 3, 4, 5
ORDER BY 4 DESC NULLS LAST, a.pid
