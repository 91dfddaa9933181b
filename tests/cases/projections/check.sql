SELECT 'kind of ' || relname FROM pg_class WHERE (relname, relkind) IN (('user_stats', 'v'), ('user_summary', 'm'), ('user_orders', 'v'), ('department_sizes', 'm'));
SELECT 'no unique index on the key of ' || v FROM unnest(ARRAY['user_stats', 'user_orders']) v
WHERE NOT EXISTS (SELECT FROM pg_index WHERE indrelid = v::regclass AND indisunique AND indpred IS NULL AND indkey::text = '1');
SELECT 'no index on user_status' WHERE NOT EXISTS (SELECT FROM pg_indexes WHERE tablename = 'user_orders' AND indexdef LIKE '%(user_status)');
SELECT 'user_stats: ' || to_jsonb(s)::text FROM user_stats s WHERE (order_count, total_spent) IS DISTINCT FROM
    (CASE WHEN id = '00000000-0000-0000-0000-000000000001' THEN (2::bigint, 30.00) ELSE (0::bigint, NULL::numeric) END);
SELECT 'the filter keeps ' || count(*) FROM user_stats HAVING count(*) <> 3;
-- Two orders and two open tickets of one user: neither is counted twice.
SELECT 'fan-out: ' || to_jsonb(s)::text FROM user_summary s WHERE id = '00000000-0000-0000-0000-000000000001'
    AND (department_name, orders, biggest, open_tickets) IS DISTINCT FROM ('Sales'::text, 2::bigint, 20.00, 2::bigint);
SELECT 'without rows: ' || to_jsonb(s)::text FROM user_summary s WHERE id = '00000000-0000-0000-0000-000000000002'
    AND (department_name, orders, biggest, open_tickets) IS DISTINCT FROM (NULL::text, 0::bigint, NULL::numeric, 0::bigint);
SELECT 'one row a root: ' || count(*) FROM user_summary HAVING count(*) <> 3;
SELECT 'lookup: ' || to_jsonb(o)::text FROM user_orders o WHERE user_status <> 'active';
SELECT 'orders: ' || count(*) FROM user_orders HAVING count(*) <> 2;
SELECT 'via: ' || to_jsonb(d)::text FROM reports.department_sizes d WHERE members <> 2 OR first_since IS NULL;
SELECT 'comment' WHERE obj_description('reports.department_sizes'::regclass) IS DISTINCT FROM 'How many work there';
-- The query refers to what it reads: a column in use cannot be dropped.
SELECT 'columns of user_summary: ' || string_agg(attname, ',' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'user_summary'::regclass AND attnum > 0
HAVING string_agg(attname, ',' ORDER BY attnum) <> 'id,status,department_name,orders,biggest,open_tickets';
