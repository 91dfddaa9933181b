select 'rows' where (select count(*) from events) <> 4 or (select count(*) from events_default) <> 1 or (select count(*) from events_eu) <> 2;
select 'left', conname from pg_constraint where conname like '%specql%';
