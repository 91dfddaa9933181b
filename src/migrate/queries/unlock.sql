SELECT pg_catalog.pg_advisory_unlock(pg_catalog.hashtextextended('specql.migration', 0))
