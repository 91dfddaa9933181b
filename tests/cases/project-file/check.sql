SELECT 'no ' || t FROM unnest(ARRAY['shop.customers', 'shop.orders', 'other.elsewheres']) t WHERE to_regclass(t) IS NULL;
SELECT 'in public: ' || relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p');
SELECT 'an index of a reference: ' || indexname FROM pg_indexes WHERE indexdef LIKE '%customer_id%';
SELECT 'partitions: ' || string_agg(relname, ',' ORDER BY relname) FROM pg_class WHERE relispartition AND relkind = 'r'
HAVING string_agg(relname, ',' ORDER BY relname) <> 'orders_2024_12,orders_2025_01';
SELECT 'enum' FROM pg_attribute WHERE attrelid = 'shop.customers'::regclass AND attname = 'kind' AND atttypid <> 'shop.customers_kind'::regtype;
SELECT 'identity' FROM pg_attribute WHERE attrelid = 'shop.customers'::regclass AND attname = 'id' AND attidentity = '';
INSERT INTO shop.customers (name, extra) VALUES ('Running', 'a=>1');
SELECT 'language' FROM shop.customers WHERE NOT search_vector @@ 'running'::tsquery;
DO $$ BEGIN
    INSERT INTO shop.customers (name) VALUES ('RUNNING');
    RAISE EXCEPTION 'citext distinguishes case';
EXCEPTION WHEN unique_violation THEN NULL;
END $$;
