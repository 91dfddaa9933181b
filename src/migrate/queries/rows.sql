SELECT number, name, checksum, state, statement, statement_done,
    pg_catalog.to_char(started AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
    pg_catalog.to_char(finished AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
    applied_by, version
FROM specql.migration
ORDER BY number
