select 'rows are missing' where (select count(*) from events) <> 20 or (select count(*) from logs) <> 30;
select 'the projection differs' where specql.verify_projection('public.whats') <> 0;
