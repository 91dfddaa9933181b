INSERT INTO specql.migration (number, name, checksum, state, statement, statement_done, version, finished)
VALUES ($1, $2, $3, $4, 0, true, $5, CASE WHEN $4 = 'applied' THEN pg_catalog.clock_timestamp() END)
