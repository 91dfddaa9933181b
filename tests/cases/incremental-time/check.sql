SELECT 'rows' WHERE (SELECT count(*) FROM recent) NOT IN (10, 11);
SELECT 'values' WHERE EXISTS (SELECT FROM recent WHERE (order_count, total_spent, products, all_done, big) IS DISTINCT FROM (3, 27, 2, true, 3) OR notes <> '{n,n,n}');
DO $$ BEGIN PERFORM pg_sleep(0.5); END $$;
CALL specql.refresh_projections();
SELECT 'left' WHERE EXISTS (SELECT FROM recent WHERE status = 'soon') OR specql.verify_projection('recent') <> 0;
SELECT 'no index for it' WHERE to_regclass('idx_recent_created_at') IS NULL;
UPDATE orders SET user_id = (SELECT id FROM recent LIMIT 1); SELECT 'moved between' WHERE specql.verify_projection('recent') <> 0;
UPDATE users SET created_at = now() WHERE status = 'soon'; SELECT 'came back' WHERE specql.verify_projection('recent') <> 0 OR NOT EXISTS (SELECT FROM recent WHERE status = 'soon');
TRUNCATE lines; SELECT 'emptied' WHERE specql.verify_projection('recent') <> 0;
