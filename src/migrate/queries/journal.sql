UPDATE specql.migration SET state = $2, statement = $3, statement_done = $4 WHERE number = $1
