select 'indexes' where (select count(*) from pg_index where indrelid = 'readings'::regclass and indisvalid) <> 4;
