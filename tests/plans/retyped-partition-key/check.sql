SELECT 'rows are missing' WHERE (SELECT count(*) FROM visits_2024_01) <> 100;
