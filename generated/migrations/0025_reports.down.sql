-- specql:transaction
-- Back from 0025 reports, part 5 of 5
-- The way back: what was written since then may be lost.
-- Review: is each line meant, can its lock be had, and does its time fit?
--   + create 1 object of schema specql  no lock
--   ~ alter view specql.status          access exclusive

SET LOCAL lock_timeout = '3s';

DROP VIEW specql.status;

CREATE VIEW specql.status AS
SELECT
    object.kind,
    partition_status.table_name AS name,
    partition_status.problem IS NULL AS ok,
    NULL::timestamp with time zone AS last_refresh,
    NULL::bigint AS pending_marks,
    NULL::timestamp with time zone AS pending_since,
    partition_status.ahead AS partitions_ahead,
    partition_status.next_expiry,
    partition_status.rows_in_default,
    partition_status.problem
FROM (VALUES
    ('partitioned table')
) AS object (kind)
LEFT JOIN specql.partition_status ON object.kind = 'partitioned table'
WHERE partition_status.table_name IS NOT NULL;

COMMENT ON VIEW specql.status IS 'Each projection that is refreshed and each partitioned table that is kept: how it stands, and what is wrong';
