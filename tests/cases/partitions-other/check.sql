WITH want(parent, children) AS (VALUES
    ('receipts', 'receipts_5000, receipts_6000, receipts_7000, receipts_default'),
    ('orders', 'orders_default, orders_it_s, orders_tenant_1, orders_tenant_two'),
    ('visits', 'visits_asia_pacific, visits_eu'),
    ('visits_eu', 'visits_eu_2024, visits_eu_2025, visits_eu_default'),
    ('levels', 'levels_1, levels_default, levels_minus_2'),
    ('buckets', 'buckets_0, buckets_1, buckets_2, buckets_3')),
have AS (SELECT inhparent::regclass::text AS parent, string_agg(relname, ', ' ORDER BY relname COLLATE "C") AS children FROM pg_inherits JOIN pg_class ON oid = inhrelid WHERE relkind IN ('r', 'p') GROUP BY 1)
SELECT want.parent || ': ' || coalesce(have.children, 'none') FROM want LEFT JOIN have USING (parent) WHERE have.children IS DISTINCT FROM want.children;
WITH want(name, bound) AS (VALUES
    ('receipts_5000', 'FOR VALUES FROM (''5000'') TO (''6000'')'), ('orders_it_s', 'FOR VALUES IN (''it''''s'')'),
    ('visits_eu', 'FOR VALUES IN (''de'', ''fr'', ''it''''s'')'), ('levels_minus_2', 'FOR VALUES IN (''-2'')'), ('buckets_3', 'FOR VALUES WITH (modulus 4, remainder 3)'))
SELECT name || ': ' || coalesce(pg_get_expr(relpartbound, oid), 'no partition') FROM want LEFT JOIN pg_class ON oid = to_regclass(name)
WHERE replace(pg_get_expr(relpartbound, oid), '(-2)', '(''-2'')') IS DISTINCT FROM bound AND replace(bound, '''', '') IS DISTINCT FROM replace(pg_get_expr(relpartbound, oid), '''', '');
SELECT 'receipts: ' || string_agg(tableoid::regclass::text, ',' ORDER BY number) FROM receipts
HAVING string_agg(tableoid::regclass::text, ',' ORDER BY number) <> 'receipts_default,receipts_5000,receipts_5000,receipts_7000,receipts_default';
SELECT 'orders: ' || string_agg(tableoid::regclass::text, ',' ORDER BY total) FROM orders
HAVING string_agg(tableoid::regclass::text, ',' ORDER BY total) <> 'orders_tenant_1,orders_tenant_two,orders_it_s,orders_default';
SELECT 'visits: ' || string_agg(tableoid::regclass::text, ',' ORDER BY at) FROM visits
HAVING string_agg(tableoid::regclass::text, ',' ORDER BY at) <> 'visits_eu_default,visits_eu_2024,visits_asia_pacific_2025';
SELECT 'hash: ' || count(DISTINCT tableoid) FROM buckets HAVING count(DISTINCT tableoid) <> 4;
SELECT 'sub-hash: ' || count(*) FROM pg_inherits WHERE inhparent = 'levels_1'::regclass HAVING count(*) <> 3;
SELECT 'no foreign key' WHERE NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = 'bucket_items'::regclass AND contype = 'f' AND confrelid = 'buckets'::regclass);
SELECT 'partial index on leaves: ' || count(*) FROM pg_index i JOIN pg_class t ON t.oid = indrelid WHERE t.relkind = 'r' AND t.relname LIKE 'visits%' AND indpred IS NOT NULL HAVING count(*) <> 6;
SELECT 'invalid index ' || indexrelid::regclass FROM pg_index WHERE NOT indisvalid;
