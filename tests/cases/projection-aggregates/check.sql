WITH want AS (
    SELECT c.id, c.name, c.active, r.name AS region_name, coalesce(s.sales, 0) AS sales, s.total, s.smallest, s.last_at, s.mean,
        coalesce(v.visits, 0) AS visits, coalesce(v.pages, 0) AS pages
    FROM customers c
    LEFT JOIN regions r ON r.id = c.region_id
    LEFT JOIN (SELECT customer_id, count(*) AS sales, sum(amount) AS total, min(amount) AS smallest, max(at) AS last_at, avg(amount) AS mean FROM sales GROUP BY 1) s ON s.customer_id = c.id
    LEFT JOIN (SELECT customer_id, count(*) AS visits, count(DISTINCT page) AS pages FROM visits WHERE page <> 'robots' GROUP BY 1) v ON v.customer_id = c.id
    WHERE c.active)
SELECT 'differs: ' || to_jsonb(d)::text FROM ((SELECT * FROM want EXCEPT SELECT * FROM customer_totals) UNION ALL (SELECT * FROM customer_totals EXCEPT SELECT * FROM want)) d LIMIT 3;
SELECT 'rows: ' || count(*) FROM customer_totals HAVING count(*) <> 52;
SELECT 'no index' WHERE NOT EXISTS (SELECT FROM pg_indexes WHERE tablename = 'customer_totals' AND indexdef LIKE '%(total DESC)');
