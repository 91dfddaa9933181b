select 'sizes is stale' where (select array_agg(size) from sizes) is distinct from '{1}';
select 'event_sizes is not valid' from pg_index where indexrelid = 'event_sizes'::regclass and not indisvalid;
