DELETE FROM specql.migration WHERE number = $1
