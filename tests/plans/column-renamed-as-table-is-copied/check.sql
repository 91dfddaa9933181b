select 'rows are missing' where (select count(at) from events) <> 20;
select 'the projection differs' where specql.verify_projection('public.shown') <> 0;
