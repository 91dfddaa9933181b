select 'another key' where (select conname from pg_constraint where conrelid = 'items'::regclass and contype = 'p') <> 'item_key';
