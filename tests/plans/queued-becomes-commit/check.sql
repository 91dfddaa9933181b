SELECT 'what was only marked is not shown' WHERE (SELECT count(*) FROM names) <> 100;
