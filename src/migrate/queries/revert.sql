UPDATE specql.migration
SET state = 'reverting', statement = 0, statement_done = true, finished = NULL
WHERE number > $1 AND state = 'applied'
