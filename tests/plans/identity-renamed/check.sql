SELECT 'rows are missing' WHERE (SELECT count(*) FROM purchases) <> 2;
