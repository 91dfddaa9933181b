UPDATE specql.migration
SET state = 'applied', statement_done = true, finished = pg_catalog.clock_timestamp()
WHERE number = $1
