SELECT 'rows are lost' WHERE (SELECT count(*) FROM visits) <> 5;
