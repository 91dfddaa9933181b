SELECT 'failed: ' || concat_ws(' ', partition, action, error) FROM done WHERE error IS NOT NULL;
SELECT 'not idle: ' || concat_ws(' ', partition, action, error) FROM specql.maintain_partitions('2024-04-10');
SELECT 'rows: ' || count(*) || ', ids: ' || count(DISTINCT id) FROM sales HAVING count(*) <> 150 OR count(DISTINCT id) <> 150;
SELECT 'in ' || tableoid::regclass || ' is ' || at || ' ' || region FROM sales
WHERE tableoid::regclass::text !~ ('^sales_' || to_char(at, 'YYYY_MM') || CASE region WHEN 'us' THEN '_default_' ELSE '_eu_' END || '[01]$')
    AND at < '2024-06-01';
SELECT 'should wait: ' || count(*) FROM sales WHERE tableoid::regclass::text LIKE 'sales\_default%' HAVING count(*) <> 29;
SELECT 'told ' || detail FROM done WHERE partition = 'sales_2024_04' AND detail NOT LIKE '%, 30 rows moved from public.sales_default';
SELECT 'no ' || p FROM unnest(ARRAY['sales_2024_05_eu_0', 'sales_2024_05_default_1', 'visits_a_2024w15', 'visits_b_2024w16']) p WHERE to_regclass(p) IS NULL;
SELECT 'still ' || p FROM unnest(ARRAY['visits_a_2024w06', 'visits_b_2024w12']) p WHERE to_regclass(p) IS NOT NULL;
SELECT 'index on every leaf: ' || count(*) FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
WHERE c.relname ~ '^sales_2024_05' AND pg_get_indexdef(i.indexrelid) LIKE '%(region)' HAVING count(*) <> 7;
