SELECT pg_catalog.to_regclass('specql.migration') IS NOT NULL
