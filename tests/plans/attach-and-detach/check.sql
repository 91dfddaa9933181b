select 'rows' where (select count(*) from events) <> 1 or (select count(*) from events_eu) <> 1;
