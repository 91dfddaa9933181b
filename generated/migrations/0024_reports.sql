-- specql:transaction
-- 0024 reports, part 4 of 5
-- Expand: old versions of the application do not notice.
-- Review: is each line meant, can its lock be had, and does its time fit?
--   + create 1 object of schema specql  no lock

SET LOCAL lock_timeout = '3s';

CREATE VIEW specql.status AS
SELECT
    object.kind,
    coalesce(projection_status.projection, partition_status.table_name) AS name,
    coalesce(projection_status.problem, partition_status.problem) IS NULL AS ok,
    projection_status.last_refresh,
    projection_status.pending_marks,
    projection_status.pending_since,
    partition_status.ahead AS partitions_ahead,
    partition_status.next_expiry,
    partition_status.rows_in_default,
    coalesce(projection_status.problem, partition_status.problem) AS problem
FROM (VALUES
    ('projection'),
    ('partitioned table')
) AS object (kind)
LEFT JOIN specql.projection_status ON object.kind = 'projection'
LEFT JOIN specql.partition_status ON object.kind = 'partitioned table'
WHERE coalesce(projection_status.projection, partition_status.table_name) IS NOT NULL;

COMMENT ON VIEW specql.status IS 'Each projection that is refreshed and each partitioned table that is kept: how it stands, and what is wrong';
