SELECT coalesce(index_relid::regclass::text, ''), phase,
    CASE WHEN phase LIKE 'waiting%' THEN lockers_done WHEN tuples_total > 0 THEN tuples_done ELSE blocks_done END,
    CASE WHEN phase LIKE 'waiting%' THEN lockers_total WHEN tuples_total > 0 THEN tuples_total ELSE blocks_total END
FROM pg_catalog.pg_stat_progress_create_index
WHERE pid = $1
