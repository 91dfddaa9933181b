-- The rows that specql.maintain_partitions goes by.
SELECT
    schema_name,
    table_name,
    level,
    unit,
    units,
    premake,
    starts_at,
    -- NULL where it is no whole number of hours.
    CASE WHEN EXTRACT(epoch FROM retention) % 3600 = 0
        THEN (EXTRACT(year FROM retention) * 12 + EXTRACT(month FROM retention))::int8 END,
    EXTRACT(day FROM retention)::int8,
    EXTRACT(hour FROM retention)::int8,
    retention::text,
    retention_action,
    subpartitions::text
FROM specql.partition_policy
ORDER BY schema_name, table_name, level
