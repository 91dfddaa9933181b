SELECT 'rows are lost' WHERE (SELECT count(*) FROM visits) <> 5;
SELECT 'rows are not shown' WHERE (SELECT count(*) FROM summary JOIN visits USING (id, happened)) <> 5;
