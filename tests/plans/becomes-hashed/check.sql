SELECT 'rows are missing' WHERE (SELECT count(*) FROM events) <> 100;
