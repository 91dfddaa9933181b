SELECT 'rows are missing' WHERE (SELECT count(*) FROM payments JOIN orders ON orders.id = order_id) <> 100;
SELECT 'the foreign key is not there' WHERE NOT EXISTS (SELECT FROM pg_constraint
    WHERE conname = 'payments_order_id_fkey' AND confrelid = 'orders'::regclass AND convalidated);
