SELECT 'no ' || t FROM unnest(ARRAY['tb_customer', 'sales.tb_sales_order']) t WHERE to_regclass(t) IS NULL;
WITH want(rel, col, typ, nn) AS (VALUES
    ('tb_customer', 'pk_customer', 'integer', true), ('tb_customer', 'id', 'uuid', true), ('tb_customer', 'identifier', 'text', NULL::boolean),
    ('sales.tb_sales_order', 'pk_sales_order', 'integer', true), ('sales.tb_sales_order', 'fk_customer', 'integer', true),
    ('sales.tb_sales_order', 'fk_backup', 'integer', false))
SELECT rel || '.' || col || ' is ' || coalesce(format_type(atttypid, atttypmod) || ' ' || attnotnull, 'missing')
FROM want LEFT JOIN pg_attribute ON attrelid = to_regclass(rel) AND attname = col
WHERE format_type(atttypid, atttypmod) IS DISTINCT FROM typ OR (nn IS NOT NULL AND attnotnull <> nn);
SELECT 'key of ' || conrelid::regclass || ': ' || pg_get_constraintdef(oid) FROM pg_constraint
WHERE contype = 'p' AND pg_get_constraintdef(oid) NOT IN ('PRIMARY KEY (pk_customer)', 'PRIMARY KEY (pk_sales_order)', 'PRIMARY KEY (pk_reading, at)') AND connamespace IN ('public'::regnamespace, 'sales'::regnamespace);
SELECT 'no identity on ' || c FROM unnest(ARRAY['pk_customer', 'pk_sales_order']) c
WHERE NOT EXISTS (SELECT FROM pg_attribute WHERE attname = c AND attidentity <> '');
SELECT 'id is not unique in ' || t FROM unnest(ARRAY['tb_customer', 'sales.tb_sales_order']) t
WHERE NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = t::regclass AND contype = 'u' AND pg_get_constraintdef(oid) = 'UNIQUE (id)');
SELECT 'reference: ' || count(*) FROM pg_constraint WHERE conrelid = 'sales.tb_sales_order'::regclass AND contype = 'f'
    AND pg_get_constraintdef(oid) LIKE '%REFERENCES tb_customer(pk_customer)%' HAVING count(*) <> 2;
SELECT 'no index' WHERE NOT EXISTS (SELECT FROM pg_indexes WHERE tablename = 'tb_sales_order' AND indexdef LIKE '%(fk_customer, total DESC)');
INSERT INTO tb_customer (name) VALUES ('a');
INSERT INTO sales.tb_sales_order (fk_customer) SELECT pk_customer FROM tb_customer;
SELECT 'view: ' || to_jsonb(v)::text FROM sales.order_overview v WHERE customer_name <> 'a' OR total <> 0;
SELECT 'id of tb_reading is not unique' WHERE NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = 'tb_reading'::regclass AND pg_get_constraintdef(oid) = 'UNIQUE (id, at)');
